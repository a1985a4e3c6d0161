"""Many rows to one value a column: sum, mean, std, count, any, nunique, describe, quantile..."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from dusk import _core
from dusk.dataframe import exchange
from dusk.dataframe.collection import (
    FrameBase,
    Scalar,
    native,
    new_collection,
    schema_of_expr,
)
from dusk.dataframe.meta import empty, emulate
from dusk.dataframe.partitionwise import partitionwise
from dusk.dataframe.rowwise import REFUSED, same_type
from dusk.dataframe.transform import PandasMethod, by_pandas

Column = _core.Column
FUNCTIONS = frozenset(
    {"sum", "mean", "min", "max", "count", "std", "var", "prod", "any", "all", "nunique",
     "median", "sem"}
)  # fmt: skip


class Reduce:
    """``x.name(**options)``."""

    def __init__(self, name: str, options: dict[str, Any]) -> None:
        self.name, self.options = name, options

    def __dask_tokenize__(self) -> Any:
        return ("reduce", self.name, self.options)

    def __call__(self, x: Any) -> Any:
        return getattr(x, self.name)(**self.options)


def reduce(frame: Any, name: str, options: dict[str, Any]) -> Any:
    """One value a column: a :class:`Scalar` of a series, a series of a frame."""
    source = frame._series() if isinstance(frame._meta, pd.Index) else frame
    chosen = dict(options)
    if isinstance(source._meta, pd.DataFrame) and chosen.get("numeric_only"):
        source = source[list(source._meta.select_dtypes(include=["number", "bool"]).columns)]
        chosen.pop("numeric_only")
    chosen = {k: v for k, v in chosen.items() if not (k == "numeric_only" and not v)}
    task = Reduce(name, chosen)
    meta = emulate(task, source)
    found = _natively(source, name, chosen, meta)
    if found is None:
        found = _by_pandas(source, task, meta)
    return found


def _natively(source: Any, name: str, options: dict[str, Any], meta: Any) -> Any:
    if name not in FUNCTIONS or not options.get("skipna", True):
        return None
    dtypes = exchange.as_frame(source._meta).dtypes
    if not len(dtypes) or not all(_reduces(name, d) for d in dtypes):
        return None
    passed = {k: v for k, v in options.items() if k in ("ddof", "min_count", "dropna")}
    wanted = [(c, c, name, passed) for c in source.expr.columns]
    try:
        expr = _core.frame_reduce(source.expr, wanted)
    except REFUSED:
        return None
    if isinstance(source._meta, pd.Series):
        kind = empty(meta)
        return Scalar(expr, kind.rename(None)) if _shows(expr, [kind.dtype]) else None
    if not isinstance(meta, pd.Series):
        return None
    return _transposed(expr, source._meta.columns, meta, dtypes, name)


def _reduces(name: str, dtype: Any) -> bool:
    """Whether the engine's reduction of this dtype means what pandas' does."""
    if name in ("count", "nunique"):
        return not isinstance(dtype, pd.CategoricalDtype) or name == "count"
    if not isinstance(dtype, np.dtype):
        if isinstance(dtype, pd.StringDtype | pd.DatetimeTZDtype):
            return name in ("min", "max")
        return (
            not isinstance(dtype, pd.CategoricalDtype)
            and dtype.kind in "iuf"
            and (name in ("sum", "min", "max", "mean"))
        )
    if dtype.kind in "iuf":
        return True
    if dtype.kind == "b":
        return name in ("sum", "mean", "any", "all", "min", "max")
    return dtype.kind in "mM" and name in ("min", "max")


def _shows(expr: Any, dtypes: list[Any]) -> bool:
    schema = schema_of_expr(expr)
    kinds = [schema.field(c).type for c in expr.columns]
    for kind, dtype in zip(kinds, dtypes, strict=True):
        wanted = exchange.arrow_type(dtype)
        close = isinstance(dtype, np.dtype) and dtype.kind in "iuf"
        if not same_type(kind, wanted) and not close:
            return False
    return True


class _Row:
    """The one row of a frame as a series by column."""

    def __init__(self, labels: pd.Index, dtype: Any) -> None:
        self.labels, self.dtype = labels, dtype

    def __call__(self, x: pd.DataFrame) -> pd.Series:
        values = [x.iloc[0, i] for i in range(x.shape[1])]
        return pd.Series(values, index=self.labels, dtype=self.dtype)


def _transposed(expr: Any, labels: pd.Index, meta: pd.Series, dtypes: Any, name: str) -> Any:
    if meta.dtype == object:
        return None
    schema = schema_of_expr(expr)
    columns = {
        i: pd.Series([], dtype=_native_dtype(schema.field(c).type, meta.dtype))
        for i, c in enumerate(expr.columns)
    }
    row = new_collection(expr, pd.DataFrame(columns, columns=range(len(columns))))
    return partitionwise(
        _Row(labels, meta.dtype),
        row,
        meta=meta.iloc[:0],
        name=f"{name}-row",
        divisions=_bounds(labels),
    )


def _bounds(labels: pd.Index) -> Any:
    try:
        ordered = sorted(labels)
    except TypeError:
        return None
    return (ordered[0], ordered[-1]) if ordered else None


def _native_dtype(kind: Any, wanted: Any) -> Any:
    import pyarrow as pa

    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind):
        if isinstance(wanted, np.dtype):
            return kind.to_pandas_dtype()
        return pd.ArrowDtype(kind)
    return wanted


TREES = {"sum", "prod", "min", "max", "any", "all"}


def _by_pandas(source: Any, task: Reduce, meta: Any) -> Any:
    """pandas on every partition and on the results where that is sound, else on all rows."""
    if task.name in TREES and source.npartitions > 1 and _tree_is_sound(source, task):
        parts = partitionwise(_AsRow(task), source, name=f"{task.name}-part", divisions=None)
        source = parts._single()
    else:
        source = source._single()
    made = partitionwise(task, source, name=task.name, divisions=None)
    if isinstance(meta, pd.Series | pd.DataFrame):
        if isinstance(meta, pd.Series):
            made._divisions = _bounds(meta.index)
        return made
    return Scalar(made.expr, made._meta)


def _tree_is_sound(source: Any, task: Reduce) -> bool:
    plain = all(
        isinstance(d, np.dtype) and d.kind in "iufb" for d in exchange.as_frame(source._meta).dtypes
    )
    return plain and not task.options.get("min_count")


class _AsRow:
    """A partition's reduction as a frame or series of one row."""

    def __init__(self, task: Reduce) -> None:
        self.task = task

    def __call__(self, x: Any) -> Any:
        found = self.task(x)
        if isinstance(x, pd.Series):
            return pd.Series([found], name=x.name)
        return found.to_frame().T.infer_objects()


