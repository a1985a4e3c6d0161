"""Averages, medians and quantiles, covariances, the largest, blocks of neighbours."""

# mypy: disable-error-code="no-any-return"

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from dusk import _core
from dusk.array.core import Array, asarray
from dusk.array.diagonals import diagonal
from dusk.array.reductions import mean, sum
from dusk.tokens import tokenize


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
        token=name,
    )


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
    return x.map_blocks(call, dtype=kind, chunks=chunks, token="coarsen")


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
