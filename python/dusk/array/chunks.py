"""Chunk sizes as people write them, as the engine takes them."""

# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from numbers import Integral, Number
from typing import Any

import numpy as np

from dusk import config
from dusk.utils import parse_bytes

ChunkTuple = tuple[tuple[Any, ...], ...]


class PerformanceWarning(Warning):
    """A plan that works, at a cost that its user may not expect."""


def normalize_chunks(
    chunks: Any,
    shape: Sequence[Any] | None = None,
    limit: int | str | None = None,
    dtype: Any = None,
    previous_chunks: ChunkTuple | None = None,
) -> ChunkTuple:
    """Chunk sizes in full: one tuple of ints an axis.

    Parameters
    ----------
    chunks : int, tuple, dict, str or None
        A size for every axis, sizes or tuples of sizes by axis, ``-1`` or None for the whole axis,
        ``"auto"`` or a number of bytes such as ``"64MiB"`` for a size worked out from `limit`.
    shape : tuple of ints, optional
        The array's shape; may be left out when `chunks` is given in full.
    limit : int or str, optional
        Bytes of a chunk for ``"auto"``; the configuration's ``array.chunk-size`` by default.
    dtype : dtype, optional
        Needed for ``"auto"``.
    previous_chunks : tuple of tuples, optional
        What ``"auto"`` stays close to.

    Raises
    ------
    ValueError
        Sizes that do not add up to the shape, or do not fit its number of axes.

    Examples
    --------
    >>> normalize_chunks(2, shape=(5, 3))
    ((2, 2, 1), (2, 1))
    """
    if chunks is None:
        raise ValueError(
            "You must specify a chunks= keyword argument. "
            "This specifies the chunksize of your array blocks."
        )
    if isinstance(chunks, list):
        chunks = tuple(chunks)
    if isinstance(chunks, Number | str):
        chunks = (chunks,) * (len(shape) if shape is not None else 1)
    if isinstance(chunks, dict):
        if shape is None:
            raise ValueError("chunks as a dict need a shape")
        chunks = tuple(
            chunks.get(i, previous_chunks[i] if previous_chunks else None)
            for i in range(len(shape))
        )
    if isinstance(chunks, np.ndarray):
        chunks = chunks.tolist()
    chunks = tuple(tuple(c) if isinstance(c, list | np.ndarray) else c for c in chunks)
    if (
        shape is not None
        and len(shape) == 1
        and len(chunks) > 1
        and all(isinstance(c, Number) for c in chunks)
    ):
        chunks = (chunks,)
    if shape is not None and len(chunks) != len(shape):
        if not (len(shape) == 0 or sum(shape) == 0):
            raise ValueError(
                "Chunks and shape must be of the same length/dimension. "
                f"Got chunks={chunks}, shape={tuple(shape)}"
            )
        chunks = tuple((0,) for _ in shape)
    if shape is None:
        shape = tuple(sum(c) if isinstance(c, tuple) else None for c in chunks)
    whole = tuple(
        shape[i] if c is None or (isinstance(c, Integral) and int(c) == -1) else c
        for i, c in enumerate(chunks)
    )
    whole, limit = _byte_strings(whole, limit)
    if "auto" in [c for c in whole if isinstance(c, str)]:
        whole = _auto(whole, shape, limit, dtype, previous_chunks)
    result = tuple(
        _axis_chunks(c, n) if not isinstance(c, tuple) else c
        for c, n in zip(whole, shape, strict=True)
    )
    _check_sums(result, shape)
    return tuple(tuple(int(x) if not _unknown(x) else np.nan for x in c) for c in result)


def _byte_strings(chunks: tuple[Any, ...], limit: Any) -> tuple[tuple[Any, ...], Any]:
    sizes = {parse_bytes(c) for c in chunks if isinstance(c, str) and c != "auto"}
    if not sizes:
        return chunks, limit
    if len(sizes) > 1:
        raise ValueError(f"Only one consistent value of limit or chunk is allowed. Used {sizes}")
    return tuple("auto" if isinstance(c, str) else c for c in chunks), sizes.pop()


def _unknown(x: Any) -> bool:
    return isinstance(x, float) and math.isnan(x)