class _Rowwise:
    """``x.name(axis=1, **options)``."""

    def __init__(self, name: str, options: dict[str, Any]) -> None:
        self.name, self.options = name, options

    def __call__(self, x: Any) -> Any:
        return getattr(x, self.name)(axis=1, **self.options)


def _reduction(name: str, default_axis: Any = 0, **defaults: Any) -> Any:
    def method(self: Any, axis: Any = default_axis, skipna: bool = True, **kwargs: Any) -> Any:
        kwargs.pop("split_every", None)
        for word in ("out", "dtype", "keepdims"):  # NumPy's functions pass them
            if not kwargs.get(word):
                kwargs.pop(word, None)
        options = {**defaults, **kwargs}
        unknown = set(options) - {"numeric_only", "min_count", "ddof"}
        if unknown:
            raise TypeError(f"{name}() got an unexpected keyword argument {min(unknown)!r}")
        if name not in ("count",):
            options["skipna"] = skipna
        if axis in (1, "columns"):
            if not isinstance(self._meta, pd.DataFrame):
                raise ValueError(f"No axis named {axis} for object type Series")
            return partitionwise(_Rowwise(name, options), self, name=f"{name}-rows")
        if axis not in (0, "index", None):
            raise ValueError(f"No axis named {axis} for object type {type(self).__name__}")
        return reduce(self, name, options)

    method.__name__ = name
    method.__doc__ = f"pandas' ``{name}`` over all partitions."
    method.__dusk_native__ = True  # type: ignore[attr-defined]
    return method


