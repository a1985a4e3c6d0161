"""Functions of the package that wrap pandas' functions of the same names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from dusk.dataframe.collection import FrameBase, native
from dusk.dataframe.partitionwise import partitionwise


class _Function:
    """pandas' top-level function of that name."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.__name__ = name

    def __dask_tokenize__(self) -> Any:
        return ("pandas", self.name)

    def __call__(self, x: Any, *args: Any, **kwargs: Any) -> Any:
        function: Callable[..., Any] = getattr(pd, self.name)
        return function(x, *args, **kwargs)


def _run(name: str, arg: Any, *args: Any, meta: Any = None, **kwargs: Any) -> Any:
    function = _Function(name)
    if not isinstance(arg, FrameBase):
        return function(arg, *args, **kwargs)
    return partitionwise(function, arg, *args, meta=meta, name=name, **kwargs)


@native(True)
def isna(arg: Any) -> Any:
    """Whether values are missing."""
    if isinstance(arg, FrameBase):
        frame: Any = arg
        return frame.isna()
    return pd.isna(arg)


@native(False)
def to_datetime(arg: Any, meta: Any = None, **kwargs: Any) -> Any:
    """``pandas.to_datetime`` on every partition."""
    if meta is None and isinstance(arg, FrameBase):
        meta = _stamps(arg, kwargs)
    return _run("to_datetime", arg, meta=meta, **kwargs)


def _stamps(arg: Any, kwargs: dict[str, Any]) -> Any:
    """The result's description: fake texts are dates, so that pandas can say the dtype."""
    source = arg._meta
    fake = pd.Series(["2000-01-01"], name=getattr(source, "name", None))
    if kwargs.get("format") or str(source.dtype) not in ("str", "string", "object"):
        fake = pd.Series([pd.Timestamp(2000, 1, 1).as_unit("us")], name=source.name)
    dtype = pd.to_datetime(fake, utc=bool(kwargs.get("utc"))).dtype
    made = pd.Series([], dtype=dtype, name=source.name)
    if isinstance(source, pd.Index):
        return pd.DatetimeIndex(made, name=source.name)
    return made.set_axis(source.index[:0])


@native(False)
def to_timedelta(arg: Any, unit: Any = None, errors: str = "raise") -> Any:
    """``pandas.to_timedelta`` on every partition."""
    if not isinstance(arg, FrameBase):
        return pd.to_timedelta(arg, unit=unit, errors=errors)
    text = getattr(arg._meta.dtype, "kind", "O") not in "iuf"
    fake = pd.Series(["1s"]) if text else pd.Series([1], dtype=arg._meta.dtype)
    dtype = pd.to_timedelta(fake, unit=unit).dtype
    meta = pd.Series([], dtype=dtype, name=arg._meta.name).set_axis(arg._meta.index[:0])
    return _run("to_timedelta", arg, meta=meta, unit=unit, errors=errors)


@native(False)
def to_numeric(arg: Any, errors: str = "raise", downcast: Any = None, meta: Any = None) -> Any:
    """``pandas.to_numeric`` on every partition."""
    if not isinstance(arg, FrameBase):
        return pd.to_numeric(arg, errors=errors, downcast=downcast)
    if downcast not in (None, "integer", "signed", "unsigned", "float"):
        raise ValueError("invalid downcasting method provided")
    if meta is None:
        text = getattr(arg._meta.dtype, "kind", "O") not in "iufb"
        dtype = "float64" if text else arg._meta.dtype
        empty = pd.Series([], dtype=dtype, name=arg._meta.name).set_axis(arg._meta.index[:0])
        meta = pd.to_numeric(empty, errors=errors, downcast=downcast)
    return _run("to_numeric", arg, meta=meta, errors=errors, downcast=downcast)


@native(False)
def get_dummies(
    data: Any,
    prefix: Any = None,
    prefix_sep: str = "_",
    dummy_na: bool = False,
    columns: Any = None,
    sparse: bool = False,
    drop_first: bool = False,
    dtype: Any = bool,
    **kwargs: Any,
) -> Any:
    """``pandas.get_dummies`` of columns with known categories."""
    from dusk.dataframe.exchange import UNKNOWN_CATEGORIES

    options = {
        "prefix": prefix, "prefix_sep": prefix_sep, "dummy_na": dummy_na, "columns": columns,
        "drop_first": drop_first, "dtype": dtype, **kwargs,
    }  # fmt: skip
    if not isinstance(data, FrameBase):
        return pd.get_dummies(data, sparse=sparse, **options)
    if sparse:
        raise NotImplementedError("sparse columns do not exist in Dusk (docs/status.md)")
    meta = data._meta.to_frame() if isinstance(data._meta, pd.Series) else data._meta
    chosen = list(columns) if columns is not None else [
        c for c in meta.columns
        if isinstance(meta[c].dtype, pd.CategoricalDtype | pd.StringDtype)
        or meta[c].dtype == object
    ]  # fmt: skip
    for label in chosen:
        if not isinstance(meta[label].dtype, pd.CategoricalDtype):
            raise NotImplementedError(
                "`get_dummies` with non-categorical dtypes is not supported. Please use "
                "`df.categorize()` beforehand to convert to categorical dtype."
            )
        if UNKNOWN_CATEGORIES in meta[label].cat.categories:
            raise NotImplementedError(
                "`get_dummies` with unknown categories is not supported. Please use "
                "`column.cat.as_known()` or `df.categorize()` beforehand to ensure known categories"
            )
    if isinstance(data._meta, pd.Series):
        options.pop("columns")
    return _run("get_dummies", data, **options)


def melt(frame: Any, *args: Any, **kwargs: Any) -> Any:
    """As :meth:`DataFrame.melt`."""
    return frame.melt(*args, **kwargs)


def repartition(df: Any, divisions: Any = None, force: bool = False) -> Any:
    """A frame cut at `divisions`; pandas objects become lazy."""
    from dusk.dataframe.io.memory import from_pandas

    frame: Any = df if isinstance(df, FrameBase) else from_pandas(df, npartitions=1)
    return frame.repartition(divisions=divisions, force=force)
