"""NumPy's other functions, out of the parts that exist."""

# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import itertools
import math
import operator
from functools import partial
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from dusk import _core
from dusk.array.core import Array, asarray
from dusk.array.creation import arange
from dusk.array.joining import concatenate, stack
from dusk.array.reductions import mean, sum


def nonzero(a: Any) -> tuple[Array, ...]:
    """Places of the elements that are not zero, an array of unknown length an axis."""
    a = asarray(a)
    flat = a.ravel()
    hits = flat != 0
    places = arange(flat.shape[0], chunks=(flat.chunks[0],), dtype=np.int64)[hits]
    return tuple(places.map_blocks(_unravel, a.shape, d, dtype=np.int64) for d in range(a.ndim))


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
    if np.ndim(condition) != 1:
        raise ValueError("Condition must be one dimensional")
    if isinstance(condition, Array):
        before = (slice(None),) * axis
        kept = a[(*before, slice(0, condition.shape[0]))]
        return kept[(*before, condition.astype(bool))]
    mask = np.asarray(condition).astype(bool)
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


def isin(
    element: Any,
    test_elements: Any,
    assume_unique: bool = False,
    invert: bool = False,
    *,
    kind: Any = None,
) -> Array:
    """Whether elements are among `test_elements`."""
    values = np.asarray(
        test_elements.compute() if isinstance(test_elements, Array) else test_elements
    ).ravel()
    options = {"assume_unique": assume_unique, "invert": invert, "kind": kind}
    return asarray(element).map_blocks(np.isin, values, dtype=bool, **options)


def unique(
    ar: Any, return_index: bool = False, return_inverse: bool = False, return_counts: bool = False
) -> Any:
    """Distinct elements, sorted, in one chunk of unknown length.

    Parameters
    ----------
    return_index, return_inverse, return_counts : bool, default False
        Also the first place of each, the number of each element's value, how often each occurs.
    """
    flat = asarray(ar).ravel()
    if return_index or return_inverse:
        return _unique_of_whole(flat, return_index, return_inverse, return_counts)
    token = f"unique-{flat.expr.token}-{return_counts}"
    parts = [
        _core.object_call(_unique_counts, [block], name="unique", token=f"{token}-{i}")
        for i, block in enumerate(_core.object_blocks(flat.expr))
    ]
    both = _core.object_call(_unique_merged, parts, name="unique-merge", token=token)
    kinds = [flat.dtype, np.dtype(np.intp)][: 1 + return_counts]
    arrays = tuple(_item(both, i, kind, math.nan) for i, kind in enumerate(kinds))
    return arrays if return_counts else arrays[0]