class ReductionsMixin(FrameBase):
    """Reductions of frames, series and indexes."""

    sum = _reduction("sum", numeric_only=False, min_count=0)
    prod = _reduction("prod", numeric_only=False, min_count=0)
    product = prod
    mean = _reduction("mean", numeric_only=False)
    min = _reduction("min", numeric_only=False)
    max = _reduction("max", numeric_only=False)
    std = _reduction("std", numeric_only=False, ddof=1)
    var = _reduction("var", numeric_only=False, ddof=1)
    sem = _reduction("sem", None, numeric_only=False, ddof=1)
    skew = _reduction("skew", numeric_only=False)
    kurtosis = _reduction("kurt", numeric_only=False)
    kurt = kurtosis

    @native(True)
    def count(self, axis: Any = 0, numeric_only: bool = False, split_every: Any = False) -> Any:
        """The number of values that are not missing."""
        options = {"numeric_only": numeric_only} if isinstance(self._meta, pd.DataFrame) else {}
        if axis in (1, "columns"):
            return partitionwise(_Rowwise("count", options), self, name="count-rows")
        return reduce(self, "count", options)

    @native(True)
    def any(self, axis: Any = 0, skipna: bool = True, split_every: Any = False) -> Any:
        """Whether any value is true."""
        if axis in (1, "columns"):
            return partitionwise(_Rowwise("any", {"skipna": skipna}), self, name="any-rows")
        return reduce(self, "any", {"skipna": skipna})

    @native(True)
    def all(self, axis: Any = 0, skipna: bool = True, split_every: Any = False) -> Any:
        """Whether all values are true."""
        if axis in (1, "columns"):
            return partitionwise(_Rowwise("all", {"skipna": skipna}), self, name="all-rows")
        return reduce(self, "all", {"skipna": skipna})

    @native(True)
    def nunique(self, axis: Any = 0, dropna: bool = True, split_every: Any = False) -> Any:
        """The number of distinct values."""
        if axis in (1, "columns"):
            return partitionwise(_Rowwise("nunique", {"dropna": dropna}), self, name="nunique-rows")
        return reduce(self, "nunique", {"dropna": dropna})

    @native(True)
    def median(self, axis: Any = 0, numeric_only: bool = False) -> Any:
        """The exact median."""
        return reduce(self, "median", {"numeric_only": numeric_only})

    @native(False)
    def idxmax(
        self, axis: Any = 0, skipna: bool = True, numeric_only: bool = False, split_every: Any = 0
    ) -> Any:
        """The label of the largest value; runs in one partition."""
        return _on_all(self, "idxmax", axis, skipna, numeric_only)

    @native(False)
    def idxmin(
        self, axis: Any = 0, skipna: bool = True, numeric_only: bool = False, split_every: Any = 0
    ) -> Any:
        """The label of the smallest value; runs in one partition."""
        return _on_all(self, "idxmin", axis, skipna, numeric_only)

    @native(False)
    def mode(self, dropna: bool = True, split_every: Any = False, **kwargs: Any) -> Any:
        """The most frequent values; runs in one partition."""
        return by_pandas(self._single(), "mode", dropna=dropna, divisions=None, **kwargs)

    @native(False)
    def quantile(
        self, q: Any = 0.5, axis: Any = 0, numeric_only: bool = False, method: str = "default"
    ) -> Any:
        """Exact quantiles; one partition sees all rows of the columns."""
        if axis in (1, "columns"):
            return by_pandas(self, "quantile", q, axis=1, numeric_only=numeric_only)
        options = {"numeric_only": numeric_only} if isinstance(self._meta, pd.DataFrame) else {}
        source: Any = self
        if isinstance(self._meta, pd.DataFrame) and numeric_only:
            source = source.select_dtypes(include=["number", "bool"])
        whole = source._single()
        task = _Quantile(q, options)
        several = isinstance(self._meta, pd.Series) and isinstance(q, list | np.ndarray) and len(q)
        divisions = (min(q), max(q)) if several else None
        made = partitionwise(task, whole, name="quantile", divisions=divisions)
        lone = isinstance(self._meta, pd.Series) and not isinstance(q, list | np.ndarray)
        return Scalar(made.expr, made._meta) if lone else made

    @native(False)
    def corr(self, *args: Any, **kwargs: Any) -> Any:
        """Correlations of columns; runs in one partition."""
        return _pairwise(self, "corr", args, kwargs)

    @native(False)
    def cov(self, *args: Any, **kwargs: Any) -> Any:
        """Covariances of columns; runs in one partition."""
        return _pairwise(self, "cov", args, kwargs)

    @native(True)
    def describe(
        self,
        split_every: Any = False,
        percentiles: Any = None,
        percentiles_method: str = "default",
        include: Any = None,
        exclude: Any = None,
    ) -> Any:
        """Count, mean, std, min, quantiles, max of numbers; count, unique, top, freq of others.

        The quantiles are exact.
        """
        options: dict[str, Any] = {"percentiles": percentiles}
        if isinstance(self._meta, pd.DataFrame):
            options.update(include=include, exclude=exclude)
        return by_pandas(self._single(), "describe", divisions=None, **options)

    @native(False)
    def reduction(
        self,
        chunk: Any,
        aggregate: Any = None,
        combine: Any = None,
        meta: Any = "__no_default__",
        token: Any = None,
        split_every: Any = None,
        chunk_kwargs: Any = None,
        aggregate_kwargs: Any = None,
        combine_kwargs: Any = None,
        **kwargs: Any,
    ) -> Any:
        """``chunk`` on every partition, then ``aggregate`` on the results together."""
        if not callable(chunk):
            raise TypeError("`chunk` must be callable")
        finish = aggregate if aggregate is not None else chunk
        parts = partitionwise(
            _Chunk(chunk, {**kwargs, **(chunk_kwargs or {})}), self, name="chunk", udf=True,
            divisions=None,
        )  # fmt: skip
        given = None if isinstance(meta, str) else meta
        options = {**kwargs, **(aggregate_kwargs or {})}
        whole = parts._single()
        sample = emulate(_Chunk(finish, options, False), whole, udf=given is None)
        made = partitionwise(
            _Chunk(finish, options, False), whole, meta=given, name=token or "reduction", udf=True,
            divisions=None,
        )  # fmt: skip
        lone = not isinstance(sample, pd.Series | pd.DataFrame | pd.Index)
        return Scalar(made.expr, made._meta) if lone else made


