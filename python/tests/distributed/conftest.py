"""Clusters inside the test's process."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from dusk import _core
from dusk.distributed import Client, Worker

_numbers = itertools.count()


class InProcess:
    """A scheduler, and workers as threads."""

    def __init__(self, workers: int, **options: Any) -> None:
        self.scheduler = _core.ClusterScheduler(
            [f"inproc://test-{next(_numbers)}"], validate=True, **options
        )
        self.scheduler_address = self.scheduler.addresses[0]
        self.workers = [self.add_worker(name=f"w{i}") for i in range(workers)]

    def add_worker(self, **options: Any) -> Worker:
        listen = f"inproc://test-{next(_numbers)}"
        return Worker(self.scheduler_address, listen=listen, **options)

    def close(self) -> None:
        for worker in self.workers:
            worker.close()
        self.scheduler.close()


@pytest.fixture
def cluster() -> Iterator[InProcess]:
    made = InProcess(2)
    yield made
    made.close()


@pytest.fixture
def client(cluster: InProcess) -> Iterator[Client]:
    with Client(cluster, timeout=10) as made:
        made.wait_for_workers(2, timeout=10)
        yield made
