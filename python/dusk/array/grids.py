"""Arrays of places: triangles, coordinates, flat and many-axis numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from dusk.array.chunks import normalize_chunks
from dusk.array.core import Array, asarray
from dusk.array.creation import arange
from dusk.array.joining import stack


def tri(
    N: int,
    M: int | None = None,
    k: int = 0,
    dtype: Any = float,
    chunks: Any = "auto",
    *,
    like: Any = None,
) -> Array:
    """Ones at and below the diagonal `k` of N rows and M columns (N by default), else zeros.

    Examples
    --------
    >>> import dusk.array as da
    >>> da.tri(2, 3, dtype=int).compute()
    array([[1, 0, 0],
           [1, 1, 0]])
    """
    columns = N if M is None else M
    cut = normalize_chunks(chunks, (N, columns), dtype=np.dtype(dtype))
    below = arange(N, chunks=(cut[0],))[:, None] >= arange(-k, columns - k, chunks=(cut[1],))[None]
    return below.astype(dtype)


def indices(dimensions: Any, dtype: Any = int, chunks: Any = "auto") -> Array:
    """The coordinates of every element of an array of the given lengths, one axis each."""
    lengths = tuple(int(n) for n in dimensions)
    cut = normalize_chunks(chunks, lengths, dtype=np.dtype(dtype))
    if len(cut) != len(lengths):
        raise ValueError("Need same number of chunks as dimensions.")
    from dusk.array.shaping import broadcast_to

    grids = []
    for axis, n in enumerate(lengths):
        line = arange(n, dtype=dtype, chunks=(cut[axis],))
        place = tuple(slice(None) if d == axis else None for d in range(len(lengths)))
        grids.append(broadcast_to(line[place], lengths, cut))
    if not grids:
        from dusk.array.creation import empty

        return empty((0,), dtype=dtype)
    return stack(grids)


def tril_indices(n: int, k: int = 0, m: int | None = None, chunks: Any = "auto") -> Any:
    """Places at and below diagonal `k` of n rows and m columns: rows and columns."""
    return (tri(n, m, k=k, dtype=bool, chunks=chunks)).nonzero()


def triu_indices(n: int, k: int = 0, m: int | None = None, chunks: Any = "auto") -> Any:
    """Places at and above diagonal `k` of n rows and m columns: rows and columns."""
    return (~tri(n, m, k=k - 1, dtype=bool, chunks=chunks)).nonzero()


def tril_indices_from(arr: Any, k: int = 0) -> Any:
    """Places at and below diagonal `k` of a matrix."""
    return tril_indices(*_rows_columns(arr, k))


def triu_indices_from(arr: Any, k: int = 0) -> Any:
    """Places at and above diagonal `k` of a matrix."""
    return triu_indices(*_rows_columns(arr, k))


def _rows_columns(arr: Any, k: int) -> tuple[int, int, int, Any]:
    if arr.ndim != 2:
        raise ValueError("input array must be 2-d")
    return arr.shape[-2], k, arr.shape[-1], arr.chunks


def ravel_multi_index(
    multi_index: Any, dims: tuple[int, ...], mode: str = "raise", order: str = "C"
) -> Array:
    """Flat numbers of the elements at the given coordinates (first axis, or a tuple)."""
    if isinstance(multi_index, tuple | list):
        from dusk.array.shaping import broadcast_arrays

        multi_index = stack(list(broadcast_arrays(*[asarray(i) for i in multi_index])))
    places = asarray(multi_index).rechunk({0: -1})
    return places.map_blocks(
        _flat_number, tuple(dims), mode, order, dtype=np.intp, drop_axis=0, chunks=places.chunks[1:]
    )


def _flat_number(places: np.ndarray, dims: tuple[int, ...], mode: Any, order: Any) -> np.ndarray:
    return np.asarray(np.ravel_multi_index(tuple(places), dims, mode=mode, order=order))


def unravel_index(indices: Any, shape: Any, order: str = "C") -> tuple[Array, ...]:
    """Coordinates of the elements with the given flat numbers, an array an axis."""
    numbers = asarray(indices)
    dims = tuple(shape) if np.ndim(shape) else (int(shape),)
    return tuple(
        numbers.map_blocks(_coordinate, dims, axis, order, dtype=np.intp)
        for axis in range(len(dims))
    )


def _coordinate(numbers: np.ndarray, dims: tuple[int, ...], axis: int, order: Any) -> np.ndarray:
    return np.asarray(np.unravel_index(numbers, dims, order)[axis])
