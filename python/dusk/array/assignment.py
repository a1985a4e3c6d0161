"""``x[index] = value``: a new array whose touched chunks are copies."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral
from typing import Any

import numpy as np

from dusk import _core
from dusk.array.core import Array, asarray
from dusk.array.indexing import _as_integers, _expand_ellipsis, _integer, _positions, _slice
from dusk.tokens import tokenize


def setitem(x: Array, index: Any, value: Any) -> Array:
    """What ``x[index] = value`` makes of `x`.

    Parameters
    ----------
    index : ints, slices, one list of ints or booleans, Ellipsis; or a mask of x's shape
    value : array_like
        NumPy or lazy; broadcast to the indexed shape and cast to x's dtype.

    Raises
    ------
    NotImplementedError
        For several lists, and lazy masks of one axis.
    ValueError
        When `value` does not broadcast.
    """
    from dusk.array.ufuncs import where

    if hasattr(index, "dtype") and index.dtype == bool and index.ndim == x.ndim:
        given = asarray(value)
        if given.ndim and given.shape != x.shape:
            raise NotImplementedError(
                "assignment by a mask takes one value or an array of x's shape (docs/status.md)"
            )
        masked: Array = where(index, given.astype(x.dtype), x)
        return masked
    lists, kept = _places(x, index)
    shape = tuple(len(places) for places, keep in zip(lists, kept, strict=True) if keep)
    values, lazy = _values(value, x.dtype, shape)
    starts = [np.concatenate([[0], np.cumsum(c)]).astype(int).tolist() for c in x.chunks]
    call: list[Any] = [(x.expr, list(range(x.ndim)))]
    if lazy is not None:
        call.append((lazy.expr, [-1] * lazy.ndim))
    expr = _core.array_map_blocks(
        _Assign(lists, kept, values, starts),
        call,
        x.chunks,
        x.expr.dtype,
        name="setitem",
        token=tokenize([p.tolist() for p in lists], kept, values),
        block_info=(),
    )
    return Array(expr, x._meta_given)


def _places(x: Array, index: Any) -> tuple[list[np.ndarray], list[bool]]:
    """Positions along every axis, and whether the indexed shape has the axis."""
    items = list(index) if isinstance(index, tuple) else [index]
    items = _expand_ellipsis(x.ndim, [i for i in items if i is not None])
    lists, kept, several = [], [], 0
    for axis, (item, length) in enumerate(zip(items, x.shape, strict=True)):
        place = _as_integers(item)
        if isinstance(place, Array):
            place = ("mask", np.asarray(place.compute()))
        kept.append(not isinstance(place, Integral))
        if isinstance(place, Integral):
            lists.append(np.array([_integer(int(place), length, axis)]))
        elif isinstance(place, slice):
            lists.append(np.arange(*_slice(place, length)))
        else:
            several += 1
            numbers = np.flatnonzero(place[1]) if isinstance(place, tuple) else place
            lists.append(_positions(np.asarray(numbers), length, axis))
    if several > 1:
        raise NotImplementedError("Only one list can be assigned by (docs/status.md)")
    return lists, kept


def _values(value: Any, dtype: Any, shape: tuple[int, ...]) -> tuple[Any, Array | None]:
    """The value as a NumPy array of the indexed shape, or as a lazy array of one chunk."""
    if isinstance(value, Array):
        from dusk.array.shaping import broadcast_to

        extra = max(value.ndim - len(shape), 0)
        lazy = value[(0,) * extra] if value.shape[:extra] == (1,) * extra else value
        return None, broadcast_to(lazy.astype(dtype), shape).rechunk(-1)
    values = np.asarray(value)
    while values.ndim > len(shape) and values.shape[0] == 1:
        values = values[0]
    return np.broadcast_to(values.astype(dtype), shape), None


class _Assign:
    """Writes the part of the values that lies in one chunk into a copy of it."""

    def __init__(
        self, lists: list[np.ndarray], kept: list[bool], values: Any, starts: Sequence[list[int]]
    ) -> None:
        self.lists, self.kept, self.values, self.starts = lists, kept, values, starts

    def __call__(self, block: Any, values: Any = None, block_id: tuple[int, ...] = ()) -> Any:
        values = self.values if values is None else values
        local, chosen = [], []
        for places, keep, starts, i in zip(
            self.lists, self.kept, self.starts, block_id, strict=True
        ):
            inside = np.flatnonzero((places >= starts[i]) & (places < starts[i + 1]))
            if len(inside) == 0:
                return block
            local.append(places[inside] - starts[i])
            if keep:
                chosen.append(inside)
        result = block.copy()
        shape = [len(places) for places in local]
        result[np.ix_(*local)] = values[np.ix_(*chosen)].reshape(shape)
        return result
