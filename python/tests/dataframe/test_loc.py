"""Slices by label: the rows of pandas, from the partitions that hold them."""

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


SLICES = {
    "from a bound": (slice(10, None), (10, 20, 30, 39)),
    "from within": (slice(11, None), (11, 20, 30, 39)),
    "to a bound": (slice(None, 10), (0, 10, 10)),
    "to before a bound": (slice(None, 9), (0, 9)),
    "between bounds": (slice(10, 20), (10, 20, 20)),
    "within one": (slice(10, 19), (10, 19)),
    "one label": (slice(10, 10), (10, 10)),
    "the last label": (slice(39, None), (39, 39)),
    "after all": (slice(50, None), (50, 50)),
    "before all": (slice(None, -3), (-3, -3)),
    "from before all": (slice(-5, 3), (-5, 3)),
    "everything": (slice(None, None), (0, 10, 20, 30, 39)),
}


@pytest.mark.parametrize(("rows", "divisions"), SLICES.values(), ids=SLICES)
def test_slices_read_the_partitions_they_need(rows, divisions):
    d = four(P)
    made = d.loc[rows]
    same(made, P.loc[rows])
    assert made.divisions == divisions and made.npartitions == len(divisions) - 1
    same(d.v.loc[rows], P.v.loc[rows])


@pytest.mark.parametrize("count", [1, 2, 4, 7, 31])
@pytest.mark.parametrize("way", ["sorted", "unsorted", "given"])
def test_labels_at_bounds_are_found(count, way):
    plain = P.sort_values("k", kind="stable").reset_index(drop=True)
    if way == "sorted":
        d = dd.from_pandas(plain, npartitions=count).set_index("k", sorted=True)
    elif way == "unsorted":
        d = dd.from_pandas(P, npartitions=4).set_index("k", npartitions=count)
    else:
        d = dd.from_pandas(plain.set_index("k"), npartitions=count)
    wanted = plain.set_index("k")
    for k in range(5):
        for rows in (slice(k, None), slice(None, k), slice(k, k), [k]):
            same(d.loc[rows].v, wanted.loc[rows].v, sort=True)
        assert len(d.loc[k].compute()) == 8
    assert len(d.loc[[1, 4]].compute()) == 16


def test_presorted_partitions_that_share_labels_are_cut_apart():
    plain = P.sort_values("k", kind="stable").reset_index(drop=True)
    d = dd.from_pandas(plain, npartitions=4).set_index("k", sorted=True)
    for part, low in zip(d.partitions, d.divisions[:-1], strict=True):
        assert part.compute().index.min() == low
    same(d, plain.set_index("k"))
