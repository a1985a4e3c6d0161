"""Waiting for futures, in threads and in asyncio."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from dusk import _core

__all__ = ["Arrivals", "Watcher", "in_thread", "settled"]

T = TypeVar("T")
Callback = Callable[[Any], Any]


_open: set[Watcher] = set()


class Watcher:
    """Calls functions when futures are done, on a thread of its own.

    The thread sleeps in the engine until a future is done.
    """

    def __init__(self, core: _core.ClusterClient) -> None:
        self._done = _core.ClusterCompletions(core)
        self._callbacks: dict[int, deque[Callback]] = {}
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="dusk-futures", daemon=True)
        _open.add(self)
        self._thread.start()

    def add(self, future: Any, callback: Callback) -> None:
        """Calls ``callback(future)`` once."""
        with self._lock:
            self._callbacks.setdefault(future.number, deque()).append(callback)
            self._done.add(future)

    def _run(self) -> None:
        while batch := self._done.next_batch(None):
            for future in batch:
                with self._lock:
                    waiting = self._callbacks[future.number]
                    callback = waiting.popleft()
                    if not waiting:
                        del self._callbacks[future.number]
                try:
                    callback(future)
                except Exception:
                    threading.excepthook(_hook_arguments())
            del batch, future, callback, waiting

    def close(self) -> None:
        """Ends the thread when it has called what is due."""
        self._done.close()
        _open.discard(self)
        if threading.current_thread() is not self._thread:
            self._thread.join()


@atexit.register
def _close_all() -> None:
    for watcher in list(_open):
        watcher.close()


def _hook_arguments() -> Any:
    import sys

    return threading.ExceptHookArgs((*sys.exc_info(), threading.current_thread()))


class _Countdown:
    """Tells an event loop when `count` futures are done, or one has failed."""

    def __init__(self, count: int, stop_at_failure: bool) -> None:
        self._left = count
        self._stop_at_failure = stop_at_failure
        self._loop = asyncio.get_running_loop()
        self.future: asyncio.Future[None] = self._loop.create_future()

    def __call__(self, future: Any) -> None:
        self._left -= 1
        if self._left == 0 or (self._stop_at_failure and future.status != "finished"):
            self._left = 0
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
                self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        if not self.future.done():
            self.future.set_result(None)


class Arrivals:
    """Futures as they are done, for one event loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._done: deque[Any] = deque()
        self._some = asyncio.Event()
        self.left = 0  # added and not given out

    def add(self, future: Any) -> None:
        """On the loop's thread."""
        self.left += 1
        future._owner()._watch(future, self._tell)

    def _tell(self, future: Any) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self._loop.call_soon_threadsafe(self._take, future)

    def _take(self, future: Any) -> None:
        self._done.append(future)
        self._some.set()

    def ready(self) -> bool:
        return bool(self._done)

    async def next(self, timeout: float | None) -> Any:
        """The next one; TimeoutError when the time is over first."""
        while not self._done:
            self._some.clear()
            await asyncio.wait_for(self._some.wait(), timeout)
        self.left -= 1
        return self._done.popleft()


async def settled(
    futures: Sequence[Any],
    timeout: float | None = None,
    *,
    first: bool = False,
    stop_at_failure: bool = False,
) -> bool:
    """Until all futures (or the first) are done; False when the time is over first."""
    pending = [f for f in futures if f.status == "pending"]
    if not pending or (first and len(pending) < len(futures)):
        return True
    if stop_at_failure and any(f.status not in ("pending", "finished") for f in futures):
        return True
    countdown = _Countdown(1 if first else len(pending), stop_at_failure)
    for future in pending:
        future._owner()._watch(future, countdown)
    try:
        await asyncio.wait_for(countdown.future, timeout)
    except TimeoutError:
        return False
    return True


async def in_thread(function: Callable[..., T], *args: Any) -> T:
    """A call that takes a while, without holding the event loop up."""
    return await asyncio.get_running_loop().run_in_executor(None, lambda: function(*args))
