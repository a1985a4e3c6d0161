"""Elements by condition, number or order; elements put in and left out."""

# mypy: disable-error-code="no-any-return"

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from dusk.array.core import Array, asarray
from dusk.array.joining import concatenate
from dusk.array.mapping import blockwise
from dusk.array.routines import take, unique
from dusk.array.ufuncs import elemwise, where


def select(condlist: Sequence[Any], choicelist: Sequence[Any], default: Any = 0) -> Array:
    """Elements of the choice whose condition holds first, else `default`.

    Raises
    ------
    ValueError
        For lists of different lengths, or empty ones.
    """
    if len(condlist) != len(choicelist):
        raise ValueError("list of cases must be same length as list of conditions")
    if len(condlist) == 0:
        raise ValueError("select with an empty condition list is not possible")
    if any(asarray(c).dtype != bool for c in condlist):
        raise ValueError("all conditions must be boolean")
    dtypes = [c.dtype if hasattr(c, "dtype") else c for c in (*choicelist, default)]
    kind = np.result_type(*dtypes)
    result: Any = np.asarray(default, dtype=kind)[()]
    for condition, choice in zip(reversed(condlist), reversed(choicelist), strict=True):
        result = where(condition, choice, result)
    final: Array = result.astype(kind)
    return final


def choose(a: Any, choices: Any) -> Array:
    """Elements of the choice whose number is in `a`."""
    options = [asarray(c) for c in choices]
    result: Array = elemwise(_choose, asarray(a), *options,
                             dtype=np.result_type(*[c.dtype for c in options]))  # fmt: skip
    return result


def _choose(number: np.ndarray, *choices: np.ndarray) -> np.ndarray:
    return np.choose(number, choices)


def piecewise(x: Any, condlist: Any, funclist: Sequence[Any], *args: Any, **kw: Any) -> Array:
    """A function (or value) of the elements where its condition holds; the last else."""
    x = asarray(x)
    conditions = [asarray(c).astype(bool) for c in condlist]
    result: Array = elemwise(_Piecewise(list(funclist), args, kw), x, *conditions, dtype=x.dtype)
    return result


class _Piecewise:
    __name__ = "piecewise"

    def __init__(self, functions: list[Any], args: tuple[Any, ...], kw: dict[str, Any]) -> None:
        self.functions, self.args, self.kw = functions, args, kw

    def __call__(self, x: np.ndarray, *conditions: np.ndarray) -> np.ndarray:
        masks = [np.broadcast_to(c, x.shape) for c in conditions]
        return np.piecewise(x, masks, self.functions, *self.args, **self.kw)

    def __dask_tokenize__(self) -> Any:
        return (self.functions, self.args, self.kw)


def searchsorted(a: Any, v: Any, side: str = "left", sorter: Any = None) -> Array:
    """Places in the sorted `a` before (after) which the elements of `v` belong.

    Raises
    ------
    NotImplementedError
        With `sorter`.
    """
    a, v = asarray(a), asarray(v)
    if a.ndim != 1:
        raise ValueError("Input array a must be one dimensional")
    if sorter is not None:
        raise NotImplementedError(
            "da.searchsorted with a sorter argument is not supported (docs/status.md)"
        )
    labels = list(range(v.ndim))
    return blockwise(
        _searchsorted, labels, a.rechunk(-1), ["whole"], v, labels, dtype=np.intp, side=side,
        concatenate=True,
    )  # fmt: skip


def _searchsorted(a: np.ndarray, v: np.ndarray, side: Any) -> Any:
    return np.searchsorted(a, v, side=side)


def union1d(ar1: Any, ar2: Any) -> Array:
    """Distinct elements of both arrays, sorted."""
    result: Array = unique(concatenate([asarray(ar1).ravel(), asarray(ar2).ravel()]))
    return result


def insert(arr: Any, obj: Any, values: Any, axis: int) -> Array:
    """`values` put before the places `obj` along `axis`.

    Raises
    ------
    NotImplementedError
        When one place takes several values.
    """
    arr = asarray(arr)
    axis = normalize_axis_index(axis, arr.ndim)
    length = int(arr.shape[axis])
    if isinstance(obj, slice):
        obj = np.arange(*obj.indices(length))
    places = np.asarray(obj)
    several = places.ndim > 0
    places = np.atleast_1d(np.where(places < 0, places + length, places))
    if (np.diff(places) < 0).any():
        raise NotImplementedError("da.insert only implemented for monotonic ``obj`` argument")
    shape = [*arr.shape[:axis], len(places), *arr.shape[axis + 1 :]]
    given = asarray(values)
    if not several and given.ndim:  # one place takes a slice
        given = given[(None,) * (arr.ndim - 1 - given.ndim)]
        given = given[(slice(None),) * axis + (None,)]
    from dusk.array.shaping import broadcast_to

    new = broadcast_to(given.astype(arr.dtype), tuple(int(n) for n in shape))
    before = (slice(None),) * axis
    parts, last = [], 0
    for i, place in enumerate(places):
        parts += [arr[(*before, slice(last, int(place)))], new[(*before, slice(i, i + 1))]]
        last = int(place)
    return concatenate([*parts, arr[(*before, slice(last, None))]], axis=axis)


def delete(arr: Any, obj: Any, axis: int) -> Array:
    """The array without the places `obj` along `axis`."""
    arr = asarray(arr)
    axis = normalize_axis_index(axis, arr.ndim)
    keep = np.ones(int(arr.shape[axis]), dtype=bool)
    keep[obj if isinstance(obj, slice) else np.asarray(obj)] = False
    return take(arr, np.flatnonzero(keep), axis)


def argtopk(a: Any, k: int, axis: int = -1, split_every: Any = None) -> Array:
    """Places of the `k` largest elements along `axis`, as :func:`topk` orders them."""
    a = asarray(a)
    axis = normalize_axis_index(axis, a.ndim)
    whole = a.rechunk({axis: -1})
    count = min(abs(k), int(a.shape[axis]))
    chunks = tuple((count,) if d == axis else c for d, c in enumerate(whole.chunks))
    return whole.map_blocks(_argtopk, k, axis, dtype=np.intp, chunks=chunks,
                            token="argtopk")  # fmt: skip


def _argtopk(block: np.ndarray, k: int, axis: int) -> np.ndarray:
    order = np.argsort(block, axis=axis, kind="stable")
    if k > 0:
        order = np.flip(order, axis=axis)
    return np.take(order, range(min(abs(k), block.shape[axis])), axis=axis)


def apply_over_axes(func: Any, a: Any, axes: Any) -> Array:
    """`func(a, axis)` for one axis after the other, keeping the number of axes."""
    a = asarray(a)
    for axis in np.atleast_1d(axes).tolist():
        result = asarray(func(a, axis))
        if result.ndim == a.ndim - 1:
            from dusk.array.shaping import expand_dims

            result = expand_dims(result, normalize_axis_index(axis, a.ndim))
        if result.ndim != a.ndim:
            raise ValueError(
                "func must either preserve dimensionality of the input or reduce it by one."
            )
        a = result
    return a
