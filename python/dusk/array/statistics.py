"""Quantiles, counts by number, differences by distance, blocks of neighbours."""

# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import builtins
import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from dusk import _core
from dusk.array.core import Array, asarray
from dusk.array.joining import concatenate
from dusk.array.routines import _edges
from dusk.tokens import tokenize


def percentile(
    a: Any, q: Any, method: str = "linear", internal_method: str = "default", **kwargs: Any
) -> Array:
    """Percentiles of a one-dimensional array, of the whole; with `axis`, along it.

    Parameters
    ----------
    q : number or sequence of numbers in [0, 100]
    method : str, default "linear"
        NumPy's name of the way between two elements.

    Examples
    --------
    >>> import dusk.array as da
    >>> da.percentile(da.arange(5, chunks=2), [50]).compute()
    array([2.])
    """
    a = asarray(a)
    method = kwargs.pop("interpolation", None) or method
    if "axis" in kwargs:
        return quantile(a, np.asarray(q) / 100, method=method, **kwargs)
    if a.ndim != 1:
        raise NotImplementedError("Percentiles only implemented for 1-d arrays")
    wanted = np.atleast_1d(np.asarray(q, dtype=float))
    call = partial(np.percentile, q=wanted, method=method)
    kind = np.asarray(call(np.ones(1, dtype=a.dtype))).dtype
    expr = _core.object_call(
        call, [a.expr], name="percentile", token=tokenize("percentile", wanted, method, a)
    )
    result = Array(_core.array_from_objects([expr], [[len(wanted)]], kind.str))
    return result if np.ndim(q) else result[0:1]


def nanpercentile(a: Any, q: Any, **kwargs: Any) -> Any:
    """Percentiles along `axis` without NaN."""
    return nanquantile(a, np.asarray(q) / 100, **kwargs)


def quantile(
    a: Any,
    q: Any,
    axis: Any = None,
    out: Any = None,
    overwrite_input: bool = False,
    method: str = "linear",
    keepdims: bool = False,
    *,
    weights: Any = None,
    interpolation: Any = None,
) -> Any:
    """Quantiles along `axis`, whose chunks are joined first.

    Raises
    ------
    NotImplementedError
        Without `axis`.
    """
    return _quantile(np.quantile, "quantile", a, q, axis, method, keepdims, weights)


def nanquantile(
    a: Any,
    q: Any,
    axis: Any = None,
    out: Any = None,
    overwrite_input: bool = False,
    method: str = "linear",
    keepdims: bool = False,
    *,
    weights: Any = None,
    interpolation: Any = None,
) -> Any:
    """Quantiles along `axis` without NaN."""
    return _quantile(np.nanquantile, "nanquantile", a, q, axis, method, keepdims, weights)


def _quantile(
    function: Callable[..., Any],
    name: str,
    a: Any,
    q: Any,
    axis: Any,
    method: str,
    keepdims: bool,
    weights: Any,
) -> Array:
    from dusk.array.reductions import _axes

    if axis is None:
        raise NotImplementedError(
            f"The da.{name} function only works along an axis.  The full algorithm is difficult to "
            "do in parallel"
        )
    if weights is not None:
        raise NotImplementedError("quantiles with weights do not exist yet (docs/status.md)")
    a = asarray(a)
    axes = _axes(axis, a.ndim)
    whole = a.rechunk(dict.fromkeys(axes, -1))
    kept = [
        (1,) if d in axes else sizes
        for d, sizes in enumerate(whole.chunks)
        if keepdims or d not in axes
    ]
    several = np.ndim(q)
    options = {"q": q, "axis": axes, "method": method, "keepdims": keepdims}
    kind = np.asarray(function(np.ones((1,) * a.ndim, dtype=a.dtype), **options)).dtype
    return whole.map_blocks(
        partial(function, **options),
        dtype=kind,
        drop_axis=[] if keepdims else list(axes),
        new_axis=list(range(several)) or None,
        chunks=tuple((n,) for n in np.shape(q)) + tuple(kept),
        name=name,
        token=tokenize(name, options),
    )


