"""Bad input: the error class that users of NumPy, pandas and Dask expect, and what would do."""

from __future__ import annotations

import gc

import numpy as np
import pandas as pd
import pytest

import dusk
import dusk.array as da
import dusk.dataframe as dd
from dusk import _core


def test_chunks_must_add_up():
    with pytest.raises(ValueError, match="add up"):
        da.from_array(np.arange(5), chunks=((2, 2),))
    with pytest.raises(ValueError, match="add up|not consistent"):
        da.ones(5, chunks=5).rechunk(((2, 2),))


def test_shapes_must_broadcast():
    with pytest.raises(ValueError, match="broadcast"):
        da.ones(3, chunks=2) + da.ones(4, chunks=2)


def test_axes_must_exist():
    x = da.ones((2, 3), chunks=1)
    for call in (lambda: x.sum(axis=2), lambda: da.concatenate([x, x], axis=5)):
        with pytest.raises(np.exceptions.AxisError):
            call()


def test_reductions_of_nothing_say_what_numpy_says():
    empty = da.from_array(np.empty((0, 3)), chunks=2)
    with pytest.raises(ValueError, match="zero-size array to reduction operation maximum"):
        empty.max(axis=0).compute()
    assert empty.sum().compute() == 0


def test_division_by_zero_overflow_and_nat_are_numpys():
    x = da.from_array(np.array([1, 0, -1]), chunks=2)
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal((x // 0).compute(), np.array([1, 0, -1]) // 0)
        np.testing.assert_array_equal((1 / x).compute(), 1 / np.array([1, 0, -1]))
    big = np.array([2**62, 2**62], dtype="i8")
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal((da.from_array(big, chunks=1) * 4).compute(), big * 4)
    t = np.array(["2020-01-01", "NaT"], dtype="M8[ns]")
    assert bool(da.from_array(t, chunks=1)[1:].compute() != t[1:])


def test_a_missing_column_is_named_with_its_neighbours(tmp_path):
    pd.DataFrame({"amount": [1.0], "user": ["a"]}).to_parquet(tmp_path / "a.parquet")
    df = dd.read_parquet(str(tmp_path / "a.parquet"))
    with pytest.raises(KeyError, match="amuont"):
        df["amuont"]
    with pytest.raises(AttributeError, match="amuont"):
        _ = df.amuont


def test_a_truncated_parquet_file_is_named(tmp_path):
    path = tmp_path / "broken.parquet"
    pd.DataFrame({"a": range(1000)}).to_parquet(path)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(OSError, match=r"broken\.parquet"):
        dd.read_parquet(str(path)).compute()


def test_an_empty_glob_is_refused(tmp_path):
    with pytest.raises(OSError, match="nothing"):
        dd.read_csv(f"{tmp_path}/nothing-*.csv")


def test_files_whose_schemas_differ_are_both_named(tmp_path):
    pd.DataFrame({"a": [1], "b": [1.0]}).to_parquet(tmp_path / "one.parquet")
    pd.DataFrame({"a": [1], "b": ["x"]}).to_parquet(tmp_path / "two.parquet")
    with pytest.raises(ValueError, match=r"one\.parquet.*two\.parquet.*column b"):
        dd.read_parquet(str(tmp_path / "*.parquet"))


def test_a_ragged_csv_line_is_named(tmp_path):
    path = tmp_path / "ragged.csv"
    path.write_text("a,b\n1,2\n3,4\n5,6,7\n")
    with pytest.raises(pd.errors.ParserError, match="Expected 2 fields in line 4, saw 3"):
        dd.read_csv(str(path), dtype={"a": "int64", "b": "int64"}).compute()


@pytest.mark.parametrize("scheduler", ["threads", "synchronous"])
def test_a_function_that_raises_among_many_tasks_leaves_nothing_behind(scheduler):
    gc.collect()
    before = _core.ledger()["live"]

    def fail(block, block_id):
        if block_id == (50_000,):
            raise ArithmeticError("here")
        return block

    x = da.ones(100_000, chunks=1).map_blocks(fail, dtype="f8")
    with pytest.raises(ArithmeticError, match="here") as caught:
        x.sum().compute(scheduler=scheduler)
    assert any("50000" in note for note in caught.value.__notes__)
    assert "fail" in [entry.name for entry in caught.traceback]
    del caught, x
    gc.collect()
    assert _core.ledger()["live"] <= before + 4096
    assert da.ones(10, chunks=5).sum().compute(scheduler=scheduler) == 10


def test_a_plan_that_cannot_fit_shows_the_arithmetic():
    x = da.random.random((1000, 1000), chunks=500)
    with pytest.raises(MemoryError) as caught:
        dusk.compute(x + 1, memory_limit="100 kB")
    assert any(c.isdigit() for c in str(caught.value))


def test_wrong_types_are_refused():
    with pytest.raises(TypeError):
        da.map_blocks(3, da.ones(2))
    with pytest.raises(ValueError, match="negative"):
        da.ones(-1)
    with pytest.raises(TypeError):
        da.ones("a")
    with pytest.raises((TypeError, ValueError)):
        dd.from_pandas([1, 2], npartitions=1)


@pytest.mark.parametrize(
    "ask",
    [
        lambda f: f["alpa"],
        lambda f: f[["alpa", "beta"]],
        lambda f: f.groupby("alpa"),
        lambda f: f.sort_values("alpa"),
        lambda f: f.merge(f, on="alpa"),
        lambda f: f.drop(columns=["alpa"]),
    ],
)
def test_missing_columns_are_answered_with_the_nearest_names(ask):
    frame = dd.from_pandas(pd.DataFrame({"alpha": [1], "beta": [2]}), npartitions=1)
    with pytest.raises(KeyError) as caught:
        ask(frame)
    assert caught.value.__notes__ == ["nearest column names: 'alpha'"]


def test_missing_columns_unlike_any_are_answered_with_all():
    frame = dd.from_pandas(pd.DataFrame({"alpha": [1], "beta": [2]}), npartitions=1)
    with pytest.raises(KeyError) as caught:
        frame["zzz"]
    assert caught.value.__notes__ == ["the columns are: 'alpha', 'beta'"]
