"""Order: sort_values, set_index, nlargest, nsmallest."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd

from dusk import _core
from dusk.dataframe import exchange
from dusk.dataframe.collection import FrameBase, fields, native, new_collection
from dusk.dataframe.meta import emulate
from dusk.dataframe.partitionwise import partitionwise
from dusk.dataframe.rowwise import align
from dusk.dataframe.transform import PandasMethod

Column = _core.Column


class SortingMixin(FrameBase):
    """Sorting of frames and series."""

    @native(True)
    def sort_values(
        self,
        by: Any = None,
        npartitions: Any = None,
        ascending: Any = True,
        na_position: str = "last",
        partition_size: float = 128e6,
        sort_function: Any = None,
        sort_function_kwargs: Any = None,
        upsample: float = 1.0,
        ignore_index: bool = False,
        shuffle_method: Any = None,
        **options: Any,
    ) -> Any:
        """The rows in the order of one or several columns.

        Parameters
        ----------
        by : label or list of labels
        npartitions : int, optional
            Partitions of the result; as many as before by default.
        ascending : bool or list of bool, default True
        na_position : {"last", "first"}
            Where missing values go.
        ignore_index : bool, default False
            Whether the result has row numbers for an index.
        """
        if na_position not in ("first", "last"):
            raise ValueError("na_position must be either 'first' or 'last'")
        if sort_function is not None:
            raise NotImplementedError(
                "sort_values(sort_function=) does not exist in Dusk (docs/status.md)"
            )
        if isinstance(self._meta, pd.Index):
            raise NotImplementedError("sort_values of an Index; sort its frame instead")
        labels = list(exchange.as_frame(self._meta).columns)
        if isinstance(self._meta, pd.Series):
            chosen = labels
        else:
            chosen = by if isinstance(by, list) else [by]
            for label in chosen:
                if label not in labels:
                    raise KeyError(label)
        names = [self.expr.columns[labels.index(c)] for c in chosen]
        up = ascending if isinstance(ascending, list) else [ascending] * len(names)
        if len(up) != len(names):
            raise ValueError(f"Length of ascending ({len(up)}) != length of by ({len(names)})")
        count = npartitions if isinstance(npartitions, int) else self.npartitions
        expr = _core.frame_sort(self.expr, names, [bool(a) for a in up], na_position, max(1, count))
        made = new_collection(expr, self._meta, None)
        return made.reset_index(drop=True) if ignore_index else made

    @native(True)
    def sort_index(self, ascending: bool = True, na_position: str = "last") -> Any:
        """The rows in the order of the index."""
        if not self.expr.index:
            return self
        expr = _core.frame_sort(
            self.expr, self.expr.index, [ascending] * len(self.expr.index), na_position,
            self.npartitions,
        )  # fmt: skip
        return new_collection(expr, self._meta, None)

    @native(True)
    def nlargest(self, n: int = 5, columns: Any = None, split_every: Any = None) -> Any:
        """The `n` rows with the largest values."""
        return _extremes(self, "nlargest", n, columns)

    @native(True)
    def nsmallest(self, n: int = 5, columns: Any = None, split_every: Any = None) -> Any:
        """The `n` rows with the smallest values."""
        return _extremes(self, "nsmallest", n, columns)

    @native(True)
    def set_index(
        self,
        other: Any,
        drop: bool = True,
        sorted: bool = False,
        npartitions: Any = None,
        divisions: Any = None,
        sort: bool = True,
        shuffle_method: Any = None,
        upsample: float = 1.0,
        partition_size: float = 128e6,
        append: bool = False,
        **options: Any,
    ) -> Any:
        """A column as the index, with the rows sorted by it.

        Parameters
        ----------
        other : label or Series
        drop : bool, default True
            Whether the column leaves the data.
        sorted : bool, default False
            Whether the rows are in order already; only the divisions are computed then.
        npartitions : int, optional
            Partitions of the result.
        divisions : sequence, optional
            Bounds of the result's partitions.
        sort : bool, default True
            Whether to sort at all; without, the divisions are unknown.
        """
        return set_index(self, other, drop, sorted, npartitions, divisions, sort, append)


def _extremes(frame: Any, name: str, n: int, columns: Any) -> Any:
    labels = list(exchange.as_frame(frame._meta).columns)
    if isinstance(frame._meta, pd.Series):
        chosen = labels
    else:
        if columns is None:
            raise TypeError(f"DataFrame.{name}() missing 1 required positional argument: 'columns'")
        chosen = columns if isinstance(columns, list) else [columns]
    args = (n, chosen) if isinstance(frame._meta, pd.DataFrame) else (n,)
    emulate(PandasMethod(name), frame, *args)
    names = [frame.expr.columns[labels.index(c)] for c in chosen]
    expr = _core.frame_nlargest(frame.expr, int(n), names, name == "nlargest", "first")
    return new_collection(expr, frame._meta, None)


def set_index(
    frame: Any,
    other: Any,
    drop: bool,
    presorted: bool,
    npartitions: Any,
    divisions: Any,
    sort: bool,
    append: bool,
) -> Any:
    """See :meth:`SortingMixin.set_index`."""
    if isinstance(other, list | tuple):
        if len(other) != 1:
            raise NotImplementedError(
                "Dusk dataframe does not yet support multi-indexes. You tried to index with this "
                f"index: {other}. Indexes must be single columns only."
            )
        (other,) = other
    if isinstance(other, pd.DataFrame | FrameBase) and not isinstance(
        getattr(other, "_meta", None), pd.Series | pd.Index
    ):
        raise NotImplementedError("set_index takes a label or a lazy series")
    if append:
        raise NotImplementedError("set_index(append=True) does not exist in Dusk (docs/status.md)")
    if presorted and npartitions is not None:
        raise ValueError("Specifying npartitions with sorted=True is not supported; repartition")
    meta = emulate(_with_index, frame, other, drop).iloc[:0]
    expr = _indexed(frame, other, drop, meta)
    if expr is None:
        moved = partitionwise(_with_index, frame, other, drop, meta=meta, name="set-index",
                              divisions=None)  # fmt: skip
        expr = moved.expr
    made = new_collection(expr, meta, None)
    if not sort:
        return made
    if presorted:
        if divisions is not None:
            if len(divisions) != made.npartitions + 1:
                raise ValueError(
                    "When doing `df.set_index(col, sorted=True, divisions=...)`, divisions "
                    "indicates known splits in the index column. In this case divisions must be "
                    "the same length as the existing divisions in `df`"
                )
            return new_collection(expr, meta, tuple(divisions))
        return _by_their_starts(made)
    count = npartitions if isinstance(npartitions, int) else frame.npartitions
    there = _core.frame_filter(expr, Column.call("notna", [Column.field(expr.index[0])]))
    ordered = _core.frame_sort(there, [expr.index[0]], [True], "last", max(1, count))
    result = new_collection(ordered, meta, None)
    result._divisions = _Later(result)
    if divisions is not None:
        from dusk.dataframe.repartition import by_divisions

        return by_divisions(result, list(divisions), force=True)
    return result


class _Later:
    """Divisions that are computed when somebody asks."""

    def __init__(self, frame: Any) -> None:
        self.expr, self.meta = frame.expr, frame._meta

    def __call__(self) -> Any:
        return observed_divisions(new_collection(self.expr, self.meta, None), check=False)


def _with_index(x: pd.DataFrame, other: Any, drop: bool) -> pd.DataFrame:
    if isinstance(other, pd.Series | pd.Index):
        return x.set_index(other)
    return x.set_index(other, drop=drop)


def _indexed(frame: Any, other: Any, drop: bool, meta: Any) -> Any:
    names = exchange.column_names(meta.columns)
    if isinstance(other, FrameBase):
        together = align([frame, other]) if isinstance(other._meta, pd.Series) else None
        if together is None:
            return None
        base, (columns, (key,)) = together
        kept = columns
    else:
        base, columns = frame.expr, fields(frame)
        labels = list(frame._meta.columns)
        key = columns[labels.index(other)]
        kept = [c for c, label in zip(columns, labels, strict=True) if not drop or label != other]
    return _core.frame_project(base, list(zip(names, kept, strict=True)), [(exchange.INDEX, key)])


class _Ends:
    """The least and greatest label of a partition, as a frame of at most one row."""

    def __call__(self, x: Any) -> pd.DataFrame:
        index = x.index
        return pd.DataFrame({"low": [index.min()], "high": [index.max()]})[: min(1, len(index))]


def observed_divisions(frame: Any, check: bool) -> Any:
    """The divisions that the partitions' labels show; empty partitions repeat the next bound.

    With `check`, None where a label ends one partition and starts the next.

    Raises
    ------
    ValueError
        With `check`, when the partitions are not in the order of their labels.
    """
    bounds = _bounds(frame)
    if bounds is None or (check and _touch(bounds)):
        return None
    return _divisions(bounds)


def _by_their_starts(frame: Any) -> Any:
    """Presorted partitions with their divisions; each label is in the partition that it starts."""
    bounds = _bounds(frame)
    if bounds is None:
        return frame
    touch, divisions = _touch(bounds), _divisions(bounds)
    made = type(frame)(frame.expr, frame._meta, divisions)
    if not touch:
        return made
    from dusk.dataframe.repartition import by_divisions

    starts = list(dict.fromkeys(divisions[:-1]))
    return by_divisions(made, [*starts, divisions[-1]], force=True)


_Bounds = list[tuple[Any, Any] | None]


def _bounds(frame: Any) -> _Bounds | None:
    """Each partition's least and greatest label, None for empty ones; None for all if all are."""
    kind = frame._meta.index.dtype
    if isinstance(kind, pd.CategoricalDtype):
        return None
    meta = pd.DataFrame({"low": pd.Series([], dtype=kind), "high": pd.Series([], dtype=kind)})
    ends = partitionwise(_Ends(), frame, meta=meta, name="divisions", divisions=None)
    parts = [p.compute() for p in ends.partitions] if ends.npartitions == 1 else _split(ends)
    if not any(len(p) for p in parts):
        return None
    return [(p["low"].iloc[0], p["high"].iloc[0]) if len(p) else None for p in parts]


def _touch(bounds: _Bounds) -> bool:
    """Whether a label ends one partition and starts the next."""
    seen = [b for b in bounds if b is not None]
    if any(before[1] > after[0] for before, after in itertools.pairwise(seen)):
        raise ValueError(
            "Partitions are not sorted ascending by the index: "
            f"{[s[0] for s in seen]}, {[s[1] for s in seen]}"
        )
    return any(before[1] == after[0] for before, after in itertools.pairwise(seen))


def _divisions(bounds: _Bounds) -> tuple[Any, ...]:
    top = bound = max(b[1] for b in bounds if b is not None)
    filled = []
    for ends in reversed(bounds):
        bound = ends[0] if ends is not None else bound
        filled.append(bound)
    return tuple(_plain(v) for v in [*reversed(filled), top])


def _split(ends: Any) -> list[pd.DataFrame]:
    from dusk.base import compute

    return list(compute(*ends.partitions))


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.integer | np.floating) else value
