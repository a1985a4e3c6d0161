"""Row-wise changes: assign, drop, rename, astype, missing values, where, clip, map..."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import is_list_like

from dusk import _core
from dusk.dataframe import exchange
from dusk.dataframe.collection import FrameBase, Scalar, fields, native
from dusk.dataframe.meta import emulate
from dusk.dataframe.partitionwise import partitionwise
from dusk.dataframe.rowwise import (
    REFUSED,
    align,
    divisions_of,
    fits,
    is_nullable,
    literal,
    map_columns,
    project,
)

Column = _core.Column
_missing: Any = object()


class PandasMethod:
    """``x.name(*args, **kwargs)`` on a partition."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.__name__ = name

    def __dask_tokenize__(self) -> Any:
        return ("method", self.name)

    def __call__(self, x: Any, *args: Any, **kwargs: Any) -> Any:
        return getattr(x, self.name)(*args, **kwargs)


def by_pandas(frame: Any, name: str, *args: Any, **kwargs: Any) -> Any:
    """pandas' method on every partition."""
    return partitionwise(PandasMethod(name), frame, *args, name=name, **kwargs)


class TransformMixin(FrameBase):
    """Methods that frames and series share, row for row."""

    @native(True)
    def astype(self, dtypes: Any) -> Any:
        """Columns cast to other dtypes: one dtype, or a dictionary by column."""
        meta = _astype_meta(self._meta, dtypes)
        frame = exchange.as_frame(meta)

        def columns() -> list[Any]:
            found = []
            old = exchange.as_frame(self._meta).dtypes
            for column, a, b in zip(fields(self), old, frame.dtypes, strict=True):
                if a == b:
                    found.append(column)
                elif _plain(a) and _plain(b) and not (a.kind == "f" and b.kind in "iu"):
                    kind = str(exchange.arrow_type(b))
                    found.append(Column.call("astype", [column], {"type": kind}))
                else:
                    return []
            return found

        if not isinstance(meta, pd.Index):
            made = columns()
            found = project(self.expr, made, meta, self._divisions) if made else None
            if found is not None:
                return found
        method = PandasMethod("astype")
        sample = None
        if any(exchange.is_unknown(d) for d in frame.dtypes):
            sample = emulate(method, self, dtypes)
        labels = isinstance(meta, pd.Index)
        ordered = not labels or (_plain(meta.dtype) and _plain(self._meta.dtype))
        return partitionwise(
            method, self, dtypes, meta=meta, sample=sample, name="astype", enforce=False,
            divisions=self._divisions if ordered else "keep",
        )  # fmt: skip

    @native(True)
    def isna(self) -> Any:
        """Whether values are missing."""
        meta = emulate(PandasMethod("isna"), self)
        if isinstance(self._meta, pd.Index):
            return _of_labels(self, "isna", meta)
        found = None
        if isinstance(meta, pd.Series | pd.DataFrame):
            found = map_columns(self, lambda c, d: Column.call("isna", [c]), meta)
        return found if found is not None else by_pandas(self, "isna")

    @native(True)
    def isnull(self) -> Any:
        """As isna."""
        return self.isna()

    @native(True)
    def notna(self) -> Any:
        """Whether values are there."""
        meta = emulate(PandasMethod("notna"), self)
        if isinstance(self._meta, pd.Index):
            return _of_labels(self, "notna", meta)
        found = None
        if isinstance(meta, pd.Series | pd.DataFrame):
            found = map_columns(self, lambda c, d: Column.call("notna", [c]), meta)
        return found if found is not None else by_pandas(self, "notna")

    @native(True)
    def notnull(self) -> Any:
        """As notna."""
        return self.notna()

    @native(True)
    def fillna(self, value: Any = None, axis: Any = None) -> Any:
        """Missing values replaced by `value`: a scalar, a dictionary by column, a lazy object."""
        if value is None:
            raise ValueError("Must specify a fill 'value'")
        if isinstance(value, FrameBase):
            return by_pandas(self, "fillna", value)
        meta = emulate(PandasMethod("fillna"), self, value)
        labels = list(exchange.as_frame(self._meta).columns)
        values = [value.get(k, _missing) for k in labels] if isinstance(value, dict) else None
        place = iter(range(len(labels)))

        def build(column: Any, dtype: Any) -> Any:
            fill = values[next(place)] if values is not None else value
            if fill is _missing:
                return column
            if not _fills(dtype, fill):
                return None
            return Column.call("fillna", [column, literal(fill)])

        found = None
        if not isinstance(meta, pd.Index):
            found = map_columns(self, build, meta)
        return found if found is not None else by_pandas(self, "fillna", value)

    @native(True)
    def isin(self, values: Any) -> Any:
        """Whether values are among `values`.

        Raises
        ------
        TypeError
            For one scalar instead of a list.
        """
        if not is_list_like(values) and not isinstance(values, FrameBase):
            raise TypeError(
                "only list-like objects are allowed to be passed to isin(), you passed a "
                f"`{type(values).__name__}`"
            )
        if isinstance(values, FrameBase):
            values = values.compute()
        if not isinstance(values, dict | pd.DataFrame):
            values = list(values)
        meta = emulate(PandasMethod("isin"), self, values)
        if isinstance(self._meta, pd.Index):
            return _of_labels(self, "isin", meta, values)
        found = None
        if isinstance(values, list) and values and isinstance(meta, pd.Series | pd.DataFrame):

            def build(column: Any, dtype: Any) -> Any:
                items = [literal(v) for v in values]
                fine = all(_fills(dtype, v) for v in values)
                return Column.call("isin", [column, *items]) if fine else None

            found = map_columns(self, build, meta)
        return found if found is not None else by_pandas(self, "isin", values)

    @native(True)
    def where(self, cond: Any, other: Any = np.nan) -> Any:
        """Values kept where `cond` holds, `other` elsewhere."""
        return _choose(self, "where", cond, other)

    @native(True)
    def mask(self, cond: Any, other: Any = np.nan) -> Any:
        """Values kept where `cond` does not hold, `other` elsewhere."""
        return _choose(self, "mask", cond, other)

    @native(True)
    def clip(self, lower: Any = None, upper: Any = None, axis: Any = None, **kwargs: Any) -> Any:
        """Values limited to [`lower`, `upper`]."""
        options = {"axis": axis} if axis is not None else {}
        meta = emulate(PandasMethod("clip"), self, lower, upper, **options)
        found = None
        if axis is None and all(
            b is None or isinstance(b, int | float | np.generic) for b in (lower, upper)
        ):

            def build(column: Any, dtype: Any) -> Any:
                if not (_plain(dtype) and dtype.kind in "iuf"):
                    return None
                return Column.call("clip", [column, literal(lower), literal(upper)])

            found = map_columns(self, build, meta)
        if found is not None:
            return found
        return by_pandas(self, "clip", lower, upper, **options)

    @native(True)
    def round(self, decimals: Any = 0) -> Any:
        """Values rounded to `decimals` places."""
        meta = emulate(PandasMethod("round"), self, decimals)
        found = None
        if isinstance(decimals, int):

            def build(column: Any, dtype: Any) -> Any:
                if _plain(dtype) and dtype.kind == "f":
                    return Column.call("round", [column], {"decimals": decimals})
                return column if isinstance(self._meta, pd.DataFrame) else None

            found = map_columns(self, build, meta)
        return found if found is not None else by_pandas(self, "round", decimals)

    @native(False)
    def replace(self, to_replace: Any = None, value: Any = _missing, regex: Any = False) -> Any:
        """pandas' replace on every partition."""
        options = {} if value is _missing else {"value": value}
        return by_pandas(self, "replace", to_replace, regex=regex, **options)

    @native(False)
    def rename_axis(self, mapper: Any = _missing, **kwargs: Any) -> Any:
        """Another name for the index (or the columns)."""
        args = () if mapper is _missing else (mapper,)
        return by_pandas(self, "rename_axis", *args, **kwargs)

    def add_prefix(self, prefix: str, axis: Any = None) -> Any:
        """Labels with a prefix."""
        if isinstance(self._meta, pd.DataFrame):
            return relabel(self, self._meta.add_prefix(prefix))
        return by_pandas(self, "add_prefix", prefix)

    def add_suffix(self, suffix: str, axis: Any = None) -> Any:
        """Labels with a suffix."""
        if isinstance(self._meta, pd.DataFrame):
            return relabel(self, self._meta.add_suffix(suffix))
        return by_pandas(self, "add_suffix", suffix)


