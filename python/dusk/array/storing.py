"""Arrays written into what can be assigned to."""

# mypy: disable-error-code="no-any-return"

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import numpy as np

from dusk.array.core import Array


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
    ones = tuple((1,) * n for n in source.numblocks)
    write = _Write(source.chunks, target, region, guard)
    return source.map_blocks(write, dtype=bool, chunks=ones, token="store")


class _Write:
    """Writes blocks into their places; one target is one object, whatever it holds."""

    def __init__(self, chunks: Any, target: Any, region: Any, guard: Any) -> None:
        self.starts = [np.concatenate([[0], np.cumsum(c)]).astype(int).tolist() for c in chunks]
        self.target, self.region, self.guard = target, region, guard

    def __dask_tokenize__(self) -> Any:
        region = self.region
        return ("store", id(self.target), None if region is None else repr(region))

    def __call__(self, block: np.ndarray, block_id: tuple[int, ...]) -> np.ndarray:
        index = [slice(s[i], s[i + 1]) for s, i in zip(self.starts, block_id, strict=True)]
        if self.region is not None:
            index = [
                slice((r.start or 0) + part.start, (r.start or 0) + part.stop)
                for r, part in zip(self.region, index, strict=True)
            ]
        with self.guard or nullcontext():
            self.target[tuple(index)] = block
        return np.zeros((1,) * block.ndim, dtype=bool)
