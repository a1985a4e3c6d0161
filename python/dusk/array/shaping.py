"""Shapes: transposing, reshaping, broadcasting, adding and dropping axes."""

# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from dusk import _core
from dusk.array.core import Array, asarray
from dusk.array.foreign import moved


def transpose(a: Any, axes: Any = None) -> Array:
    """The axes in another order (reversed by default).

    Examples
    --------
    >>> import dusk.array as da
    >>> da.ones((2, 3), chunks=1).transpose().shape
    (3, 2)
    """
    a = asarray(a)
    if axes is None:
        order = tuple(range(a.ndim))[::-1]
    else:
        if len(axes) != a.ndim:
            raise ValueError("axes don't match array")
        order = normalize_axis_tuple(axes, a.ndim)
    return moved(_core.array_transpose(a.expr, order), [a], partial(np.transpose, axes=order))


def _transpose_method(a: Array, *axes: Any) -> Array:
    if len(axes) == 1 and (axes[0] is None or isinstance(axes[0], tuple | list)):
        return transpose(a, axes[0])
    return transpose(a, axes or None)


def swapaxes(a: Any, axis1: int, axis2: int) -> Array:
    """The array with two axes exchanged."""
    a = asarray(a)
    order = list(range(a.ndim))
    one, two = normalize_axis_index(axis1, a.ndim), normalize_axis_index(axis2, a.ndim)
    order[one], order[two] = order[two], order[one]
    return transpose(a, order)


def moveaxis(a: Any, source: Any, destination: Any) -> Array:
    """Axes moved to other places; the rest keep their order."""
    a = asarray(a)
    if isinstance(source, int):
        source = (source,)
    if isinstance(destination, int):
        destination = (destination,)
    old = normalize_axis_tuple(source, a.ndim, "source")
    new = normalize_axis_tuple(destination, a.ndim, "destination")
    if len(old) != len(new):
        raise ValueError(
            "`source` and `destination` arguments must have the same number of elements"
        )
    order = [d for d in range(a.ndim) if d not in old]
    for to, item in sorted(zip(new, old, strict=True)):
        order.insert(to, item)
    return transpose(a, order)


def rollaxis(a: Any, axis: int, start: int = 0) -> Array:
    """One axis moved before position `start`."""
    a = asarray(a)
    axis = normalize_axis_index(axis, a.ndim)
    if start < 0:
        start += a.ndim
    if not 0 <= start <= a.ndim:
        raise np.exceptions.AxisError(start, a.ndim + 1, "start")
    if axis < start:
        start -= 1
    order = [d for d in range(a.ndim) if d != axis]
    order.insert(start, axis)
    return transpose(a, order)


def expand_dims(a: Any, axis: Any) -> Array:
    """New axes of length 1 at the given places of the result."""
    a = asarray(a)
    axes = (axis,) if not isinstance(axis, tuple | list) else tuple(axis)
    places = normalize_axis_tuple(axes, a.ndim + len(axes))
    index = tuple(None if d in places else slice(None) for d in range(a.ndim + len(places)))
    return a[index]


def squeeze(a: Any, axis: Any = None) -> Array:
    """The array without axes of length 1 (the given ones, or all)."""
    a = asarray(a)
    if axis is None:
        axes = tuple(d for d, n in enumerate(a.shape) if n == 1)
    else:
        axes = normalize_axis_tuple(axis, a.ndim)
    if any(a.shape[d] != 1 for d in axes):
        raise ValueError("cannot squeeze axis with size other than one")
    return a[tuple(0 if d in axes else slice(None) for d in range(a.ndim))]


