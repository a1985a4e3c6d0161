"""Joins on the index: pandas' rows, Dask's divisions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from dataframe_frames import same

import dusk.dataframe as dd

P = pd.DataFrame({"v": (np.arange(40) * 7 % 40) / 40, "k": np.arange(40) % 5})


def four(plain: Any) -> Any:
    return dd.from_pandas(plain, npartitions=4)


Q = pd.DataFrame({"w": [1.0, 2.0, 3.0, 4.0, 5.0], "k": [1, 2, 3, 3, 9]})
SIDES: dict[str, Any] = {
    "two": lambda: dd.from_pandas(Q, npartitions=2),
    "one": lambda: dd.from_pandas(Q, npartitions=1),
}
UNION, OURS = (0, 3, 4, 10, 20, 30, 39), (0, 10, 20, 30, 39)
ENDS = (0, 4, 10, 20, 30, 39)
JOINS = {
    ("inner", "two"): UNION,
    ("left", "two"): UNION,
    ("right", "two"): UNION,
    ("outer", "two"): UNION,
    ("inner", "one"): OURS,
    ("left", "one"): OURS,
    ("right", "one"): ENDS,
    ("outer", "one"): ENDS,
}


def _within(d: Any) -> None:
    """Asserts that every label is in the partition it belongs to."""
    last = d.npartitions - 1
    for i, part in enumerate(d.partitions):
        labels = part.compute().index
        assert (labels >= d.divisions[i]).all()
        assert (
            (labels <= d.divisions[i + 1]) if i == last else (labels < d.divisions[i + 1])
        ).all()


@pytest.mark.parametrize(("how", "side"), JOINS)
@pytest.mark.parametrize("indicator", [False, True])
def test_joins_on_the_index_keep_divisions(how, side, indicator):
    d, other = four(P), SIDES[side]()
    options = {"left_index": True, "right_index": True, "how": how, "indicator": indicator}
    made = d.merge(other, **options)
    assert made.divisions == JOINS[how, side]
    same(made, P.merge(Q, **options))
    _within(made)


@pytest.mark.parametrize("how", ["inner", "right"])
def test_one_left_partition_keeps_the_right_divisions(how):
    made = SIDES["one"]().merge(four(P), left_index=True, right_index=True, how=how)
    assert made.divisions == OURS
    same(made, Q.merge(P, left_index=True, right_index=True, how=how))
    _within(made)
    made = SIDES["one"]().merge(four(P), left_index=True, right_on="k", how=how)
    assert made.divisions == OURS
    _within(made)


def test_a_column_joined_with_a_small_index_keeps_divisions():
    made = four(P).merge(SIDES["one"](), left_on="v", right_index=True, how="left")
    assert made.divisions == OURS
    _within(made)


def test_join_keeps_divisions():
    d = four(P)
    same(d.join(d[["v"]], rsuffix="_r"), P.join(P[["v"]], rsuffix="_r"))
    assert d.join(d[["v"]], rsuffix="_r").divisions == d.divisions
    made = d[["v"]].join([SIDES["two"]()[["w"]], SIDES["one"]()[["k"]]])
    assert made.divisions == UNION
    same(made, P[["v"]].join([Q[["w"]], Q[["k"]]]))
    assert SIDES["one"]().merge(SIDES["one"](), left_index=True, right_index=True).divisions == (
        0,
        4,
    )


def test_joins_of_unknown_divisions_stay_unknown():
    d = four(P).clear_divisions()
    for other in (SIDES["one"](), SIDES["two"]()):
        made = d.merge(other, left_index=True, right_index=True)
        assert not made.known_divisions and made.npartitions == 4
        same(made, P.merge(Q, left_index=True, right_index=True), sort=True)
