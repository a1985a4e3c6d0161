"""What frames, series and indexes have in common: the mixins together, and the index."""

from __future__ import annotations

from typing import Any

import pandas as pd

from dusk import _core
from dusk.dataframe import exchange
from dusk.dataframe.arithmetic import ArithmeticMixin
from dusk.dataframe.collection import FrameBase, Scalar, fields, new_collection
from dusk.dataframe.cumulative import CumulativeMixin
from dusk.dataframe.display import DisplayMixin
from dusk.dataframe.distinct import DistinctMixin
from dusk.dataframe.functions import FunctionsMixin
from dusk.dataframe.io.output import OutputMixin
from dusk.dataframe.meta import emulate
from dusk.dataframe.partitionwise import partitionwise
from dusk.dataframe.reductions import ReductionsMixin
from dusk.dataframe.repartition import RepartitionMixin
from dusk.dataframe.selection import (
    SelectionMixin,
)
from dusk.dataframe.sorting import SortingMixin
from dusk.dataframe.transform import (
    PandasMethod,
    TransformMixin,
    by_pandas,
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
    DistinctMixin,
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


def rows_of(frame: FrameBase) -> Scalar:
    """The number of rows, lazily."""
    expr = _core.frame_reduce(frame.expr, [("size", "", "size", {})])
    return Scalar(expr, pd.Series([], dtype="int64"))


def under_labels(frame: FrameBase, meta: Any) -> Any:
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
