"""How many partitions results have: as many as Dask's, with the rows that pandas gives."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest

import dusk
import dusk.dataframe as dd

N = 200
RNG = np.random.default_rng(3)
P = pd.DataFrame(
    {
        "k": RNG.integers(0, 30, N),
        "v": RNG.random(N).round(2),
        "s": RNG.choice(list("abcdef"), N),
        "u": np.arange(N),
    }
)
Q = P[["k", "v"]].rename(columns={"v": "w"})


def five() -> Any:
    return dd.from_pandas(P, npartitions=5)


def single() -> Any:
    return dd.from_pandas(P, npartitions=1)


def three() -> Any:
    return dd.from_pandas(Q, npartitions=3)


def small() -> Any:
    return dd.from_pandas(Q[:20], npartitions=1)


# The expression over d (five partitions), and Dask's number of partitions.
COUNTS = {
    "d.k.value_counts()": 5,
    "d.k.value_counts(split_out=3)": 3,
    "d.k.value_counts(split_out=1)": 1,
    "d.k.value_counts(split_out=8)": 8,
    "d.k.value_counts(split_every=2)": 5,
    "d.k.value_counts(normalize=True)": 5,
    "d.k.value_counts(sort=True)": 1,
    "d.k.value_counts(sort=True, split_out=3)": 1,
    "d.k.value_counts(sort=False)": 5,
    "d.s.astype('category').value_counts()": 1,
    "d.s.astype('category').value_counts(split_out=3)": 3,
    "d.drop_duplicates()": 5,
    "d.drop_duplicates(subset=['k'])": 5,
    "d.drop_duplicates(subset='k', keep='last')": 5,
    "d.drop_duplicates(split_out=1)": 1,
    "d.drop_duplicates(split_out=3)": 3,
    "d.drop_duplicates('k', ignore_index=True)": 5,
    "d.k.drop_duplicates()": 5,
    "d.index.drop_duplicates()": 5,
    "d.k.unique()": 5,
    "d.k.unique(split_out=3)": 3,
    "d.index.unique()": 5,
    "d.shift(1)": 5,
    "d.k.shift(-3)": 5,
    "d.k.shift(0)": 5,
    "d[['k', 'v']].diff()": 5,
    "d.k.diff(-2)": 5,
    "d.ffill()": 5,
    "d.bfill()": 5,
    "d.merge(e, on='k')": 5,
    "d.merge(e, on='k', npartitions=4)": 4,
    "d.merge(e, on='k', npartitions=2)": 2,
    "d.merge(e, on='k', npartitions=9, how='outer')": 9,
    "d.merge(e, on='k', npartitions=9, how='left')": 9,
    "d.merge(one, on='k')": 5,
    "d.merge(one, on='k', npartitions=4)": 5,
    "d.merge(one, on='k', how='right')": 5,
    "d.merge(one, on='k', how='right', npartitions=4)": 4,
    "one.merge(d, on='k')": 5,
    "one.merge(d, on='k', how='left')": 5,
    "one.merge(d, on='k', how='left', npartitions=4)": 4,
    "one.merge(one, on='k', npartitions=4)": 1,
    "d.merge(e, on='k', indicator=True)": 5,
    "d.merge(e, left_index=True, right_on='k')": 5,
    "d.join(e[['w']])": 7,
    "d.clear_divisions().join(e[['w']].clear_divisions(), npartitions=4)": 4,
    "d.groupby('k').v.sum()": 1,
    "d.groupby('k').v.sum(split_out=3)": 3,
    "d.groupby('k').v.sum(split_out=True)": 5,
    "d.groupby('k', sort=True).v.sum(split_out=3)": 1,
    "d.groupby('k', sort=False).v.sum(split_out=3)": 3,
    "d.groupby('k').v.size(split_out=3)": 3,
    "d.groupby('k').v.mean(split_out=3)": 3,
    "d.groupby('k').v.std(split_out=3)": 3,
    "d.groupby('k')[['v', 'u']].max(split_out=2)": 2,
    "d.groupby('k').agg({'v': 'sum'}, split_out=3)": 3,
    "d.groupby(['k', 's']).agg({'v': ['min', 'max']}, split_out=3)": 3,
    "d.groupby('k').v.nunique()": 5,
    "d.groupby('k', sort=True).v.nunique()": 1,
    "d.groupby('k').v.nunique(split_out=3)": 3,
    "d.groupby('k').v.median()": 5,
    "d.groupby('k', sort=True).v.median()": 5,
    "d.groupby('k').v.median(split_out=1)": 1,
    "d.groupby('k').agg({'v': 'median'})": 1,
    "d.sort_values('u')": 5,
    "d.sort_values('v', npartitions=4)": 4,
    "one.sort_values('k', npartitions=4)": 4,
    "one.sort_values('k')": 1,
    "one.set_index('w', npartitions=4)": 4,
    "d.set_index('v')": 5,
    "d.set_index('v', npartitions=4)": 4,
    "dd.concat([d, d])": 10,
    "dd.concat([d, d], interleave_partitions=True)": 5,
    "d.repartition(npartitions=2)": 2,
    "d.repartition(npartitions=13)": 13,
    "d.clear_divisions().repartition(npartitions=13)": 13,
}


@pytest.mark.parametrize("text", COUNTS)
def test_partitions_are_as_many_as_dask_makes(text):
    made = eval(text, {"d": five(), "e": three(), "one": small(), "dd": dd})
    assert made.npartitions == COUNTS[text]
    assert len(made.divisions) == COUNTS[text] + 1
    parts = [made.get_partition(i).compute() for i in range(made.npartitions)]
    assert sum(map(len, parts)) == len(made.compute())


@pytest.mark.parametrize(
    "text",
    [
        "d.k.value_counts()",
        "d.k.value_counts(split_out=7, ascending=True)",
        "d.drop_duplicates('k')",
        "d.s.drop_duplicates(keep='last')",
        "d.groupby('k').v.median()",
        "d.groupby('k').v.nunique()",
        "d.groupby(['k', 's']).v.sum(split_out=4)",
        "d.groupby('s').agg({'v': ['sum', 'max'], 'u': 'min'}, split_out=31)",
    ],
)
def test_rows_stay_in_pandas_order(text):
    made = eval(text, {"d": five()})
    plain = eval(text.replace("split_out=", "n="), {"d": _Plain(P)})
    found = made.compute()
    kind = pd.testing.assert_frame_equal if found.ndim == 2 else pd.testing.assert_series_equal
    kind(found, plain, check_dtype=False, check_index_type=False)
    assert made.known_divisions is False
    assert list(made.head(3).index) == list(plain.index[:3])
    assert list(made.tail(3).index) == list(plain.index[-3:])


class _Plain:
    """pandas without the arguments that only Dask's methods have."""

    def __init__(self, x: Any) -> None:
        self.x = x

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.x, name)
        if not callable(found) or isinstance(found, pd.Series | pd.DataFrame):
            return _Plain(found)

        def call(*args: Any, n: Any = None, **kwargs: Any) -> Any:
            made = found(*args, **kwargs)
            return _Plain(made) if name == "groupby" else made

        return call

    def __getitem__(self, key: Any) -> Any:
        return _Plain(self.x[key])


