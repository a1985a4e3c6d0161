"""Exceptions on their way from a worker to a client.

An exception travels as the pickle of ``(exception, traceback_text, frames, reasons)``; `frames`
are ``(file, line, function, source line)`` from the task's function to where it was raised, and
`reasons` the ``(exception, frames, explicit)`` that it was raised from, or while handling.
Tracebacks and causes themselves do not pickle.
"""

from __future__ import annotations

import pickle
import traceback
from typing import Any

__all__ = ["Reschedule", "decode", "encode"]


_REASONS_MAX = 20


class Reschedule(Exception):
    """Raised by a task that wants to run on another worker, or later."""


def encode(exception: BaseException) -> bytes:
    """The pickle of an exception with its traceback as text and as frames."""
    text = "".join(traceback.format_exception(exception))
    reasons = [(_that_travels(error), _frames(error), said) for error, said in _reasons(exception)]
    return _pickle((_that_travels(exception), text, _frames(exception), reasons))


def _frames(exception: BaseException) -> list[tuple[str, int | None, str, str]]:
    stack = traceback.extract_tb(exception.__traceback__)
    return [(f.filename, f.lineno, f.name, f.line or "") for f in stack]


def _reasons(exception: BaseException) -> list[tuple[BaseException, bool]]:
    found: list[tuple[BaseException, bool]] = []
    while len(found) < _REASONS_MAX:
        explicit = exception.__cause__ is not None
        reason = exception.__cause__
        if reason is None and not exception.__suppress_context__:
            reason = exception.__context__
        if reason is None:
            break
        found.append((reason, explicit))
        exception = reason
    return found


def decode(body: bytes) -> tuple[BaseException, str, list[tuple[str, int, str, str]]]:
    """What `encode` wrote: exception, traceback as text, frames."""
    exception, text, frames, _ = pickle.loads(body)
    return exception, text, frames


def _that_travels(exception: BaseException) -> BaseException:
    """`exception`, or one that says what it was where it cannot be pickled and read back."""
    try:
        if isinstance(pickle.loads(_pickle(exception)), BaseException):
            return exception
        why = "it comes back as something else"
    except Exception as error:
        why = f"{type(error).__name__}: {error}"
    name = type(exception).__qualname__
    return RuntimeError(f"{name}: {exception} (the exception itself does not pickle: {why})")


def _pickle(obj: Any) -> bytes:
    try:
        pickled = pickle.dumps(obj, protocol=5)
        if b"__main__" not in pickled:
            return pickled
    except Exception:
        pass
    import cloudpickle

    made: bytes = cloudpickle.dumps(obj, protocol=5)
    return made
