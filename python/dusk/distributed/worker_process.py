"""The main program of a worker process that a nanny starts.

The first line on stdin is a JSON object with the settings; stdin then stays open for as long as
the nanny lives. Nothing is imported here that a task may never need: the process is ready soon.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
from typing import Any

from dusk import _core

__all__ = ["main"]

READY = 3  # the descriptor on which the nanny is told the worker's address


def main() -> None:
    """Runs a worker until it is told to end, or its nanny is gone."""
    settings = json.loads(_first_line(0))
    _core.die_with_parent(0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the nanny's process decides
    sys.path[:] = settings.pop("path")
    sys.argv[:] = [""]
    for module in settings.pop("preload"):
        __import__(module)
    listen = settings.pop("listen").replace("{pid}", str(os.getpid()))
    if settings.get("tls"):
        settings["tls"] = tuple(settings["tls"])

    from dusk.distributed.worker import Worker

    worker = Worker(
        listen=listen, ready=READY, nanny=True, process=True, owns_process=True, **settings
    )
    signal.signal(signal.SIGTERM, lambda *_: worker.close("it was told to end"))
    reason = worker.wait() or ""
    _end(reason)


def _end(reason: str) -> Any:
    """Ends at once: tasks that still run have nobody who waits for them."""
    status = _core.exit_status(reason)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(status)


def _first_line(descriptor: int) -> bytes:
    line = b""
    while not line.endswith(b"\n"):
        part = os.read(descriptor, 1 << 16)
        if not part:
            os._exit(1)  # the nanny is gone
        line += part
    return line


if __name__ == "__main__":
    main()
