"""Counts by bin and by number."""

# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import builtins
import math
from functools import partial
from typing import Any

import numpy as np

from dusk import _core
from dusk.array.core import Array, asarray
from dusk.tokens import tokenize


def digitize(a: Any, bins: Any, right: bool = False) -> Array:
    """The bin of every element."""
    edges = np.asarray(bins)
    dtype = np.digitize(np.asarray([0], dtype=float), edges, right=right).dtype
    return asarray(a).map_blocks(np.digitize, bins=edges, right=right, dtype=dtype)


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
