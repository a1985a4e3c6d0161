"""The collections: DataFrame, Series, Index, made of a mixin a family."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import is_list_like

from dusk import _core
from dusk.dataframe import exchange
from dusk.dataframe.accessors import (
    CachedAccessor,
    CategoricalAccessor,
    DatetimeAccessor,
    StringAccessor,
)
from dusk.dataframe.arithmetic import ArithmeticMixin, SeriesArithmeticMixin
from dusk.dataframe.collection import FrameBase, Scalar, fields, native, new_collection
from dusk.dataframe.cumulative import CumulativeMixin
from dusk.dataframe.display import DisplayMixin
from dusk.dataframe.functions import FunctionsMixin
from dusk.dataframe.groupby import GroupByMixin
from dusk.dataframe.io.output import OutputMixin
from dusk.dataframe.joining import JoiningMixin
from dusk.dataframe.meta import emulate
from dusk.dataframe.missing import missing_attribute
from dusk.dataframe.partitionwise import partitionwise
from dusk.dataframe.reductions import ReductionsMixin
from dusk.dataframe.repartition import RepartitionMixin
from dusk.dataframe.rowwise import project
from dusk.dataframe.selection import (
    ILocIndexer,
    SelectionMixin,
    boolean_expression,
    by_places,
    filtered,
    getitem,
    select,
)
from dusk.dataframe.sorting import SortingMixin
from dusk.dataframe.transform import (
    PandasMethod,
    TransformMixin,
    assign,
    by_pandas,
    dropna_rows,
    relabel,
)

Column = _core.Column
_missing: Any = object()


class Common(
    DisplayMixin,
    SelectionMixin,
    ArithmeticMixin,
    TransformMixin,
    FunctionsMixin,
    ReductionsMixin,
    CumulativeMixin,
    RepartitionMixin,
    SortingMixin,
    OutputMixin,
):
    """What frames, series and indexes have in common."""

    def to_timestamp(self, freq: Any = None, how: str = "start") -> Any:
        """As pandas' to_timestamp."""
        return by_pandas(self, "to_timestamp", freq=freq, how=how)

    __hash__ = FrameBase.__hash__
    __array_priority__ = 1000

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if method != "__call__" or kwargs.get("out"):
            return NotImplemented
        return partitionwise(ufunc, *inputs, name=ufunc.__name__, **kwargs)


