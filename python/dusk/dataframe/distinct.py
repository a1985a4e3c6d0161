"""Distinct values and how often they occur: drop_duplicates, unique, value_counts."""

from __future__ import annotations

from typing import Any

import pandas as pd

from dusk import _core
from dusk.dataframe import exchange
from dusk.dataframe.collection import (
    FrameBase,
    fields,
    native,
    new_collection,
)
from dusk.dataframe.meta import emulate
from dusk.dataframe.partitionwise import partitionwise
from dusk.dataframe.reductions import Reduce
from dusk.dataframe.rowwise import is_nullable
from dusk.dataframe.transform import by_pandas

Column = _core.Column


class DistinctMixin(FrameBase):
    """``drop_duplicates``, ``unique``, ``value_counts``."""

    @native(True)
    def drop_duplicates(
        self,
        subset: Any = None,
        split_every: Any = None,
        split_out: Any = True,
        shuffle_method: Any = None,
        ignore_index: bool = False,
        keep: Any = "first",
    ) -> Any:
        """The rows that differ in `subset` (all columns by default) from those before them.

        Parameters
        ----------
        split_out : bool or int, default True
            Partitions of the result; True: as many as now.
        """
        if keep not in ("first", "last", False):
            raise ValueError('keep must be either "first", "last" or False')
        count = split_count(split_out, self)
        if isinstance(self._meta, pd.Index):
            made = by_pandas(self._single(), "drop_duplicates", keep=keep, divisions=None)
            return made._in_runs(count)
        labels = list(exchange.as_frame(self._meta).columns)
        if subset is None:
            chosen = labels
        else:
            chosen = list(subset) if isinstance(subset, list | tuple) else [subset]
        lost = [c for c in chosen if c not in labels]
        if lost:
            raise KeyError(pd.Index(lost))
        names = [self.expr.columns[labels.index(c)] for c in chosen]
        how = keep if keep else "none"
        made = new_collection(_core.frame_drop_duplicates(self.expr, names, how), self._meta, None)
        return (made.reset_index(drop=True) if ignore_index else made)._in_runs(count)

    @native(True)
    def unique(self, split_every: Any = None, split_out: Any = True, **kwargs: Any) -> Any:
        """The distinct values, in order of first appearance; `split_out` partitions."""
        count = split_count(split_out, self)
        if isinstance(self._meta, pd.Index):
            made = by_pandas(self._single(), "drop_duplicates", divisions=None)
            return made._in_runs(count)
        if isinstance(self._meta, pd.DataFrame):
            raise AttributeError("'DataFrame' object has no attribute 'unique'")
        names = self.expr.columns
        bare = _core.frame_project(self.expr, list(zip(names, fields(self), strict=True)), [])
        meta = pd.Series([], dtype=self._meta.dtype, name=self._meta.name)
        made = new_collection(_core.frame_drop_duplicates(bare, names, "first"), meta, None)
        return made._in_runs(count)

    @native(True)
    def value_counts(
        self,
        sort: Any = None,
        ascending: bool = False,
        dropna: bool = True,
        normalize: bool = False,
        split_every: Any = None,
        split_out: Any = True,
    ) -> Any:
        """How often every value occurs, the most frequent first.

        Parameters
        ----------
        split_out : bool or int, default True
            Partitions of the result; True: as many as now. One with ``sort=True``, and by default
            for categories.
        """
        if isinstance(self._meta, pd.DataFrame):
            raise AttributeError("'DataFrame' object has no attribute 'value_counts'")
        source: Any = self._series() if isinstance(self._meta, pd.Index) else self  # type: ignore
        options = {"sort": sort is not False, "ascending": ascending, "dropna": dropna}
        task = Reduce("value_counts", {**options, "normalize": normalize})
        meta = emulate(task, source).iloc[:0]
        categories = isinstance(source._meta.dtype, pd.CategoricalDtype)
        count = 1 if sort or (categories and split_out is True) else split_count(split_out, source)
        if categories or is_nullable(source._meta.dtype):
            made = partitionwise(
                task, source._single(), meta=meta, name="value_counts", divisions=None
            )
            return made._in_runs(count)
        column = source.expr.columns[0]
        base = _core.frame_project(source.expr, [("value", Column.field(column))])
        grouped = _core.frame_groupby(
            base, ["value"], [("count", "", "size", {})], sort=False, dropna=dropna
        )
        counts = new_collection(grouped, _counts_meta(meta), None)
        made = partitionwise(
            _Counted(options, normalize, meta.name), counts, meta=meta, name="value_counts"
        )
        return made._in_runs(count)


def split_count(split_out: Any, source: Any) -> int:
    """How many partitions ``split_out=`` asks for."""
    count: int = source.npartitions if split_out is True else int(split_out or 1)
    if count < 1:
        raise ValueError(f"split_out must be at least 1, got {split_out}")
    return count


class _Counted:
    """Counts by first appearance, sorted and named as pandas does."""

    def __init__(self, options: dict[str, Any], normalize: bool, name: Any) -> None:
        self.options, self.normalize, self.name = options, normalize, name

    def __call__(self, x: pd.Series) -> pd.Series:
        if self.options["sort"]:
            x = x.sort_values(ascending=self.options["ascending"], kind="stable")
        if self.normalize:
            x = x / x.sum()
        return x.rename(self.name)


def _counts_meta(meta: pd.Series) -> pd.Series:
    return pd.Series([], index=meta.index, dtype="int64", name="count")
