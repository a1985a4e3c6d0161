"""read_parquet: files to partitions, read by the engine."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from dusk import _core
from dusk.dataframe import exchange
from dusk.dataframe.collection import native, new_collection
from dusk.dataframe.io.directories import by_directories, keyed
from dusk.dataframe.io.engines import require_engine
from dusk.dataframe.io.paths import expand, local
from dusk.dataframe.nearest import note
from dusk.dataframe.rowwise import literal
from dusk.utils import parse_bytes

Column = _core.Column
DEFAULT_BLOCKSIZE = 256 << 20
COMPARE = {"==": "eq", "=": "eq", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}


@native(True)
def read_parquet(
    path: Any = None,
    columns: Any = None,
    filters: Any = None,
    categories: Any = None,
    index: Any = None,
    storage_options: Any = None,
    dtype_backend: Any = None,
    calculate_divisions: bool = False,
    ignore_metadata_file: bool = False,
    metadata_task_size: Any = None,
    split_row_groups: Any = "infer",
    blocksize: Any = "default",
    aggregate_files: Any = None,
    parquet_file_extension: Any = (".parq", ".parquet", ".pq"),
    filesystem: Any = "fsspec",
    engine: Any = None,
    arrow_to_pandas: Any = None,
    **kwargs: Any,
) -> Any:
    """A lazy frame of Parquet files.

    Parameters
    ----------
    path : str or list of str
        Files, directories or globs; natural order of the names. Directories called
        ``key=value`` become categorical columns.
    columns : str or list of str, optional
        What to read; one label gives a series.
    filters : list of tuples, or list of lists of tuples, optional
        (column, operator, value) joined by "and"; lists of them joined by "or". Operators:
        ==, !=, <, <=, >, >=, in, not in, is, is not. Rows that do not pass are left out.
    index : str, list, False or None
        The index column; None takes pandas' from the files, False none.
    dtype_backend : {"numpy_nullable", "pyarrow"}, optional
    calculate_divisions : bool, default False
        Whether to look for the index's bounds; reads the index.
    split_row_groups : "infer", bool or int
        Row groups a partition; True means 1, False whole files.
    blocksize : int or str
        How large a partition may become with "infer".

    Raises
    ------
    FileNotFoundError
        When the path fits no file.
    KeyError
        For columns that the files do not have, with the nearest names.
    ValueError
        For an index that the files do not have, or an unknown engine.

    Examples
    --------
    >>> import pandas as pd, tempfile, dusk.dataframe as dd
    >>> folder = tempfile.mkdtemp()
    >>> pd.DataFrame({"x": [1, 2, 3]}).to_parquet(folder + "/a.parquet")
    >>> dd.read_parquet(folder, filters=[("x", ">", 1)]).x.sum().compute().item()
    5
    """
    for name, given in (("aggregate_files", aggregate_files), ("arrow_to_pandas", arrow_to_pandas)):
        if given:
            raise NotImplementedError(
                f"read_parquet({name}=) does not exist in Dusk yet (docs/status.md)"
            )
    require_engine("read_parquet", engine)
    if hasattr(path, "__fspath__"):
        path = local(path)
    suffixes = tuple(parquet_file_extension) if parquet_file_extension else None
    if isinstance(parquet_file_extension, str):
        suffixes = (parquet_file_extension,)
    files = expand(path, suffixes)
    info = _core.parquet_info(files[0])
    schema = _schema(info)
    levels = _levels(index, schema)
    meta = _meta(schema, levels, dtype_backend, categories, index is False)
    groups = _row_groups(info, split_row_groups, blocksize)
    names = [c for c in schema.names if c not in levels]

    def read(paths: list[str]) -> Any:
        expr = _core.frame_read_parquet(paths, names, levels, groups)
        return new_collection(_renamed(expr, meta), meta, None)

    frame = by_directories(files, path, read) if keyed(files, path) else read(files)
    if filters is not None:
        frame = _filtered(frame, filters)
    if columns is not None:
        frame = _chosen(frame, columns)
    if calculate_divisions and levels:
        from dusk.dataframe.sorting import observed_divisions

        try:
            frame._divisions = observed_divisions(frame, check=True)
        except ValueError:
            frame._divisions = None
    return frame


def _schema(info: dict[str, Any]) -> pa.Schema:
    schema = pa.schema(info["schema"])
    if info["pandas"] is not None:
        schema = schema.with_metadata({b"pandas": info["pandas"].encode()})
    return schema


def _levels(index: Any, schema: pa.Schema) -> list[str]:
    """The columns that are the index."""
    if index is False:
        return []
    if index is None:
        text = (schema.metadata or {}).get(b"pandas")
        listed = json.loads(text)["index_columns"] if text else []
        return [c for c in listed if isinstance(c, str) and c in schema.names]
    wanted = index if isinstance(index, list | tuple) else [index]
    for name in wanted:
        if name not in schema.names:
            raise ValueError(
                f"The following index columns were not found in the dataset: {set(wanted)}\n"
                f"The following columns were found {set(schema.names)}"
            )
    return list(wanted)


def _meta(
    schema: pa.Schema, levels: list[str], dtype_backend: Any, categories: Any, unindexed: bool
) -> pd.DataFrame:
    options: dict[str, Any] = {}
    if dtype_backend == "pyarrow":
        options["types_mapper"] = pd.ArrowDtype
    elif dtype_backend == "numpy_nullable":
        options["types_mapper"] = _nullable
    elif dtype_backend is not None:
        raise ValueError(
            f"dtype_backend must be 'numpy_nullable' or 'pyarrow', got {dtype_backend}"
        )
    known = schema.metadata or {}
    pandas = json.loads(known[b"pandas"]) if b"pandas" in known else None
    name_of_range = None
    if pandas is not None:
        ranges = [c for c in pandas["index_columns"] if isinstance(c, dict)]
        name_of_range = ranges[0].get("name") if ranges and not unindexed else None
        # The index is set below: what the caller wants may not be what the file says.
        pandas["index_columns"] = []
        for column in pandas["columns"]:
            column["name"] = column["name"] or column["field_name"]
        schema = schema.with_metadata({b"pandas": json.dumps(pandas).encode()})
    meta = schema.empty_table().to_pandas(**options)
    for name in list(meta.columns):
        wild = isinstance(meta[name].dtype, pd.CategoricalDtype)
        if wild or name in _category_names(categories):
            words = pd.Categorical([], categories=[exchange.UNKNOWN_CATEGORIES])
            meta[name] = pd.Series(words, index=meta.index)
    if levels:
        meta = meta.set_index(levels)
        meta.index.names = [None if _hidden(n) else n for n in meta.index.names]
    else:
        meta.index = pd.RangeIndex(0, name=name_of_range)
    return meta


def _category_names(categories: Any) -> list[str]:
    return list(categories) if categories is not None else []


def _hidden(name: Any) -> bool:
    return isinstance(name, str) and name.startswith("__index_level_") and name.endswith("__")


def _nullable(kind: pa.DataType) -> Any:
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        text = np.dtype(kind.to_pandas_dtype()).name
        return getattr(pd, text.replace("ui", "UI").replace("int", "Int")
                       .replace("float", "Float").replace("UInt", "UInt") + "Dtype")()  # fmt: skip
    if pa.types.is_boolean(kind):
        return pd.BooleanDtype()
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return pd.StringDtype()
    return None


def _row_groups(info: dict[str, Any], split: Any, blocksize: Any) -> int:
    """Row groups a partition; 0 for whole files."""
    if isinstance(split, bool | np.bool_):
        return int(split)
    if isinstance(split, int):
        if split < 0:
            raise ValueError("split_row_groups must not be negative")
        return split
    if split not in ("infer", "adaptive"):
        raise ValueError("split_row_groups must be 'infer', 'adaptive', a bool or an int")
    if blocksize is None:
        return 0
    limit = DEFAULT_BLOCKSIZE if blocksize == "default" else parse_bytes(blocksize)
    groups = info["row_groups"]
    total = sum(g["bytes"] for g in groups)
    if total <= limit or len(groups) <= 1:
        return 0
    return max(1, int(limit // max(1, total // len(groups))))


def _renamed(expr: Any, meta: pd.DataFrame) -> Any:
    hidden = exchange.index_names(meta.index.nlevels)
    names = exchange.column_names(meta.columns)
    if expr.index == hidden and expr.columns == names:
        return expr
    levels = [(n, Column.field(o)) for n, o in zip(hidden, expr.index, strict=False)]
    columns = [(n, Column.field(o)) for n, o in zip(names, expr.columns, strict=True)]
    return _core.frame_project(expr, columns, levels)


def _chosen(frame: Any, columns: Any) -> Any:
    if isinstance(columns, str):
        if columns not in frame._meta.columns:
            raise _absent([columns], frame)
        return frame[columns]
    wanted = [c for c in columns if c not in frame._meta.index.names]
    lost = [c for c in wanted if c not in frame._meta.columns]
    if lost:
        raise _absent(lost, frame)
    return frame[wanted]


def _absent(lost: Sequence[Any], frame: Any) -> KeyError:
    error = KeyError(f"The following columns were not found in the dataset {set(lost)}")
    error.add_note(note([str(c) for c in lost], [str(c) for c in frame._meta.columns]))
    return error


def _filtered(frame: Any, filters: Any) -> Any:
    predicate = _predicate(filters, frame)
    expr = _core.frame_filter(frame.expr, predicate)
    return new_collection(expr, frame._meta, None)


def _predicate(filters: Any, frame: Any) -> Any:
    """Disjunctive normal form, or one conjunction, as one column."""
    if not isinstance(filters, list | tuple) or not filters:
        raise ValueError("filters must be a non-empty list of tuples, or a list of such lists")
    groups = filters if isinstance(filters[0], list) else [filters]
    whole: Any = None
    for group in groups:
        part: Any = None
        for condition in group:
            term = _condition(condition, frame)
            part = term if part is None else Column.call("and", [part, term])
        whole = part if whole is None else Column.call("or", [whole, part])
    return whole


def _condition(condition: Any, frame: Any) -> Any:
    try:
        name, operator, value = condition
    except (TypeError, ValueError):
        raise ValueError(f"a filter is (column, operator, value), got {condition!r}") from None
    column = _filter_column(name, frame)
    operator = operator.lower() if isinstance(operator, str) else operator
    if operator in ("in", "not in"):
        if not isinstance(value, list | set | tuple):
            raise ValueError(f"Value of 'in' filter must be a list, set or tuple, got {value!r}")
        found = Column.call("isin", [column, *(_constant(v) for v in value)])
        if operator == "in":
            return found
        there: Any = Column.call("notna", [column])
        return Column.call("and", [there, Column.call("invert", [found])])
    if operator in ("is", "is not"):
        return Column.call("isna" if operator == "is" else "notna", [column])
    if operator not in COMPARE:
        raise ValueError(f'"{(name, operator, value)}" is not a valid operator in predicates.')
    found = Column.call(COMPARE[operator], [column, _constant(value)])
    if operator == "!=":
        return Column.call("and", [found, Column.call("notna", [column])])
    return found


def _constant(value: Any) -> Any:
    if hasattr(value, "isoformat") and not isinstance(value, pd.Timestamp):
        value = pd.Timestamp(value)
    made = literal(value)
    if made is None:
        raise NotImplementedError(f"a filter cannot compare with {value!r} (docs/status.md)")
    return made


def _filter_column(name: Any, frame: Any) -> Any:
    labels = list(frame._meta.columns)
    if name in labels:
        return Column.field(frame.expr.columns[labels.index(name)])
    if name in frame._meta.index.names and frame.expr.index:
        return Column.field(frame.expr.index[list(frame._meta.index.names).index(name)])
    raise _absent([name], frame)
