"""The same array in other chunks."""

# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np

from dusk import _core
from dusk.array.chunks import normalize_chunks, warn_if_large
from dusk.array.core import Array, asarray
from dusk.array.foreign import moved


def rechunk(
    x: Any,
    chunks: Any = "auto",
    threshold: int | None = None,
    block_size_limit: int | None = None,
    balance: bool = False,
    method: str | None = None,
) -> Array:
    """`x` cut by `chunks`; every new chunk gathers what it needs in one copy.

    Parameters
    ----------
    x : array_like
    chunks : int, tuple, dict or str, default "auto"
        See :func:`normalize_chunks`; axes that a dict leaves out keep their chunks.
    balance : bool, default False
        Make chunks of an axis as equal as possible.

    Raises
    ------
    ValueError
        For chunks that do not add up, and for unknown chunk sizes that would change.

    Examples
    --------
    >>> import dusk.array as da
    >>> da.ones(10, chunks=5).rechunk(4).chunks
    ((4, 4, 2),)
    """
    x = asarray(x)
    if method not in (None, "tasks", "p2p"):
        raise NotImplementedError(f"Unknown rechunking method '{method}'")
    if x.ndim == 0:
        return x
    if isinstance(chunks, dict):
        wanted = list(x.chunks)
        for axis, size in chunks.items():
            if not -x.ndim <= axis < x.ndim:
                raise np.exceptions.AxisError(axis, x.ndim)
            wanted[axis % x.ndim] = size if size is not None else x.chunks[axis % x.ndim]
        chunks = tuple(wanted)
    if isinstance(chunks, tuple | list) and len(chunks) == x.ndim:
        chunks = tuple(
            old if new is None else new for new, old in zip(chunks, x.chunks, strict=True)
        )
    if any(n != n for n in x.shape):
        return _keep_unknown(x, chunks)
    cut = normalize_chunks(
        chunks, x.shape, limit=block_size_limit, dtype=x.dtype, previous_chunks=x.chunks
    )
    if balance:
        cut = tuple(_balanced(sizes) for sizes in cut)
    if cut == x.chunks:
        return x
    warn_if_large(x.npartitions, math.prod(map(len, cut)), "Rechunking")
    return moved(_core.array_rechunk(x.expr, cut), [x], _same)


def _keep_unknown(x: Array, chunks: Any) -> Array:
    same = isinstance(chunks, tuple) and all(
        c == old or (c in (-1,) and len(old) == 1) for c, old in zip(chunks, x.chunks, strict=True)
        if not any(n != n for n in old)
    )  # fmt: skip
    if same:
        return x
    raise ValueError(
        "Arrays chunk sizes are unknown; call x.compute_chunk_sizes() before rechunking"
    )


def _balanced(sizes: tuple[int, ...]) -> tuple[int, ...]:
    """As many chunks, or one less where the last is small, of lengths as equal as can be."""
    total, count = sum(sizes), len(sizes)
    if min(sizes) <= 0.5 * max(sizes):
        count -= 1
    middle = int(np.median(sizes))
    candidates = (_cut(total, n) for n in range(middle - middle // 2, middle + middle // 2 + 1))
    fitting = [c for c in candidates if len(c) == count]
    if not fitting:
        warnings.warn(
            "chunk size balancing not possible with given chunks. Try increasing the chunk size.",
            stacklevel=3,
        )
        return sizes
    return min(fitting, key=lambda c: max(c) - min(c))


def _cut(total: int, size: int) -> tuple[int, ...]:
    if size < 1:
        return ()
    full, rest = divmod(total, size)
    return (size,) * full + ((rest,) if rest else ())


def _same(values: Any) -> Any:
    return values


rechunk.__dict__["__dusk_native__"] = True
