"""Series and Index: one column in partitions."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from dusk import _core
from dusk.dataframe.accessors import (
    CachedAccessor,
    CategoricalAccessor,
    DatetimeAccessor,
    StringAccessor,
)
from dusk.dataframe.arithmetic import SeriesArithmeticMixin
from dusk.dataframe.collection import FrameBase, native
from dusk.dataframe.common import Common, index_of, reset_index, rows_of, under_labels
from dusk.dataframe.missing import missing_attribute
from dusk.dataframe.partitionwise import partitionwise
from dusk.dataframe.rowwise import project
from dusk.dataframe.selection import (
    filtered,
)
from dusk.dataframe.transform import (
    by_pandas,
    dropna_rows,
    relabel,
)

Column = _core.Column
_missing: Any = object()


class SeriesLike(SeriesArithmeticMixin, Common):
    """What series and indexes have in common."""

    @property
    def columns(self) -> pd.Index:
        """The name, as the only label."""
        return pd.Index([self._meta.name])

    @native(False)
    def map(
        self, arg: Any, na_action: Any = None, meta: Any = None, is_monotonic: bool = False
    ) -> Any:
        """A function, a dictionary or a series applied to every value."""
        return super().map(arg, na_action, meta)

    @native(True)
    def nunique(  # type: ignore[override]
        self, dropna: bool = True, split_every: Any = False, split_out: Any = True
    ) -> Any:
        """The number of distinct values."""
        return super().nunique(dropna=dropna)

    @property
    def name(self) -> Any:
        """The label."""
        return self._meta.name

    @property
    def dtype(self) -> Any:
        """The dtype."""
        return self._meta.dtype

    @property
    def dtypes(self) -> Any:
        """As dtype."""
        return self._meta.dtype

    @property
    def ndim(self) -> int:
        """1."""
        return 1

    @property
    def size(self) -> Any:
        """The lazy number of values."""
        return rows_of(self)

    @property
    def shape(self) -> tuple[Any]:
        """(lazy number of values,)."""
        return (rows_of(self),)

    @property
    def empty(self) -> bool:
        """Whether there are no values; computes their number."""
        return len(self) == 0

    def __iter__(self) -> Iterator[Any]:
        frame: Any = self
        for part in frame.partitions:
            yield from part.compute()


class Series(SeriesLike):
    """A lazy pandas Series in partitions."""

    str = CachedAccessor("str", StringAccessor)
    dt = CachedAccessor("dt", DatetimeAccessor)
    cat = CachedAccessor("cat", CategoricalAccessor)

    def __getattr__(self, name: Any) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name in ("str", "dt", "cat"):
            return getattr(self._meta, name)  # raises as pandas
        raise missing_attribute("Series", name)

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, FrameBase):
            return filtered(self, key)
        if callable(key):
            return self[key(self)]
        raise NotImplementedError(
            "Series getitem is only supported for other series objects with matching partition "
            "structure"
        )

    @property
    def name(self) -> Any:
        """The label."""
        return self._meta.name

    @name.setter
    def name(self, label: Any) -> None:
        made = self.rename(label)
        self.expr, self._meta = made.expr, made._meta

    @property
    def index(self) -> Any:
        """The index, as a lazy :class:`Index`."""
        return index_of(self)

    @property
    def axes(self) -> list[Any]:
        """[index]."""
        return [self.index]

    @property
    def nbytes(self) -> Any:
        """The lazy number of bytes."""
        return self.memory_usage(index=False, deep=False)

    @native(True)
    def rename(self, index: Any = _missing, sorted_index: bool = False) -> Any:
        """Another label; or other index labels, by a dictionary or a function."""
        if index is _missing:
            return self
        if callable(index) or isinstance(index, dict | pd.Series):
            return by_pandas(self, "rename", index, divisions=None)
        return relabel(self, self._meta.rename(index))

    @native(True)
    def to_frame(self, name: Any = _missing) -> Any:
        """A frame of one column."""
        meta = self._meta.to_frame() if name is _missing else self._meta.to_frame(name=name)
        return under_labels(self, meta)

    @native(True)
    def dropna(self) -> Any:
        """Without missing values."""
        return dropna_rows(self, "any")

    @native(True)
    def between(self, left: Any, right: Any, inclusive: Any = "both") -> Any:
        """Whether values lie between two bounds."""
        if inclusive not in ("both", "neither", "left", "right"):
            raise ValueError(
                "Inclusive has to be either string of 'both','left', 'right', or 'neither'."
            )
        low = self >= left if inclusive in ("both", "left") else self > left
        return low & (self <= right if inclusive in ("both", "right") else self < right)

    @native(True)
    def reset_index(self, drop: bool = False) -> Any:
        """A frame with the index as a column; only the values with `drop`."""
        return reset_index(self, drop)

    def groupby(self, by: Any, **kwargs: Any) -> Any:
        """Groups of values; see :meth:`DataFrame.groupby`."""
        from dusk.dataframe.groupby import series_groupby

        return series_groupby(self, by, **kwargs)

    @native(False)
    def explode(self) -> Any:
        """A row for every element of lists."""
        return by_pandas(self, "explode")

    @native(False)
    def combine(self, other: Any, func: Any, fill_value: Any = None) -> Any:
        """pandas' combine on corresponding partitions."""
        return by_pandas(self, "combine", other, func, fill_value=fill_value)

    def squeeze(self, axis: Any = None) -> Any:
        """The series itself."""
        return self


class Index(SeriesLike):
    """A lazy pandas Index in partitions."""

    str = CachedAccessor("str", StringAccessor)
    dt = CachedAccessor("dt", DatetimeAccessor)
    cat = CachedAccessor("cat", CategoricalAccessor)

    def __getattr__(self, name: Any) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if isinstance(self._meta, pd.DatetimeIndex) and hasattr(self._meta, name):
            return self._of_times(name)
        raise missing_attribute("Index", name)

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, FrameBase):
            return partitionwise(
                _masked, self, key, meta=self._meta, name="getitem", divisions=self._divisions
            )
        raise NotImplementedError("an Index is only chosen from by a lazy mask")

    @property
    def index(self) -> Any:
        """The index itself."""
        return self

    def _of_times(self, name: Any) -> Any:
        """A part of times, or a method of them."""
        from dusk.dataframe.labels import of_labels

        if callable(getattr(self._meta, name)):
            return partial(by_pandas, self, name)
        if hasattr(pd.Series.dt, name):
            sample = getattr(self._fake(), name)
            found = of_labels(self, lambda labels: getattr(labels.dt, name), sample)
            if found is not None:
                return found
        return partitionwise(_Attribute(name), self, name=name, token=name)

    def _series(self) -> Any:
        """The labels as a series over themselves."""
        meta = self._meta.to_series()
        if self.expr.index:
            found = project(
                self.expr, [Column.field(self.expr.index[0])], meta, self._divisions, check=False
            )
            if found is not None:
                return found
        return partitionwise(_to_series, self, name="to-series")

    def to_series(self, index: Any = None, name: Any = _missing) -> Any:
        """The labels as a series."""
        made = self._series()
        return made if name is _missing else made.rename(name)

    @native(True)
    def to_frame(self, index: bool = True, name: Any = _missing) -> Any:
        """The labels as a frame of one column."""
        options = {} if name is _missing else {"name": name}
        return by_pandas(self, "to_frame", index=index, **options)


class _Attribute:
    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, x: Any) -> Any:
        return getattr(x, self.name)


def _masked(x: Any, mask: Any) -> Any:
    return x[np.asarray(mask)]


def _to_series(x: pd.Index) -> pd.Series:
    return x.to_series()