def _unique_counts(block: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    values, counts = np.unique(block, return_counts=True)
    return values, counts


def _unique_merged(*parts: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    values = np.concatenate([p[0] for p in parts])
    counts = np.concatenate([p[1] for p in parts])
    found, inverse = np.unique(values, return_inverse=True)
    totals = np.zeros(len(found), dtype=np.intp)
    np.add.at(totals, inverse, counts)
    return found, totals


def _unique_of_whole(flat: Array, index: bool, inverse: bool, counts: bool) -> tuple[Array, ...]:
    call = partial(np.unique, return_index=index, return_inverse=inverse, return_counts=counts)
    token = f"unique-{flat.expr.token}-{index}{inverse}{counts}"
    together = _core.object_call(call, [flat.expr], name="unique", token=token)
    kinds: list[tuple[Any, Any]] = [(flat.dtype, math.nan)]
    kinds += [(np.intp, math.nan)] * index
    kinds += [(np.intp, flat.shape[0])] * inverse
    kinds += [(np.intp, math.nan)] * counts
    return tuple(_item(together, i, np.dtype(k), n) for i, (k, n) in enumerate(kinds))


def _item(several: Any, i: int, dtype: Any, length: Any) -> Array:
    """Array number `i` of a task's tuple."""
    one = _core.object_call(
        operator.itemgetter(i), [several], name="getitem", token=f"{several.token}-{i}"
    )
    return Array(_core.array_from_objects([one], [[length]], dtype.str))


def _edges(bins: Any, range: Any) -> np.ndarray:
    if isinstance(bins, Array):
        bins = bins.compute()
    if np.ndim(bins) == 0:
        if range is None or bins is None:
            raise ValueError(
                "dask.array.histogram requires either specifying bins as an iterable or specifying "
                "both a range and the number of bins"
            )
        if len(range) != 2:
            raise ValueError("range must be a sequence or array of length 2")
        if bins < 1:
            raise ValueError("bins must be positive")
        return np.linspace(float(range[0]), float(range[1]), int(bins) + 1)
    edges = np.asarray(bins)
    if edges.ndim > 1:
        raise ValueError(f"bins must be either 0-d or 1-d, got {edges.ndim}-d instead")
    return edges


def histogram(
    a: Any,
    bins: Any = None,
    range: Any = None,
    normed: bool | None = False,
    weights: Any = None,
    density: bool | None = None,
) -> tuple[Array, Any]:
    """Counts of elements by bin, and the bins' edges.

    Raises
    ------
    ValueError
        When `bins` is a number and `range` is missing.

    Examples
    --------
    >>> import dusk.array as da
    >>> counts, edges = da.histogram(da.arange(8, chunks=3), bins=2, range=(0, 8))
    >>> counts.compute()
    array([4, 4])
    """
    if normed:
        raise ValueError("The normed= keyword argument has been deprecated. Use density instead.")
    a, edges = asarray(a), _edges(bins, range)
    flat = a.ravel()
    chunks = ((1,) * flat.numblocks[0], (len(edges) - 1,))
    if weights is None:
        counted = flat.map_blocks(_histogram, edges, new_axis=1, dtype=np.int64, chunks=chunks)
    else:
        w = asarray(weights).ravel().rechunk(flat.chunks)
        counted = flat.map_blocks(
            _weighted, w, bins=edges, new_axis=1, dtype=w.dtype, chunks=chunks
        )
    counts = counted.sum(axis=0)
    if density:
        return counts / np.diff(edges) / counts.sum(), edges
    return counts, edges


def _histogram(block: np.ndarray, edges: np.ndarray) -> np.ndarray:
    return np.histogram(block, edges)[0][None, :]


def _weighted(block: np.ndarray, weights: np.ndarray, bins: np.ndarray) -> np.ndarray:
    return np.histogram(block, bins, weights=weights)[0][None, :]


def topk(a: Any, k: int, axis: int = -1, split_every: Any = None) -> Array:
    """The `k` largest elements along `axis`, descending (for k < 0 smallest, ascending)."""
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
    count = min(abs(k), block.shape[axis])
    if 0 < count < block.shape[axis]:
        at = block.shape[axis] - count if k > 0 else count - 1
        block = np.partition(block, at, axis=axis)
        ends = slice(-count, None) if k > 0 else slice(0, count)
        block = block[(slice(None),) * (axis % block.ndim) + (ends,)]
    ordered = np.sort(block, axis=axis)
    if k > 0:
        ordered = np.flip(ordered, axis=axis)
    return np.take(ordered, range(count), axis=axis)


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
    whole = a.rechunk(dict.fromkeys(axes, -1))
    return _numpy_blocks(function, whole, axes, keepdims, {"axis": axes, "keepdims": True})


def cov(
    m: Any,
    y: Any = None,
    rowvar: bool = True,
    bias: bool = False,
    ddof: Any = None,
    fweights: Any = None,
    aweights: Any = None,
    *,
    dtype: Any = None,
) -> Array:
    """The covariance matrix of variables in rows (columns without `rowvar`).

    Parameters
    ----------
    fweights, aweights : array_like, optional
        How often each observation counts (integers), and how much.
    """
    from dusk.array.joining import vstack
    from dusk.array.linear import dot
    from dusk.array.shaping import atleast_2d

    if ddof is not None and ddof != int(ddof):
        raise ValueError("ddof must be integer")
    x = atleast_2d(asarray(m))
    x = x.astype(dtype if dtype is not None else np.result_type(x.dtype, np.float64))
    if not rowvar and x.shape[0] != 1:
        x = x.T
    if y is not None:
        other = atleast_2d(asarray(y))
        x = vstack([x, other.T if not rowvar and other.shape[0] != 1 else other])
    less = ddof if ddof is not None else 0 if bias else 1
    w = _weights(fweights, aweights)
    if w is None:
        count: Any = x.shape[1] - less
        x = x - x.mean(axis=1, keepdims=True)
        return (dot(x, x.T.conj()) / count).squeeze()
    total = w.sum()
    x = x - ((x * w).sum(axis=1) / total)[:, None]
    squares = (w * np.asarray(aweights)).sum() if aweights is not None else total
    count = total if less == 0 else total - less * (squares / total if aweights is not None else 1)
    return (dot(x, (x * w).T.conj()) / count).squeeze()


def _weights(fweights: Any, aweights: Any) -> Any:
    if fweights is None and aweights is None:
        return None
    if fweights is None:
        return np.asarray(aweights, dtype=float)
    counts = np.asarray(fweights, dtype=float)
    return counts if aweights is None else counts * np.asarray(aweights)


def corrcoef(x: Any, y: Any = None, rowvar: int = 1) -> Array:
    """The correlation matrix of variables in rows."""
    c = cov(x, y, bool(rowvar))
    if c.shape == ():
        return c / c
    scale = diagonal(c) ** 0.5
    result: Array = (c / scale[:, None]) / scale[None, :]
    return result


def diagonal(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Array:
    """The diagonal of two axes, as the last axis; only chunks that it crosses are read.

    Raises
    ------
    ValueError
        For fewer than two axes, or twice the same.

    Examples
    --------
    >>> import dusk.array as da
    >>> da.diagonal(da.arange(9, chunks=3).reshape(3, 3).rechunk(2)).compute()
    array([0, 4, 8])
    """
    a = asarray(a)
    if a.ndim < 2:
        raise ValueError("diag requires an array of at least two dimensions")
    one, two = normalize_axis_index(axis1, a.ndim), normalize_axis_index(axis2, a.ndim)
    if one == two:
        raise ValueError("axis1 and axis2 cannot be the same")
    order = [d for d in range(a.ndim) if d not in (one, two)] + [one, two]
    x = a.transpose(*order)
    row, column = max(-offset, 0), max(offset, 0)
    length = max(min(x.shape[-2] - row, x.shape[-1] - column), 0)
    if length == 0:
        return x[..., 0, 0:0] if x.shape[-2] else x[..., 0:0, 0]
    cuts = {0, length}
    for start, sizes in ((row, x.chunks[-2]), (column, x.chunks[-1])):
        cuts |= {int(c) - start for c in np.cumsum(sizes) if 0 < c - start < length}
    parts = [
        _diagonal_of_block(x[..., row + i : row + j, column + i : column + j])
        for i, j in itertools.pairwise(sorted(cuts))
    ]
    return concatenate(parts, axis=-1)


def _diagonal_of_block(x: Array) -> Array:
    return x.map_blocks(
        np.diagonal,
        axis1=-2,
        axis2=-1,
        dtype=x.dtype,
        drop_axis=x.ndim - 1,
        chunks=x.chunks[:-1],
        name="diagonal",
    )


def diag(v: Any, k: int = 0) -> Array:
    """The diagonal of a matrix, or a matrix with the given diagonal."""
    from dusk.array.creation import zeros
    from dusk.array.ufuncs import where

    v = asarray(v)
    if v.ndim == 2:
        return diagonal(v, k)
    if v.ndim != 1:
        raise ValueError("Array must be 1d or 2d only")
    places = arange(v.shape[0], chunks=(v.chunks[0],))
    fill = np.zeros((), dtype=v.dtype)[()]
    square = where(places[:, None] == places[None, :], v[None, :], fill)
    if k:
        side = zeros((v.shape[0], abs(k)), dtype=v.dtype, chunks=(v.chunks[0], -1))
        square = concatenate([side, square] if k > 0 else [square, side], axis=1)
        ends = zeros((abs(k), square.shape[1]), dtype=v.dtype, chunks=(-1, square.chunks[1]))
        square = concatenate([square, ends] if k > 0 else [ends, square], axis=0)
    result: Array = square
    return result


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


def tile(A: Any, reps: Any) -> Array:
    """The array set beside itself `reps` times along every axis."""
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


def apply_along_axis(
    func1d: Any,
    axis: int,
    arr: Any,
    *args: Any,
    dtype: Any = None,
    shape: Any = None,
    **kwargs: Any,
) -> Array:
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


def store(
    sources: Any,
    targets: Any,
    lock: Any = True,
    regions: Any = None,
    compute: bool = True,
    return_stored: bool = False,
    load_stored: Any = None,
    **kwargs: Any,
) -> Any:
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
        index = [slice(s[i], s[i + 1]) for s, i in zip(starts, block_id, strict=True)]
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