def _of_labels(index: Any, name: str, meta: Any, *args: Any) -> Any:
    from dusk.dataframe.labels import of_labels

    return of_labels(index, lambda labels: getattr(labels, name)(*args), meta)


def _astype_meta(meta: Any, dtypes: Any) -> Any:
    if isinstance(meta, pd.DataFrame) and isinstance(dtypes, dict):
        known = {k: v for k, v in dtypes.items() if not _is_category(v)}
        wild = [k for k, v in dtypes.items() if _is_category(v)]
        made = meta.astype({**known, **dict.fromkeys(wild, "category")})
        return made.assign(**{k: _unknown(made[k]) for k in wild})
    if _is_category(dtypes):
        if isinstance(meta, pd.DataFrame):
            return meta.apply(_unknown)
        return _unknown(meta) if isinstance(meta, pd.Series) else meta.astype("category")
    return meta.astype(dtypes)


def _is_category(dtype: Any) -> bool:
    if isinstance(dtype, str):
        return dtype == "category"
    return isinstance(dtype, pd.CategoricalDtype) and dtype.categories is None


def _unknown(series: pd.Series) -> pd.Series:
    words = pd.Categorical([], categories=[exchange.UNKNOWN_CATEGORIES])
    return pd.Series(words, index=series.index, name=series.name)


def _plain(dtype: Any) -> bool:
    return isinstance(dtype, np.dtype) and dtype.kind in "iufb"


