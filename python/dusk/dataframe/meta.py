"""Empty pandas objects that stand for lazy ones, and the fake rows that operations are tried on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import is_scalar

from dusk.dataframe.exchange import UNKNOWN_CATEGORIES


def make_meta(x: Any, index: Any = None, parent: Any = None) -> Any:
    """An empty pandas object from a description, as Dask takes it for ``meta=``.

    Parameters
    ----------
    x
        A pandas object, a dictionary or list of pairs (name, dtype) for a frame, one pair for a
        series, or a dtype or scalar.
    index : pandas.Index, optional
        The index of the result.

    Raises
    ------
    TypeError
        When `x` describes nothing.
    """
    if hasattr(x, "_meta"):
        return x._meta
    if isinstance(x, pd.DataFrame | pd.Series):
        return x.iloc[:0]
    if isinstance(x, pd.Index):
        return x[:0]
    index = index[:0] if index is not None else None
    if isinstance(x, dict):
        columns = {k: _empty_series(k, v, index) for k, v in x.items()}
        return pd.DataFrame(columns, index=index)
    if isinstance(x, tuple) and len(x) == 2:
        return _empty_series(x[0], x[1], index)
    if isinstance(x, Iterable) and not isinstance(x, str | bytes):
        pairs = list(x)
        if not all(isinstance(i, tuple) and len(i) == 2 for i in pairs):
            raise ValueError(f"Expected iterable of tuples of (name, dtype), got {x}")
        return pd.DataFrame(
            {k: _empty_series(k, v, index) for k, v in pairs},
            columns=[k for k, _ in pairs],
            index=index,
        )
    if isinstance(x, np.dtype | pd.api.extensions.ExtensionDtype | type):
        return pd.Series([], dtype=x)
    if isinstance(x, str):
        return pd.Series([], dtype=np.dtype(x))
    if is_scalar(x):
        return pd.Series([x]).iloc[:0]
    raise TypeError(f"Don't know how to create metadata from {x}")


def _empty_series(name: Any, dtype: Any, index: Any) -> pd.Series:
    if isinstance(dtype, str) and dtype == "category":
        return pd.Series(
            pd.Categorical([], categories=[UNKNOWN_CATEGORIES]), name=name, index=index
        )
    return pd.Series([], dtype=dtype, name=name, index=index)


def nonempty(meta: Any) -> Any:
    """`meta` with two rows of unremarkable values of its dtypes."""
    if isinstance(meta, pd.DataFrame):
        index = nonempty_index(meta.index)
        columns = {i: pd.Series(_two(dtype), index=index) for i, dtype in enumerate(meta.dtypes)}
        made = pd.DataFrame(columns, index=index)
        made.columns = meta.columns
        return made
    if isinstance(meta, pd.Series):
        return pd.Series(_two(meta.dtype), index=nonempty_index(meta.index), name=meta.name)
    if isinstance(meta, pd.Index):
        return nonempty_index(meta)
    return meta


def nonempty_index(index: pd.Index) -> pd.Index:
    """As :func:`nonempty`, for an index."""
    if isinstance(index, pd.RangeIndex):
        return pd.RangeIndex(2, name=index.name)
    if isinstance(index, pd.MultiIndex):
        levels = [_two(level.dtype) for level in index.levels]
        return pd.MultiIndex.from_arrays(levels, names=index.names)
    if isinstance(index, pd.DatetimeIndex):
        made = pd.DatetimeIndex(["1970-01-01", "1970-01-02"], name=index.name)
        return made.tz_localize(index.tz).as_unit(index.unit)
    if index.dtype.kind in "iuf":
        return pd.Index(np.arange(2, dtype=index.dtype), name=index.name)
    if str(index.dtype) in ("str", "string", "object"):
        return pd.Index(["a", "b"], dtype=index.dtype, name=index.name)
    return pd.Index(pd.array(_two(index.dtype)), name=index.name)


def _two(dtype: Any) -> Any:
    if isinstance(dtype, pd.CategoricalDtype):
        categories = dtype.categories
        if categories is None or len(categories) == 0:
            return pd.Categorical([None, None], dtype=dtype)
        return pd.Categorical.from_codes([0, min(1, len(categories) - 1)], dtype=dtype)
    if isinstance(dtype, pd.DatetimeTZDtype):
        return pd.array(pd.to_datetime(["1970-01-01"] * 2).tz_localize(dtype.tz)).astype(dtype)
    if isinstance(dtype, pd.StringDtype):
        return pd.array(["foo", "foo"], dtype=dtype)
    if isinstance(dtype, pd.api.extensions.ExtensionDtype):
        return _two_of_extension(dtype)
    if dtype.kind in "mM":
        return np.array([0, 0], dtype="int64").view(f"{dtype.kind}8[ns]").astype(dtype)
    if dtype.kind == "O":
        return np.array(["foo", "foo"], dtype=object)
    return np.ones(2, dtype=dtype)


def _two_of_extension(dtype: Any) -> Any:
    for value in (1, True, "foo", b"foo", pd.Timestamp(0), pd.Timedelta(0)):
        try:
            return pd.array([value, value], dtype=dtype)
        except (TypeError, ValueError, NotImplementedError, pd.errors.OutOfBoundsDatetime):
            continue
        except Exception as error:
            if type(error).__module__.startswith("pyarrow"):
                continue
            raise
    return pd.array([None, None], dtype=dtype)


def empty(obj: Any) -> Any:
    """No rows of a pandas object; a scalar becomes an empty series of its dtype."""
    if isinstance(obj, pd.DataFrame | pd.Series):
        return obj.iloc[:0]
    if isinstance(obj, pd.Index):
        return obj[:0]
    if isinstance(obj, np.generic):
        return pd.Series([], dtype=obj.dtype)
    return pd.Series([obj]).iloc[:0]


def emulate(function: Callable[..., Any], *args: Any, udf: bool = False, **kwargs: Any) -> Any:
    """What `function` gives on fake rows: lazy arguments are replaced by their fakes.

    Raises
    ------
    ValueError
        With `udf`, when the user's function fails on fake rows; it says how to pass ``meta``.
    """
    from dusk.dataframe.collection import FrameBase

    def fake(x: Any) -> Any:
        if type(x) in (list, tuple):
            return type(x)(fake(i) for i in x)
        return x._fake() if isinstance(x, FrameBase) else x

    try:
        return function(*[fake(a) for a in args], **{k: fake(v) for k, v in kwargs.items()})
    except Exception as error:
        if not udf:
            raise
        name = getattr(function, "__name__", type(function).__name__).strip("<>")
        raise ValueError(
            f"Metadata inference failed in `{name}`.\n\n"
            "You have supplied a custom function and Dusk is unable to \n"
            "determine the type of output that that function returns. \n\n"
            "To resolve this please provide a meta= keyword.\n"
            "The docstring of the Dusk function you ran should have more information.\n\n"
            f"Original error is below:\n------------------------\n{error!r}"
        ) from error
