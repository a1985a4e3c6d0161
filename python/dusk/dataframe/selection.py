"""Choosing columns and rows: ``df[...]``, ``loc``, ``iloc``, head, tail, query."""

from __future__ import annotations

import warnings
from bisect import bisect_left, bisect_right
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_list_like

from dusk import _core
from dusk.dataframe import exchange
from dusk.dataframe.collection import FrameBase, Runs, Scalar, fields, native, new_collection
from dusk.dataframe.partitionwise import partitionwise
from dusk.dataframe.rowwise import REFUSED, align, project

Column = _core.Column


def select(frame: FrameBase, labels: Any, meta: Any = None) -> Any:
    """Columns by labels: a list gives a frame, one label a series."""
    meta = frame._meta[labels] if meta is None else meta
    wanted = list(meta.columns) if isinstance(meta, pd.DataFrame) else [meta.name]
    return by_places(frame, [frame._meta.columns.get_loc(c) for c in wanted], meta)


def by_places(frame: FrameBase, places: list[int], meta: Any) -> Any:
    """Columns by number, under `meta`'s labels."""
    every = fields(frame)
    found = project(frame.expr, [every[i] for i in places], meta, frame._divisions, check=False)
    if found is None:
        raise AssertionError("a projection of the frame's own columns")
    return found


def filtered(frame: FrameBase, mask: FrameBase) -> Any:
    """The rows where the boolean series `mask` is true."""
    meta = frame._meta
    together = align([frame, mask])
    if together is None:
        return partitionwise(_filter, frame, mask, meta=meta, name="filter", token="filter")
    base, (columns, (condition,)) = together
    expr = _core.frame_filter(base, condition)
    names = frame.expr.columns
    if expr.columns != names:
        expr = _core.frame_project(expr, list(zip(names, columns, strict=True)))
    return new_collection(expr, meta, frame._divisions)


def _filter(x: Any, mask: Any) -> Any:
    if mask.dtype == object:
        mask = mask.fillna(False).astype(bool)
    return x[mask]


class SelectionMixin(FrameBase):
    """Rows of frames and series."""

    @native(True)
    def head(self, n: int = 5, npartitions: int = 1, compute: bool = True) -> Any:
        """The first `n` rows, from the first `npartitions` partitions (-1: all).

        Warns when the partitions hold fewer rows and there are more partitions.

        Raises
        ------
        ValueError
            When there are fewer partitions than `npartitions`.
        """
        if isinstance(self._divisions, Runs) and npartitions == 1:
            npartitions = -1  # the first rows of all, wherever they were cut
        if npartitions > self.npartitions:
            raise ValueError(f"only {self.npartitions} partitions, head received {npartitions}")
        if n < 0:
            return _ends("head", self, n, npartitions, compute)
        used = self.npartitions if npartitions <= -1 else npartitions
        expr = _core.frame_head(self.expr, int(n), -1 if used == self.npartitions else used)
        divisions = None
        if self.known_divisions:
            divisions = (self.divisions[0], self.divisions[used])
        lazy = type(self)(expr, self._meta, divisions)
        if not compute:
            return lazy
        found = lazy.compute()
        if len(found) < n and used < self.npartitions:
            warnings.warn(
                f"Insufficient elements for `head`. {n} elements requested, only "
                f"{len(found)} elements available. Try passing larger `npartitions` to `head`."
            )
        return found

    @native(True)
    def tail(self, n: int = 5, compute: bool = True) -> Any:
        """The last `n` rows of the last partition."""
        runs = isinstance(self._divisions, Runs)
        last = self._single() if runs else self.get_partition(self.npartitions - 1)
        if n < 0:
            return _ends("tail", last, n, 1, compute)
        lazy = type(self)(_core.frame_tail(last.expr, int(n)), self._meta, last._divisions)
        return lazy.compute() if compute else lazy

    @property
    def loc(self) -> Any:
        """Rows by label, mask or function: ``df.loc["a":"c", ["x", "y"]]``."""
        return LocIndexer(self)


def _ends(name: str, frame: Any, n: int, npartitions: int, compute: bool) -> Any:
    used = frame.npartitions if npartitions == -1 else npartitions
    part = frame._take_partitions(range(used))._single()
    lazy = partitionwise(_End(name, n), part, meta=frame._meta, name=name, token=(name, n))
    return lazy.compute() if compute else lazy


