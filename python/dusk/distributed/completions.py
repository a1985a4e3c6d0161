"""as_completed and wait."""

from __future__ import annotations

import threading
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from concurrent.futures import ALL_COMPLETED, FIRST_COMPLETED
from concurrent.futures._base import DoneAndNotDoneFutures
from typing import Any

from dusk import _core
from dusk.distributed.errors import TimeoutError
from dusk.distributed.future import Future, futures_of
from dusk.distributed.registry import default_client
from dusk.distributed.waiting import Arrivals, in_thread, settled
from dusk.utils import parse_timedelta

__all__ = ["as_completed", "wait"]


class as_completed:
    """Futures in the order in which they are done; an iterator, also an asynchronous one.

    Parameters
    ----------
    futures : iterable of Future
        More can be added while iterating.
    with_results : bool, default False
        Give ``(future, result)``.
    raise_errors : bool, default True
        With `with_results`: raise what a task raised; else its result is
        ``(class, exception, traceback)``.
    timeout : float or str, optional
        Seconds for all of them.

    Examples
    --------
    >>> from dusk.distributed import as_completed
    >>> for future in as_completed(client.map(inc, range(3))):  # doctest: +SKIP
    ...     print(future.result())
    """

    def __init__(
        self,
        futures: Iterable[Future[Any]] | None = None,
        loop: Any = None,
        with_results: bool = False,
        raise_errors: bool = True,
        *,
        timeout: float | str | None = None,
    ) -> None:
        self.with_results = with_results
        self.raise_errors = raise_errors
        seconds = parse_timedelta(timeout)
        self._end = None if seconds is None else time.monotonic() + seconds
        self._done: _core.ClusterCompletions | None = None
        self._arrivals: Arrivals | None = None  # instead, when iterated asynchronously
        self.lock = threading.Lock()
        if futures:
            self.update(futures)

    def update(self, futures: Iterable[Future[Any]]) -> None:
        """Adds futures."""
        for future in futures:
            self.add(future)

    def add(self, future: Future[Any]) -> None:
        """Adds a future."""
        if not isinstance(future, Future):
            raise TypeError(f"Input must be a future, got {type(future)}")
        with self.lock:
            if self._arrivals is not None:
                return self._arrivals.add(future)
            if self._done is None:
                self._done = _core.ClusterCompletions(future._owner()._core)
            self._done.add(future)

    def is_empty(self) -> bool:
        """Whether every future was given out."""
        return self.count() == 0

    def has_ready(self) -> bool:
        """Whether the next one is there already."""
        if self._arrivals is not None:
            return self._arrivals.ready()
        return self._done is not None and self._done.ready()

    def count(self) -> int:
        """How many futures are still to come."""
        if self._arrivals is not None:
            return self._arrivals.left
        return 0 if self._done is None else self._done.count()

    def clear(self) -> None:
        """Forgets the futures that are still to come."""
        if self._arrivals is not None:
            self._arrivals = Arrivals()
        if self._done is not None:
            self._done.clear()

    def _rest(self) -> float | None:
        return None if self._end is None else self._end - time.monotonic()

    def _given(self, future: Future[Any]) -> Any:
        if not self.with_results:
            return future
        if self.raise_errors or future.status == "finished":
            (result,) = future._gather(None)
            return future, result
        error = future.exception()
        return future, (type(error), error, error.__traceback__)

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        return self._next(self._rest())

    def _next(self, timeout: float | None) -> Any:
        if self._done is None or self._done.count() == 0:
            raise StopIteration
        future = self._done.next(timeout)
        if future is None:
            raise TimeoutError()
        return self._given(future)

    next = __next__

    def __aiter__(self) -> AsyncIterator[Any]:
        return self

    async def __anext__(self) -> Any:
        if self._arrivals is None:
            self._arrivals = Arrivals()
            if self._done is not None:
                waiting = self._done.waiting()
                self._done.clear()
                self.update(waiting)
        if self._arrivals.left == 0:
            raise StopAsyncIteration
        future = await self._arrivals.next(self._rest())
        return await in_thread(self._given, future) if self.with_results else future

    def next_batch(self, block: bool = True) -> list[Any]:
        """All futures that are done; with `block` at least one."""
        if self._done is None or self.is_empty():
            if block:
                raise StopIteration
            return []
        batch = self._done.next_batch(self._rest() if block else 0.0)
        if block and not batch:
            raise TimeoutError()
        return [self._given(future) for future in batch]

    def batches(self) -> Iterator[list[Any]]:
        """All futures in batches: those that are done at once come together."""
        while not self.is_empty():
            yield self.next_batch(block=True)


def wait(fs: Any, timeout: float | str | None = None, return_when: str = ALL_COMPLETED) -> Any:
    """Waits until futures are done.

    Parameters
    ----------
    fs
        Futures, containers of them, or persisted collections.
    timeout : float or str, optional
        Seconds.
    return_when : {"ALL_COMPLETED", "FIRST_COMPLETED"}

    Returns
    -------
    (done, not_done)
        A named tuple of sets of futures.

    Raises
    ------
    TimeoutError
        The time is over first.
    """
    seconds = parse_timedelta(timeout)
    if seconds is not None and not isinstance(seconds, float | int):
        raise TypeError(f"timeout= keyword received a non-numeric value: {timeout!r}")
    if return_when not in (ALL_COMPLETED, FIRST_COMPLETED):
        raise NotImplementedError(
            "Only return_when='ALL_COMPLETED' and 'FIRST_COMPLETED' are supported"
        )
    futures = futures_of(fs)
    first = return_when == FIRST_COMPLETED
    if not futures:
        return DoneAndNotDoneFutures(set(), set())
    client = futures[0].client or default_client()
    if client.asynchronous:
        return _wait_async(futures, seconds, first)
    if not client._core.wait(futures, not first, seconds):
        raise TimeoutError()
    return _outcome(futures)


async def _wait_async(futures: list[Future[Any]], timeout: float | None, first: bool) -> Any:
    if not await settled(futures, timeout, first=first):
        raise TimeoutError()
    return _outcome(futures)


def _outcome(futures: list[Future[Any]]) -> Any:
    done = {f for f in futures if f.status != "pending"}
    cancelled = [f.key for f in done if f.cancelled()]
    if cancelled:
        from concurrent.futures import CancelledError

        raise CancelledError(cancelled)
    return DoneAndNotDoneFutures(done, set(futures) - done)  # type: ignore[arg-type]
