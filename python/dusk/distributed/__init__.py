"""Clusters: a client, a scheduler and workers in processes of their own.

Names are imported when they are used, so that a worker process starts without what it may never
need.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dusk.distributed.exceptions import Reschedule
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
    "Reschedule": "exceptions",
    "Worker": "worker",
    "get_client": "worker",
    "get_worker": "worker",
    "rejoin": "worker",
    "secede": "worker",
    "worker_client": "worker",
}

__all__ = [
    "Reschedule",
    "Worker",
    "get_client",
    "get_worker",
    "rejoin",
    "secede",
    "worker_client",
]


def __getattr__(name: str) -> Any:
    if name in _PLACES:
        value = getattr(importlib.import_module(f"{__name__}.{_PLACES[name]}"), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