class DataFrame(Common, GroupByMixin, JoiningMixin):
    """A lazy pandas DataFrame in partitions.

    Made by :func:`from_pandas`, :func:`read_parquet`, :func:`read_csv` and others, not by its
    constructor.

    Examples
    --------
    >>> import pandas as pd, dusk.dataframe as dd
    >>> df = dd.from_pandas(pd.DataFrame({"k": list("abab"), "v": [1, 2, 3, 4]}), npartitions=2)
    >>> df[df.v > 1].groupby("k").v.sum().compute().to_dict()
    {'a': 3, 'b': 6}
    """

    @classmethod
    def from_dict(
        cls,
        data: Any,
        *,
        npartitions: int = 1,
        orient: Any = "columns",
        dtype: Any = None,
        columns: Any = None,
    ) -> Any:
        """As :func:`dusk.dataframe.from_dict`."""
        from dusk.dataframe.io.memory import from_dict

        return from_dict(data, npartitions, orient=orient, dtype=dtype, columns=columns)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        meta = self.__dict__.get("_meta")
        if meta is not None and name in meta.columns:
            return self[name]
        raise missing_attribute("DataFrame", name)

    def __setattr__(self, name: str, value: Any) -> None:
        meta = self.__dict__.get("_meta")
        if meta is not None and name in meta.columns and not hasattr(type(self), name):
            self[name] = value
        else:
            object.__setattr__(self, name, value)

    def __dir__(self) -> list[str]:
        labels = [c for c in self._meta.columns if isinstance(c, str) and c.isidentifier()]
        return sorted({*object.__dir__(self), *labels})

    def __getitem__(self, key: Any) -> Any:
        return getitem(self, key)

    def __setitem__(self, key: Any, value: Any) -> None:
        changed: Any = self
        if is_list_like(key) and not isinstance(key, tuple):
            for label in key:
                item = value[label] if isinstance(value, DataFrame) else value
                changed = assign(changed, label, item)
        elif isinstance(key, FrameBase):
            mask: Any = key
            changed = self.where(~mask, value)
        else:
            changed = assign(self, key, value)
        self._become(changed)

    def __delitem__(self, key: Any) -> None:
        self._become(self.drop(columns=[key]))

    def _become(self, other: Any) -> None:
        self.expr, self._meta, self._divisions = other.expr, other._meta, other._divisions

    def __iter__(self) -> Iterator[Any]:
        return iter(self._meta.columns)

    def __contains__(self, key: Any) -> bool:
        return key in self._meta.columns

    @property
    def columns(self) -> pd.Index:
        """The labels of the columns."""
        labels: pd.Index = self._meta.columns
        return labels

    @columns.setter
    def columns(self, labels: Any) -> None:
        meta = self._meta.copy()
        meta.columns = labels
        self._become(relabel(self, meta))

    @property
    def index(self) -> Any:
        """The index, as a lazy :class:`Index`."""
        return index_of(self)

    @index.setter
    def index(self, value: Any) -> None:
        self._become(partitionwise(_set_index, self, value, name="set-index"))

    @property
    def dtypes(self) -> pd.Series:
        """The dtypes of the columns."""
        return self._meta.dtypes

    @property
    def ndim(self) -> int:
        """2."""
        return 2

    @property
    def shape(self) -> tuple[Any, int]:
        """(lazy number of rows, number of columns)."""
        return self.index.size if self._meta.shape[1] == 0 else _rows(self), self._meta.shape[1]

    @property
    def size(self) -> Any:
        """The lazy number of values."""
        return _rows(self) * self._meta.shape[1]

    @property
    def empty(self) -> bool:
        """Whether there are no values; computes the number of rows."""
        return not self._meta.shape[1] or len(self) == 0

    @property
    def axes(self) -> list[Any]:
        """[index, columns]."""
        return [self.index, self.columns]

    @property
    def iloc(self) -> Any:
        """Columns by number: ``df.iloc[:, [0, 2]]``."""
        return ILocIndexer(self)

    def items(self) -> Iterator[tuple[Any, Any]]:
        """Pairs of label and lazy column."""
        for place, label in enumerate(self._meta.columns):
            yield label, by_places(self, [place], self._meta.iloc[:, place])

    def iterrows(self) -> Iterator[Any]:
        """As pandas' iterrows, partition after partition."""
        for part in self.partitions:
            yield from part.compute().iterrows()

    def itertuples(self, index: bool = True, name: str | None = "Pandas") -> Iterator[Any]:
        """As pandas' itertuples, partition after partition."""
        for part in self.partitions:
            yield from part.compute().itertuples(index=index, name=name)

    @native(True)
    def assign(self, **pairs: Any) -> Any:
        """New or replaced columns: series, scalars, or functions of the frame."""
        changed: Any = self
        for label, value in pairs.items():
            if not (
                isinstance(value, FrameBase) or callable(value) or pd.api.types.is_scalar(value)
            ):
                kind = type(value)
                raise TypeError(
                    f"Column assignment doesn't support type {kind.__module__}.{kind.__name__}"
                )
            changed = assign(changed, label, value)
        return changed

    @native(True)
    def drop(
        self, labels: Any = None, axis: Any = 0, columns: Any = None, errors: str = "raise"
    ) -> Any:
        """Without columns (or, with ``axis=0``, rows of these labels)."""
        if columns is None and labels is None:
            raise TypeError("must either specify 'columns' or 'labels'")
        if columns is None and axis not in (1, "columns"):
            return by_pandas(self, "drop", labels, errors=errors)
        meta = self._meta.drop(columns=columns if columns is not None else labels, errors=errors)
        return select(self, None, meta=meta)

    def pop(self, item: Any) -> Any:
        """The column, which leaves the frame."""
        column = self[item]
        del self[item]
        return column

    @native(True)
    def rename(self, index: Any = None, columns: Any = None) -> Any:
        """Columns under other labels: a dictionary or a function."""
        if index is not None:
            raise ValueError("Cannot rename index.")
        if columns is None:
            return self
        return relabel(self, self._meta.rename(columns=columns))

    @native(True)
    def dropna(self, how: Any = _missing, subset: Any = None, thresh: Any = _missing) -> Any:
        """Rows without missing values."""
        if how is not _missing and thresh is not _missing:
            raise TypeError("You cannot set both the how and thresh arguments at the same time.")
        if thresh is not _missing:
            return by_pandas(self, "dropna", thresh=thresh, subset=subset, meta=self._meta)
        how = "any" if how is _missing else how
        if how not in ("any", "all"):
            raise ValueError(f"invalid how option: {how}")
        return dropna_rows(self, how, subset, None, True)

    @native(True)
    def query(self, expr: str, **kwargs: Any) -> Any:
        """The rows for which the expression holds: ``df.query("amount > 0 and kind == 'a'")``.

        Comparisons joined by ``and``, ``or`` and ``not`` run natively; everything else by pandas
        on every partition. ``@name`` needs ``local_dict={"name": value}``.
        """
        mask = boolean_expression(self, expr, kwargs)
        if mask is not None and mask._meta.dtype == bool:
            return filtered(self, mask)
        return by_pandas(self, "query", expr, meta=self._meta, **kwargs)

    @native(False)
    def eval(self, expr: str, **kwargs: Any) -> Any:
        """pandas' eval on every partition."""
        if kwargs.get("inplace"):
            raise NotImplementedError("inplace eval not supported. Please use inplace=False")
        return by_pandas(self, "eval", expr, **kwargs)

    def select_dtypes(self, include: Any = None, exclude: Any = None) -> Any:
        """The columns of some dtypes."""
        return select(self, None, meta=self._meta.select_dtypes(include=include, exclude=exclude))

    @native(False)
    def explode(self, column: Any) -> Any:
        """A row for every element of lists in a column."""
        return by_pandas(self, "explode", column)

    @native(False)
    def melt(
        self,
        id_vars: Any = None,
        value_vars: Any = None,
        var_name: Any = None,
        value_name: str = "value",
        col_level: Any = None,
    ) -> Any:
        """Columns into rows."""
        options = {
            "id_vars": id_vars,
            "value_vars": value_vars,
            "var_name": var_name,
            "value_name": value_name,
        }
        return by_pandas(self, "melt", **options, divisions=None)

    @native(True)
    def reset_index(self, drop: bool = False) -> Any:
        """The index as columns (or forgotten), and row numbers as the new index."""
        return reset_index(self, drop)

    def squeeze(self, axis: Any = None) -> Any:
        """The only column as a series."""
        if axis in (None, 1, "columns"):
            return self.iloc[:, 0] if self._meta.shape[1] == 1 else self
        if axis in (0, "index"):
            raise NotImplementedError(f"{type(self)} does not support squeeze along axis 0")
        raise ValueError(f"No axis {axis} for object type {type(self)}")


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
        return _rows(self)

    @property
    def shape(self) -> tuple[Any]:
        """(lazy number of values,)."""
        return (_rows(self),)

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
        return _renamed(self, meta)

    @native(True)
    def dropna(self) -> Any:
        """Without missing values."""
        return dropna_rows(self, "any", None, None, True)

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
            return partitionwise(_Attribute(name), self, name=name, token=name)
        raise missing_attribute("Index", name)

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, FrameBase):
            return partitionwise(_masked, self, key, meta=self._meta, name="getitem")
        raise NotImplementedError("an Index is only chosen from by a lazy mask")

    @property
    def index(self) -> Any:
        """The index itself."""
        return self

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