def test_results_of_several_partitions_align_by_key():
    d = five()
    some = d[d.v > 0.5]
    part = P[P.v > 0.5]
    pairs = [
        (d.k.value_counts(), some.k.value_counts(), P.k.value_counts(), part.k.value_counts()),
        (
            d.groupby("k").v.sum(),
            some.groupby("k").v.nunique(),
            P.groupby("k").v.sum(),
            part.groupby("k").v.nunique(),
        ),
        (
            d.groupby("k").v.max(split_out=3),
            some.groupby("k").v.min(split_out=3),
            P.groupby("k").v.max(),
            part.groupby("k").v.min(),
        ),
    ]
    for a, b, one, two in pairs:
        wanted = (one + two).sort_index()
        for x, y in (
            (a, b),
            (a.persist(), b.persist()),
            (pickle.loads(pickle.dumps(a)), b.optimize()),
            (a.astype(float), b),
        ):
            found = (x + y).compute().sort_index()
            pd.testing.assert_series_equal(found, wanted, check_names=False, check_dtype=False)
    frame = five().groupby("k").v.sum(split_out=3).to_frame("a")
    frame = frame.assign(b=some.groupby("k").v.count(split_out=3))
    wanted_frame = P.groupby("k").v.sum().to_frame("a").assign(b=part.groupby("k").v.count())
    pd.testing.assert_frame_equal(frame.compute(), wanted_frame, check_dtype=False)


def test_what_follows_sees_one_result():
    d = five()
    counted = d.k.value_counts()
    plain = P.k.value_counts()
    pd.testing.assert_frame_equal(
        counted.reset_index().compute(), plain.reset_index(), check_dtype=False
    )
    assert counted.sum().compute() == N
    assert counted.nlargest(3).compute().tolist() == plain.nlargest(3).tolist()
    assert len(counted) == len(plain)
    np.testing.assert_array_equal(counted.cumsum().compute(), plain.cumsum())
    a, b = dusk.compute(counted, counted.shift(1))
    pd.testing.assert_series_equal(b, a.shift(1))


@pytest.mark.parametrize("count", [2, 7, 250])
def test_one_partition_is_sorted_into_several(count):
    d = single()
    found = d.sort_values(["k", "v"], npartitions=count)
    assert found.npartitions == count
    wanted = P.sort_values(["k", "v"], kind="stable")
    pd.testing.assert_frame_equal(found.compute(), wanted)
    found = d.set_index("k", npartitions=count)
    assert found.npartitions == count and found.known_divisions
    wanted = P.set_index("k").sort_index(kind="stable")
    pd.testing.assert_frame_equal(found.compute(), wanted)
    pd.testing.assert_frame_equal(found.loc[5:9].compute(), wanted.loc[5:9])