def _fills(dtype: Any, value: Any) -> bool:
    """Whether the engine takes `value` for a column of `dtype` as pandas does."""
    if literal(value) is None or value is None:
        return False
    if isinstance(dtype, pd.StringDtype):
        return isinstance(value, str) and not is_nullable(dtype)
    if isinstance(dtype, np.dtype) and dtype.kind in "iuf":
        number = isinstance(value, int | float | np.integer | np.floating)
        whole = not isinstance(value, float | np.floating) or dtype.kind == "f"
        return number and whole and not isinstance(value, bool) and value == value
    return False


def _choose(x: Any, name: str, cond: Any, other: Any) -> Any:
    if callable(cond) and not isinstance(cond, FrameBase):
        cond = cond(x)
    if callable(other) and not isinstance(other, FrameBase):
        other = other(x)
    found = _choose_natively(x, name, cond, other)
    return found if found is not None else by_pandas(x, name, cond, other)


def _choose_natively(x: Any, name: str, cond: Any, other: Any) -> Any:
    if not isinstance(cond, FrameBase) or not isinstance(x._meta, pd.Series):
        return None
    if not isinstance(cond._meta, pd.Series) or cond._meta.dtype != bool:
        return None
    if isinstance(other, Scalar | pd.Series | pd.DataFrame):
        return None
    meta = emulate(PandasMethod(name), x, cond, other)
    frames = [x, cond, *([other] if isinstance(other, FrameBase) else [])]
    together = align(frames)
    if together is None:
        return None
    base, columns = together
    args = [columns[0][0], columns[1][0]]
    if isinstance(other, FrameBase):
        if other._meta.dtype != x._meta.dtype:
            return None
        args.append(columns[2][0])
    elif not (isinstance(other, float) and np.isnan(other)):
        if not _fills(x._meta.dtype, other):
            return None
        args.append(literal(other))
    try:
        return project(base, [Column.call(name, args)], meta, divisions_of(frames))
    except REFUSED:
        return None


def relabel(frame: Any, meta: Any) -> Any:
    """The same columns under `meta`'s labels."""
    wanted = exchange.column_names(exchange.as_frame(meta).columns)
    if frame.expr.columns == wanted:
        return type(frame)(frame.expr, meta, frame._divisions)
    found = project(frame.expr, fields(frame), meta, frame._divisions, check=False)
    if found is None:
        raise AssertionError("a projection of the frame's own columns")
    return found


def assign(frame: Any, label: Any, value: Any) -> Any:
    """The frame with the column `label` replaced or added."""
    if callable(value) and not isinstance(value, FrameBase):
        value = value(frame)
    if isinstance(value, pd.Index | np.ndarray | list):
        raise TypeError(f"Column assignment doesn't support type {_typename(value)}")
    meta = emulate(_put, frame, value, label).iloc[:0]
    if isinstance(value, pd.Series):
        meta[label] = pd.Series([], dtype=value.dtype, index=meta.index)
    old = list(frame._meta.columns)
    place = old.index(label) if label in old else len(old)
    if isinstance(value, FrameBase) and not isinstance(value, Scalar):
        together = align([frame, value]) if isinstance(value._meta, pd.Series) else None
        if together is not None:
            base, (columns, (new,)) = together
            return _placed(base, columns, place, new, meta, frame)
    elif not isinstance(value, FrameBase | pd.Series):
        constant = literal(value)
        kind = meta.dtypes.iloc[place]
        if constant is not None and value is not None:
            found = _placed(frame.expr, fields(frame), place, _typed(value, kind), meta, frame)
            if found is not None:
                return found
    return partitionwise(_put, frame, value, label, meta=meta, name="assign")


def _typed(value: Any, dtype: Any) -> Any:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Column.literal(np.dtype(dtype).type(value))
    return literal(value)


def _placed(base: Any, columns: list[Any], place: int, new: Any, meta: Any, frame: Any) -> Any:
    kept = list(columns)
    kept[place : place + 1] = [new]
    names = exchange.column_names(meta.columns)
    try:
        expr = _core.frame_project(base, list(zip(names, kept, strict=True)))
    except REFUSED:
        return None
    if not fits(expr, meta):
        return None
    return type(frame)(expr, meta, frame._divisions)


def _typename(value: Any) -> str:
    kind = type(value)
    return f"{kind.__module__}.{kind.__name__}"


def _put(frame: pd.DataFrame, value: Any, label: Any) -> pd.DataFrame:
    frame = frame.copy()
    frame[label] = value
    return frame


def dropna_rows(frame: Any, how: str, subset: Any = None) -> Any:
    """Rows without missing values; native for how="any" and "all"."""
    meta = frame._meta
    labels = list(exchange.as_frame(meta).columns)
    chosen = labels if subset is None else ([subset] if not is_list_like(subset) else list(subset))
    lost = [c for c in chosen if c not in labels]
    if lost:
        raise KeyError(lost)
    every = fields(frame)
    there = [Column.call("notna", [every[labels.index(c)]]) for c in chosen]
    if not there:
        return frame
    predicate = there[0]
    for column in there[1:]:
        predicate = Column.call("and" if how == "any" else "or", [predicate, column])
    return type(frame)(_core.frame_filter(frame.expr, predicate), meta, frame._divisions)