def _set_index(x: Any, index: Any) -> Any:
    x = x.copy()
    x.index = index
    return x


def _rows(frame: FrameBase) -> Scalar:
    """The number of rows, lazily."""
    expr = _core.frame_reduce(frame.expr, [("size", "", "size", {})])
    return Scalar(expr, pd.Series([], dtype="int64"))


def _renamed(frame: FrameBase, meta: Any) -> Any:
    wanted = exchange.column_names(exchange.as_frame(meta).columns)
    expr = frame.expr
    if expr.columns != wanted:
        expr = _core.frame_project(expr, list(zip(wanted, fields(frame), strict=True)))
    return new_collection(expr, meta, frame._divisions)


def index_of(frame: FrameBase) -> Any:
    """The index of a frame or series."""
    if not frame.expr.index:
        return partitionwise(_index, frame, meta=frame._meta.index, name="index")
    expr = _core.frame_project(frame.expr, [])
    return new_collection(expr, frame._meta.index, frame._divisions)


def _index(x: Any) -> Any:
    return x.index


def reset_index(frame: Any, drop: bool) -> Any:
    """Row numbers for an index; natively, where a level becomes a column."""
    meta = emulate(PandasMethod("reset_index"), frame, drop=drop).iloc[:0]
    hidden = frame.expr.index
    if not hidden and not drop:
        return by_pandas(frame, "reset_index", divisions=None)
    levels = [] if drop else [Column.field(name) for name in hidden]
    names = exchange.column_names(exchange.as_frame(meta).columns)
    columns = [*levels, *fields(frame)]
    expr = _core.frame_project(frame.expr, list(zip(names, columns, strict=True)), [])
    return new_collection(expr, meta, None)
