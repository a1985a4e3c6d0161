"""Other partitions of the same rows."""

from __future__ import annotations

import itertools
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from dusk import _core
from dusk.dataframe.collection import FrameBase, native
from dusk.dataframe.partitionwise import partitionwise


class RepartitionMixin(FrameBase):
    """``repartition``."""

    @native(True)
    def repartition(
        self,
        divisions: Any = None,
        npartitions: int | None = None,
        partition_size: Any = None,
        freq: Any = None,
        force: bool = False,
    ) -> Any:
        """The same rows in other partitions.

        Parameters
        ----------
        divisions : sequence, optional
            Bounds of the new partitions; the old ones must be known.
        npartitions : int, optional
            How many there shall be, roughly when it is more than now.

        Raises
        ------
        ValueError
            Unless exactly one of them is given; unknown divisions; bounds that lose rows.
        """
        given = [x for x in (divisions, npartitions, partition_size, freq) if x is not None]
        if len(given) != 1:
            raise ValueError(
                "Please provide exactly one of the ``npartitions=``, ``freq=``, "
                "``divisions=``, or ``partition_size=`` keyword arguments"
            )
        if divisions is not None:
            return by_divisions(self, list(divisions), force)
        if npartitions is not None:
            if callable(npartitions):
                npartitions = npartitions(self.npartitions)
            return by_count(self, int(npartitions))
        if partition_size is not None:
            return by_size(self, partition_size)
        raise NotImplementedError(
            "repartition(freq=) does not exist in Dusk yet (docs/status.md); use divisions="
        )


def by_count(frame: Any, count: int) -> Any:
    """`count` partitions: neighbours joined, or partitions split evenly."""
    if count < 1:
        raise ValueError("npartitions must be greater than 0")
    have = frame.npartitions
    if count == have:
        return frame
    if count < have:
        bounds = np.linspace(0, have, count + 1).astype(int)
        groups = [list(range(a, b)) for a, b in itertools.pairwise(bounds)]
        divisions = None
        if frame.known_divisions:
            divisions = tuple(frame.divisions[i] for i in bounds)
        expr = _core.frame_repartition(frame.expr, groups)
        return type(frame)(expr, frame._meta, divisions)
    if frame.known_divisions and _divisible(frame.divisions):
        return by_divisions(frame, _finer(frame.divisions, count), True)
    return _split(frame, count)


def _divisible(divisions: Sequence[Any]) -> bool:
    numbers = pd.Series(list(divisions))
    plain = numbers.dtype.kind in "iufM"
    return plain and len(numbers) > 1 and bool(numbers.is_unique)


def _finer(divisions: Sequence[Any], count: int) -> list[Any]:
    numbers = pd.Series(list(divisions))
    stamps = numbers.dtype.kind == "M"
    values = numbers.astype("int64") if stamps else numbers
    places = np.linspace(0, len(values) - 1, count + 1)
    fine = np.interp(places, np.arange(len(values)), values.to_numpy(dtype="float64"))
    if numbers.dtype.kind in "iu":
        whole = [int(v) for v in fine.astype("int64")]
        whole[0], whole[-1] = int(numbers.iloc[0]), int(numbers.iloc[-1])
        return [*sorted(set(whole[:-1])), whole[-1]]
    if stamps:
        made = pd.Series(fine.astype("int64")).astype(numbers.dtype)
        return [numbers.iloc[0], *list(made)[1:-1], numbers.iloc[-1]]
    return [float(v) for v in fine]


def _split(frame: Any, count: int) -> Any:
    """Cuts partitions into runs of rows; how many each, as evenly as can be."""
    shares = [len(part) for part in np.array_split(np.arange(count), frame.npartitions)]
    return type(frame)(_core.frame_split(frame.expr, shares), frame._meta, None)


def by_size(frame: Any, size: Any) -> Any:
    """Partitions of at most about `size` bytes; computes the present sizes."""
    from dusk.utils import parse_bytes

    limit = parse_bytes(size) if isinstance(size, str) else int(size)
    used = frame.memory_usage_per_partition(deep=True).compute()
    cuts = [max(1, int(np.ceil(b / limit))) for b in used]
    if max(cuts) > 1:
        frame = _split(frame, int(sum(cuts)))
        used = frame.memory_usage_per_partition(deep=True).compute()
    groups: list[list[int]] = []
    filled = 0.0
    for i, amount in enumerate(used):
        if groups and filled + amount <= limit:
            groups[-1].append(i)
            filled += amount
        else:
            groups.append([i])
            filled = amount
    known = frame.divisions
    divisions = None
    if known[0] is not None:
        divisions = (*(known[g[0]] for g in groups), known[-1])
    return type(frame)(_core.frame_repartition(frame.expr, groups), frame._meta, divisions)


def by_divisions(frame: Any, divisions: list[Any], force: bool = False) -> Any:
    """Partitions cut at `divisions`."""
    if not frame.known_divisions:
        raise ValueError(
            "Cannot repartition on divisions with unknown divisions: use set_index, or npartitions="
        )
    old = frame.divisions
    if len(divisions) < 2 or any(a > b for a, b in itertools.pairwise(divisions)):
        raise ValueError("New division must be sorted")
    if len(set(divisions[:-1])) != len(divisions[:-1]):
        raise ValueError("New division must be unique, except for the last element")
    if not force and (old[0] != divisions[0] or old[-1] != divisions[-1]):
        side, ours, theirs = (
            ("left", old[0], divisions[0])
            if old[0] != divisions[0]
            else ("right", old[-1], divisions[-1])
        )
        raise ValueError(f"{side} side of old and new divisions are different: {ours} != {theirs}")
    if force and (divisions[0] > old[0] or divisions[-1] < old[-1]):
        raise ValueError("new divisions must cover the old ones")
    groups = []
    last = len(old) - 2
    for low, high in itertools.pairwise(divisions):
        first = min(max(0, bisect_left(old, low) - 1), last)
        end = min(max(first, bisect_right(old, high) - 1), last)
        groups.append(list(range(first, end + 1)))
    joined = type(frame)(_core.frame_repartition(frame.expr, groups), frame._meta, None)
    return partitionwise(
        _Between(divisions),
        joined,
        meta=frame._meta,
        name="repartition",
        info="partition_info",
        divisions=tuple(divisions),
        token=("repartition", divisions),
    )


class _Between:
    """The rows of a partition's division; the last one includes its end."""

    def __init__(self, divisions: list[Any]) -> None:
        self.divisions = divisions

    def __call__(self, x: Any, partition_info: dict[str, Any]) -> Any:
        place = partition_info["number"]
        low, high = self.divisions[place], self.divisions[place + 1]
        index = x if isinstance(x, pd.Index) else x.index
        keep = index >= low
        keep &= (index <= high) if place == len(self.divisions) - 2 else (index < high)
        return x[np.asarray(keep)]


def to_common_divisions(frames: Sequence[Any]) -> list[Any]:
    """The frames, each cut at all frames' divisions."""
    every = sorted({d for f in frames for d in f.divisions})
    if len(every) == 1:
        every = every * 2
    ends = [f.divisions[-1] for f in frames if f.divisions[-1] == every[-1]]
    if len(ends) and any(len(set(f.divisions)) < len(f.divisions) for f in frames):
        every = [*every, every[-1]] if len(every) < 2 else every
    same = tuple(every)
    return [f if f.divisions == same else by_divisions(f, every, force=True) for f in frames]
