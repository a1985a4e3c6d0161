"""How many workers and threads a machine gets, and how much memory a worker, with its levels."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any

from dusk import _core, config
from dusk.utils import parse_bytes, parse_timedelta

__all__ = ["memory_limit_of", "memory_options", "system_memory", "workers_and_threads"]


def workers_and_threads(
    n_workers: int | None, threads_per_worker: int | None, processes: bool
) -> tuple[int, int]:
    """Dask's rule for what the user left open.

    Examples
    --------
    >>> workers_and_threads(3, 2, True)
    (3, 2)
    """
    cores = _core.cpu_count()
    if threads_per_worker is not None:
        threads_per_worker = max(1, int(threads_per_worker))
    if n_workers is None and threads_per_worker is None:
        return _split(cores) if processes else (1, cores)
    if n_workers is None:
        assert threads_per_worker is not None
        return (max(1, cores // threads_per_worker) if processes else 1), threads_per_worker
    if n_workers < 0:
        raise ValueError(f"[LocalCluster] n_workers must not be negative, got {n_workers}")
    if threads_per_worker is None:
        threads_per_worker = max(1, math.ceil(cores / n_workers)) if n_workers else 1
    return n_workers, threads_per_worker


def _split(cores: int) -> tuple[int, int]:
    """Processes and threads of each: about as many of the one as of the other."""
    if cores <= 4:
        return cores, 1
    processes = next(n for n in range(1, cores + 1) if cores % n == 0 and n * n >= cores)
    return processes, cores // processes


def system_memory() -> int:
    """Bytes that this process may use: the machine's, or its control group's limit."""
    found = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for name in ("memory.max", "memory/memory.limit_in_bytes"):
        try:
            limit = int((Path("/sys/fs/cgroup") / name).read_text())
        except (OSError, ValueError):
            continue
        if 0 < limit < found:
            found = limit
    return found


def memory_limit_of(given: Any, nthreads: int, cores: int) -> int:
    """Bytes of one worker, from ``"auto"``, a fraction, text or a number; 0 is none.

    ``"auto"`` is the worker's share of the memory: `nthreads` of `cores`.

    Examples
    --------
    >>> memory_limit_of("1 GiB", 1, 2)
    1073741824
    >>> memory_limit_of(None, 1, 2)
    0
    """
    if given is None or given == 0 or given == "0":
        return 0
    total = system_memory()
    if given == "auto":
        return int(total * min(1, nthreads / max(cores, 1)))
    if isinstance(given, str):
        try:
            given = float(given)
        except ValueError:
            given = parse_bytes(given)
    if isinstance(given, float) and given <= 1:
        given = given * total
    if given < 0:
        raise ValueError(f"[memory_limit] it must not be negative, got {given!r}")
    return min(int(given), total)


def memory_options() -> dict[str, float]:
    """A worker's memory levels from ``distributed.worker.memory`` of the configuration.

    ``target``, ``spill`` and ``pause`` are fractions of its memory limit; False is 0, which
    switches the level off. ``max-spill`` limits what it puts on disk, ``patience`` how long it
    stays full without any progress before that is an error.

    Raises
    ------
    ValueError
        A fraction is not between 0 and 1.

    Examples
    --------
    >>> memory_options()["pause"]
    0.8
    """
    options: dict[str, float] = {}
    for name, default in (("target", 0.6), ("spill", 0.7), ("pause", 0.8)):
        fraction = float(config.get(f"distributed.worker.memory.{name}", default) or 0.0)
        if not 0 <= fraction <= 1:
            raise ValueError(
                f"[distributed.worker.memory.{name}] must be a fraction of the memory limit from 0 "
                f"to 1, or False, got {fraction:g}"
            )
        options[name] = fraction
    interval = config.get("distributed.worker.memory.monitor-interval", "100ms")
    options["interval"] = parse_timedelta(interval) or 0.1
    options["patience"] = parse_timedelta(config.get("distributed.worker.memory.patience", 60)) or 0
    options["spill_max"] = parse_bytes(config.get("distributed.worker.memory.max-spill", 0) or 0)
    return options
