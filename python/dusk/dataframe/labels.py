"""What is computed from the labels of an index, row for row.

The labels become a column beside the frame's rows, so that the engine knows which rows the result
belongs to: ``df[df.index < 3]`` is a filter like any other.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from dusk import _core
from dusk.dataframe import exchange
from dusk.dataframe.collection import FrameBase, Moved
from dusk.dataframe.partitionwise import partitionwise
from dusk.dataframe.rowwise import align
from dusk.dataframe.series import Index, Series

Column = _core.Column


class Mask(Series):
    """Booleans of the labels of an index, where pandas has an array.

    It chooses rows and joins with other conditions as a series does, and computes to an array.
    """

    @staticmethod
    def _given(found: Any) -> Any:
        return found.to_numpy()

    def _dusk_finalize(self, result: Any) -> Any:
        return self._given(super()._dusk_finalize(result))

    def _plain(self) -> Series:
        return Series(self.expr, self._meta, self._divisions)

    def __invert__(self) -> Any:
        return _mask(~self._plain())


def _mask(found: Any) -> Mask:
    return Mask(found.expr, found._meta, found._divisions)


def _beside(function: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """The logical operator: masks give masks, masks and series a series over its own index."""

    def method(self: Any, other: Any) -> Any:
        if not isinstance(other, FrameBase):
            return _mask(function(self._plain(), other))
        native = align([other, self]) is not None
        if not isinstance(other, Mask):
            if native:
                return function(other, self._plain())
            return partitionwise(function, other, self, name=function.__name__)
        if native:
            return _mask(function(self._plain(), other._plain()))
        numbered = pd.Series([], dtype=bool)
        return _mask(partitionwise(function, self, other, meta=numbered, name=function.__name__))

    return method


for _function in (operator.and_, operator.or_, operator.xor):
    _name = _function.__name__.strip("_")
    setattr(Mask, f"__{_name}__", _beside(_function))
    setattr(Mask, f"__r{_name}__", _beside(_function))


def of_labels(index: Any, function: Callable[[Any], Any], meta: Any) -> Any:
    """``function(labels as a series)`` as what pandas gives of an index; None where it cannot.

    Parameters
    ----------
    index : Index
    function
        From series to series, row for row.
    meta
        What pandas gives: an index, or an array of booleans.
    """
    if isinstance(meta, np.ndarray) and meta.dtype == bool:
        return _mask(function(index._series()))
    if not isinstance(meta, pd.Index) or isinstance(meta, pd.MultiIndex):
        return None
    found = function(index._series())
    hidden = [(exchange.INDEX, Column.field(found.expr.columns[0]))]
    expr = _core.frame_project(found.expr, [], hidden)
    return Index(expr, meta[:0], Moved.of(found.npartitions, index._divisions))


def operand(x: Any) -> Any:
    """A lazy index as the series of its labels; anything else as it is."""
    return x._series() if isinstance(x, Index) else x
