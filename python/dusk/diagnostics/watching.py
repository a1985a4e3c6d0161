"""Who watches computations, and how they are told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from types import TracebackType
from typing import Any, Self

from dusk import _core

_global: list[Watcher] = []
_local: ContextVar[tuple[Watcher, ...]] = ContextVar("dusk_watchers", default=())


class Watcher:
    """Something told about every computation between entering and leaving (or registering)."""

    def started(self, observer: _core.Observer) -> None:
        """A computation begins; `observer` tells how far it is."""

    def finished(self, observer: _core.Observer, failed: bool) -> None:
        """The computation has ended."""

    def __enter__(self) -> Self:
        self._reset = _local.set((*_local.get(), self))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        _local.reset(self._reset)

    def register(self) -> None:
        """Watch every computation from now on."""
        _global.append(self)

    def unregister(self) -> None:
        """The end of `register`."""
        _global.remove(self)


@contextmanager
def watching() -> Iterator[_core.Observer | None]:
    """Around one computation: an observer when somebody watches, else None."""
    watchers = [*_global, *_local.get()]
    if not watchers:
        yield None
        return
    observer = _core.Observer()
    with ExitStack() as stack:
        for watcher in watchers:
            watcher.started(observer)
            stack.push(_ending(watcher, observer))
        yield observer


def _ending(watcher: Watcher, observer: _core.Observer) -> Any:
    def end(kind: Any, error: Any, trace: Any) -> None:
        watcher.finished(observer, failed=kind is not None)

    return end
