"""Joining arrays."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from dusk import _core
from dusk.array.core import Array, asarray
from dusk.array.foreign import moved
from dusk.array.rechunk import rechunk


def _common(seq: Sequence[Any]) -> list[Array]:
    arrays = [asarray(a) for a in seq]
    if not arrays:
        return arrays
    dtype = np.result_type(*[a.dtype for a in arrays])
    return [a.astype(dtype) if a.dtype != dtype else a for a in arrays]


def concatenate(
    seq: Sequence[Any], axis: int | None = 0, allow_unknown_chunksizes: bool = False
) -> Array:
    """Arrays one after the other along `axis`.

    Parameters
    ----------
    seq : sequence of array_like
        Equal shapes but for `axis`.
    axis : int or None, default 0
        None joins the flattened arrays.
    allow_unknown_chunksizes : bool, default False
        Join arrays of unknown chunk sizes as they are.

    Raises
    ------
    ValueError
        For no arrays, or shapes that differ elsewhere.

    Examples
    --------
    >>> import dusk.array as da
    >>> da.concatenate([da.zeros(2), da.ones(1)]).compute()
    array([0., 0., 1.])
    """
    arrays = _common(seq)
    if not arrays:
        raise ValueError("Need array(s) to concatenate")
    if axis is None:
        arrays, axis = [a.ravel() for a in arrays], 0
    if len({a.ndim for a in arrays}) > 1:
        other = next(i for i, a in enumerate(arrays) if a.ndim != arrays[0].ndim)
        raise ValueError(
            "all the input arrays must have same number of dimensions, but the array at index 0 "
            f"has {arrays[0].ndim} dimension(s) and the array at index {other} has "
            f"{arrays[other].ndim} dimension(s)"
        )
    axis = normalize_axis_index(axis, arrays[0].ndim)
    if len(arrays) == 1:
        return arrays[0]
    for d in range(arrays[0].ndim):
        lengths = {a.shape[d] for a in arrays if a.shape[d] == a.shape[d]}
        if d != axis and len(lengths) > 1:
            if allow_unknown_chunksizes:
                continue
            raise ValueError(f"Shapes do not align: {[a.shape for a in arrays]}")
    if any(n != n for a in arrays for d, n in enumerate(a.shape) if d != axis):
        if not allow_unknown_chunksizes:
            raise ValueError(
                "Tried to concatenate arrays with unknown shape.\n\nTwo solutions:\n"
                "  1. Force concatenation pass allow_unknown_chunksizes=True.\n"
                "  2. Compute shapes with [x.compute_chunk_sizes() for x in seq]"
            )
    else:
        arrays = _cut_alike(arrays, axis)
    seen = (
        [a for a in arrays if a.size != 0]
        if all(n == n for a in arrays for n in a.shape)
        else arrays
    )
    arrays = seen or arrays
    if len(arrays) == 1:
        return arrays[0]
    joined = _core.array_concatenate([a.expr for a in arrays], axis)
    return Array(joined, arrays[0]._meta_given)


def _cut_alike(arrays: list[Array], axis: int) -> list[Array]:
    ndim = arrays[0].ndim
    others = [d for d in range(ndim) if d != axis]
    pairs = [([a.chunks[d] for d in others], others) for a in arrays]
    common = _core.unify_chunks(pairs)
    result = []
    for a in arrays:
        wanted = tuple(tuple(common[d]) if d != axis else a.chunks[d] for d in range(ndim))
        result.append(rechunk(a, wanted))
    return result


def stack(seq: Sequence[Any], axis: int = 0, allow_unknown_chunksizes: bool = False) -> Array:
    """Arrays of one shape along a new axis."""
    arrays = _common(seq)
    if not arrays:
        raise ValueError("Need array(s) to stack")
    if not allow_unknown_chunksizes and len({a.shape for a in arrays}) > 1:
        other = next(i for i, a in enumerate(arrays) if a.shape != arrays[0].shape)
        raise ValueError(
            "Stacked arrays must have the same shape. The first array had shape "
            f"{arrays[0].shape}, while array {other + 1} has shape {arrays[other].shape}."
        )
    axis = normalize_axis_index(axis, arrays[0].ndim + 1)
    arrays = _cut_alike(arrays, -1) if arrays[0].ndim else arrays
    stacked = _core.array_stack([a.expr for a in arrays], axis)
    return moved(stacked, arrays, partial(_stack, axis=axis))


def _stack(*values: Any, axis: int) -> Any:
    return np.stack(values, axis=axis)


def vstack(tup: Sequence[Any], allow_unknown_chunksizes: bool = False) -> Array:
    """Arrays on top of each other."""
    from dusk.array.shaping import atleast_2d

    if isinstance(tup, Array):
        raise NotImplementedError("``vstack`` expects a sequence of arrays as the first argument")
    return concatenate([atleast_2d(a) for a in tup], axis=0)


def hstack(tup: Sequence[Any], allow_unknown_chunksizes: bool = False) -> Array:
    """Arrays beside each other."""
    if isinstance(tup, Array):
        raise NotImplementedError("``hstack`` expects a sequence of arrays as the first argument")
    arrays = [asarray(a) for a in tup]
    return concatenate(arrays, axis=0 if all(a.ndim == 1 for a in arrays) else 1)


def dstack(tup: Sequence[Any], allow_unknown_chunksizes: bool = False) -> Array:
    """Arrays behind each other."""
    from dusk.array.shaping import atleast_3d

    if isinstance(tup, Array):
        raise NotImplementedError("``dstack`` expects a sequence of arrays as the first argument")
    return concatenate([atleast_3d(a) for a in tup], axis=2)


def append(arr: Any, values: Any, axis: int | None = None) -> Array:
    """`values` after `arr`."""
    return concatenate([asarray(arr), asarray(values)], axis=axis)


def block(arrays: Any, allow_unknown_chunksizes: bool = False) -> Array:
    """One array out of nested lists of blocks, innermost lists along the last axis."""
    if isinstance(arrays, tuple):
        raise TypeError("block only takes lists, not tuples")
    depth, ndims = _depth(arrays)
    if depth == 0:
        return asarray(arrays)
    result: Array = _block(arrays, depth, max(depth, ndims))
    return result


def _depth(arrays: Any) -> tuple[int, int]:
    if not isinstance(arrays, list):
        return 0, asarray(arrays).ndim
    if not arrays:
        raise ValueError("List at arrays cannot be empty")
    parts = [_depth(a) for a in arrays]
    if len({p[0] for p in parts}) > 1:
        raise ValueError("List depths are mismatched")
    return parts[0][0] + 1, max(p[1] for p in parts)


def _block(arrays: Any, depth: int, ndim: int) -> Any:
    if not isinstance(arrays, list):
        x = asarray(arrays)
        return x[(None,) * (ndim - x.ndim)]
    parts = [_block(a, depth - 1, ndim) for a in arrays]
    return concatenate(parts, axis=-depth)


for _function in (concatenate, stack):
    _function.__dict__["__dusk_native__"] = True
