"""NumPy's other functions, out of the parts that exist."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from dusk import _core
from dusk.array.core import Array, asarray
from dusk.array.joining import stack
from dusk.array.reductions import mean, sum


def nonzero(a: Any) -> tuple[Array, ...]:
    """Places of the elements that are not zero, an array of unknown length an axis."""
    a = asarray(a)
    flat = a.ravel()
    hits = flat != 0
    from dusk.array.creation import arange

    places = arange(flat.shape[0], chunks=(flat.chunks[0],), dtype=np.int64)[hits]
    return tuple(
        places.map_blocks(_unravel, a.shape, d, dtype=np.int64) for d in range(a.ndim)
    )


def _unravel(places: np.ndarray, shape: tuple[int, ...], axis: int) -> np.ndarray:
    return np.asarray(np.unravel_index(places, shape)[axis])


def flatnonzero(a: Any) -> Array:
    """Flat places of the elements that are not zero."""
    return nonzero(asarray(a).ravel())[0]


def argwhere(a: Any) -> Array:
    """Places of the elements that are not zero, one row each."""
    return stack(list(nonzero(a)), axis=1, allow_unknown_chunksizes=True)


def take(a: Any, indices: Any, axis: int = 0) -> Array:
    """Elements by number along `axis`."""
    a = asarray(a)
    axis = normalize_axis_index(axis, a.ndim)
    return a[(slice(None),) * axis + (indices,)]


def compress(condition: Any, a: Any, axis: int | None = None) -> Array:
    """Slices along `axis` where `condition` holds."""
    a = asarray(a)
    if axis is None:
        a, axis = a.ravel(), 0
    axis = normalize_axis_index(axis, a.ndim)
    mask = np.asarray(condition).astype(bool)
    if mask.ndim != 1:
        raise ValueError("Condition must be one dimensional")
    full = np.zeros(int(a.shape[axis]), dtype=bool)
    full[: len(mask)] = mask
    return take(a, np.flatnonzero(full), axis)


def extract(condition: Any, arr: Any) -> Array:
    """Elements where `condition` holds, flat."""
    condition = asarray(condition).astype(bool)
    return asarray(arr).ravel()[condition.ravel()]


def average(
    a: Any, axis: Any = None, weights: Any = None, returned: bool = False, keepdims: bool = False
) -> Any:
    """The mean, weighted when `weights` are given.

    Raises
    ------
    ZeroDivisionError
        When the weights sum to zero.
    """
    a = asarray(a)
    if weights is None:
        result = mean(a, axis=axis, keepdims=keepdims)
        scale: Any = a.size / result.size
        return (result, result * 0 + scale) if returned else result
    w = asarray(weights)
    if w.shape != a.shape:
        if axis is None:
            raise TypeError("Axis must be specified when shapes of a and weights differ.")
        if w.ndim != 1:
            raise TypeError("1D weights expected when shapes of a and weights differ.")
        if w.shape[0] != a.shape[axis]:
            raise ValueError("Length of weights not compatible with specified axis.")
        index = tuple(slice(None) if d == axis % a.ndim else None for d in range(a.ndim))
        w = w[index] * (a * 0 + 1)
    scale = sum(w, axis=axis, keepdims=keepdims)
    result = sum(a * w, axis=axis, keepdims=keepdims) / scale
    return (result, scale) if returned else result


def diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> Array:
    """Differences of neighbours along `axis`, `n` times over."""
    a = asarray(a)
    n, axis = int(n), normalize_axis_index(int(axis), a.ndim)
    if n < 0:
        raise ValueError(f"order must be non-negative but got {n}")
    before = (slice(None),) * axis
    for _ in range(n):
        late, early = a[(*before, slice(1, None))], a[(*before, slice(None, -1))]
        a = late ^ early if a.dtype == bool else late - early
    return a


def digitize(a: Any, bins: Any, right: bool = False) -> Array:
    """The bin of every element."""
    edges = np.asarray(bins)
    dtype = np.digitize(np.asarray([0], dtype=float), edges, right=right).dtype
    return asarray(a).map_blocks(np.digitize, bins=edges, right=right, dtype=dtype)


def isin(element: Any, test_elements: Any, assume_unique: bool = False, invert: bool = False) -> Array:  # noqa: E501
    """Whether elements are among `test_elements`."""
    values = np.asarray(
        test_elements.compute() if isinstance(test_elements, Array) else test_elements
    ).ravel()
    return asarray(element).map_blocks(
        np.isin, values, assume_unique=assume_unique, invert=invert, dtype=bool
    )


def unique(ar: Any) -> Array:
    """Distinct elements, sorted."""
    flat = asarray(ar).ravel()
    parts = flat.map_blocks(np.unique, dtype=flat.dtype, chunks=((math.nan,) * flat.numblocks[0],))
    token = f"unique-{parts.expr.token}"
    joined = _core.object_call(np.unique, [parts.expr], name="unique", token=token)
    return Array(_core.array_from_objects([joined], [[math.nan]], flat.expr.dtype))


def histogram(
    a: Any, bins: Any = None, range: Any = None, normed: bool = False, weights: Any = None,  # noqa: A002
    density: bool = False,
) -> tuple[Array, Any]:  # fmt: skip
    """Counts of elements by bin.

    Raises
    ------
    ValueError
        When `bins` is a number and `range` is missing.
    """
    a = asarray(a)
    if np.isscalar(bins) or bins is None:
        if range is None:
            raise ValueError("range must be given with a number of bins")
        edges: np.ndarray = np.linspace(range[0], range[1], int(bins or 10) + 1)
    else:
        edges = np.asarray(bins)
    flat = a.ravel()
    if weights is None:
        counted = flat.map_blocks(_histogram, edges, new_axis=1, dtype=np.int64,
                                  chunks=((1,) * flat.numblocks[0], (len(edges) - 1,)))
    else:
        w = asarray(weights).ravel().rechunk(flat.chunks)
        counted = flat.map_blocks(_weighted, w, bins=edges, new_axis=1, dtype=w.dtype,
                                  chunks=((1,) * flat.numblocks[0], (len(edges) - 1,)))
    counts = counted.sum(axis=0)
    if density:
        return counts / np.diff(edges) / counts.sum(), edges
    return counts, edges


def _histogram(block: np.ndarray, edges: np.ndarray) -> np.ndarray:
    return np.histogram(block, edges)[0][None, :]


def _weighted(block: np.ndarray, weights: np.ndarray, bins: np.ndarray) -> np.ndarray:
    return np.histogram(block, bins, weights=weights)[0][None, :]


def topk(a: Any, k: int, axis: int = -1, split_every: Any = None) -> Array:
    """The `k` largest elements along `axis` in descending order (smallest, ascending, for k < 0)."""
    a = asarray(a)
    axis = normalize_axis_index(axis, a.ndim)
    count = min(abs(k), int(a.shape[axis]))
    parts = a.map_blocks(
        _topk, k, axis, dtype=a.dtype,
        chunks=tuple(
            tuple(min(abs(k), c) for c in sizes) if d == axis else sizes
            for d, sizes in enumerate(a.chunks)
        ),
    ).rechunk({axis: -1})  # fmt: skip
    return parts.map_blocks(
        _topk, k, axis, dtype=a.dtype,
        chunks=tuple((count,) if d == axis else sizes for d, sizes in enumerate(parts.chunks)),
    )  # fmt: skip


def _topk(block: np.ndarray, k: int, axis: int) -> np.ndarray:
    ordered = np.sort(block, axis=axis)
    if k > 0:
        ordered = np.flip(ordered, axis=axis)
    return np.take(ordered, range(min(abs(k), block.shape[axis])), axis=axis)


def median(a: Any, axis: Any = None, keepdims: bool = False, out: Any = None) -> Any:
    """The median along `axis`, whose chunks are joined first."""
    if axis is None:
        raise NotImplementedError(
            "The da.median function only works along an axis.  The full algorithm is difficult to "
            "do in parallel"
        )
    return _over_whole_axes(np.median, a, axis, keepdims)


def nanmedian(a: Any, axis: Any = None, keepdims: bool = False, out: Any = None) -> Any:
    """The median along `axis` without NaN."""
    if axis is None:
        raise NotImplementedError("The da.nanmedian function only works along an axis")
    return _over_whole_axes(np.nanmedian, a, axis, keepdims)


def _over_whole_axes(function: Any, a: Any, axis: Any, keepdims: bool) -> Array:
    from dusk.array.reductions import _axes, _numpy_blocks

    a = asarray(a)
    axes = _axes(axis, a.ndim)
    whole = a.rechunk({d: -1 for d in axes})
    return _numpy_blocks(function, whole, axes, keepdims, {"axis": axes, "keepdims": True})


def cov(m: Any, y: Any = None, rowvar: bool = True, bias: bool = False, ddof: Any = None) -> Array:
    """The covariance matrix of variables in rows (columns without `rowvar`)."""
    from dusk.array.joining import vstack
    from dusk.array.linear import dot
    from dusk.array.shaping import atleast_2d

    x = atleast_2d(asarray(m))
    if not rowvar and x.shape[0] != 1:
        x = x.T
    if y is not None:
        other = atleast_2d(asarray(y))
        x = vstack([x, other.T if not rowvar and other.shape[0] != 1 else other])
    count = x.shape[1] - (ddof if ddof is not None else 0 if bias else 1)
    x = x - x.mean(axis=1, keepdims=True)
    return (dot(x, x.T.conj()) / count).squeeze()


def corrcoef(x: Any, y: Any = None, rowvar: int = 1) -> Array:
    """The correlation matrix of variables in rows."""
    c = cov(x, y, bool(rowvar))
    if c.shape == ():
        return c / c
    scale = _diagonal(c) ** 0.5
    result: Array = (c / scale[:, None]) / scale[None, :]
    return result


def _diagonal(c: Array) -> Array:
    return c.rechunk(-1).map_blocks(np.diagonal, drop_axis=1, dtype=c.dtype,
                                    chunks=((c.shape[0],),))


def diagonal(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Array:
    """The diagonal of two axes, as the last axis."""
    a = asarray(a).rechunk(-1)
    shape = np.diagonal(np.broadcast_to(np.int8(0), a.shape), offset, axis1, axis2).shape
    drop = [axis1 % a.ndim, axis2 % a.ndim]
    return a.map_blocks(np.diagonal, offset=offset, axis1=axis1, axis2=axis2, dtype=a.dtype,
                        drop_axis=drop, new_axis=a.ndim - 2,
                        chunks=tuple((n,) for n in shape))


def diag(v: Any, k: int = 0) -> Array:
    """The diagonal of a matrix, or a matrix with the given diagonal."""
    v = asarray(v)
    if v.ndim == 2:
        return diagonal(v, k)
    if v.ndim != 1:
        raise ValueError("Array must be 1d or 2d only")
    n = v.shape[0] + abs(k)
    return v.rechunk(-1).map_blocks(np.diag, k=k, new_axis=1, dtype=v.dtype, chunks=((n,), (n,)))


def trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None) -> Any:
    """The sum of a diagonal."""
    return diagonal(a, offset, axis1, axis2).sum(axis=-1, dtype=dtype)


def tril(m: Any, k: int = 0) -> Array:
    """The lower triangle; zeros elsewhere."""
    return _triangle(m, k, lower=True)


def triu(m: Any, k: int = 0) -> Array:
    """The upper triangle; zeros elsewhere."""
    return _triangle(m, k, lower=False)


def _triangle(m: Any, k: int, lower: bool) -> Array:
    from dusk.array.creation import arange
    from dusk.array.ufuncs import where

    m = asarray(m)
    rows = arange(m.shape[-2], chunks=(m.chunks[-2],))[:, None]
    columns = arange(m.shape[-1], chunks=(m.chunks[-1],))[None, :]
    keep = columns - rows <= k if lower else columns - rows >= k
    result: Array = where(keep, m, np.zeros((), dtype=m.dtype)[()])
    return result


def repeat(a: Any, repeats: int, axis: Any = None) -> Array:
    """Elements `repeats` times each along `axis`."""
    a = asarray(a)
    if axis is None:
        if a.ndim != 1:
            raise NotImplementedError("Must supply an integer axis value")
        axis = 0
    if not isinstance(repeats, int | np.integer):
        raise NotImplementedError("Only integer valued repeats supported")
    axis = normalize_axis_index(axis, a.ndim)
    chunks = tuple(
        tuple(c * repeats for c in sizes) if d == axis else sizes
        for d, sizes in enumerate(a.chunks)
    )
    return a.map_blocks(np.repeat, repeats, axis, dtype=a.dtype, chunks=chunks)


def tile(A: Any, reps: Any) -> Array:  # noqa: N803
    """The array set beside itself `reps` times along every axis."""
    from dusk.array.joining import concatenate

    a = asarray(A)
    counts = (reps,) if isinstance(reps, int | np.integer) else tuple(reps)
    if any(r < 0 for r in counts):
        raise ValueError("Negative `reps` are not allowed.")
    a = a[(None,) * (len(counts) - a.ndim)]
    counts = (1,) * (a.ndim - len(counts)) + counts
    for d, r in enumerate(counts):
        before = (slice(None),) * d
        a = concatenate([a] * r, axis=d) if r else a[(*before, slice(0, 0))]
    return a


def result_type(*args: Any) -> np.dtype[Any]:
    """NumPy's result type of arrays, dtypes and scalars."""
    return np.result_type(*[a.dtype if isinstance(a, Array) else a for a in args])


