"""Futures: results that a cluster computes."""

from __future__ import annotations

import types
from collections.abc import Callable, Generator
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from dusk import _core
from dusk.distributed.errors import TimeoutError, exception_of, failure
from dusk.distributed.registry import client_for, client_of, default_client
from dusk.utils import parse_timedelta

if TYPE_CHECKING:
    from dusk.distributed.client import Client

__all__ = ["Future", "fire_and_forget", "futures_of"]

T = TypeVar("T")


class Future(_core.ClusterFuture, Generic[T]):
    """A result that a cluster computes, or holds.

    :meth:`Client.submit`, ``map``, ``scatter`` and ``compute`` return futures. The cluster keeps a
    result as long as somebody has a future of it.

    Parameters
    ----------
    key : str
        Of a task that the scheduler knows.
    client : Client, optional
        The current one by default.
    """

    __slots__ = ()

    def __init__(self, key: str, client: Client | None = None, state: Any = None) -> None:
        super().__init__(default_client(client)._core, key)

    @property
    def client(self) -> Client | None:
        """The client that made the future, while it exists."""
        return client_of(self)

    @property
    def executor(self) -> Client | None:
        """The same as `client`."""
        return client_of(self)

    def _asynchronous(self) -> bool:
        client = client_of(self)
        return client is not None and client.asynchronous

    def result(self, timeout: float | str | None = None) -> T:
        """Waits for the result.

        Parameters
        ----------
        timeout : float or str, optional
            Seconds; for ever by default.

        Raises
        ------
        TimeoutError
            The time is over first; the task goes on.
        CancelledError
            The future was cancelled.
        Exception
            What the task raised.
        """
        if self._asynchronous():
            return self._result_async(parse_timedelta(timeout))  # type: ignore[return-value]
        results = self._gather(parse_timedelta(timeout))
        if results is None:
            raise TimeoutError(f"timed out after {timeout} s.")
        return results[0]  # type: ignore[no-any-return]

    async def _result_async(self, timeout: float | None = None) -> T:
        from dusk.distributed.waiting import in_thread, settled

        if not await settled([self], timeout):
            raise TimeoutError(f"timed out after {timeout} s.")
        here = self._value_here()
        if here is not None:
            return here[0]  # type: ignore[no-any-return]
        results = await in_thread(self._gather, None)
        return results[0]  # type: ignore[no-any-return]

    def exception(self, timeout: float | str | None = None, **kwargs: Any) -> Any:
        """What the task raised, or None; waits for it like :meth:`result`."""
        return self._ask_error(_exception, timeout)

    def traceback(self, timeout: float | str | None = None, **kwargs: Any) -> Any:
        """The traceback of what the task raised, or None."""
        return self._ask_error(_traceback, timeout)

    def _ask_error(self, of: Callable[[Future[Any]], Any], timeout: float | str | None) -> Any:
        seconds = parse_timedelta(timeout)
        if self._asynchronous():
            return self._ask_error_async(of, seconds)
        if not self._wait(seconds):
            raise TimeoutError(f"timed out after {timeout} s.")
        return of(self)

    async def _ask_error_async(
        self, of: Callable[[Future[Any]], Any], timeout: float | None
    ) -> Any:
        from dusk.distributed.waiting import settled

        if not await settled([self], timeout):
            raise TimeoutError(f"timed out after {timeout} s.")
        return of(self)

    def cancelled(self) -> bool:
        """Whether the future was cancelled, or its data is lost."""
        return self.status in ("cancelled", "lost")

    def cancel(self, reason: str | None = None, msg: str | None = None, **kwargs: Any) -> Any:
        """Gives the task up, and what depends on it."""
        return self._owner().cancel([self], **kwargs)

    def retry(self, **kwargs: Any) -> Any:
        """Runs a task that failed again."""
        return self._owner().retry([self], **kwargs)

    def _owner(self) -> Client:
        client = client_of(self)
        if client is None:
            raise ValueError(f"[Future] the client of {self!r} does not exist any more")
        return client

    def add_done_callback(self, fn: Callable[[Future[T]], Any]) -> None:
        """Calls ``fn(future)`` on another thread when the task is done, failed or cancelled."""
        self._owner()._watch(self, fn)

    @property
    def type(self) -> Any:
        """The class of the result, when it is known here without fetching it."""
        here = self._value_here()
        return None if here is None else type(here[0])

    def __await__(self) -> Generator[Any, Any, T]:
        return self._result_async().__await__()

    def __repr__(self) -> str:
        kind = f" type: {_type_name(self.type)}," if self.status == "finished" and self.type else ""
        return f"<Future: {self.status},{kind} key: {self.key}>"

    def _repr_html_(self) -> str:
        return (
            f"<strong>Future: {self.key}</strong> <font color='gray'>status: </font>"
            f"<strong>{self.status}</strong>"
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Future):
            return NotImplemented
        return self.key == other.key and self.link == other.link

    def __hash__(self) -> int:
        return hash((self.key, self.link))

    def __reduce__(self) -> tuple[Any, ...]:
        return (_rebuild, (self.key, self.scheduler))

    def __dask_tokenize__(self) -> Any:
        return ("Future", self.key)


def _type_name(kind: type) -> str:
    module = kind.__module__
    return kind.__qualname__ if module == "builtins" else f"{module}.{kind.__qualname__}"


def _rebuild(key: str, scheduler: str) -> Future[Any]:
    return Future(key, client_for(scheduler))


def _exception(future: Future[Any]) -> BaseException | None:
    status = future.status
    if status == "finished":
        return None
    return failure(future, status, future._fault()) if status != "pending" else None


def _traceback(future: Future[Any]) -> types.TracebackType | None:
    fault = future._fault()
    if fault is None and future.status != "finished":
        return _exception(future).__traceback__  # type: ignore[union-attr]
    return None if fault is None else exception_of(fault).__traceback__


def futures_of(o: Any, client: Client | None = None) -> list[Future[Any]]:
    """The futures inside containers and persisted collections, each once.

    Raises
    ------
    CancelledError
        One of them was cancelled.
    """
    found: dict[int, Future[Any]] = {}
    stack = [o]
    while stack:
        obj = stack.pop()
        if isinstance(obj, Future):
            found.setdefault(obj.number, obj)
        elif isinstance(obj, list | tuple | set | frozenset):
            stack.extend(obj)
        elif isinstance(obj, dict):
            stack.extend(obj.values())
        elif hasattr(obj, "__dusk_futures__"):
            stack.extend(obj.__dusk_futures__())
    cancelled = [f.key for f in found.values() if f.cancelled()]
    if cancelled:
        raise CancelledError(cancelled)
    return list(found.values())[::-1]


_kept: set[Future[Any]] = set()


def fire_and_forget(obj: Any) -> None:
    """Lets tasks run to their end even when nobody has their futures any more.

    They are kept as long as the client is open.
    """
    for future in futures_of(obj):
        _kept.add(future)
        future.add_done_callback(_kept.discard)
