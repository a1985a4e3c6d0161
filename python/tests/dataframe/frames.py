"""Frames that the parity tests share, and how they compare."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

COUNTS = [1, 2, 3, 7, 31]


def plain(rows: int = 60) -> pd.DataFrame:
    """Numbers with and without missing values, text, times, booleans, keys."""
    rng = np.random.default_rng(7)
    x = rng.normal(size=rows).round(3)
    x[rng.random(rows) < 0.15] = np.nan
    words = pd.Series(rng.choice(["pear", "fig", "Plum", "kiwi"], rows), dtype="str")
    words[rng.random(rows) < 0.1] = None
    return pd.DataFrame(
        {
            "i": rng.integers(-50, 50, rows),
            "x": x,
            "y": rng.random(rows).round(3),
            "k": rng.integers(0, 5, rows),
            "s": words,
            "t": pd.Timestamp("2021-03-01") + pd.to_timedelta(rng.integers(0, 10**7, rows), "s"),
            "b": rng.random(rows) < 0.4,
        }
    )


def exotic(rows: int = 60) -> pd.DataFrame:
    """Dtypes of extensions: categories, zones, nullable, Arrow."""
    rng = np.random.default_rng(8)
    ints = pd.Series(rng.integers(0, 9, rows)).astype("Int64")
    ints[rng.random(rows) < 0.2] = pd.NA
    times = pd.Series(pd.date_range("2020-01-01", periods=rows, freq="h"))
    return pd.DataFrame(
        {
            "c": pd.Categorical(rng.choice(["lo", "mid", "hi"], rows), ["lo", "mid", "hi"], True),
            "z": times.dt.tz_localize("Europe/Paris"),
            "n": ints,
            "f": pd.Series(rng.random(rows)).astype("Float64"),
            "nb": pd.Series(rng.random(rows) < 0.5).astype("boolean"),
            "ai": pd.Series(rng.integers(0, 9, rows)).astype("int64[pyarrow]"),
            "as": pd.Series(rng.choice(["a", "b"], rows)).astype("string[pyarrow]"),
            "i8": rng.integers(0, 5, rows).astype("int8"),
            "f4": rng.random(rows).astype("float32"),
            "d": pd.to_timedelta(rng.integers(0, 10**6, rows), "s"),
        }
    )


def same(found: Any, wanted: Any, *, sort: bool = False, index: bool = True) -> None:
    """Asserts that a lazy result and pandas' are equal, dtypes included."""
    if hasattr(found, "compute"):
        found = found.compute()
    if isinstance(wanted, pd.DataFrame):
        if not index:
            found, wanted = found.reset_index(drop=True), wanted.reset_index(drop=True)
        if sort:
            found = found.sort_values(list(found.columns)).reset_index(drop=True)
            wanted = wanted.sort_values(list(wanted.columns)).reset_index(drop=True)
        pd.testing.assert_frame_equal(found, wanted, check_freq=False)
    elif isinstance(wanted, pd.Series):
        if not index:
            found, wanted = found.reset_index(drop=True), wanted.reset_index(drop=True)
        if sort:
            found, wanted = found.sort_index(), wanted.sort_index()
        pd.testing.assert_series_equal(found, wanted, check_freq=False)
    elif isinstance(wanted, pd.Index):
        pd.testing.assert_index_equal(found, wanted, exact="equiv")
    elif isinstance(wanted, float | np.floating):
        assert type(found) is type(wanted) or isinstance(found, float)
        np.testing.assert_allclose(found, wanted, rtol=1e-12, equal_nan=True)
    else:
        assert found == wanted or (pd.isna(found) and pd.isna(wanted))
