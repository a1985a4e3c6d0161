"""Records when and where tasks ran."""

from __future__ import annotations

from dataclasses import dataclass

from dusk import _core
from dusk.diagnostics.watching import Watcher

__all__ = ["TaskRecord", "Timeline"]


@dataclass(frozen=True)
class TaskRecord:
    """One task that ran: times in seconds from the first start recorded, bytes of its result."""

    key: str
    name: str
    thread: int
    start: float
    end: float
    nbytes: int


class Timeline(Watcher):
    """Collects the tasks of the computations it watches.

    Examples
    --------
    >>> import dusk.array as da
    >>> from dusk.diagnostics import Timeline
    >>> with Timeline() as timeline:
    ...     total = da.ones(10, chunks=5).sum().compute()
    >>> len(timeline.tasks) > 0
    True
    """

    def __init__(self) -> None:
        self.tasks: list[TaskRecord] = []
        self._origin: float | None = None

    def finished(self, observer: _core.Observer, failed: bool) -> None:
        records = observer.timeline()
        if records and self._origin is None:
            self._origin = min(record[3] for record in records)
        origin = self._origin or 0.0
        self.tasks += [
            TaskRecord(key, name, thread, start - origin, end - origin, nbytes)
            for key, name, thread, start, end, nbytes in records
        ]
