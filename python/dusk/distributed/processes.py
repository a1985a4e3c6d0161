"""``scheduler="processes"``: a hidden cluster of one-thread workers, kept for the process."""

from __future__ import annotations

import os
import threading
from typing import Any

from dusk import _core

__all__ = ["client_of_processes"]

_lock = threading.Lock()
_made: dict[tuple[int, int], Any] = {}  # process and number of workers: the client


def client_of_processes(num_workers: int | None = None) -> Any:
    """The client of the hidden cluster with `num_workers` processes (as many as processors)."""
    from dusk.distributed import Client, LocalCluster

    count = num_workers or _core.cpu_count()
    with _lock:
        client = _made.get((os.getpid(), count))
        if client is None or client.status != "running":
            cluster = LocalCluster(
                n_workers=count, threads_per_worker=1, processes=True, dashboard_address=None
            )
            client = Client(cluster, set_as_default=False)
            client._own_cluster = True
            _made[os.getpid(), count] = client
        return client
