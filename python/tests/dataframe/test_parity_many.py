"""Reductions, groups, joins, order: compared with pandas over partition counts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from dataframe_frames import same

import dusk.dataframe as dd

REDUCTIONS = ["sum", "mean", "min", "max", "count", "std", "var", "prod", "median"]


@pytest.mark.parametrize("name", REDUCTIONS)
@pytest.mark.parametrize("column", ["i", "x", "y", "k"])
def test_reductions_of_series(pdf, ddf, name, column):
    found = getattr(ddf[column], name)()
    same(found, getattr(pdf[column], name)())
    assert found.dtype == getattr(pdf[column], name)().dtype


@pytest.mark.parametrize("name", [*REDUCTIONS, "sem", "nunique", "any", "all", "skew", "kurt"])
def test_reductions_of_frames(pdf, ddf, name):
    columns = ["i", "x", "y"]
    found, wanted = getattr(ddf[columns], name)().compute(), getattr(pdf[columns], name)()
    pd.testing.assert_series_equal(found, wanted, rtol=1e-9)


@pytest.mark.parametrize("name", ["sum", "mean", "min", "max", "std"])
def test_numeric_only_leaves_text_out(pdf, ddf, name):
    pdf, ddf = pdf.drop(columns="t"), ddf.drop(columns="t")
    same(getattr(ddf, name)(numeric_only=True), getattr(pdf, name)(numeric_only=True))


OTHERS = {
    "times": lambda d: d.t.max(),
    "text min": lambda d: d.s.dropna().min(),
    "bools": lambda d: d.b.sum(),
    "any": lambda d: d.b.any(),
    "all": lambda d: (d.y >= 0).all(),
    "text nunique": lambda d: d.s.nunique(),
    "nunique with missing": lambda d: d.s.nunique(dropna=False),
    "skipna": lambda d: d.x.sum(skipna=False),
    "min_count": lambda d: d.x.sum(min_count=1000),
    "ddof": lambda d: d.x.std(ddof=0),
    "index": lambda d: d.index.max(),
    "expression": lambda d: (d.x * d.y + 1).sum(),
    "of filtered": lambda d: d[d.i > 0].x.mean(),
    "of nothing": lambda d: d[d.i > 999].x.sum(),
    "mean of nothing": lambda d: d[d.i > 999].x.mean(),
    "of scalars": lambda d: d.x.sum() / d.x.count(),
    "scalar and number": lambda d: 2 * d.i.max() + 1,
    "quantile": lambda d: d.x.quantile(0.3),
    "corr": lambda d: d.x.corr(d.y),
    "idxmax": lambda d: d.y.idxmax(),
    "size": lambda d: d.x.size + 0,
}


@pytest.mark.parametrize("name", OTHERS)
def test_single_values(pdf, ddf, name):
    same(OTHERS[name](ddf), OTHERS[name](pdf))


FRAMES = {
    "quantiles": lambda d: d[["x", "y"]].quantile([0.25, 0.5]),
    "describe": lambda d: d[["i", "x"]].describe(),
    "describe text": lambda d: d.s.describe(),
    "corr": lambda d: d[["x", "y", "i"]].corr(),
    "cov": lambda d: d[["x", "y"]].cov(),
    "mode": lambda d: d.k.mode(),
    "idxmin": lambda d: d[["x", "y"]].idxmin(),
    "memory": lambda d: d[["i", "x"]].memory_usage(index=False),
    "nlargest": lambda d: d.nlargest(5, "y"),
    "nsmallest two": lambda d: d.nsmallest(4, ["k", "y"]),
    "nlargest series": lambda d: d.x.nlargest(3),
    "nlargest, some missing": lambda d: d.x.nlargest(58),
    "nsmallest, all missing": lambda d: d.x[d.x.isna()].nsmallest(4),
    "drop_duplicates": lambda d: d[["k", "b"]].drop_duplicates(),
    "drop_duplicates subset": lambda d: d.drop_duplicates(subset=["k"]),
    "drop_duplicates last": lambda d: d.drop_duplicates(subset="k", keep="last"),
    "sorted": lambda d: d.sort_values("y"),
    "sorted down": lambda d: d.sort_values("x", ascending=False),
    "sorted two": lambda d: d.sort_values(["k", "y"], ascending=[False, True]),
    "sorted missing first": lambda d: d.sort_values(["x", "y"], na_position="first"),
    "sorted index": lambda d: d.sort_values("y").sort_index(),
    "value counts share": lambda d: d.k.value_counts(normalize=True).sort_index(),
    "value counts text": lambda d: d.s.value_counts().sort_index(),
    "value counts missing": lambda d: d.s.value_counts(dropna=False).sort_index(),
    "set_index": lambda d: d[["y", "x"]].set_index("y").sort_index(),
    "set_index kept": lambda d: d[["y", "x"]].set_index("y", drop=False).sort_index(),
}


@pytest.mark.parametrize("name", FRAMES)
def test_results_of_all_rows(pdf, ddf, name):
    same(FRAMES[name](ddf), FRAMES[name](pdf))


def test_unique_values_come_in_order_of_appearance(pdf, ddf):
    assert list(ddf.k.unique().compute()) == list(pdf.k.unique())
    assert ddf.s.unique().compute().tolist()[0] == pdf.s.unique()[0]


def test_value_counts_are_sorted_by_frequency(pdf, ddf):
    found = ddf.k.value_counts().compute()
    assert list(found) == sorted(found, reverse=True) and found.name == "count"


AGGREGATIONS = [*REDUCTIONS, "first", "last"]


@pytest.mark.parametrize("name", AGGREGATIONS)
def test_groups_of_frames(pdf, ddf, name):
    columns = ["k", "x", "i"]
    found = getattr(ddf[columns].groupby("k"), name)()
    wanted = getattr(pdf[columns].groupby("k"), name)()
    pd.testing.assert_frame_equal(found.compute(), wanted, rtol=1e-9)


GROUPS = {
    "size": lambda d: d.groupby("k").size(),
    "two keys": lambda d: d.groupby(["k", "b"]).x.sum(),
    "text key": lambda d: d.groupby("s").y.mean(),
    "text missing kept": lambda d: d.groupby("s", dropna=False).y.count(),
    "unsorted": lambda d: d.groupby("k", sort=False).y.max().sort_index(),
    "nunique": lambda d: d.groupby("k").s.nunique(),
    "text first": lambda d: d.groupby("k").s.first(),
    "times max": lambda d: d.groupby("k").t.max(),
    "list of columns": lambda d: d.groupby("k")[["x", "y"]].sum(),
    "attribute": lambda d: d.groupby("k").x.sum(),
    "series": lambda d: d.x.groupby(d.k).sum(),
    "by series": lambda d: d.groupby(d.k % 2).y.sum(),
    "by series and label": lambda d: d.groupby([d.i > 0, "k"]).y.sum(),
    "filtered": lambda d: d[d.x > 0].groupby("k").y.mean(),
    "ddof": lambda d: d.groupby("k").x.std(ddof=0),
    "min_count": lambda d: d.groupby("k").x.sum(min_count=1),
    "agg text": lambda d: d.groupby("k").x.agg("sum"),
    "agg list": lambda d: d.groupby("k").x.agg(["sum", "mean", "count"]),
    "agg lists": lambda d: d.groupby("k")[["x", "y"]].agg(["min", "max"]),
    "agg dict": lambda d: d.groupby("k").agg({"x": "sum", "y": "mean"}),
    "agg dict of lists": lambda d: d.groupby("k").agg({"x": ["sum", "std"], "i": ["count"]}),
    "agg named": lambda d: d.groupby("k").agg(top=("x", "max"), n=("s", "count")),
    "agg functions": lambda d: d.groupby("k").agg({"x": np.sum, "i": max}),
    "numeric_only": lambda d: d.groupby("k").sum(numeric_only=True),
    "nothing left": lambda d: d[d.i > 999].groupby("k").x.sum(),
    "reset": lambda d: d.groupby("k").x.sum().reset_index(),
    "reused": lambda d: d.groupby("k").x.sum() * 2 + 1,
}


@pytest.mark.parametrize("name", GROUPS)
def test_groups(pdf, ddf, name):
    found, wanted = GROUPS[name](ddf).compute(), GROUPS[name](pdf)
    if isinstance(wanted, pd.Series):
        pd.testing.assert_series_equal(found, wanted, rtol=1e-9)
    else:
        pd.testing.assert_frame_equal(found, wanted, rtol=1e-9)


@pytest.mark.parametrize("observed", [True, False])
def test_categories_as_keys(pef, def_, observed):
    kept = pef[pef.c != "mid"]
    lazy = def_[def_.c != "mid"]
    same(
        lazy.groupby("c", observed=observed).i8.sum(), kept.groupby("c", observed=observed).i8.sum()
    )


def test_nullable_values_in_groups(pef, def_):
    same(def_.groupby("i8").n.sum(), pef.groupby("i8").n.sum())
    same(def_.groupby("as").f.mean(), pef.groupby("as").f.mean())
    same(def_.groupby("n").i8.max(), pef.groupby("n").i8.max())


def test_whole_groups_need_one_partition(pdf):
    one, two = (dd.from_pandas(pdf, npartitions=n) for n in (1, 2))
    same(one.groupby("k").x.apply(len), pdf.groupby("k").x.apply(len))
    with pytest.raises(NotImplementedError, match="repartition"):
        two.groupby("k").x.apply(len)


def test_groups_refuse_what_is_not_there(ddf):
    with pytest.raises(KeyError, match="nothing"):
        ddf.groupby("nothing")
    with pytest.raises(KeyError, match="Column not found: nothing"):
        ddf.groupby("k")["nothing"]
    with pytest.raises(NotImplementedError, match="status.md"):
        ddf.groupby("k").rolling  # noqa: B018


@pytest.fixture
def right():
    """A frame to join with: one key twice, one missing on the left."""
    return pd.DataFrame({"k": [0, 1, 1, 3, 9], "w": list("abcde"), "x": np.arange(5.0)})


@pytest.mark.parametrize("how", ["inner", "left", "right", "outer"])
@pytest.mark.parametrize("pieces", [1, 3])
def test_merges(pdf, ddf, right, how, pieces):
    columns = ["k", "x", "y", "s"]
    lazy = dd.from_pandas(right, npartitions=pieces)
    found = ddf[columns].merge(lazy, on="k", how=how).compute()
    wanted = pdf[columns].merge(right, on="k", how=how)
    assert list(found.columns) == list(wanted.columns)
    same(found, wanted, sort=True)


def test_merges_by_other_names_and_suffixes(pdf, ddf, right):
    other = right.rename(columns={"k": "key"})
    lazy = dd.from_pandas(other, npartitions=2)
    options = {"left_on": "k", "right_on": "key", "suffixes": ("_l", "_r")}
    same(ddf.merge(lazy, **options), pdf.merge(other, **options), sort=True)
    same(ddf.merge(right, on=["k"]), pdf.merge(right, on=["k"]), sort=True)


def test_merges_by_two_keys(pdf, ddf):
    wanted = pdf.merge(pdf[["k", "b", "y"]], on=["k", "b"])
    same(ddf.merge(ddf[["k", "b", "y"]], on=["k", "b"]), wanted, sort=True)


@pytest.mark.parametrize("how", ["inner", "left", "outer"])
def test_merges_by_index(pdf, ddf, how):
    other = pdf[["y"]].iloc[::2].rename(columns={"y": "z"})
    lazy = dd.from_pandas(other, npartitions=2)
    found = ddf[["i"]].merge(lazy, left_index=True, right_index=True, how=how).compute()
    wanted = pdf[["i"]].merge(other, left_index=True, right_index=True, how=how)
    pd.testing.assert_frame_equal(found.sort_index(), wanted.sort_index())


def test_joins(pdf, ddf, right):
    other = right.set_index("w")[["x"]].iloc[:0]
    assert len(other) == 0
    keyed = right.drop_duplicates("k").set_index("k")[["w"]]
    lazy = dd.from_pandas(keyed, npartitions=2)
    found = ddf[["k", "y"]].join(lazy, on="k").compute()
    wanted = pdf[["k", "y"]].join(keyed, on="k")
    pd.testing.assert_frame_equal(found.sort_index(), wanted)


def test_semi_joins_keep_rows_of_the_left(pdf, ddf, right):
    found = ddf.merge(dd.from_pandas(right, npartitions=2), on="k", how="leftsemi").compute()
    pd.testing.assert_frame_equal(found.sort_index(), pdf[pdf.k.isin(right.k)])


def test_merge_errors(pdf, ddf, right):
    with pytest.raises(ValueError, match="does not support how='sideways'"):
        ddf.merge(right, how="sideways")
    with pytest.raises(KeyError):
        ddf.merge(right, on="nothing")
    with pytest.raises(pd.errors.MergeError, match="No common columns"):
        ddf[["i"]].merge(right[["w"]])


def test_frames_after_each_other(pdf, ddf):
    other = pdf[["s", "x"]].assign(new=1)
    lazy = dd.from_pandas(other, npartitions=2)
    same(dd.concat([ddf, ddf]), pd.concat([pdf, pdf]))
    same(dd.concat([ddf, lazy]), pd.concat([pdf, other]))
    same(dd.concat([ddf, lazy], join="inner"), pd.concat([pdf, other], join="inner"))
    same(dd.concat([ddf.x, ddf.y]), pd.concat([pdf.x, pdf.y]))
    same(dd.concat([ddf[["x"]], ddf[["y"]]], axis=1), pd.concat([pdf[["x"]], pdf[["y"]]], axis=1))
    with pytest.raises(ValueError, match="No objects"):
        dd.concat([])


def test_partitions_change_and_rows_do_not(pdf, ddf):
    for wanted in (1, 2, 5):
        made = ddf.repartition(npartitions=wanted)
        assert made.npartitions == wanted
        same(made, pdf)
    same(ddf.repartition(divisions=[0, 7, 30, 59]), pdf)
    assert ddf.repartition(divisions=[0, 7, 30, 59]).divisions == (0, 7, 30, 59)
    same(ddf.clear_divisions().repartition(npartitions=5), pdf)
    same(ddf.repartition(partition_size="1kB"), pdf)
    with pytest.raises(ValueError, match="exactly one"):
        ddf.repartition()
    with pytest.raises(ValueError, match="left side"):
        ddf.repartition(divisions=[5, 59])


def test_frames_of_other_partitions_are_aligned_by_divisions(pdf, ddf):
    other = dd.from_pandas(pdf.y * 2, npartitions=4)
    same(ddf.x + other, pdf.x + pdf.y * 2)
    shorter = dd.from_pandas(pdf.y.iloc[10:40], npartitions=2)
    same(ddf.x + shorter, pdf.x + pdf.y.iloc[10:40])
    with pytest.raises(ValueError, match="Not all divisions are known"):
        ddf.x + dd.from_pandas(pdf.y, npartitions=5).clear_divisions()


def test_set_index_knows_its_divisions(pdf, ddf):
    made = ddf.set_index("y")
    assert made.known_divisions
    assert made.divisions[0] == pdf.y.min() and made.divisions[-1] == pdf.y.max()
    wanted = pdf.set_index("y").sort_index()
    same(made, wanted)
    same(made.loc[0.2:0.4], wanted.loc[0.2:0.4])
    presorted = dd.from_pandas(pdf.sort_values("y").reset_index(drop=True), npartitions=3)
    assert presorted.set_index("y", sorted=True).known_divisions
    assert not ddf.set_index("y", sort=False).known_divisions


def test_head_and_tail(pdf, ddf):
    size = len(ddf.get_partition(0))
    same(ddf.head(1), pdf.head(1))
    same(ddf.tail(1), pdf.tail(1))
    same(ddf.head(7, npartitions=-1), pdf.head(7))
    if ddf.npartitions > 1:
        with pytest.warns(UserWarning, match="Insufficient elements for `head`"):
            assert len(ddf.head(size + 1)) == size
    with pytest.raises(ValueError, match="head received"):
        ddf.head(2, npartitions=99)


def test_shapes(pdf, ddf):
    assert len(ddf) == len(pdf) and ddf.ndim == 2 and ddf.x.ndim == 1
    rows, columns = ddf.shape
    assert rows.compute() == len(pdf) and columns == 7
    assert ddf.size.compute() == pdf.size
    assert not ddf.empty and ddf[ddf.i > 999].empty
    assert len(ddf[ddf.x > 0]) == (pdf.x > 0).sum()
    assert "x" in ddf and list(ddf) == list(pdf)


def test_partitions_are_chosen_by_number(pdf, ddf):
    last = ddf.npartitions - 1
    same(ddf.partitions[last], pdf.loc[ddf.divisions[-2] :])
    same(ddf.partitions[:], pdf)
    same(ddf.get_partition(0).x, ddf.x.get_partition(0).compute())
    with pytest.raises(ValueError, match="n must be"):
        ddf.get_partition(last + 1)
    with pytest.raises(IndexError):
        ddf.partitions[last + 1]


def test_arrays(pdf, ddf):
    array = ddf[["x", "y"]].to_dask_array(lengths=True)
    assert array.shape == (60, 2) and array.dtype == np.float64
    np.testing.assert_array_equal(array.compute(), pdf[["x", "y"]].to_numpy())
    np.testing.assert_array_equal(ddf.i.values.compute(), pdf.i.to_numpy())


def test_reduction_by_hand(pdf, ddf):
    found = ddf.y.reduction(lambda part: part.sum(), aggregate=lambda parts: parts.sum())
    np.testing.assert_allclose(found.compute(), pdf.y.sum())


def test_labels_of_results_are_divisions():
    d = dd.from_pandas(pd.DataFrame({"v": [3, 1, 2], "u": [1.5, 0.5, 2.5]}), npartitions=2)
    assert d.v.quantile([0.25, 0.75]).divisions == (0.25, 0.75)
    assert d.idxmin().divisions == d.corr().divisions == d.sum().divisions == ("u", "v")
    assert d.idxmax().loc["u"].compute().tolist() == [2]