def reshape(x: Any, shape: Any, merge_chunks: bool = True, limit: Any = None) -> Array:
    """The same elements, in C order, under another shape.

    Parameters
    ----------
    x : array_like
    shape : int or tuple of ints
        One entry may be -1.

    Raises
    ------
    ValueError
        When the sizes differ, or chunk sizes are unknown.
    """
    x = asarray(x)
    shape = (shape,) if not isinstance(shape, tuple | list) else tuple(shape)
    if sum(n == -1 for n in shape) > 1:
        raise ValueError("can only specify one unknown dimension")
    if any(isinstance(n, float) and math.isnan(n) for n in x.shape):
        raise ValueError(
            f"Array chunk size or shape is unknown. shape: {x.shape}\n\n"
            "Possible solution with x.compute_chunk_sizes()"
        )
    known = math.prod(int(n) for n in shape if n != -1)
    if -1 in shape:
        if known == 0 or x.size % known:
            raise ValueError("cannot reshape array of size %d into shape %s" % (x.size, shape))  # noqa: UP031
        shape = tuple(int(x.size // known) if n == -1 else int(n) for n in shape)
    shape = tuple(int(n) for n in shape)
    if math.prod(shape) != x.size:
        raise ValueError("total size of new array must be unchanged")
    if not merge_chunks and x.ndim > len(shape) and x.npartitions > 1:
        x = x.rechunk(dict.fromkeys(range(x.ndim - len(shape)), 1))
    if [n for n in shape if n != 1] == [n for n in x.shape if n != 1] and 0 not in shape:
        flat = x[tuple(0 if n == 1 else slice(None) for n in x.shape)]
        return flat[tuple(None if n == 1 else slice(None) for n in shape)]
    reshaped = _core.array_reshape(x.expr, shape)
    return moved(reshaped, [x], partial(np.reshape, shape=shape))


def _reshape_method(x: Array, *shape: Any, merge_chunks: bool = True, limit: Any = None) -> Array:
    if len(shape) == 1 and not np.isscalar(shape[0]):
        shape = tuple(shape[0])
    return reshape(x, shape, merge_chunks, limit)


def ravel(array_like: Any) -> Array:
    """All elements along one axis, in C order."""
    return (
        reshape(asarray(array_like), (-1,))
        if asarray(array_like).size
        else reshape(asarray(array_like), (0,))
    )


def _flatten(a: Array) -> Array:
    return ravel(a)


def broadcast_to(x: Any, shape: Any, chunks: Any = None, meta: Any = None) -> Array:
    """`x` stretched to `shape` without a copy; new axes are cut by `chunks`."""
    from dusk.array.chunks import normalize_chunks

    x = asarray(x)
    shape = (shape,) if np.isscalar(shape) else tuple(shape)
    if x.shape == shape and (
        chunks is None or normalize_chunks(chunks, shape, dtype=x.dtype) == x.chunks
    ):
        return x
    extra = len(shape) - x.ndim
    if extra < 0 or any(n != m and m != 1 for n, m in zip(shape[extra:], x.shape, strict=True)):
        raise ValueError(f"cannot broadcast shape {x.shape} to shape {shape}")
    cut = None if chunks is None else normalize_chunks(chunks, shape, dtype=x.dtype)
    if cut is not None:
        for d, sizes in enumerate(x.chunks):
            if x.shape[d] != 1 and cut[extra + d] != sizes:
                raise ValueError(
                    f"cannot broadcast chunks {x.chunks} to chunks {cut}: new chunks must either "
                    "be along a new dimension or a dimension of size 1"
                )
    stretched = _core.array_broadcast_to(x.expr, shape, cut)
    return moved(stretched, [x], partial(np.broadcast_to, shape=shape))


def broadcast_arrays(*args: Any, subok: bool = False) -> tuple[Array, ...]:
    """The arrays stretched to their common shape and cut alike."""
    from dusk.array.ufuncs import _aligned, _result_chunks

    arrays = _aligned([asarray(a) for a in args])
    ndim = max((a.ndim for a in arrays), default=0)
    chunks = _result_chunks(arrays, ndim)
    if any(c != c for sizes in chunks for c in sizes):
        return tuple(arrays)
    shape = tuple(sum(c) for c in chunks)
    stretch = partial(np.broadcast_to, shape=shape)
    return tuple(
        moved(_core.array_broadcast_to(a.expr, shape, chunks), [a], stretch) for a in arrays
    )


def _at_least(count: int, *arys: Any) -> Any:
    results = []
    for x in arys:
        x = asarray(x)
        if x.ndim < count:
            if count == 3 and x.ndim == 2:
                x = x[:, :, None]
            elif count == 3 and x.ndim == 1:
                x = x[None, :, None]
            elif count == 2 and x.ndim == 1:
                x = x[None, :]
            else:
                x = x[(None,) * (count - x.ndim)]
        results.append(x)
    return results[0] if len(results) == 1 else results


def atleast_1d(*arys: Any) -> Any:
    """Arrays with at least one axis."""
    return _at_least(1, *arys)


def atleast_2d(*arys: Any) -> Any:
    """Arrays with at least two axes."""
    return _at_least(2, *arys)


def atleast_3d(*arys: Any) -> Any:
    """Arrays with at least three axes."""
    return _at_least(3, *arys)


def flip(m: Any, axis: Any = None) -> Array:
    """Elements in reverse order along the given axes (all by default)."""
    m = asarray(m)
    axes = range(m.ndim) if axis is None else normalize_axis_tuple(axis, m.ndim)
    return m[tuple(slice(None, None, -1) if d in axes else slice(None) for d in range(m.ndim))]


def flipud(m: Any) -> Array:
    """Rows in reverse order."""
    return flip(m, 0)


def fliplr(m: Any) -> Array:
    """Columns in reverse order."""
    return flip(m, 1)


def rot90(m: Any, k: int = 1, axes: Sequence[int] = (0, 1)) -> Array:
    """The array turned by 90 degrees `k` times in the plane of two axes."""
    m = asarray(m)
    one, two = (normalize_axis_index(a, m.ndim) for a in axes)
    if one == two:
        raise ValueError("Axes must be different.")
    k %= 4
    if k == 0:
        return m[:]
    if k == 2:
        return flip(flip(m, one), two)
    if k == 1:
        return swapaxes(flip(m, two), one, two)
    return flip(swapaxes(m, one, two), two)


def roll(array: Any, shift: Any, axis: Any = None) -> Array:
    """Elements moved by `shift`; those that leave at one end come in at the other."""
    from dusk.array.joining import concatenate

    x = asarray(array)
    if axis is None:
        return roll(ravel(x), shift, 0).reshape(x.shape)
    shifts = (shift,) if np.isscalar(shift) else tuple(shift)
    axes = (axis,) if np.isscalar(axis) else tuple(axis)
    if len(shifts) != len(axes):
        raise ValueError("Must have the same number of shifts as axes.")
    for s, a in zip(shifts, axes, strict=True):
        d = normalize_axis_index(a, x.ndim)
        if x.shape[d] == 0:
            continue
        cut = -s % x.shape[d]
        before = (slice(None),) * d
        x = concatenate([x[(*before, slice(cut, None))], x[(*before, slice(None, cut))]], axis=d)
    return x


def ndim(a: Any) -> int:
    """Number of axes."""
    return asarray(a).ndim


def shape(array: Any) -> tuple[Any, ...]:
    """Lengths of the axes."""
    return asarray(array).shape


for _function in (transpose, reshape, broadcast_to, squeeze, expand_dims):
    _function.__dict__["__dusk_native__"] = True
