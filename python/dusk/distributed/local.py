"""Clusters on this machine."""

from __future__ import annotations

import atexit
import itertools
import logging
import math
import os
import threading
import weakref
from collections.abc import Callable, Generator, Mapping
from typing import Any, Self

from dusk import _core
from dusk.distributed.limits import memory_limit_of, memory_options, workers_and_threads
from dusk.distributed.local_directory import make_directory, remove_directory, socket_directory
from dusk.distributed.scheduler_options import scheduler_options
from dusk.distributed.worker import Worker
from dusk.distributed.worker_processes import WorkerProcesses
from dusk.utils import format_bytes, parse_bytes

__all__ = ["LocalCluster"]

_START_FOR = 60.0  # seconds that processes may take to start
_CLOSE_FOR = 2.0  # seconds that they are given to end
_names = itertools.count()
_open: weakref.WeakSet[LocalCluster] = weakref.WeakSet()


class LocalCluster:
    """A scheduler and workers on this machine.

    The scheduler runs on a thread of the engine in this process. Workers are processes that talk
    to each other over Unix sockets in a directory of their own, or threads of this process.

    Parameters
    ----------
    n_workers : int, optional
    threads_per_worker : int, optional
        The default makes use of all cores, as Dask does it.
    processes : bool, optional
        Whether workers are processes (the default) or threads of this one.
    memory_limit : str, float or int, default "auto"
        Of each worker: ``"4GB"``, bytes, a fraction of the machine's, ``"auto"`` for a fair share,
        or None for no limit.
    protocol : str, optional
        ``"unix://"`` (the default on one machine), ``"tcp://"``, ``"tls://"``, ``"inproc://"``.
    host : str, optional
        To listen on, over TCP.
    scheduler_port : int, default 0
        Over TCP; 0 is any free one.
    name : str, optional
    resources : dict, optional
        Amounts that every worker has.
    security : Security or bool, optional
        Certificates for ``tls://``; True makes temporary ones.
    silence_logs : bool or int, default logging.WARN
        Levels above WARNING silence the lines about workers that ended.
    worker_class : type, optional
        :class:`Worker` means threads of this process.
    local_directory : str, optional
        Where directories for files of the cluster are made.
    env : dict, optional
        Environment variables of worker processes.
    asynchronous : bool, default False
        Whether ``close`` and the context manager are awaited.
    dashboard_address, interface, loop, start, blocked_handlers, contact_address
        Accepted, without effect.

    Examples
    --------
    >>> from dusk.distributed import Client, LocalCluster
    >>> with LocalCluster(n_workers=2, threads_per_worker=1) as cluster:  # doctest: +SKIP
    ...     client = Client(cluster)
    """

    def __init__(
        self,
        name: str | None = None,
        n_workers: int | None = None,
        threads_per_worker: int | None = None,
        processes: bool | None = None,
        loop: Any = None,
        start: Any = None,
        host: str | None = None,
        ip: Any = None,
        scheduler_port: int = 0,
        silence_logs: Any = logging.WARN,
        dashboard_address: Any = ":8787",
        worker_dashboard_address: Any = None,
        diagnostics_port: Any = None,
        services: Any = None,
        worker_services: Any = None,
        service_kwargs: Any = None,
        asynchronous: bool = False,
        security: Any = None,
        protocol: str | None = None,
        blocked_handlers: Any = None,
        interface: str | None = None,
        worker_class: type | None = None,
        scheduler_kwargs: Mapping[str, Any] | None = None,
        scheduler_sync_interval: Any = 1,
        memory_limit: Any = "auto",
        resources: Mapping[str, float] | None = None,
        local_directory: str | None = None,
        env: Mapping[str, str] | None = None,
        preload: Any = None,
        **worker_kwargs: Any,
    ) -> None:
        if worker_kwargs:
            raise TypeError(f"[LocalCluster] unknown arguments: {', '.join(sorted(worker_kwargs))}")
        if processes is None:
            in_process = isinstance(worker_class, type) and issubclass(worker_class, Worker)
            processes = not in_process and protocol != "inproc://"
        self.name = name if name is not None else f"LocalCluster-{os.getpid()}-{next(_names)}"
        self.asynchronous = asynchronous
        self.processes = processes
        self.status = "created"
        count, threads = workers_and_threads(n_workers, threads_per_worker, processes)
        self._threads = threads
        self._memory_limit = memory_limit_of(memory_limit, 1, max(count, 1))
        self._resources = dict(resources or {})
        self._directory = make_directory(local_directory)
        self._sockets = socket_directory(self._directory)
        self._lock = threading.Lock()
        self._numbers = itertools.count()
        self.workers: dict[int, Any] = {}
        self.security = _security(security)
        self._scheme = _scheme(protocol, processes, host or ip, scheduler_port, self.security)
        self._tls = self.security.tls("worker") if self.security else None
        try:
            self._scheduler = _core.ClusterScheduler(
                [self._listen("scheduler", host or ip, scheduler_port)],
                tls=self.security.tls("scheduler") if self.security else None,
                **scheduler_options(scheduler_kwargs),
            )
            self.scheduler_address: str = self._scheduler.addresses[0]
            self._nanny: WorkerProcesses | None = None
            if processes:
                self._nanny = WorkerProcesses(
                    self.scheduler_address,
                    self._listen("worker-{pid}", host or ip, 0),
                    tls=self._tls,
                    quiet=silence_logs is True or int(silence_logs or 0) > logging.WARNING,
                    preload=[preload] if isinstance(preload, str) else list(preload or []),
                    env=dict(env or {}),
                )
            self.status = "running"
            _open.add(self)
            self.scale(count)
        except BaseException:
            self._close()
            raise

    def _listen(self, name: str, host: str | None, port: int) -> str:
        if self._scheme == "unix://":
            return f"unix://{self._sockets / name}.sock"
        if self._scheme == "inproc://":
            return f"inproc://{self._directory.name}/{name}"
        return f"{self._scheme}{host or '127.0.0.1'}:{port}"

    # ---- size

    def scale(self, n: int = 0, memory: Any = None, cores: int | None = None) -> Any:
        """Starts workers, or retires some without loss, until there are `n`.

        Parameters
        ----------
        n : int
            Workers.
        memory : str or int, optional
            As many workers as have this much memory (``"20GB"``) together, if these are more.
        cores : int, optional
            As many workers as have so many threads together, if these are more.
        """
        if n < 0:
            raise ValueError(f"[scale] the number of workers must not be negative, got {n}")
        if self.status != "running":
            raise RuntimeError("[scale] the cluster is closed")
        if cores is not None:
            n = max(n, math.ceil(cores / self._threads))
        if memory is not None:
            if not self._memory_limit:
                raise ValueError("[scale] memory= needs workers that have a memory_limit")
            n = max(n, math.ceil(parse_bytes(memory) / self._memory_limit))
        with self._lock:
            alive = [key for key, worker in self.workers.items() if worker.status != "closed"]
            self.workers = {key: self.workers[key] for key in alive}
            for _ in range(n - len(alive)):
                number = next(self._numbers)
                self.workers[number] = self._start(number)
            if self._nanny is not None and n > len(alive):
                self._nanny.wait_ready(_START_FOR)
            if n < len(alive):
                self._retire([self.workers.pop(key) for key in alive[n:]])
        return _done() if self.asynchronous else None

    def _start(self, number: int) -> Any:
        settings: dict[str, Any] = {
            "nthreads": self._threads,
            "memory_limit": self._memory_limit,
            "resources": self._resources,
            "local_directory": str(self._directory / f"worker-{number}"),
            "memory": memory_options(),
        }
        if self._nanny is not None:
            return self._nanny.start(number, **settings)
        listen = self._listen(f"worker-{number}", None, 0)
        return ThreadWorker(self.scheduler_address, listen, number, self._tls, settings)

    def _retire(self, workers: list[Any]) -> None:
        with self._own_client() as client:
            client.retire_workers([worker.address for worker in workers])
        for worker in workers:
            worker.close()

    def adapt(self, *args: Any, **kwargs: Any) -> Any:
        """Not there yet: the cluster keeps the size that it was given."""
        raise NotImplementedError("[adapt] clusters do not change their size by themselves yet")

    # ---- facts

    @property
    def scheduler(self) -> _core.ClusterScheduler:
        """The scheduler, which runs on a thread of this process."""
        return self._scheduler

    @property
    def dashboard_link(self) -> str | None:
        """None: there is no dashboard yet."""
        return None

    @property
    def scheduler_info(self) -> dict[str, Any]:
        """What the scheduler says about itself and its workers."""
        with self._own_client() as client:
            info: dict[str, Any] = client.scheduler_info()
            return info

    def get_client(self) -> Any:
        """A new client of this cluster."""
        from dusk.distributed.client import Client

        return Client(self, set_as_default=False, asynchronous=self.asynchronous)

    def _own_client(self) -> Any:
        from dusk.distributed.client import Client

        return Client(self, set_as_default=False)

    def wait_for_workers(self, n_workers: int, timeout: Any = None) -> None:
        """Until so many workers are there."""
        with self._own_client() as client:
            client.wait_for_workers(n_workers, timeout=timeout)

    def get_logs(self, cluster: bool = True, scheduler: bool = True, workers: Any = True) -> Any:
        """The last lines that worker processes wrote on stderr, by address."""
        return {w.address: getattr(w, "log_tail", "") for w in self.workers.values()}

    # ---- end

    def close(self, timeout: Any = None) -> Any:
        """Ends scheduler and workers."""
        if self.asynchronous:
            import asyncio

            return asyncio.get_running_loop().run_in_executor(None, self._close)
        return self._close()

    def _close(self) -> None:
        with self._lock:
            if self.status == "closed":
                return
            self.status = "closed"
        _open.discard(self)
        nanny = getattr(self, "_nanny", None)
        if nanny is not None:
            nanny.core.let_go()
        for worker in self.workers.values():
            if isinstance(worker, ThreadWorker):
                worker.close()
        if hasattr(self, "_scheduler"):
            self._scheduler.close()
        if nanny is not None:
            nanny.core.wait(False, _CLOSE_FOR)
            nanny.core.close()
        for directory in {self._directory, self._sockets}:
            remove_directory(directory)

    def __await__(self) -> Generator[Any, None, Self]:
        yield from ()
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def __repr__(self) -> str:
        count = len(self.workers)
        memory = format_bytes(count * self._memory_limit) if self._memory_limit else "no limit"
        return (
            f"LocalCluster({self.name}, {self.scheduler_address!r}, workers={count}, "
            f"threads={count * self._threads}, memory={memory})"
        )