class _Chunk:
    """A partition's share of a reduction, as a frame or a series that can be concatenated."""

    def __init__(self, function: Any, options: dict[str, Any], pack: bool = True) -> None:
        self.function, self.options, self.pack = function, options, pack

    def __call__(self, x: Any) -> Any:
        found = self.function(x, **self.options)
        if not self.pack:
            return found
        if isinstance(found, pd.Series) and isinstance(x, pd.DataFrame):
            return found.to_frame().T.infer_objects()
        return found if isinstance(found, pd.Series | pd.DataFrame) else pd.Series([found])


class _Quantile:
    def __init__(self, q: Any, options: dict[str, Any]) -> None:
        self.q, self.options = q, options

    def __call__(self, x: Any) -> Any:
        return x.quantile(self.q, **self.options)


def _on_all(frame: Any, name: str, axis: Any, skipna: bool, numeric_only: bool) -> Any:
    options: dict[str, Any] = {"skipna": skipna}
    if isinstance(frame._meta, pd.DataFrame):
        options["numeric_only"] = numeric_only
    if axis in (1, "columns"):
        return partitionwise(_Rowwise(name, options), frame, name=f"{name}-rows")
    made = partitionwise(PandasMethod(name), frame._single(), name=name, divisions=None, **options)
    if not isinstance(frame._meta, pd.DataFrame):
        return Scalar(made.expr, made._meta)
    made._divisions = _bounds(
        made._meta.index if len(made._meta.index) else _labels(frame, options)
    )
    return made


def _labels(frame: Any, options: dict[str, Any]) -> pd.Index:
    """The columns that a reduction is about."""
    kept = frame.select_dtypes(include=["number", "bool"]) if options["numeric_only"] else frame
    labels: pd.Index = kept._meta.columns
    return labels


def _pairwise(frame: Any, name: str, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
    options.pop("split_every", None)
    if isinstance(frame._meta, pd.DataFrame):
        made = by_pandas(frame._single(), name, *args, divisions=None, **options)
        made._divisions = _bounds(made._meta.columns)
        return made
    other, *rest = args if args else (options.pop("other"),)
    if not isinstance(other, FrameBase):
        raise TypeError("other must be a dusk.dataframe.Series")
    made = by_pandas(frame._single(), name, other._single(), *rest, divisions=None, **options)
    return Scalar(made.expr, made._meta)
