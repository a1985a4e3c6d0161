"""Diagonals, and what lies on one side of them."""

# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from dusk.array.core import Array, asarray
from dusk.array.creation import arange
from dusk.array.joining import concatenate


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
        token="diagonal",
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