def bincount(x: Any, weights: Any = None, minlength: int = 0, split_every: Any = None) -> Array:
    """How often each number occurs (or the sum of its weights), in one chunk."""
    x = asarray(x)
    if x.ndim != 1:
        raise ValueError("Input array must be one dimensional. Try using x.ravel()")
    inputs = [_core.object_blocks(x.expr)]
    if weights is not None:
        weights = asarray(weights)
        if weights.chunks != x.chunks:
            raise ValueError("Chunks of input array x and weights must match.")
        inputs.append(_core.object_blocks(weights.expr))
    token = tokenize("bincount", x, weights, minlength)
    call = partial(_bincount, minlength=minlength)
    parts = [
        _core.object_call(call, list(blocks), name="bincount", token=f"{token}-{i}")
        for i, blocks in enumerate(zip(*inputs, strict=True))
    ]
    total = _core.object_call(_add_counts, parts, name="bincount-sum", token=token)
    kind = np.dtype(np.intp if weights is None else np.float64)
    unknown: list[list[Any]] = [[math.nan]]
    return Array(_core.array_from_objects([total], unknown, kind.str))


def _bincount(block: np.ndarray, weights: Any = None, minlength: int = 0) -> np.ndarray:
    return np.bincount(block, weights=weights, minlength=minlength)


def _add_counts(*parts: np.ndarray) -> np.ndarray:
    total = np.zeros(max(len(p) for p in parts), dtype=parts[0].dtype)
    for part in parts:
        total[: len(part)] += part
    return total


def histogram2d(
    x: Any, y: Any, bins: Any = 10, range: Any = None, normed: Any = None, weights: Any = None,
    density: Any = None,
) -> tuple[Array, Array, Array]:  # fmt: skip
    """Counts of points by bins of two coordinates, and both axes' edges.

    Raises
    ------
    ValueError
        When `bins` are numbers and `range` is missing.
    """
    if np.ndim(bins) == 0:
        bins = (bins, bins)
    counts, (first, second) = histogramdd((x, y), bins, range, normed, weights, density)
    return counts, first, second


def histogramdd(
    sample: Any, bins: Any, range: Any = None, normed: Any = None, weights: Any = None,
    density: Any = None,
) -> tuple[Array, list[Array]]:  # fmt: skip
    """Counts of points by bins of several coordinates, and the edges of every axis.

    Parameters
    ----------
    sample : Array of shape (points, axes), or a sequence of 1-d arrays
    bins : int, or one int or sequence of edges an axis
    range : sequence of pairs, optional
        Needed where `bins` are numbers.
    """
    if normed:
        raise ValueError("Cannot use normed; use density")
    axes = (
        [asarray(a) for a in sample]
        if isinstance(sample, tuple | list)
        else [sample[:, d] for d in builtins.range(sample.shape[1])]
    )
    count = len(axes)
    each = [bins] * count if np.ndim(bins) == 0 else list(bins)
    if len(each) != count:
        raise ValueError("The dimension of bins must be equal to the dimension of the sample.")
    spans = [None] * count if range is None else list(range)
    edges = [_edges(b, s) for b, s in zip(each, spans, strict=True)]
    axes = [a.rechunk(axes[0].chunks) for a in axes]
    inputs = [_core.object_blocks(a.expr) for a in axes]
    if weights is not None:
        inputs.append(_core.object_blocks(asarray(weights).rechunk(axes[0].chunks).expr))
    token = tokenize("histogramdd", axes, edges, weights)
    call = partial(_histogramdd, edges=edges, weighted=weights is not None)
    parts = [
        _core.object_call(call, list(blocks), name="histogramdd", token=f"{token}-{i}")
        for i, blocks in enumerate(zip(*inputs, strict=True))
    ]
    total = _core.object_call(_add_arrays, parts, name="histogramdd-sum", token=token)
    counts = Array(_core.array_from_objects([total], [[len(e) - 1] for e in edges], "<f8"))
    if density:
        sides = [np.diff(e) for e in edges]
        counts = counts / np.prod(np.meshgrid(*sides, indexing="ij"), axis=0) / counts.sum()
    return counts, [asarray(e) for e in edges]


def _histogramdd(*blocks: np.ndarray, edges: Any, weighted: bool) -> np.ndarray:
    weights = blocks[-1] if weighted else None
    points = blocks[:-1] if weighted else blocks
    return np.histogramdd(np.stack(points, axis=1), edges, weights=weights)[0]


def _add_arrays(*parts: np.ndarray) -> np.ndarray:
    total = parts[0].copy()
    for part in parts[1:]:
        total += part
    return total