def _axis_chunks(size: Any, length: Any) -> tuple[Any, ...]:
    if _unknown(length):
        raise ValueError("Arrays chunk sizes are unknown; give them in full")
    if not isinstance(size, Integral | float) or _unknown(size) or int(size) != size:
        raise ValueError(f"Chunk sizes must be integers, got {size!r}")
    size, length = int(size), int(length)
    if length == 0:
        return (0,)
    if size <= 0:
        raise ValueError(f"Chunk sizes must be positive, got {size}")
    full, rest = divmod(length, size)
    return (size,) * full + ((rest,) if rest else ())


def _check_sums(chunks: tuple[tuple[Any, ...], ...], shape: Sequence[Any]) -> None:
    for sizes, length in zip(chunks, shape, strict=True):
        if not sizes:
            raise ValueError(
                "Empty tuples are not allowed in chunks. "
                "Express zero length dimensions with 0(s) in chunks"
            )
        known = not any(_unknown(c) for c in sizes) and length is not None and not _unknown(length)
        if known and sum(sizes) != length:
            raise ValueError(
                f"Chunks do not add up to shape. Got chunks={chunks}, shape={tuple(shape)}"
            )


def _auto(
    chunks: tuple[Any, ...], shape: Sequence[Any], limit: Any, dtype: Any, previous: Any
) -> tuple[Any, ...]:
    """Sizes for the "auto" axes so that a chunk has about `limit` bytes."""
    if dtype is None:
        raise TypeError("dtype must be known for auto-chunking")
    dtype = np.dtype(dtype)
    if dtype.hasobject:
        raise NotImplementedError(
            "Can not use auto rechunking with object dtype. We are unable to estimate the size in bytes of object data"  # noqa: E501
        )
    limit = parse_bytes(limit if limit is not None else config.get("array.chunk-size"))
    axes = [i for i, c in enumerate(chunks) if isinstance(c, str)]
    other = math.prod(
        max(c) if isinstance(c, tuple) else int(c) for c in chunks if not isinstance(c, str)
    )
    room = max(limit / max(dtype.itemsize, 1) / max(other, 1), 1.0)
    result = list(chunks)
    if previous:
        return _auto_near(result, axes, shape, room, previous)
    left = list(axes)
    while left:  # axes shorter than an even share are taken whole
        share = room ** (1 / len(left))
        small = [i for i in left if shape[i] <= share]
        if not small:
            for i in left:
                result[i] = max(int(share), 1)
            break
        for i in small:
            result[i] = max(int(shape[i]), 1)
            room = max(room / max(int(shape[i]), 1), 1.0)
            left.remove(i)
    return tuple(result)


def _auto_near(
    result: list[Any], axes: list[int], shape: Sequence[Any], room: float, previous: Any
) -> tuple[Any, ...]:
    """Sizes near `previous`: its chunks joined while they fit, or cut when they are too large."""
    medians = {i: max(float(np.median(previous[i])), 1.0) for i in axes}
    left = list(axes)
    while left:
        factor = room / math.prod(medians[i] for i in left)
        each = factor ** (1 / len(left))
        whole = [i for i in left if medians[i] * each > shape[i]]
        if not whole:
            for i in left:
                result[i] = _near(previous[i], medians[i] * each, int(shape[i]), factor < 1)
            break
        for i in whole:
            result[i] = max(int(shape[i]), 1)
            room = max(room / max(int(shape[i]), 1), 1.0)
            left.remove(i)
    return tuple(result)


def _near(previous: tuple[Any, ...], size: float, length: int, shrink: bool) -> Any:
    tolerance = float(config.get("array.chunk-size-tolerance", 1.25))
    if shrink or max(previous) > size * tolerance:
        mode = max(set(previous), key=lambda c: (previous.count(c), c))
        unit = mode if mode > 1 and previous.count(mode) >= len(previous) / 2 else length
        return max(1, int(size)) if size <= unit else int(size // unit * unit)
    joined: list[int] = [0]
    for c in previous:
        if joined[-1] and joined[-1] + c > size:
            joined.append(0)
        joined[-1] += c
    return tuple(joined)


def warn_if_large(before: int, after: int, what: str) -> None:
    """Dask's warning when the number of chunks grows tenfold."""
    if after > before * 10 and after > 1000:
        warnings.warn(
            f"{what} would increase the number of chunks by a factor of {after // max(before, 1)}",
            PerformanceWarning,
            stacklevel=3,
        )