class ThreadWorker:
    """A worker in this process that comes back when the cluster is restarted."""

    def __init__(
        self, scheduler: str, listen: str, name: Any, tls: Any, settings: dict[str, Any]
    ) -> None:
        self.name = name
        self._make: Callable[[], Worker] = lambda: Worker(
            scheduler, listen=listen, name=name, tls=tls, **settings
        )
        self.worker = self._make()
        self._closed = False
        self._watch = threading.Thread(target=self._keep, name=f"dusk-worker-{name}", daemon=True)
        self._watch.start()

    def _keep(self) -> None:
        while self.worker.wait() == "restart" and not self._closed:
            self.worker.close()
            self.worker = self._make()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.worker, name)

    def close(self, timeout: float = 2.0) -> None:
        """Leaves the cluster."""
        self._closed = True
        self.worker.close()

    def __repr__(self) -> str:
        return repr(self.worker)


def _scheme(
    protocol: str | None, processes: bool, host: str | None, port: int, security: Any
) -> str:
    if protocol is None:
        if security is not None:
            return "tls://"
        if host or port:
            return "tcp://"
        return "unix://" if processes else "inproc://"
    scheme = protocol if protocol.endswith("://") else f"{protocol}://"
    if scheme not in ("unix://", "tcp://", "tls://", "inproc://"):
        raise ValueError(
            f"[LocalCluster] protocol must be unix, tcp, tls or inproc, got {protocol!r}"
        )
    if scheme == "inproc://" and processes:
        raise ValueError("[LocalCluster] inproc:// is for processes=False")
    return scheme


def _security(given: Any) -> Any:
    if given is None or given is False:
        return None
    from dusk.distributed.security import Security

    if given is True:
        return Security.temporary()
    return Security(**given) if isinstance(given, dict) else given


async def _done() -> None:
    """What asynchronous methods that are done return."""


@atexit.register
def _close_all() -> None:
    for cluster in list(_open):
        cluster._close()
