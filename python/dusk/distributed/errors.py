"""What goes wrong in a cluster, with Dask's names."""

from __future__ import annotations

import builtins
import sys
import types
from concurrent.futures import CancelledError
from typing import Any

__all__ = [
    "CancelledError",
    "ClosedClientError",
    "CommClosedError",
    "FutureCancelledError",
    "KilledWorker",
    "NoValidWorkerError",
    "TimeoutError",
    "WorkerStartTimeoutError",
    "failure",
]

TimeoutError = builtins.TimeoutError


class CommClosedError(IOError):
    """A connection is closed."""


class ClosedClientError(Exception):
    """The client is closed, or has lost its scheduler."""


class FutureCancelledError(CancelledError):
    """A future was cancelled.

    Attributes
    ----------
    key : str
    reason : str
    """

    def __init__(self, key: str, reason: str = "unknown", msg: str | None = None) -> None:
        super().__init__(key, reason, msg)
        self.key = key
        self.reason = reason
        self.msg = msg

    def __str__(self) -> str:
        text = f"{self.key} cancelled for reason: {self.reason}."
        return f"{text}\n{self.msg}" if self.msg else text


class KilledWorker(Exception):
    """Too many workers died while they ran a task.

    Attributes
    ----------
    task : str
        Its key.
    last_worker : str
        The address of the last one.
    log_tail : str
        The last lines that this one wrote.
    """

    def __init__(
        self, task: str, last_worker: str = "", message: str = "", log_tail: str = ""
    ) -> None:
        super().__init__(task, last_worker, message, log_tail)
        self.task = task
        self.last_worker = last_worker
        self.message = message
        self.log_tail = log_tail

    def __str__(self) -> str:
        return self.message or f"{self.task}: the workers that ran it died"


class NoValidWorkerError(Exception):
    """No worker came in time that may run a task."""

    def __init__(self, task: str, message: str = "") -> None:
        super().__init__(task, message)
        self.task = task
        self.message = message

    def __str__(self) -> str:
        return self.message


class WorkerStartTimeoutError(TimeoutError):
    """Fewer workers came than were waited for."""

    def __init__(self, available_workers: int, expected_workers: int, timeout: float) -> None:
        super().__init__(available_workers, expected_workers, timeout)

    def __str__(self) -> str:
        there, expected, timeout = self.args
        return f"Only {there}/{expected} workers arrived after {timeout}"


_WORKERS_DIED, _NO_WORKER = 1, 2  # of cluster::FaultCause

_CLASSES: dict[str, type[Exception]] = {
    "ValueError": ValueError,
    "TypeError": TypeError,
    "IndexError": IndexError,
    "KeyError": KeyError,
    "AttributeError": AttributeError,
    "NotImplementedError": NotImplementedError,
    "ZeroDivisionError": ZeroDivisionError,
    "OverflowError": OverflowError,
    "MemoryError": MemoryError,
    "OSError": OSError,
    "FileNotFoundError": FileNotFoundError,
}


def failure(future: Any, status: str, fault: tuple[Any, ...] | None) -> BaseException:
    """The exception of a future that has no result; ready to be raised."""
    if fault is None:
        return FutureCancelledError(future.key, *_why_cancelled(future, status))
    return exception_of(fault)


def _why_cancelled(future: Any, status: str) -> tuple[str, str | None]:
    from dusk.distributed.registry import client_of

    client = client_of(future)
    closed = client._core.why_closed if client is not None else "the client was closed"
    if status == "lost":
        return "lost dependencies", closed or None
    return ("scheduler-connection-lost" if closed else "unknown"), closed or None


def exception_of(fault: tuple[Any, ...]) -> BaseException:
    """The exception that a fault of the engine stands for.

    A Python exception comes back as what it was, with its cause, the traceback of the worker and a
    note that names the task.
    """
    kind, cause, message, sent, task, worker, log_tail = fault
    if cause == _WORKERS_DIED:
        return KilledWorker(task, worker, message, log_tail)
    if cause == _NO_WORKER:
        return NoValidWorkerError(task, message)
    where = f"in task {task}" + (f" on worker {worker}" if worker else "")
    if isinstance(sent, tuple):
        error, text, frames, reasons = (*sent, None, None, ())[:4]
        if isinstance(error, BaseException):
            if error.__traceback__ is None and frames:
                error.__traceback__ = traceback_of(frames)
            _give_reasons(error, reasons)
            _note(error, where)
            return error
        message = text or message
    elif isinstance(sent, str):  # the exception could not be unpickled
        message = f"{message}\n({sent})"
    if kind == "CancelledError":
        return FutureCancelledError(task, "lost dependencies", message)
    made = _CLASSES.get(kind, RuntimeError)(message)
    _note(made, where)
    return made


def _give_reasons(error: BaseException, reasons: Any) -> None:
    for reason, frames, explicit in reasons:
        reason.__traceback__ = traceback_of(frames)
        if explicit:
            error.__cause__ = reason
        else:
            error.__context__ = reason
        error = reason


def _note(error: BaseException, text: str) -> None:
    if text not in getattr(error, "__notes__", ()):
        error.add_note(text)


def traceback_of(frames: Any) -> types.TracebackType | None:
    """A traceback that shows frames of another process.

    Parameters
    ----------
    frames
        (file name, line number, function, ...), outermost first.
    """
    chain: types.TracebackType | None = None
    for filename, line, name, *_ in reversed(list(frames)):
        code = compile("get_frame()", filename, "eval").replace(co_name=name)
        frame = eval(code, {"get_frame": sys._getframe, "__name__": name})
        chain = types.TracebackType(chain, frame, -1, line)  # no columns
    return chain