def test_split_out_is_checked():
    for call in (five().k.value_counts, five().drop_duplicates, five().groupby("k").v.sum):
        with pytest.raises(ValueError, match="split_out must be at least 1"):
            call(split_out=-2)


# ---- shift, diff, ffill, bfill

SHAPES = {
    "five": lambda p: dd.from_pandas(p, npartitions=5),
    "unknown": lambda p: dd.from_pandas(p, npartitions=5).clear_divisions(),
    "thirty-one": lambda p: dd.from_pandas(p, npartitions=31),
    "one": lambda p: dd.from_pandas(p, npartitions=1),
    "some empty": lambda p: dd.concat(
        [
            dd.from_pandas(p, npartitions=7).map_partitions(lambda x: x[x.index < 30]),
            dd.from_pandas(p, npartitions=7).map_partitions(lambda x: x[x.index >= 30]),
        ]
    ),
}
HOLES = pd.DataFrame(
    {
        "i": np.arange(60) ** 2 % 17,
        "f": np.where(np.arange(60) % 7 < 5, np.nan, np.arange(60.0)),
        "t": pd.date_range("2020", periods=60, freq="h"),
        "s": [None if i % 5 == 0 else f"t{i}" for i in range(60)],
        "b": np.arange(60) % 3 == 0,
    }
)
NUMBERS = HOLES[["i", "f"]]
MOVES: dict[str, Any] = {
    "shift": lambda x: x.shift(),
    "shift far": lambda x: x.shift(25),
    "shift beyond": lambda x: x.shift(100),
    "shift back": lambda x: x.shift(-13),
    "shift by nothing": lambda x: x.shift(0),
    "ffill": lambda x: x.ffill(),
    "bfill": lambda x: x.bfill(),
    "ffill a few": lambda x: x.ffill(limit=2),
    "bfill a few": lambda x: x.bfill(limit=3),
    "shift a series": lambda x: x.i.shift(3),
    "fill a series": lambda x: x.f.ffill(),
}
DIFFS: dict[str, Any] = {
    "diff": lambda x: x.diff(),
    "diff far": lambda x: x.diff(17),
    "diff back": lambda x: x.diff(-4),
    "diff a series": lambda x: x.i.diff(2),
}


def _same(found: Any, wanted: Any) -> None:
    """But for which of None and NaN is missing in columns of objects."""
    found, wanted = (
        x.apply(lambda c: c.where(c.notna(), None) if c.dtype == object else c)
        if x.ndim == 2
        else x
        for x in (found, wanted)
    )
    kind = pd.testing.assert_frame_equal if wanted.ndim == 2 else pd.testing.assert_series_equal
    kind(found, wanted, check_dtype=False, check_freq=False, check_index_type=False)


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("move", [*MOVES.values(), *DIFFS.values()], ids=[*MOVES, *DIFFS])
def test_neighbours_reach_over_any_partitions(shape, move):
    plain = NUMBERS if move in DIFFS.values() else HOLES
    d = shape(plain)
    made = move(d)
    _same(made.compute(), move(plain))
    assert made.npartitions == d.npartitions
    assert made.divisions == d.divisions


def test_moving_far_over_many_rows_brings_them_together():
    plain = pd.DataFrame({"a": np.arange(300_000)})
    made = dd.from_pandas(plain, npartitions=4).shift(60_000)
    assert made.npartitions == 4 and not made.known_divisions
    _same(made.compute(), plain.shift(60_000))


def test_moving_categories_keeps_them():
    plain = pd.Series(list("abcab") * 4, name="c").astype("category")
    made = dd.from_pandas(plain, npartitions=4).shift(1)
    assert made.npartitions == 4
    pd.testing.assert_series_equal(made.compute(), plain.shift(1))


def test_moving_the_index_by_a_frequency():
    plain = pd.Series(np.arange(20), index=pd.date_range("2020", periods=20, freq="D"))
    made = dd.from_pandas(plain, npartitions=4).shift(2, freq="D")
    assert made.npartitions == 4
    pd.testing.assert_series_equal(made.compute(), plain.shift(2, freq="D"), check_freq=False)


@pytest.mark.parametrize("count", [6, 7, 31, 250])
def test_more_partitions_keep_rows_and_order(count):
    d = dd.from_pandas(P.assign(o=P.s.map(lambda s: (s,))), npartitions=5).clear_divisions()
    made = d.repartition(npartitions=count)
    assert made.npartitions == count
    pd.testing.assert_frame_equal(made.compute(), d.compute())
    assert max(len(made.get_partition(i)) for i in range(count)) <= -(-40 // (count // 5))
    index = d.index.repartition(npartitions=count)
    assert index.npartitions == count
    pd.testing.assert_index_equal(index.compute(), P.index, exact=False)
    merged = dd.from_pandas(P, npartitions=1).merge(small(), on="k").repartition(npartitions=count)
    pd.testing.assert_index_equal(
        merged.compute().index, pd.RangeIndex(len(P.merge(Q[:20], on="k"))), exact=False
    )
