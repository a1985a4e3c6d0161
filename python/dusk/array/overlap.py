"""Functions of chunks that see some of their neighbours' elements."""

# mypy: disable-error-code="no-any-return"

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dusk.array.core import Array, asarray
from dusk.array.joining import concatenate
from dusk.array.mapping import map_blocks
from dusk.array.padding import pad

Depth = dict[int, tuple[int, int]]


def coerce_depth(ndim: int, depth: Any) -> Depth:
    """Depth by axis: elements taken from the chunk before and from the chunk after."""
    if depth is None:
        depth = 0
    if isinstance(depth, int | np.integer):
        depth = (int(depth),) * ndim
    if isinstance(depth, tuple | list):
        depth = dict(enumerate(depth))
    pairs = {int(d) % ndim: v if isinstance(v, tuple) else (v, v) for d, v in depth.items()}
    return {d: (int(pairs.get(d, (0, 0))[0]), int(pairs.get(d, (0, 0))[1])) for d in range(ndim)}


def coerce_boundary(ndim: int, boundary: Any) -> dict[int, Any]:
    """Boundary by axis; "none" where none is given."""
    if not isinstance(boundary, dict | tuple | list):
        boundary = dict.fromkeys(range(ndim), boundary)
    if isinstance(boundary, tuple | list):
        boundary = dict(enumerate(boundary))
    return {d: "none" if boundary.get(d) is None else boundary[d] for d in range(ndim)}


def overlap(x: Any, depth: Any, boundary: Any = None, *, allow_rechunk: bool = True) -> Array:
    """The array whose chunks have grown by `depth` elements of their neighbours on every side."""
    x = asarray(x)
    reach, edges = coerce_depth(x.ndim, depth), coerce_boundary(x.ndim, boundary)
    for axis, (before, after) in reach.items():
        if before or after:
            x = _grow(x, axis, before, after, edges[axis], allow_rechunk)
    return x


_PAD = {"reflect": "symmetric", "nearest": "edge", "periodic": "wrap"}


def _grow(x: Array, axis: int, before: int, after: int, edge: Any, allow_rechunk: bool) -> Array:
    deep = max(before, after)
    if deep > x.shape[axis]:
        raise ValueError(
            f"The overlapping depth {deep} is larger than your\narray {x.shape[axis]}."
        )
    if min(x.chunks[axis]) < deep:
        if not allow_rechunk:
            raise ValueError(
                f"The overlapping depth {deep} is larger than your smallest chunk size "
                f"{min(x.chunks[axis])}. Rechunk your array with a larger chunk size or a chunk "
                "size that more evenly divides the shape of your array."
            )
        x = x.rechunk({axis: _at_least(x.chunks[axis], deep)})
    sizes = x.chunks[axis]
    first = 0
    if edge != "none":
        width = [(before, after) if d == axis else (0, 0) for d in range(x.ndim)]
        if isinstance(edge, str):
            x = pad(x, width, mode=_PAD[edge])
        else:
            x = pad(x, width, mode="constant", constant_values=edge)
        first = before
    total, at, parts, grown = int(x.shape[axis]), first, [], []
    for size in sizes:
        low, high = max(at - before, 0), min(at + size + after, total)
        parts.append(x[(slice(None),) * axis + (slice(low, high),)])
        grown.append(high - low)
        at += size
    return concatenate(parts, axis=axis).rechunk({axis: tuple(grown)})


def _at_least(sizes: tuple[int, ...], least: int) -> tuple[int, ...]:
    """Chunks joined until none is shorter than `least`."""
    joined: list[int] = []
    for size in sizes:
        if joined and (joined[-1] < least or size < least):
            joined[-1] += size
        else:
            joined.append(size)
    return tuple(joined)


def trim_internal(x: Array, axes: Any, boundary: Any = None) -> Array:
    """Chunks without the elements of their neighbours: what :func:`overlap` added taken off."""
    reach, edges = coerce_depth(x.ndim, axes), coerce_boundary(x.ndim, boundary)
    chunks = []
    for d, sizes in enumerate(x.chunks):
        before, after = reach[d]
        open_ends = edges[d] == "none"
        chunks.append(tuple(
            size - (0 if open_ends and i == 0 else before)
            - (0 if open_ends and i == len(sizes) - 1 else after)
            for i, size in enumerate(sizes)
        ))  # fmt: skip
    return map_blocks(
        _trim, x, reach, edges, x.numblocks, dtype=x.dtype, chunks=tuple(chunks), token="trim"
    )