class _End:
    def __init__(self, name: str, n: int) -> None:
        self.name, self.n = name, n

    def __call__(self, x: Any) -> Any:
        return getattr(x, self.name)(self.n)


class LocIndexer:
    """``df.loc[...]`` and ``s.loc[...]``."""

    def __init__(self, frame: Any) -> None:
        self._frame = frame

    def __getitem__(self, key: Any) -> Any:
        frame = self._frame
        if isinstance(key, tuple):
            if isinstance(frame._meta, pd.Series) or len(key) > 2:
                raise pd.errors.IndexingError("Too many indexers")
            rows, columns = key
            if callable(columns):
                columns = columns(frame)
            if isinstance(rows, slice) and rows == slice(None):
                return _loc_columns(frame, columns)
            frame = _loc_columns(frame, columns, keep_frame=False)
        else:
            rows = key
        if callable(rows) and not isinstance(rows, FrameBase):
            rows = rows(self._frame)
        return self._rows(frame, rows)

    def _rows(self, frame: Any, rows: Any) -> Any:
        if isinstance(rows, FrameBase):
            if is_bool_dtype(rows._meta.dtype):
                return filtered(frame, rows)
            rows = rows.compute()
        if isinstance(rows, slice):
            return _loc_slice(frame, rows)
        if isinstance(rows, pd.Series | np.ndarray | list | pd.Index) or is_list_like(rows):
            values = list(rows)
            if values and all(isinstance(v, bool | np.bool_) for v in values):
                raise NotImplementedError(
                    "loc with a boolean list or array: use a lazy boolean series"
                )
            return _loc_list(frame, values)
        return _loc_label(frame, rows)


def _loc_columns(frame: Any, columns: Any, keep_frame: bool = True) -> Any:
    if isinstance(columns, FrameBase):
        columns = columns.compute()
    return select(frame, None, meta=frame._meta.loc[:, columns])


def _partitions_between(divisions: tuple[Any, ...], start: Any, stop: Any) -> tuple[int, int]:
    """The first and last partition that may hold labels from `start` to `stop`.

    A label that is a bound is in the partition it starts. Where several partitions start at the
    greatest label, some are empty and it may be in any of them or in the one before.
    """
    last = len(divisions) - 2
    first = 0 if start is None else bisect_right(divisions, start) - 1
    if first >= last and divisions[last] == divisions[-1]:
        first = bisect_left(divisions, divisions[-1]) - 1
    end = last if stop is None else bisect_right(divisions, stop) - 1
    return min(max(first, 0), last), min(max(end, 0), last)


def _with_one_end(frame: Any) -> Any:
    """The frame with the partitions that may hold its greatest label joined into one."""
    divisions, last = frame.divisions, frame.npartitions - 1
    first, _ = _partitions_between(divisions, divisions[-1], None)
    if first == last:
        return frame
    groups = [*([i] for i in range(first)), list(range(first, last + 1))]
    expr = _core.frame_repartition(frame.expr, groups)
    return type(frame)(expr, frame._meta, (*divisions[: first + 1], divisions[-1]))


def _coerce(frame: Any, label: Any) -> Any:
    index = frame._meta.index
    if isinstance(index, pd.DatetimeIndex) and isinstance(label, str):
        return pd.Timestamp(label, tz=index.tz)
    return label


def _loc_slice(frame: Any, rows: slice) -> Any:
    if rows.step is not None:
        raise NotImplementedError("loc with a slice that has a step")
    if not frame.known_divisions:
        return partitionwise(_Loc(rows), frame, meta=frame._meta, name="loc", divisions=None)
    divisions = frame.divisions
    start, stop = _coerce(frame, rows.start), rows.stop
    if isinstance(frame._meta.index, pd.DatetimeIndex) and isinstance(stop, str):
        parsed = pd.Period(stop).end_time
        stop = parsed.tz_localize(frame._meta.index.tz)
    if start is not None and stop is not None and start > stop:
        first = last = 0
    else:
        first, last = _partitions_between(divisions, start, stop)
        last = max(first, last)
    part = frame._take_partitions(list(range(first, last + 1)))
    inner = divisions[first + 1 : last + 1]
    low, high = divisions[first], divisions[last + 1]
    if first == last:
        low = start if start is not None else low if stop is None else min(low, stop)
        high = stop if stop is not None else max(high, low)
    else:
        low = low if start is None else max(start, low)
        high = high if stop is None else min(stop, high)
    return partitionwise(
        _Loc(rows), part, meta=frame._meta, name="loc", divisions=(low, *inner, high)
    )


