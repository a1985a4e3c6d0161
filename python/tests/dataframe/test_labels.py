"""The index in conditions: rows as pandas', divisions as the frame's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from dataframe_frames import same

import dusk.dataframe as dd

P = pd.DataFrame(
    {
        "v": (np.arange(40) * 7 % 40) / 40,
        "k": np.arange(40) % 5,
        "s": [f"{'ab'[i % 2]}{i % 7}" for i in range(40)],
    }
)
TIMES = pd.date_range("2020-01-01", periods=40, freq="37h", name="t")
FRAMES = {
    "numbers": P,
    "repeated": P.set_index("k").sort_index(),
    "texts": P.set_index("s").sort_index(),
    "times": P.set_index(TIMES),
}
SHAPES: dict[str, Any] = {
    "four": lambda p: dd.from_pandas(p, npartitions=4),
    "one": lambda p: dd.from_pandas(p, npartitions=1),
    "unknown": lambda p: dd.from_pandas(p, npartitions=4).clear_divisions(),
    "filtered": lambda p: dd.from_pandas(p, npartitions=7)[lambda x: x.v > 0.2],
    "a function's": lambda p: dd.from_pandas(p, npartitions=7).map_partitions(lambda x: x[x.v > 0]),
}
CHOICES: dict[str, tuple[str, Any]] = {
    "less": ("numbers", lambda d: d[d.index < 3]),
    "reflected": ("numbers", lambda d: d[12 <= d.index]),  # noqa: SIM300
    "series": ("numbers", lambda d: d.v[d.index < 7]),
    "loc": ("numbers", lambda d: d.loc[d.index < 7, "v"]),
    "not": ("numbers", lambda d: d[~(d.index > 3)]),
    "label and column": ("numbers", lambda d: d[(d.index > 3) & (d.v > 0.5)]),
    "column and label": ("numbers", lambda d: d[(d.v > 0.5) | (d.index > 30)]),
    "two of labels": ("numbers", lambda d: d[(d.index > 3) ^ (d.index < 20)]),
    "remainder": ("numbers", lambda d: d[d.index % 2 == 0]),
    "sum": ("numbers", lambda d: d[(d.index * 2 + 1 > 20) & (d.v < 0.5)]),
    "isin": ("numbers", lambda d: d[d.index.isin([1, 2, 30])]),
    "not missing": ("numbers", lambda d: d[d.index.notnull()]),
    "a function": ("numbers", lambda d: d[d.index.map(lambda i: i // 3) == 4]),
    "a function and a column": (
        "numbers",
        lambda d: d[(d.index.map(lambda i: i // 3) == 4) & (d.v < 0.7)],
    ),
    "a column and a function": (
        "numbers",
        lambda d: d[(d.v < 0.7) | (d.index.map(lambda i: i // 3) == 4)],
    ),
    "a function and a label": (
        "numbers",
        lambda d: d[(d.index.map(lambda i: i // 3) == 4) & (d.index > 12)],
    ),
    "where a function": ("numbers", lambda d: d.v.where(~(d.index.map(lambda i: i // 3) == 4))),
    "assigned": ("numbers", lambda d: d.assign(z=d.index.map(lambda i: -i))),
    "where": ("numbers", lambda d: d.v.where(d.index < 10)),
    "equal": ("repeated", lambda d: d[d.index == 2]),
    "text": ("texts", lambda d: d[d.index >= "b"]),
    "start of text": ("texts", lambda d: d[d.index.str.startswith("a")]),
    "changed text": ("texts", lambda d: d[d.index.str.upper() == "B3"]),
    "date": ("times", lambda d: d[d.index < "2020-02-01"]),
    "timestamp": ("times", lambda d: d[d.index >= pd.Timestamp("2020-02-01")]),
    "month": ("times", lambda d: d[d.index.month == 2]),
    "parts": ("times", lambda d: d[(d.index.hour < 5) & (d.index.month.isin([1, 3]))]),
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("choice", CHOICES.values(), ids=CHOICES)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_labels_choose_rows(shape, choice):
    frame, choose = choice
    d = shape(FRAMES[frame])
    made = choose(d)
    same(made, choose(d.compute()))
    assert made.npartitions == d.npartitions and made.divisions == d.divisions


def test_the_greatest_label_can_be_the_bound():
    d = SHAPES["four"](P)
    same(d[d.index < d.index.max()], P[:-1])
    assert d.index.max().compute() == 39 and d.index.min().compute() == 0


@pytest.mark.parametrize(
    "call",
    [
        lambda i: i < 3,
        lambda i: ~(i == 3),
        lambda i: (i < 3) | (i > 30),
        lambda i: i.isin([4, 5]),
        lambda i: i.isna(),
    ],
)
def test_conditions_on_labels_compute_to_arrays(call):
    found, wanted = call(SHAPES["four"](P).index).compute(), call(P.index)
    assert type(found) is np.ndarray and found.dtype == bool
    np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize(
    "call",
    [
        lambda i: i + 1,
        lambda i: 3 - i,
        lambda i: -i,
        lambda i: i % 2,
        lambda i: i.map(lambda x: x * 2),
    ],
)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_computed_labels_have_no_divisions(call):
    d = SHAPES["four"](P)
    made = call(d.index)
    assert isinstance(made, dd.Index) and not made.known_divisions
    pd.testing.assert_index_equal(made.compute(), call(P.index), exact="equiv")
    assert d.index.astype("float64").divisions == d.divisions


def test_parts_of_times_are_labels():
    d = SHAPES["four"](FRAMES["times"])
    for name in ("day", "day_of_week", "hour"):
        made = getattr(d.index, name)
        pd.testing.assert_index_equal(made.compute(), getattr(TIMES, name))
        assert not made.known_divisions
    pd.testing.assert_index_equal(d.index.day_name().compute(), TIMES.day_name())
    np.testing.assert_array_equal(d.index.is_month_start.compute(), TIMES.is_month_start)


GROUPS: dict[str, tuple[str, Any]] = {
    "the index": ("repeated", lambda d: d.index),
    "computed": ("numbers", lambda d: d.index % 3),
    "a function's": ("numbers", lambda d: d.index.map(lambda i: i // 7)),
    "months": ("times", lambda d: d.index.month),
    "a condition": ("numbers", lambda d: d.index < 12),
    "with a column": ("times", lambda d: [d.index.month, "k"]),
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("group", GROUPS.values(), ids=GROUPS)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_labels_are_keys_of_groups(shape, group):
    frame, key = group
    d = shape(FRAMES[frame])
    plain = d.compute()
    for method in ("sum", "size", "median"):
        found = getattr(d.groupby(key(d)).v, method)().compute().sort_index()
        same(found, getattr(plain.groupby(key(plain)).v, method)())