def apply_along_axis(func1d: Any, axis: int, arr: Any, *args: Any, dtype: Any = None, shape: Any = None, **kwargs: Any) -> Array:  # noqa: E501
    """A function of one-dimensional arrays along `axis`, whose chunks are joined first."""
    arr = asarray(arr)
    axis = normalize_axis_index(axis, arr.ndim)
    if dtype is None or shape is None:
        probe = np.asarray(func1d(np.ones(arr.shape[axis], dtype=arr.dtype), *args, **kwargs))
        dtype, shape = probe.dtype, probe.shape
    arr = arr.rechunk({axis: -1})
    chunks = list(arr.chunks)
    chunks[axis : axis + 1] = [(n,) for n in shape]
    drop, new = ([axis], []) if not shape else ([axis], list(range(axis, axis + len(shape))))
    return arr.map_blocks(
        _along_axis, func1d, axis, args, kwargs, dtype=dtype, chunks=tuple(chunks),
        drop_axis=drop, new_axis=new,
    )  # fmt: skip


def _along_axis(block: np.ndarray, func1d: Any, axis: int, args: Any, kwargs: Any) -> np.ndarray:
    return np.apply_along_axis(func1d, axis, block, *args, **kwargs)


def store(sources: Any, targets: Any, lock: Any = True, regions: Any = None, compute: bool = True, return_stored: bool = False, load_stored: Any = None, **kwargs: Any) -> Any:  # noqa: E501
    """Writes arrays into things with ``__setitem__``, chunk by chunk.

    Parameters
    ----------
    sources, targets : Array and writable, or lists of them
    lock : bool or lock, default True
        Held while a chunk is written.
    regions : tuple of slices, or a list of them, optional
        Where in the targets.
    """
    import threading

    from dusk.base import compute as compute_all

    if isinstance(sources, Array):
        sources, targets = [sources], [targets]
        regions = None if regions is None else [regions]
    if any(not isinstance(s, Array) for s in sources):
        raise ValueError("All sources must be dask array objects")
    if len(sources) != len(targets):
        raise ValueError(
            f"Different number of sources [{len(sources)}] and targets [{len(targets)}]"
        )
    guard = threading.Lock() if lock is True else lock or None
    written = []
    for i, (source, target) in enumerate(zip(sources, targets, strict=True)):
        region = None if regions is None else regions[i]
        written.append(_written(source, target, region, guard))
    if return_stored:
        raise NotImplementedError("store(return_stored=True) does not exist yet (docs/status.md)")
    if compute:
        compute_all(*written, **kwargs)
        return None
    return written[0] if len(written) == 1 else written


def _written(source: Array, target: Any, region: Any, guard: Any) -> Array:
    starts = [np.concatenate([[0], np.cumsum(c)]).astype(int).tolist() for c in source.chunks]

    def write(block: np.ndarray, block_id: tuple[int, ...]) -> np.ndarray:
        index = [
            slice(s[i], s[i + 1]) for s, i in zip(starts, block_id, strict=True)
        ]
        if region is not None:
            index = [
                slice((r.start or 0) + part.start, (r.start or 0) + part.stop)
                for r, part in zip(region, index, strict=True)
            ]
        if guard is not None:
            with guard:
                target[tuple(index)] = block
        else:
            target[tuple(index)] = block
        return np.zeros((1,) * block.ndim, dtype=bool)

    return source.map_blocks(
        write, dtype=bool, chunks=tuple((1,) * n for n in source.numblocks), token=f"{id(target)}"
    )

