"""Row-wise operations state the pandas expression once, and compare over partition counts."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from dataframe_frames import same

import dusk.dataframe as dd

ROWWISE = {
    "column": lambda d: d["x"],
    "attribute": lambda d: d.i,
    "columns": lambda d: d[["s", "x", "t"]],
    "add series": lambda d: d.x + d.y,
    "add scalar": lambda d: d.i + 2,
    "reflected": lambda d: 1 - d.x,
    "divide integers": lambda d: d.i / d.k,
    "floordiv": lambda d: d.i // 3,
    "mod": lambda d: d.i % 4,
    "pow": lambda d: d.y**2,
    "negative": lambda d: -d.x,
    "abs": lambda d: abs(d.i),
    "int and float": lambda d: d.i * d.x,
    "text": lambda d: d.s + "!",
    "text of two": lambda d: d.s + d.s,
    "compare": lambda d: d.x > 0,
    "compare series": lambda d: d.x <= d.y,
    "compare text": lambda d: d.s == "fig",
    "differ": lambda d: d.s != "fig",
    "compare times": lambda d: d.t > pd.Timestamp("2021-04-01"),
    "logic": lambda d: (d.x > 0) & (d.y < 0.5) | ~d.b,
    "xor": lambda d: d.b ^ (d.i > 0),
    "bool arithmetic": lambda d: d.b + d.b,
    "bool times int": lambda d: d.b * d.i,
    "frame arithmetic": lambda d: d[["i", "x"]] * 2 + 1,
    "frame and frame": lambda d: d[["i", "x"]] + d[["i", "x"]],
    "frame compare": lambda d: d[["i", "x"]] > 0,
    "method": lambda d: d.x.add(d.y, fill_value=0),
    "rsub": lambda d: d.x.rsub(1),
    "series beside frame": lambda d: d[["x", "y"]].mul(d.i, axis=0),
    "times minus time": lambda d: d.t - pd.Timestamp("2021-01-01"),
    "filter": lambda d: d[d.x > 0],
    "filter by other columns": lambda d: d[(d.i > 0) & (d.s == "fig")][["y", "k"]],
    "filter series": lambda d: d.y[d.x > 0],
    "filter nothing left": lambda d: d[d.i > 1000],
    "filter then compute": lambda d: d[d.x > 0].y * 2,
    "assign": lambda d: d.assign(z=d.x + d.y, w=1, v=lambda f: f.i * 2),
    "assign over": lambda d: d.assign(x=d.y),
    "assign text": lambda d: d.assign(z="const", q=1.5),
    "drop": lambda d: d.drop(columns=["s", "t"]),
    "drop axis": lambda d: d.drop("s", axis=1),
    "rename": lambda d: d.rename(columns={"x": "X", "s": 3}),
    "rename function": lambda d: d.rename(columns=str.upper),
    "rename series": lambda d: d.x.rename("other"),
    "add_prefix": lambda d: d.add_prefix("p_"),
    "astype": lambda d: d.i.astype("float64"),
    "astype dict": lambda d: d.astype({"i": "int16", "b": "int8"}),
    "astype text": lambda d: d.i.astype("str"),
    "astype category": lambda d: d.s.astype("category").astype("str"),
    "astype nullable": lambda d: d.i.astype("Int64"),
    "isin": lambda d: d.s.isin(["fig", "kiwi"]),
    "isin numbers": lambda d: d.i.isin([1, 2, 3]),
    "frame isin": lambda d: d[["i", "k"]].isin([1, 2]),
    "isna": lambda d: d.isna(),
    "notna": lambda d: d.x.notna(),
    "fillna": lambda d: d.x.fillna(0),
    "fillna text": lambda d: d.s.fillna("none"),
    "fillna dict": lambda d: d.fillna({"x": 1.5, "s": "?"}),
    "dropna": lambda d: d.dropna(),
    "dropna all": lambda d: d.dropna(how="all", subset=["x", "s"]),
    "dropna subset": lambda d: d.dropna(subset=["x"]),
    "dropna thresh": lambda d: d.dropna(thresh=7),
    "dropna series": lambda d: d.s.dropna(),
    "between": lambda d: d.i.between(-10, 10),
    "between neither": lambda d: d.y.between(0.2, 0.4, inclusive="neither"),
    "where": lambda d: d.x.where(d.y > 0.5),
    "where other": lambda d: d.i.where(d.i > 0, 0),
    "mask": lambda d: d.x.mask(d.b, -1.0),
    "where frame": lambda d: d[["i", "x"]].where(d[["i", "x"]] > 0, 0),
    "clip": lambda d: d.x.clip(-0.5, 0.5),
    "clip low": lambda d: d.i.clip(lower=0),
    "round": lambda d: d[["x", "y"]].round(1),
    "round series": lambda d: d.x.round(2),
    "replace": lambda d: d.k.replace(1, 100),
    "ufunc": lambda d: np.sqrt(d.y),
    "upper": lambda d: d.s.str.upper(),
    "contains": lambda d: d.s.str.contains("i"),
    "contains pattern": lambda d: d.s.str.contains("^[pk]", regex=True),
    "contains caseless": lambda d: d.s.str.contains("PLUM", case=False),
    "startswith": lambda d: d.s.str.startswith("p"),
    "replace text": lambda d: d.s.str.replace("i", "I"),
    "slice text": lambda d: d.s.str.slice(1, 3),
    "text item": lambda d: d.s.str[0],
    "strip": lambda d: d.s.str.strip("p"),
    "zfill": lambda d: d.s.str.zfill(6),
    "split": lambda d: d.s.str.split("i"),
    "bytes": lambda d: d.s.str.encode("utf8"),
    "halves of days": lambda d: d.t.dt.normalize().dt.floor("2D").dt.round("4D"),
    "split expand": lambda d: d.s.str.split("i", n=1, expand=True),
    "year": lambda d: d.t.dt.year,
    "month": lambda d: d.t.dt.month,
    "hour": lambda d: d.t.dt.hour,
    "dayofweek": lambda d: d.t.dt.dayofweek,
    "month end": lambda d: d.t.dt.is_month_end,
    "normalize": lambda d: d.t.dt.normalize(),
    "floor": lambda d: d.t.dt.floor("D"),
    "strftime": lambda d: d.t.dt.strftime("%Y-%m"),
    "day name": lambda d: d.t.dt.day_name(),
    "total seconds": lambda d: (d.t - pd.Timestamp("2021-01-01")).dt.total_seconds(),
    "query": lambda d: d.query("x > 0 and i < 10"),
    "query arithmetic": lambda d: d.query("x + y > 0 or k == 3"),
    "query chain": lambda d: d.query("0 < y < 0.5"),
    "query text": lambda d: d.query("s == 'fig' and not b"),
    "query of pandas": lambda d: d.query("i in [1, 2, 3]"),
    "eval": lambda d: d.eval("x + 2 * y"),
    "eval assign": lambda d: d.eval("w = i + k"),
    "select_dtypes": lambda d: d.select_dtypes(include="number"),
    "iloc": lambda d: d.iloc[:, [0, 2]],
    "loc columns": lambda d: d.loc[:, ["x", "k"]],
    "loc mask": lambda d: d.loc[d.x > 0, ["x"]],
    "loc slice": lambda d: d.loc[10:20],
    "loc open": lambda d: d.loc[50:],
    "loc list": lambda d: d.loc[[3, 17, 44]],
    "loc one column": lambda d: d.loc[5:9, "x"],
    "index": lambda d: d.index,
    "reset_index drop": lambda d: d[d.x > 0].reset_index(drop=True),
    "reset_index": lambda d: d.reset_index(),
    "series reset_index": lambda d: d.x.reset_index(),
    "to_frame": lambda d: d.x.to_frame(),
    "to_frame name": lambda d: d.x.to_frame("w"),
    "cumsum": lambda d: d[["i", "x"]].cumsum(),
    "cumprod": lambda d: d.y.cumprod(),
    "cummax": lambda d: d.x.cummax(),
    "cummin": lambda d: d.i.cummin(),
    "shift": lambda d: d.x.shift(1),
    "diff": lambda d: d.i.diff(),
    "ffill": lambda d: d.x.ffill(),
    "sum of rows": lambda d: d[["i", "x"]].sum(axis=1),
    "mean of rows": lambda d: d[["i", "x", "y"]].mean(axis=1),
    "minus mean": lambda d: d.x - d.x.mean(),
    "scale": lambda d: (d.y - d.y.min()) / (d.y.max() - d.y.min()),
}


@pytest.mark.parametrize("name", ROWWISE)
def test_rows_are_those_of_pandas(pdf, ddf, name):
    operation = ROWWISE[name]
    found, wanted = operation(ddf), operation(pdf)
    if isinstance(wanted, pd.Series):
        assert found.dtype == wanted.dtype
    if isinstance(wanted, pd.DataFrame):
        assert list(found.columns) == list(wanted.columns)
        assert list(found.dtypes) == list(wanted.dtypes)
    same(found, wanted, index=name != "reset_index drop")


EXOTIC = {
    "whole": lambda d: d,
    "filter": lambda d: d[d.f4 > 0.5],
    "nullable sum": lambda d: d.n + 1,
    "nullable pair": lambda d: d.n + d.i8,
    "nullable compare": lambda d: d.n > 4,
    "nullable logic": lambda d: (d.n > 4) & d.nb,
    "nullable filter": lambda d: d[d.n > 4],
    "nullable float": lambda d: d.f * 2,
    "nullable fillna": lambda d: d.n.fillna(0),
    "nullable isna": lambda d: d.n.isna(),
    "arrow": lambda d: d.ai * 2,
    "arrow compare": lambda d: d.ai > 3,
    "string": lambda d: d["as"].str.upper(),
    "string contains": lambda d: d["as"].str.contains("a"),
    "string equal": lambda d: d["as"] == "a",
    "small ints": lambda d: d.i8 + d.i8,
    "small overflow": lambda d: d.i8 * 100,
    "small floats": lambda d: d.f4 * 2,
    "mixed sizes": lambda d: d.f4 + d.i8,
    "codes": lambda d: d.c.cat.codes,
    "category compare": lambda d: d.c == "lo",
    "category order": lambda d: d.c > "lo",
    "zone": lambda d: d.z.dt.hour,
    "zone convert": lambda d: d.z.dt.tz_convert("UTC"),
    "zone compare": lambda d: d.z > pd.Timestamp("2020-01-02", tz="UTC"),
    "durations": lambda d: d.d.dt.total_seconds(),
    "durations sum": lambda d: d.d + d.d,
    "time and duration": lambda d: d.z + d.d,
    "astype": lambda d: d.astype({"i8": "float64", "n": "Float64"}),
    "set column": lambda d: d.assign(q=d.n, r=d.c, u=d.z),
}


@pytest.mark.parametrize("name", EXOTIC)
def test_extension_dtypes_stay_what_they_are(pef, def_, name):
    operation = EXOTIC[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        same(operation(def_), operation(pef))


@pytest.mark.parametrize("name", ["add scalar", "filter", "assign", "isna", "upper", "fillna"])
def test_empty_frames_keep_their_dtypes(pdf, name):
    empty = pdf.iloc[:0]
    operation = ROWWISE[name]
    same(operation(dd.from_pandas(empty, npartitions=2)), operation(empty))


def test_columns_are_set_in_place(pdf, ddf):
    pdf, lazy = pdf.copy(), ddf.copy()
    for frame in (pdf, lazy):
        frame["z"] = frame.x * 2
        frame["x"] = 0
        frame["new"] = "text"
        del frame["t"]
    same(lazy, pdf)
    assert "z" not in ddf.columns


def test_labels_need_not_be_text(count):
    pdf = pd.DataFrame({0: [1, 2, 3], (1, "a"): [4.0, 5.0, 6.0], "__index__": list("abc")})
    lazy = dd.from_pandas(pdf, npartitions=count)
    same(lazy, pdf)
    same(lazy[0] + lazy[(1, "a")], pdf[0] + pdf[(1, "a")])
    same(lazy[lazy[0] > 1], pdf[pdf[0] > 1])


def test_python_functions_run_on_rows_and_values(pdf, ddf):
    same(ddf.i.map(lambda v: v + 1, meta=("i", "int64")), pdf.i.map(lambda v: v + 1))
    same(ddf.k.map({0: "a", 1: "b"}), pdf.k.map({0: "a", 1: "b"}))
    total = ddf.apply(lambda row: row.i + row.k, axis=1, meta=(None, "int64"))
    same(total, pdf.apply(lambda row: row.i + row.k, axis=1))
    with pytest.warns(UserWarning, match="You did not provide metadata"):
        same(ddf.i.apply(lambda v: v * 2), pdf.i.apply(lambda v: v * 2))
    with pytest.raises(NotImplementedError, match="axis=1"):
        ddf.apply(lambda column: column)


def test_map_partitions_infers_what_the_function_gives(pdf, ddf):
    same(ddf.map_partitions(lambda part: part[["i"]] * 2), pdf[["i"]] * 2)
    same(ddf.map_partitions(lambda part, n: part.i + n, 5), pdf.i + 5)
    lengths = ddf.map_partitions(len).compute()
    assert lengths.sum() == len(pdf) and len(lengths) == ddf.npartitions
    with pytest.raises(ValueError, match="Metadata inference failed in `lambda`"):
        ddf.map_partitions(lambda part: part.nothing)
    with pytest.raises(ValueError, match="do not match"):
        ddf.map_partitions(lambda part: part[["i"]], meta={"other": "int64"}).compute()


def test_partitions_know_their_number(ddf):
    def number(part, partition_info=None):
        return part.assign(p=partition_info["number"])

    found = ddf.map_partitions(number, meta={**ddf.dtypes, "p": "int64"}).p.compute()
    assert sorted(set(found)) == list(range(ddf.npartitions))


def test_nullable_masks_drop_what_is_missing(pef, def_):
    same(def_[def_.nb.fillna(False)], pef[pef.nb.fillna(False)])


def test_category_of_text_is_unknown_until_asked(pdf, ddf):
    lazy = ddf.k.astype("category")
    assert not lazy.cat.known
    with pytest.raises(AttributeError, match="unknown categories"):
        lazy.cat.codes  # noqa: B018
    assert list(lazy.cat.as_known().cat.categories) == sorted(set(pdf.k))


def test_objects_that_arrow_cannot_hold_are_refused_with_advice():
    mixed = pd.DataFrame({"m": pd.Series([1, "a", object()], dtype=object)})
    with pytest.raises(NotImplementedError, match="convert-string"):
        dd.from_pandas(mixed, npartitions=1)


def test_duplicate_labels_are_refused():
    twice = pd.DataFrame([[1, 2]], columns=["a", "a"])
    with pytest.raises(NotImplementedError, match="two columns"):
        dd.from_pandas(twice, npartitions=1)


# pandas chooses between integers and floats by the values: the result shows it, the dtype cannot.
BY_VALUES = {
    "mod by zero": lambda d: d.i % d.k,
    "floordiv by zero": lambda d: d.i // d.k,
    "len": lambda d: d.s.str.len(),
    "text find": lambda d: d.s.str.find("i"),
    "text count": lambda d: d.s.str.count("i"),
    "shift integers": lambda d: d.i.shift(1),
    "where integers": lambda d: d.i.where(d.i > 0),
}


@pytest.mark.parametrize("name", BY_VALUES)
def test_missing_values_make_floats_of_integers(pdf, ddf, name):
    same(BY_VALUES[name](ddf), BY_VALUES[name](pdf))


def test_lists_of_texts_stay_lists(pdf, ddf):
    found = ddf.s.str.split("i").compute()
    assert {type(v) for v in found} == {list, float}
    assert found.dropna().tolist() == pdf.s.dropna().str.split("i").tolist()


def test_booleans_that_go_missing_are_nan(pdf, ddf):
    found = ddf.where(ddf.y > 0.5).b.compute()
    pd.testing.assert_series_equal(found, pdf.where(pdf.y > 0.5).b)
    assert {type(v) for v in found} == {bool, float}


def test_pandas_series_are_assigned_by_label(pdf, ddf):
    for value in (pdf.y, pdf.i[::-1], pdf.x[10:20], pdf.s):
        same(ddf.assign(z=value), pdf.assign(z=value))
    times = pdf.set_index(pd.date_range("2020", periods=len(pdf)))
    lazy = dd.from_pandas(times, npartitions=2)
    same(lazy.assign(z=times.i), times.assign(z=times.i))
    assert lazy.assign(z=times.i).z.dtype == "int64"
