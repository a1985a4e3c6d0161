"""Arrays written into what can be assigned to."""

# mypy: disable-error-code="no-any-return"

from __future__ import annotations

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
