"""Differences of neighbours."""

# mypy: disable-error-code="no-any-return"

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from dusk.array.core import Array, asarray
from dusk.array.joining import concatenate


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


def ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Array:
    """Differences of neighbours of the flattened array, with values before and after."""
    flat = asarray(ary).ravel()
    parts = [flat[1:] - flat[:-1]]
    if to_begin is not None:
        parts.insert(0, asarray(to_begin).ravel())
    if to_end is not None:
        parts.append(asarray(to_end).ravel())
    return concatenate(parts) if len(parts) > 1 else parts[0]


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
        return f.map_blocks(call, step, dtype=f.dtype, token="gradient")
    result: Array = map_overlap(
        call, f, step, depth={axis: 1}, boundary={axis: "none"}, dtype=f.dtype, token="gradient"
    )
    return result
