"""Names that Dask's dataframes have and Dusk's do not have yet."""

from __future__ import annotations

MODULE = frozenset(
    [
        "assert_eq",
        "backends",
        "demo",
        "dispatch",
        "from_array",
        "from_dask_array",
        "from_graph",
        "get_collection_type",
        "map_overlap",
        "merge_asof",
        "pivot_table",
        "read_fwf",
        "read_hdf",
        "read_json",
        "read_orc",
        "read_sql",
        "read_sql_query",
        "read_sql_table",
        "to_bag",
        "to_hdf",
        "to_json",
        "to_orc",
        "to_records",
        "to_sql",
        "Aggregation",
    ]
)

METHODS = frozenset(
    [
        "align",
        "analyze",
        "autocorr",
        "case_when",
        "categorize",
        "combine",
        "combine_first",
        "enforce_runtime_divisions",
        "dot",
        "get_dummies",
        "is_monotonic_decreasing",
        "is_monotonic_increasing",
        "kurt",
        "kurtosis",
        "lower_once",
        "map_overlap",
        "median_approximate",
        "nbytes",
        "nunique_approx",
        "pivot_table",
        "pprint",
        "random_split",
        "rdiv",
        "reduction",
        "resample",
        "rolling",
        "sample",
        "shuffle",
        "simplify",
        "skew",
        "to_backend",
        "to_bag",
        "to_hdf",
        "to_json",
        "to_orc",
        "to_records",
        "to_sql",
        "compute_current_divisions",
    ]
)

GROUPBY = frozenset(
    [
        "bfill",
        "compute",
        "corr",
        "cov",
        "cumcount",
        "ffill",
        "get_group",
        "head",
        "idxmax",
        "idxmin",
        "rolling",
        "shift",
        "tail",
        "transform",
        "value_counts",
        "unique",
    ]
)


INDEX = frozenset(
    ["axes", "between", "dropna", "explode", "groupby", "rename", "reset_index", "squeeze"]
)


def missing_attribute(kind: str, name: str) -> Exception:
    """The error for an attribute that is not there."""
    known = GROUPBY if kind.endswith("GroupBy") else METHODS
    if name in known or (kind == "Index" and name in INDEX):
        return NotImplementedError(
            f"{kind}.{name} does not exist in Dusk yet; docs/status.md lists what does. "
            "map_partitions runs pandas on every partition"
        )
    return AttributeError(f"'{kind}' object has no attribute '{name}'")


def missing_module_name(name: str) -> Exception:
    """The error for ``dusk.dataframe.<name>``."""
    if name in MODULE:
        return NotImplementedError(
            f"dusk.dataframe.{name} does not exist in Dusk yet; docs/status.md lists what does"
        )
    return AttributeError(f"module 'dusk.dataframe' has no attribute {name!r}")