def gradient(f: Any, *varargs: Any, axis: Any = None, **kwargs: Any) -> Any:
    """Derivatives along axes by central differences, chunks reaching into their neighbours.

    Parameters
    ----------
    *varargs : number or array_like
        The distance of elements, or their places, one for all axes or one each.
    edge_order : {1, 2}, default 1

    Raises
    ------
    ValueError
        For chunks shorter than `edge_order` + 1.
    """
    from dusk.array.overlap import map_overlap

    f = asarray(f)
    order = kwargs.pop("edge_order", 1)
    axes = range(f.ndim) if axis is None else np.atleast_1d(axis).tolist()
    axes = [normalize_axis_index(d, f.ndim) for d in axes]
    steps: list[Any] = list(varargs) or [1.0]
    steps = steps * len(axes) if len(steps) == 1 else steps
    if len(steps) != len(axes):
        raise TypeError("Spacing must either be a single scalar, or a scalar / 1d-array per axis")
    if f.dtype.kind in "iub":
        f = f.astype(float)
    results = []
    for d, step in zip(axes, steps, strict=True):
        if min(f.chunks[d]) < order + 1:
            raise ValueError(
                f"Chunk size must be larger than edge_order + 1. Minimum chunk for axis {d} is "
                f"{min(f.chunks[d])}. Rechunk to proceed."
            )
        if np.ndim(step):
            whole = f.rechunk({d: -1})
            place = np.asarray(step)
            results.append(
                whole.map_blocks(np.gradient, place, axis=d, edge_order=order, dtype=f.dtype)
            )
            continue
        results.append(_gradient(f, d, step, order, map_overlap))
    return results[0] if (axis is not None and np.ndim(axis) == 0) or len(results) == 1 else results


def _gradient(f: Array, axis: int, step: Any, order: int, map_overlap: Any) -> Array:
    call = partial(np.gradient, axis=axis, edge_order=order)
    if f.numblocks[axis] == 1:
        return f.map_blocks(call, step, dtype=f.dtype, name="gradient")
    result: Array = map_overlap(
        call, f, step, depth={axis: 1}, boundary={axis: "none"}, dtype=f.dtype, name="gradient"
    )
    return result


def ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Array:
    """Differences of neighbours of the flattened array, with values before and after."""
    flat = asarray(ary).ravel()
    parts = [flat[1:] - flat[:-1]]
    if to_begin is not None:
        parts.insert(0, asarray(to_begin).ravel())
    if to_end is not None:
        parts.append(asarray(to_end).ravel())
    return concatenate(parts) if len(parts) > 1 else parts[0]


def coarsen(
    reduction: Callable[..., Any], x: Any, axes: dict[int, int], trim_excess: bool = False,
    **kwargs: Any,
) -> Array:  # fmt: skip
    """A reduction of every box of neighbours.

    Parameters
    ----------
    reduction : callable
        Such as ``numpy.mean``; takes `axis`.
    axes : dict
        Axis to the number of neighbours taken together.
    trim_excess : bool, default False
        Leave out elements that fill no whole box.

    Examples
    --------
    >>> import numpy as np, dusk.array as da
    >>> da.coarsen(np.sum, da.arange(6, chunks=4), {0: 2}).compute()
    array([1, 5, 9])
    """
    x = asarray(x)
    if not trim_excess and not all(x.shape[d] % n == 0 for d, n in axes.items()):
        raise ValueError(f"Coarsening factors {axes} do not align with array shape {x.shape}.")
    axes = {normalize_axis_index(d, x.ndim): n for d, n in axes.items()}
    for d, n in axes.items():
        x = x[(slice(None),) * d + (slice(0, x.shape[d] // n * n),)]
        x = x.rechunk({d: _multiples(x.chunks[d], n)})
    chunks = tuple(tuple(c // axes.get(d, 1) for c in sizes) for d, sizes in enumerate(x.chunks))
    call = partial(_coarsen, reduction=reduction, axes=axes, kwargs=kwargs)
    kind = np.asarray(call(np.ones([axes.get(d, 1) for d in range(x.ndim)], x.dtype))).dtype
    return x.map_blocks(
        call, dtype=kind, chunks=chunks, name="coarsen", token=tokenize(reduction, axes, kwargs)
    )


def _multiples(sizes: tuple[int, ...], n: int) -> tuple[int, ...]:
    """Borders moved down to multiples of n."""
    ends = [int(e) // n * n for e in np.cumsum(sizes)]
    cut = [b - a for a, b in zip([0, *ends[:-1]], ends, strict=True) if b > a]
    return tuple(cut) or (0,)


def _coarsen(block: np.ndarray, reduction: Any, axes: dict[int, int], kwargs: Any) -> Any:
    shape: list[int] = []
    for d, n in enumerate(block.shape):
        shape += [n // axes.get(d, 1), axes.get(d, 1)]
    return reduction(block.reshape(shape), axis=tuple(range(1, 2 * block.ndim, 2)), **kwargs)