def _loc_list(frame: Any, labels: list[Any]) -> Any:
    labels = [_coerce(frame, label) for label in labels]
    if not frame.known_divisions:
        raise KeyError(
            "Cannot index with list against unknown division. "
            "Try setting divisions using ddf.set_index"
        )
    if not labels:
        return partitionwise(_Loc([]), frame.get_partition(0), meta=frame._meta, name="loc")
    frame = _with_one_end(frame)
    divisions, last = frame.divisions, frame.npartitions - 1
    wanted: dict[int, list[Any]] = {}
    for label in labels:
        wanted.setdefault(max(0, min(bisect_right(divisions, label) - 1, last)), []).append(label)
    order = sorted(wanted)
    part = frame._take_partitions(order)
    bounds = [min(wanted[i]) for i in order] + [max(wanted[order[-1]])]
    pieces = _LocPieces([wanted[i] for i in order])
    return partitionwise(
        pieces, part, meta=frame._meta, name="loc", info="partition_info", divisions=bounds
    )


def _loc_label(frame: Any, label: Any) -> Any:
    if not frame.known_divisions:
        return partitionwise(_LocMaybe(label), frame, meta=frame._meta, name="loc")
    if isinstance(frame._meta.index, pd.DatetimeIndex) and isinstance(label, str):
        return _loc_slice(frame, slice(label, label))  # a year, a month, a day...
    label = _coerce(frame, label)
    divisions = frame.divisions
    if label < divisions[0] or label > divisions[-1]:
        raise KeyError(f"the label [{label!r}] is not in the index")
    first, last = _partitions_between(divisions, label, label)
    part = frame._take_partitions(list(range(first, max(first, last) + 1)))._single()
    return partitionwise(
        _Loc(slice(label, label), require=label),
        part,
        meta=frame._meta,
        name="loc",
        divisions=(label, label),
        token=("loc", label),
    )


class _Loc:
    """``x.loc[key]`` with a slice or a list."""

    def __init__(self, key: Any, require: Any = None) -> None:
        self.key, self.require = key, require

    def __dask_tokenize__(self) -> Any:
        return ("loc", self.key, self.require)

    def __call__(self, x: Any) -> Any:
        if self.require is not None and self.require not in x.index:
            raise KeyError(self.require)
        if isinstance(self.key, slice) and not x.index.is_monotonic_increasing:
            start, stop = self.key.start, self.key.stop
            keep = np.ones(len(x), dtype=bool)
            if start is not None:
                keep &= np.asarray(x.index >= start)
            if stop is not None:
                keep &= np.asarray(x.index <= stop)
            return x[keep]
        return x.loc[self.key]


class _LocPieces:
    """Each partition's labels of a list."""

    def __init__(self, pieces: list[list[Any]]) -> None:
        self.pieces = pieces

    def __call__(self, x: Any, partition_info: dict[str, Any]) -> Any:
        return x.loc[self.pieces[partition_info["number"]]]


class _LocMaybe:
    """The rows of a label, none where a partition lacks it."""

    def __init__(self, label: Any) -> None:
        self.label = label

    def __call__(self, x: Any) -> Any:
        try:
            return x.loc[[self.label]]
        except KeyError:
            return x.iloc[:0]


class ILocIndexer:
    """``df.iloc[:, columns]``."""

    def __init__(self, frame: Any) -> None:
        self._frame = frame

    def __getitem__(self, key: Any) -> Any:
        if not isinstance(key, tuple):
            raise NotImplementedError(
                "'DataFrame.iloc' only supports selecting columns. It must be used like "
                "'df.iloc[:, column_indexer]'."
            )
        if len(key) > 2:
            raise ValueError("Too many indexers")
        rows, columns = key
        if rows != slice(None):
            raise NotImplementedError(
                "'DataFrame.iloc' only supports selecting columns. It must be used like "
                "'df.iloc[:, column_indexer]'."
            )
        meta = self._frame._meta.iloc[:, columns]
        places = np.arange(self._frame._meta.shape[1])[columns]
        return by_places(self._frame, [int(i) for i in np.atleast_1d(places)], meta)