def _trim(
    block: np.ndarray, reach: Depth, edges: dict[int, Any], numblocks: tuple[int, ...],
    block_id: tuple[int, ...] = (),
) -> np.ndarray:  # fmt: skip
    index = []
    for d, i in enumerate(block_id):
        before, after = reach[d]
        open_ends = edges[d] == "none"
        start = 0 if open_ends and i == 0 else before
        stop = 0 if open_ends and i == numblocks[d] - 1 else after
        index.append(slice(start, block.shape[d] - stop))
    return block[tuple(index)]


def map_overlap(
    func: Callable[..., Any],
    *args: Any,
    depth: Any = None,
    boundary: Any = None,
    trim: bool = True,
    align_arrays: bool = True,
    allow_rechunk: bool = True,
    **kwargs: Any,
) -> Array:
    """A function of chunks that have grown by `depth` elements of their neighbours.

    Parameters
    ----------
    func : callable
        Takes NumPy arrays, one for every array argument.
    *args : Array or anything else
    depth : int, tuple, dict, or a list of them (one an array)
        Elements by axis; a pair gives other depths before and after.
    boundary : {"none", "reflect", "periodic", "nearest"}, number, or these by axis
        What lies beyond the array's ends.
    trim : bool, default True
        Whether the result loses what the chunks had grown by.
    **kwargs
        As for :func:`map_blocks`.

    Examples
    --------
    >>> import dusk.array as da
    >>> x = da.arange(6, chunks=3)
    >>> x.map_overlap(lambda b: b + (b.sum() > 12), depth=1, boundary=0).compute()
    array([0, 1, 2, 4, 5, 6])
    """
    if isinstance(func, Array) and args and callable(args[0]):
        func, args = args[0], (func, *args[1:])
    if not callable(func):
        raise TypeError(
            f"First argument must be callable function, not {type(func).__name__}\n"
            "Usage:   da.map_overlap(function, x)\n"
            "   or:   da.map_overlap(function, x, y, z)"
        )
    arrays = [a for a in args if isinstance(a, Array)]
    if not arrays:
        raise TypeError("All variadic arguments must be arrays")
    depths = depth if isinstance(depth, list) else [depth] * len(arrays)
    edges = boundary if isinstance(boundary, list) else [boundary] * len(arrays)
    if align_arrays and len({a.chunks for a in arrays}) > 1:
        from dusk.array.ufuncs import _aligned

        arrays = _aligned(arrays)
    grown = [
        overlap(a, d, e, allow_rechunk=allow_rechunk)
        for a, d, e in zip(arrays, depths, edges, strict=True)
    ]
    left = iter(grown)
    call = [next(left) if isinstance(a, Array) else a for a in args]
    result = map_blocks(func, *call, **kwargs)
    if not trim:
        return result
    widest = max(range(len(arrays)), key=lambda i: arrays[i].ndim)
    return trim_internal(result, coerce_depth(arrays[widest].ndim, depths[widest]), edges[widest])


def push(array: Any, n: int | None, axis: int) -> Array:
    """Missing elements replaced by the last one before them along `axis`, at most `n` away."""
    x = asarray(array).rechunk({axis: -1})
    return x.map_blocks(_push, n, axis % x.ndim, dtype=x.dtype)


def _push(block: np.ndarray, n: int | None, axis: int) -> np.ndarray:
    places = np.arange(block.shape[axis]).reshape(
        [-1 if d == axis else 1 for d in range(block.ndim)]
    )
    known = np.where(np.isnan(block), -1, places)
    last = np.maximum.accumulate(known, axis=axis)
    near = last >= 0 if n is None else (last >= 0) & (places - last <= n)
    return np.where(near, np.take_along_axis(block, np.maximum(last, 0), axis), np.nan)
