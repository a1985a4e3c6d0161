"""Clusters: a client, a scheduler and workers in processes of their own.

Names are imported when they are used, so that a worker process starts without what it may never
need.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dusk.distributed.client import Client
    from dusk.distributed.completions import as_completed, wait
    from dusk.distributed.errors import (
        CancelledError,
        CommClosedError,
        KilledWorker,
        NoValidWorkerError,
        TimeoutError,
    )
    from dusk.distributed.exceptions import Reschedule
    from dusk.distributed.future import Future, fire_and_forget, futures_of
    from dusk.distributed.local import LocalCluster
    from dusk.distributed.progress_bar import progress
    from dusk.distributed.registry import default_client
    from dusk.distributed.security import Security
    from dusk.distributed.worker import (
        Worker,
        get_client,
        get_worker,
        rejoin,
        secede,
        worker_client,
    )

# Name: its module in this package.
_PLACES = {
    "CancelledError": "errors",
    "Client": "client",
    "CommClosedError": "errors",
    "Future": "future",
    "KilledWorker": "errors",
    "LocalCluster": "local",
    "NoValidWorkerError": "errors",
    "Reschedule": "exceptions",
    "Security": "security",
    "TimeoutError": "errors",
    "Worker": "worker",
    "as_completed": "completions",
    "default_client": "registry",
    "fire_and_forget": "future",
    "futures_of": "future",
    "get_client": "worker",
    "get_worker": "worker",
    "progress": "progress_bar",
    "rejoin": "worker",
    "secede": "worker",
    "wait": "completions",
    "worker_client": "worker",
}

__all__ = [
    "CancelledError",
    "Client",
    "CommClosedError",
    "Future",
    "KilledWorker",
    "LocalCluster",
    "NoValidWorkerError",
    "Reschedule",
    "Security",
    "TimeoutError",
    "Worker",
    "as_completed",
    "default_client",
    "fire_and_forget",
    "futures_of",
    "get_client",
    "get_worker",
    "progress",
    "rejoin",
    "secede",
    "wait",
    "worker_client",
]


def __getattr__(name: str) -> Any:
    if name in _PLACES:
        value = getattr(importlib.import_module(f"{__name__}.{_PLACES[name]}"), name)
        globals()[name] = value
        return value
    from dusk.names import missing_name

    raise missing_name(__name__, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
