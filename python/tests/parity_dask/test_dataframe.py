"""Names, signatures, dtypes and divisions are those that Dask gave."""

from __future__ import annotations

import importlib.util
import inspect
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import dusk.dataframe as dd

HERE = Path(__file__).parent
NAMES = json.loads((HERE / "dataframe_names.json").read_text())
RESULTS = json.loads((HERE / "dataframe_results.json").read_text())
_spec = importlib.util.spec_from_file_location(
    "dataframe_expressions", HERE / "dataframe_expressions.py"
)
expressions = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(expressions)

OWNERS = {
    "module": dd,
    "DataFrame": dd.DataFrame,
    "Series": dd.Series,
    "Index": dd.Index,
    "DataFrameGroupBy": type(dd.from_dict({"a": [1]}, npartitions=1).groupby("a")),
}
# Arguments that Dask has and Dusk leaves to **kwargs or does not need.
LENIENT = {
    "module": {"to_datetime", "to_timedelta", "read_csv", "read_table", "melt", "merge"},
    "DataFrame": {"explain", "optimize", "persist", "visualize", "squeeze"},
    "Series": {"explain", "optimize", "persist", "visualize"},
    "Index": {"explain", "optimize", "persist", "visualize"},
}
# Dusk's own, where it differs on purpose: a continued index, an exact order of partitions.
DIFFERENT = ("reset_index", "cat.codes", "repartition(divisions")


@pytest.mark.parametrize("owner", OWNERS)
def test_every_name_of_dask_is_there_or_says_that_it_is_not(owner):
    from dusk.dataframe.missing import GROUPBY, INDEX, METHODS, MODULE

    missing = {"module": MODULE, "DataFrameGroupBy": GROUPBY}.get(owner, METHODS)
    if owner != "module":
        missing = missing | METHODS
    if owner == "Index":
        missing = missing | INDEX | {"from_dict"}
    if owner == "Series":
        missing = missing | {"from_dict"}
    absent = [
        name
        for name in NAMES[owner]
        if name not in missing and inspect.getattr_static(OWNERS[owner], name, None) is None
    ]
    assert absent == []


@pytest.mark.parametrize("owner", OWNERS)
def test_arguments_have_the_names_and_defaults_of_dask(owner):
    wrong = []
    for name, wanted in NAMES[owner].items():
        found = inspect.getattr_static(OWNERS[owner], name, None)
        if not isinstance(wanted, list) or not callable(found) or name in LENIENT.get(owner, ()):
            continue
        ours = inspect.signature(getattr(OWNERS[owner], name)).parameters
        loose = any(p.kind is p.VAR_KEYWORD for p in ours.values())
        for argument, kind, default in wanted:
            if kind.startswith("VAR_") or argument == "self":
                continue
            mine = ours.get(argument)
            if mine is None:
                if not loose:
                    wrong.append(f"{name}({argument}) is missing")
            elif default not in ("required", "sentinel") and mine.default is not mine.empty:
                plain = list(mine.default) if isinstance(mine.default, tuple) else mine.default
                nothing = plain in (0, False) and default in (0, False)
                if repr(plain) != repr(default) and not nothing:
                    wrong.append(f"{name}({argument}={plain!r}), Dask {default!r}")
    assert wrong == []


@pytest.mark.parametrize("case", RESULTS)
def test_meta_and_divisions_are_those_of_dask(case):
    count, text = case.split(": ", 1)
    wanted = RESULTS[case]
    lazy = dd.from_pandas(expressions.frame(pd, np), npartitions=int(count))
    found = eval(text, {"df": lazy, "dd": dd, "pd": pd, "np": np})
    assert type(found).__name__ == wanted["type"]
    meta = found._meta
    if isinstance(found, dd.Scalar):
        assert str(meta.dtype) == wanted["meta"]
        return
    if isinstance(meta, pd.DataFrame):
        assert [[str(c), str(t)] for c, t in meta.dtypes.items()] == wanted["meta"]
    else:
        assert [str(meta.name), str(meta.dtype)] == wanted["meta"]
    if wanted["divisions"] and wanted["divisions"][0] is not None:
        assert list(found.divisions) == wanted["divisions"]
