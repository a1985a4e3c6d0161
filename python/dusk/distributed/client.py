"""The client of a cluster."""

from __future__ import annotations

import threading
import uuid
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from types import SimpleNamespace, TracebackType
from typing import Any, Self, TypeVar

from dusk import _core
from dusk.annotations import _active as _annotations
from dusk.distributed import registry
from dusk.distributed.client_collections import CollectionMethods
from dusk.distributed.client_data import DataMethods
from dusk.distributed.client_facts import FactMethods
from dusk.distributed.errors import ClosedClientError
from dusk.distributed.functions import run_with_worker
from dusk.distributed.future import Future, futures_of
from dusk.distributed.options import connection_options, default_timeout, requirements
from dusk.distributed.registry import default_client
from dusk.distributed.waiting import Watcher, in_thread
from dusk.utils import funcname, parse_timedelta

__all__ = ["Client", "default_client"]

T = TypeVar("T")
_FIRST = 1e9  # a priority


class Client(CollectionMethods, DataMethods, FactMethods):
    """Connects to a cluster and runs work on it.

    Parameters
    ----------
    address : str or cluster, optional
        Of a scheduler (``"tcp://127.0.0.1:8786"``), or an object with ``scheduler_address`` such
        as a :class:`LocalCluster`. By default the configuration's ``scheduler-address``, else a
        new :class:`LocalCluster` that gets the other keyword arguments.
    timeout : float or str, optional
        Seconds to connect; the configuration's ``distributed.comm.timeouts.connect`` by default.
    set_as_default : bool, default True
        Whether collections compute on this cluster from now on.
    scheduler_file : str, optional
        A JSON file that holds the address.
    security : Security or dict, optional
        Certificates for ``tls://``.
    asynchronous : bool, default False
        Whether methods return awaitables.
    name : str, optional
        As the scheduler calls the client.
    loop, heartbeat_interval, serializers, deserializers, extensions, direct_to_workers, \
    connection_limit
        Accepted, without effect.

    Examples
    --------
    >>> from dusk.distributed import Client
    >>> client = Client(n_workers=2)  # doctest: +SKIP
    >>> client.submit(sum, [1, 2]).result()  # doctest: +SKIP
    3
    """

    def __init__(
        self,
        address: Any = None,
        loop: Any = None,
        timeout: Any = None,
        set_as_default: bool = True,
        scheduler_file: str | None = None,
        security: Any = None,
        asynchronous: bool = False,
        name: str | None = None,
        heartbeat_interval: Any = None,
        serializers: Any = None,
        deserializers: Any = None,
        extensions: Any = None,
        direct_to_workers: bool | None = None,
        connection_limit: int = 512,
        **kwargs: Any,
    ) -> None:
        self._asynchronous = asynchronous
        self._retries = _printed_retries(kwargs)
        self.id = f"{name or 'Client'}-{uuid.uuid4()}"
        self.status = "connecting"
        self.cluster, where, self._own_cluster = connection_options(
            address, scheduler_file, security, kwargs
        )
        self._watcher: Watcher | None = None
        self._lock = threading.Lock()
        seconds = default_timeout() if timeout is None else parse_timedelta(timeout)
        self._core = _core.ClusterClient(
            where.address, name=self.id, timeout=seconds, tls=where.tls, future_type=Future
        )
        self.status = "running"
        registry.register(self, set_as_default)

    # ---- what runs

    def submit(
        self,
        func: Callable[..., T],
        *args: Any,
        key: Any = None,
        workers: Any = None,
        resources: dict[str, float] | None = None,
        retries: int | None = None,
        priority: float = 0,
        fifo_timeout: Any = "100 ms",
        allow_other_workers: bool = False,
        actor: bool = False,
        actors: bool = False,
        pure: bool = True,
        **kwargs: Any,
    ) -> Future[T]:
        """Runs ``func(*args, **kwargs)`` on the cluster.

        Parameters
        ----------
        func : callable
        *args, **kwargs
            Futures among them, also inside lists, tuples, sets and dictionaries, become their
            results.
        key : str, optional
            The task's name: equal keys are one task. Made from the function and its arguments by
            default, or unique when not `pure`.
        workers : str or list of str, optional
            Addresses, names or hosts of the workers that may run it.
        resources : dict, optional
            What it needs of a worker's resources while it runs.
        retries : int, optional
            How often it is tried again when it fails.
        priority : float, default 0
            Higher ones run first.
        allow_other_workers : bool, default False
            Whether others may run it while none of `workers` is there.
        pure : bool, default True
            Whether equal arguments mean one task.
        fifo_timeout
            Accepted, without effect.

        Returns
        -------
        Future

        Raises
        ------
        TypeError
            `func` is not callable, or an argument cannot be pickled; nothing was submitted.
        """
        if not callable(func):
            raise TypeError("First input to submit must be a callable function")
        if self.status != "running":
            raise self._closed_error()
        user, needs = self._options(workers, resources, retries, priority, allow_other_workers)
        if actor or actors:
            raise _no_actors()
        if key is None:
            if not pure:
                key = f"{funcname(func)}-{uuid.uuid4()}"
        elif not isinstance(key, str):
            key = str(key)
        future: Future[T] = self._core.submit(func, args, kwargs or None, key, pure, user, needs)
        return future

    def map(
        self,
        func: Callable[..., T],
        *iterables: Any,
        key: Any = None,
        workers: Any = None,
        retries: int | None = None,
        resources: dict[str, float] | None = None,
        priority: float = 0,
        allow_other_workers: bool = False,
        fifo_timeout: Any = "100 ms",
        actor: bool = False,
        actors: bool = False,
        pure: bool = True,
        batch_size: int | None = None,
        **kwargs: Any,
    ) -> list[Future[T]]:
        """Runs `func` on each element of the iterables, like :func:`map`.

        Parameters
        ----------
        func : callable
        *iterables
            As many as `func` has arguments; the shortest decides.
        key : str or list of str, optional
            A prefix of the keys, or one key for each task.
        batch_size : int, optional
            Accepted; tasks are always sent in batches.
        **kwargs
            The same for all calls. Other parameters as :meth:`submit`.

        Returns
        -------
        list of Future
        """
        if not callable(func):
            raise TypeError("First input to map must be a callable function")
        if all(isinstance(it, Iterator) or _is_queue(it) for it in iterables):
            raise TypeError(
                "Dusk does not map over iterators or queues: "
                "use a for loop with submit, or make a list of them"
            )
        if self.status != "running":
            raise self._closed_error()
        user, needs = self._options(workers, resources, retries, priority, allow_other_workers)
        if actor or actors:
            raise _no_actors()
        if isinstance(key, list | tuple):
            key = [k if isinstance(k, str) else str(k) for k in key]
            sized = [len(it) for it in iterables if hasattr(it, "__len__")]
            if sized and len(key) != min(sized):
                raise ValueError(f"[map] {len(key)} keys were given for {min(sized)} tasks")
        elif key is not None:
            key = str(key)
        if not pure and not isinstance(key, list):
            key = f"{key or funcname(func)}-{uuid.uuid4()}"
        return self._core.map(func, iterables, kwargs or None, key, pure, user, needs)

    def _options(
        self,
        workers: Any,
        resources: Any,
        retries: int | None,
        priority: float,
        allow_other_workers: bool,
    ) -> tuple[float, _core.ClusterRequirements | None]:
        annotations = _annotations.get()
        if not annotations:
            if workers is None and resources is None and not retries and not self._retries:
                if allow_other_workers:
                    raise ValueError("Only use allow_other_workers= if using workers=")
                return priority, None
        else:
            workers = annotations.get("workers") if workers is None else workers
            resources = annotations.get("resources") if resources is None else resources
            retries = annotations.get("retries") if retries is None else retries
            priority = priority or annotations.get("priority", 0)
            others = annotations.get("allow_other_workers", False)
            allow_other_workers = allow_other_workers or bool(others)
        retries = self._retries if retries is None else retries
        return priority, requirements(workers, resources, retries, allow_other_workers)

    def cancel(
        self,
        futures: Any,
        asynchronous: bool | None = None,
        force: bool = False,
        reason: str | None = None,
        msg: str | None = None,
    ) -> Any:
        """Gives tasks up, and what depends on them.

        Parameters
        ----------
        futures
            Futures, containers of them, or persisted collections.
        force : bool, default False
            Also when other clients want them.
        """
        self._core.cancel(_futures_in(futures), force)
        return self._done(None, asynchronous)

    def retry(self, futures: Any, asynchronous: bool | None = None) -> Any:
        """Runs tasks that failed again, and those whose failure they inherited."""
        self._core.retry(_futures_in(futures))
        return self._done(None, asynchronous)

    def run(
        self,
        function: Callable[..., T],
        *args: Any,
        workers: Any = None,
        wait: bool = True,
        nanny: bool = False,
        on_error: str = "raise",
        **kwargs: Any,
    ) -> Any:
        """Runs a function on every worker, as a task that goes before others.

        Parameters
        ----------
        function : callable
            Gets the worker as ``dask_worker`` when it has an argument of that name.
        workers : str or list of str, optional
            All by default.
        wait : bool, default True
            Whether to wait for the results.
        on_error : {"raise", "return", "ignore"}
            Raise the first error, put errors among the results, or leave them out.

        Returns
        -------
        dict
            Results by worker address.
        """
        if on_error not in ("raise", "return", "ignore"):
            raise ValueError(f"on_error must be 'raise', 'return', or 'ignore'; got {on_error!r}")
        if nanny:
            raise NotImplementedError("[run] nanny=True does not exist in Dusk yet")
        return self._call(self._run, function, args, kwargs, workers, wait, on_error)

    def _run(
        self,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        workers: Any,
        wait: bool,
        on_error: str,
    ) -> dict[str, Any] | None:
        futures = {}
        for _, address in self._workers(workers):
            needs = requirements([address], None, 0, False)
            key = f"run-{funcname(function)}-{uuid.uuid4()}"
            futures[address] = self._core.submit(
                run_with_worker, (function, *args), kwargs, key, False, _FIRST, needs
            )
        if not wait:
            return None
        if on_error == "return":
            self._core.wait(list(futures.values()), True, None)
            failed = {a: f.exception() for a, f in futures.items() if f.status == "error"}
            good = {a: f for a, f in futures.items() if a not in failed}
            return {**self._gather(good, "raise"), **failed}
        found: dict[str, Any] = self._gather(futures, "raise" if on_error == "raise" else "skip")
        return found

    # ---- the connection

    @property
    def asynchronous(self) -> bool:
        """Whether methods return awaitables."""
        return self._asynchronous

    @property
    def scheduler(self) -> SimpleNamespace:
        """What is known of the scheduler: its ``address``."""
        return SimpleNamespace(address=self.scheduler_address)

    @property
    def scheduler_address(self) -> str:
        """Where the scheduler is."""
        return self._core.scheduler

    @property
    def loop(self) -> Any:
        """The running event loop, or None."""
        import asyncio

        try:
            return asyncio.get_running_loop()
        except RuntimeError:
            return None

    def _done(self, value: Any, asynchronous: bool | None = None) -> Any:
        """`value`, or an awaitable of it."""
        if self._asynchronous if asynchronous is None else asynchronous:
            return _already(value)
        return value

    def _call(
        self, function: Callable[..., T], *args: Any, asynchronous: bool | None = None
    ) -> Any:
        """The result of a function that waits for the cluster, or an awaitable of it."""
        if self.status != "running" or self._core.closed:
            raise self._closed_error()
        if self._asynchronous if asynchronous is None else asynchronous:
            return in_thread(function, *args)
        return function(*args)

    def _closed_error(self) -> ClosedClientError:
        why = self._core.why_closed
        if self.status == "running" and why:
            return ClosedClientError(f"The client has lost its scheduler: {why}")
        return ClosedClientError(f"Client is not running. Status: {self.status}")

    def _watch(self, future: Future[Any], callback: Callable[[Any], Any]) -> None:
        with self._lock:
            if self._watcher is None:
                self._watcher = Watcher(self._core)
        self._watcher.add(future, callback)

    def restart(self, timeout: Any = None, wait_for_workers: bool = True) -> Any:
        """Forgets all tasks and starts every worker again.

        Parameters
        ----------
        timeout : float or str, optional
            Seconds.
        wait_for_workers : bool, default True
            Whether to wait until as many workers as before are back.
        """
        return self._call(self._restart, parse_timedelta(timeout), wait_for_workers)

    def _restart(self, timeout: float | None, wait_for_workers: bool) -> None:
        before = {w["id"] for w in self._facts()["workers"].values()}
        if not self._core.restart(timeout):
            raise TimeoutError(f"The cluster did not restart in {timeout} s")
        if wait_for_workers and self.cluster is not None and before:
            self._wait_for_workers(len(before), timeout, without=before)

    def wait_for_workers(self, n_workers: int, timeout: float | str | None = None) -> Any:
        """Until the cluster has `n_workers` workers.

        Raises
        ------
        TimeoutError
            The time is over first.
        """
        if not isinstance(n_workers, int) or n_workers < 1:
            raise ValueError(f"`n_workers` must be a positive integer. Instead got {n_workers}.")
        return self._call(self._wait_for_workers, n_workers, parse_timedelta(timeout))

    def _end(self) -> None:
        if self.status == "closed":
            return
        self.status = "closed"
        registry.forget(self)
        self._core.close()
        if self._watcher is not None:
            self._watcher.close()
        if self._own_cluster and self.cluster is not None:
            self.cluster.close()

    def close(self, timeout: Any = None) -> Any:
        """Ends the connection, and the cluster when the client has started it."""
        if self._asynchronous:
            return in_thread(self._end)
        return self._end()

    def shutdown(self) -> Any:
        """Closes the client and its cluster."""
        cluster = self.cluster
        if cluster is None:
            raise NotImplementedError(
                "[shutdown] a client that did not get a cluster object cannot end it "
                "(docs/status.md); stop the scheduler's process"
            )
        self._own_cluster = True
        return self.close()

    def __enter__(self) -> Self:
        if self._asynchronous:
            raise TypeError("Used 'with' with asynchronous class; please use 'async with'")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    async def _started(self) -> Self:
        return self

    def __await__(self) -> Any:
        return self._started().__await__()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await in_thread(self._end)

    def start(self, **kwargs: Any) -> Any:
        """Does nothing: a client is connected from the beginning."""
        return self._done(None)

    def sync(self, func: Callable[..., T], *args: Any, **kwargs: Any) -> Any:
        """``func(*args, **kwargs)``; a coroutine's result."""
        import asyncio

        kwargs.pop("asynchronous", None)
        kwargs.pop("callback_timeout", None)
        result = func(*args, **kwargs)
        if asyncio.iscoroutine(result) and not self._asynchronous:
            return asyncio.run(result)
        return result

    @classmethod
    def current(cls, allow_global: bool = True) -> Client:
        """The current client; ValueError when there is none."""
        found = registry.current_client(allow_global)
        if found is None:
            raise ValueError("No clients found")
        return found

    def as_current(self) -> AbstractContextManager[Client]:
        """Makes this client the current one in a ``with`` block."""
        return registry.as_current(self)

    @staticmethod
    def futures_of(futures: Any) -> list[Future[Any]]:
        """See :func:`futures_of`."""
        return futures_of(futures)

    def __reduce__(self) -> Any:
        return (registry.client_for, (self.scheduler_address,))


async def _already(value: Any) -> Any:
    return value


def _futures_in(obj: Any) -> list[Future[Any]]:
    if isinstance(obj, Future):
        return [obj]
    if isinstance(obj, list | tuple | set) and all(isinstance(o, Future) for o in obj):
        return list(obj)
    return futures_of(obj)


def _is_queue(obj: Any) -> bool:
    import queue

    return isinstance(obj, queue.Queue)


def _no_actors() -> NotImplementedError:
    return NotImplementedError("Actors do not exist in Dusk yet; docs/status.md lists what does")


def _printed_retries(kwargs: dict[str, Any]) -> int:
    if "retries" not in kwargs:
        return 0
    warnings.warn(
        "Client(retries=...) is deprecated: give retries= to submit, map and compute, or use "
        "dusk.annotate(retries=...)",
        DeprecationWarning,
        stacklevel=3,
    )
    return int(kwargs.pop("retries"))