def getitem(frame: Any, key: Any) -> Any:
    """``df[key]``: a label, a list of labels, a mask, a slice of rows."""
    if isinstance(key, FrameBase):
        if isinstance(key, Scalar):
            raise NotImplementedError("a lazy value cannot be a label: compute() it first")
        if isinstance(key._meta, pd.Series) and is_bool_dtype(key._meta.dtype):
            return filtered(frame, key)
        if isinstance(key._meta, pd.DataFrame):
            return frame.where(key)
        if isinstance(key._meta, pd.Series) and key._meta.dtype == object:
            return partitionwise(_filter, frame, key, meta=frame._meta, name="filter")
        raise NotImplementedError("Only boolean series choose rows")
    if isinstance(key, slice):
        if isinstance(frame._meta.index, pd.DatetimeIndex) and isinstance(
            key.start if key.start is not None else key.stop, str | pd.Timestamp
        ):
            return frame.loc[key]
        raise NotImplementedError(
            "Series and DataFrame getitem with a slice of rows is not supported: use "
            "df.loc with labels, or df.partitions"
        )
    if callable(key):
        return getitem(frame, key(frame))
    if isinstance(key, np.ndarray | pd.Index):
        key = list(key)
    return select(frame, key)


def boolean_expression(frame: Any, text: str, variables: dict[str, Any]) -> Any:
    """A query of comparisons joined by and, or, not as a lazy mask; None for anything else."""
    import ast

    try:
        tree = ast.parse(text.strip(), mode="eval").body
        mask = _compile(tree, frame)
    except (SyntaxError, _Unsupported, *REFUSED):
        return None
    return mask if isinstance(mask, FrameBase) else None


class _Unsupported(Exception):
    pass


_COMPARE = {"Gt": "gt", "GtE": "ge", "Lt": "lt", "LtE": "le", "Eq": "eq", "NotEq": "ne"}
_ARITHMETIC = {"Add": "add", "Sub": "sub", "Mult": "mul", "Div": "truediv"}


def _compile(node: Any, frame: Any) -> Any:
    import ast

    from dusk.dataframe.arithmetic import binary

    if isinstance(node, ast.BoolOp):
        parts = [_compile(v, frame) for v in node.values]
        name = "and" if isinstance(node.op, ast.And) else "or"
        whole = parts[0]
        for part in parts[1:]:
            whole = binary(name, whole, part)
        return whole
    if isinstance(node, ast.BinOp):
        kind = type(node.op).__name__
        left, right = _compile(node.left, frame), _compile(node.right, frame)
        if kind in _ARITHMETIC and isinstance(left, FrameBase):
            return binary(_ARITHMETIC[kind], left, right)
        if kind in _ARITHMETIC and isinstance(right, FrameBase):
            return binary(_ARITHMETIC[kind], right, left, True)
        raise _Unsupported
    if isinstance(node, ast.UnaryOp):
        inner = _compile(node.operand, frame)
        if isinstance(node.op, ast.USub):
            return -inner
        if isinstance(node.op, ast.Not) and isinstance(inner, FrameBase):
            mask: Any = inner
            return ~mask
        raise _Unsupported
    if isinstance(node, ast.Compare):
        return _compile_compare(node, frame)
    if isinstance(node, ast.Name) and node.id in frame._meta.columns:
        return frame[node.id]
    if isinstance(node, ast.Constant) and isinstance(node.value, bool | int | float | str):
        return node.value
    raise _Unsupported


def _compile_compare(node: Any, frame: Any) -> Any:
    from dusk.dataframe.arithmetic import binary

    whole: Any = None
    left = _compile(node.left, frame)
    for op, item in zip(node.ops, node.comparators, strict=True):
        name = _COMPARE.get(type(op).__name__)
        if name is None:
            raise _Unsupported
        right = _compile(item, frame)
        if isinstance(left, FrameBase):
            part = binary(name, left, right)
        elif isinstance(right, FrameBase):
            part = binary(name, right, left, True)
        else:
            raise _Unsupported
        whole = part if whole is None else binary("and", whole, part)
        left = right
    return whole


def without_index_names(labels: Any) -> list[str]:
    """Engine names of `labels`."""
    return exchange.column_names(list(labels))
