"""The pocket book's code, with dusk for dask."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest


def test_card_1_everything_comes_from_one_install():
    import dusk
    import dusk.array
    import dusk.dataframe
    from dusk import delayed

    assert dusk.__version__
    assert dusk.array.ones(3).sum().compute() == 3
    assert delayed(len)("abc").compute() == 3


@pytest.mark.parametrize("side", [100, 1000])
def test_card_3_standardised_row_sums(side):
    import dusk.array as da

    x = da.random.random((side, side), chunks=(side // 10, side // 10))
    y = ((x - x.mean(0)) / x.std(0)).sum(axis=1)
    result = y.compute()
    n = x.compute()
    np.testing.assert_allclose(result, ((n - n.mean(0)) / n.std(0)).sum(axis=1), atol=1e-9)


def test_card_5_filter_group_mean(tmp_path):
    import dusk.dataframe as dd

    frame = pd.DataFrame({"user": list("abcab"), "amount": [1.0, -2.0, 3.0, 4.0, 5.0]})
    for i in range(3):
        frame.to_parquet(tmp_path / f"part-{i}.parquet")
    df = dd.read_parquet(f"{tmp_path}/")
    res = df[df.amount > 0].groupby("user").amount.mean().compute()
    whole = pd.concat([frame] * 3)
    wanted = whole[whole.amount > 0].groupby("user").amount.mean()
    pd.testing.assert_series_equal(res, wanted)


def test_card_21_map_blocks_and_a_sum():
    import dusk.array as da

    x = da.random.random((40, 40), chunks=(10, 10))
    z = x.map_blocks(lambda b: (b - b.mean()) / b.std()).sum()
    assert abs(float(z.compute())) < 1e-8
