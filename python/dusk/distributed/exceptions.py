"""Exceptions on their way from a worker to a client.

An exception travels as the pickle of ``(exception, traceback_text, frames)``; `frames` are
``(file, line, function, source line)`` from the task's function to where it was raised. Tracebacks
themselves do not pickle.
"""

from __future__ import annotations

import pickle
import traceback
from typing import Any

__all__ = ["Reschedule", "decode", "encode"]


class Reschedule(Exception):
    """Raised by a task that wants to run on another worker, or later."""


def encode(exception: BaseException) -> bytes:
    """The pickle of an exception with its traceback as text and as frames."""
    stack = traceback.extract_tb(exception.__traceback__)
    frames = [(f.filename, f.lineno, f.name, f.line or "") for f in stack]
    text = "".join(traceback.format_exception(exception))
    return _pickle((_that_travels(exception), text, frames))


def decode(body: bytes) -> tuple[BaseException, str, list[tuple[str, int, str, str]]]:
    """What `encode` wrote: exception, traceback as text, frames."""
    exception, text, frames = pickle.loads(body)
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
