"""The worker as Python sees it, and what tasks can do on one."""

from __future__ import annotations

import atexit
import contextlib
import importlib
import itertools
import threading
import weakref
from collections.abc import Iterator, Mapping
from typing import Any

from dusk import _core
from dusk.distributed.exceptions import Reschedule

__all__ = [
    "Reschedule",
    "Worker",
    "get_client",
    "get_worker",
    "rejoin",
    "secede",
    "worker_client",
]

_numbers = itertools.count()
_workers: weakref.WeakValueDictionary[int, Worker] = weakref.WeakValueDictionary()
_clients_lock = threading.Lock()


class Worker:
    """A worker in this process: threads that run tasks, and the values that they made.

    Tasks get theirs from `get_worker`, and may keep what they share as its attributes.

    Parameters
    ----------
    scheduler : str
        The scheduler's address.
    nthreads : int
    name : str, optional
    listen : str
        Where other workers and clients get values.
    memory_limit : int
        Bytes; 0 for none.
    resources : mapping, optional
        Amounts by name, for tasks that ask for them.
    local_directory : str, optional
        Where values go for which there is no memory, in a directory of their own, and where tasks
        may keep files. The default is the configured ``temporary-directory``.
    memory : mapping, optional
        See `memory_options`; the default is what is configured.
    owns_process : bool, default False
        Whether the memory of this process is the worker's alone.
    tls : tuple of str, optional
        Files with the authority's certificate, this worker's certificate and its key.
    **options
        Passed to the engine's worker.
    """

    def __init__(
        self,
        scheduler: str,
        *,
        nthreads: int = 1,
        name: Any = None,
        listen: str = "tcp://127.0.0.1:0",
        memory_limit: int = 0,
        resources: Mapping[str, float] | None = None,
        local_directory: str | None = None,
        tls: tuple[str, str, str] | None = None,
        memory: Mapping[str, Any] | None = None,
        owns_process: bool = False,
        **options: Any,
    ) -> None:
        self.nthreads = nthreads
        self.memory_limit = memory_limit
        self.resources = dict(resources or {})
        self.local_directory = local_directory
        self._tls = tls
        self._client: Any = None
        self._number = next(_numbers)
        _workers[self._number] = self
        self._core = _core.ClusterWorker(
            scheduler,
            listen,
            name="" if name is None else str(name),
            nthreads=nthreads,
            memory_limit=memory_limit,
            resources={key: float(amount) for key, amount in self.resources.items()},
            tls=tls,
            owner=self._number,
            memory=_memory(memory, local_directory),
            owns_process=owns_process,
            **options,
        )
        self.address: str = self._core.address
        self.name = self._core.name if name is None else name
        self.scheduler_address: str = self._core.scheduler

    @property
    def id(self) -> str:
        """The worker's name as text."""
        return self._core.name

    @property
    def status(self) -> str:
        """``"running"`` or ``"closed"``."""
        return "running" if self._core.connected else "closed"

    def wait(self, timeout: float | None = None) -> str | None:
        """Waits for the worker's end; its reason, or None when the time is over first."""
        return self._core.wait(-1.0 if timeout is None else timeout)

    def close(self, reason: str = "the worker was closed") -> None:
        """Leaves the cluster; tasks that run are given two seconds."""
        with _clients_lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()
        self._core.close(reason)

    def _get_client(self, timeout: Any = None) -> Any:
        with _clients_lock:
            if self._client is None or getattr(self._client, "status", "running") == "closed":
                self._client = _client_module().Client(self.scheduler_address, set_as_default=False)
            return self._client

    def _security(self) -> dict[str, str] | None:
        """The worker's own certificate serves its clients too."""
        names = ("tls_ca_file", "tls_client_cert", "tls_client_key")
        return None if self._tls is None else dict(zip(names, self._tls, strict=True))

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Worker {self.address!r}, name: {self.name}, threads: {self.nthreads}>"


def _memory(given: Mapping[str, Any] | None, local_directory: str | None) -> dict[str, Any]:
    """What is not given comes from the configuration, which a worker process need not load."""
    options = dict(given or {})
    if not options:
        from dusk.distributed.limits import memory_options

        options.update(memory_options())
    if not local_directory:
        from dusk import config

        local_directory = config.get("temporary-directory", None)
    options["directory"] = str(local_directory or "")
    return options


@atexit.register
def _close_all() -> None:
    # Threads that run Python code must not outlive the interpreter.
    for worker in list(_workers.values()):
        worker.close("the process ends")


def get_worker() -> Worker:
    """The worker that runs the calling task.

    Outside of tasks, in a process with one worker, that worker.

    Raises
    ------
    ValueError
        No worker is found.
    """
    running = _core.running_task()
    if running is not None:
        worker = _workers.get(running[1])
        if worker is not None:
            return worker
    alive = [w for w in list(_workers.values()) if w.status == "running"]
    if running is None and len(alive) == 1:
        return alive[0]
    raise ValueError("No worker found: get_worker is for tasks, which run on workers")


def get_client(
    address: str | None = None, timeout: Any = None, resolve_address: bool = True
) -> Any:
    """A client of the calling task's cluster, or the current client of this process.

    Parameters
    ----------
    address : str, optional
        Of a scheduler; the default is the task's own.

    Raises
    ------
    ValueError
        No task is running and there is no client.
    """
    if _core.running_task() is not None:
        worker = get_worker()
        if address is None or address == worker.scheduler_address:
            return worker._get_client(timeout)
    if address is None:
        return _client_module().default_client()
    return _client_module().Client(address, set_as_default=False)


def _client_module() -> Any:
    """Imported by the first task that needs a client."""
    return importlib.import_module("dusk.distributed.client")


def get_task_key() -> str:
    """The key of the calling task.

    Raises
    ------
    ValueError
        No task is running on this thread.
    """
    running = _core.running_task()
    if running is None:
        raise ValueError("no task is running on this thread")
    key: str = running[0]
    return key


def secede() -> None:
    """Lets the calling task go on outside of its worker's threads; another task takes its place.

    Raises
    ------
    ValueError
        No task is running on this thread.
    """
    _core.secede()


def rejoin() -> None:
    """Waits for a place on the worker's threads, after `secede`."""
    _core.rejoin()


@contextlib.contextmanager
def worker_client(timeout: Any = None, separate_thread: bool = True) -> Iterator[Any]:
    """A client inside of a task, which secedes meanwhile.

    Parameters
    ----------
    timeout : optional
        For the connection.
    separate_thread : bool, default True
        Whether the task leaves the worker's threads while it uses the client.

    Examples
    --------
    >>> from dusk.distributed import worker_client
    >>> def total(n):
    ...     with worker_client() as client:
    ...         return sum(client.gather(client.map(abs, range(n))))
    """
    client = get_worker()._get_client(timeout)
    if separate_thread:
        secede()
    try:
        yield client
    finally:
        if separate_thread:
            rejoin()
