"""How far futures are, as text."""

from __future__ import annotations

import sys
import time
from typing import Any

from dusk.distributed.future import futures_of
from dusk.utils import format_time

__all__ = ["progress"]

_WIDTH = 40  # characters of the bar


def progress(
    *futures: Any,
    notebook: bool | None = None,
    multi: bool = True,
    complete: bool = True,
    group_by: str = "prefix",
    interval: float | str = 0.1,
    **kwargs: Any,
) -> None:
    """Shows a bar in the terminal until futures are done.

    Parameters
    ----------
    *futures
        Futures, containers of them, or persisted collections.
    interval : float or str, default 0.1
        Seconds between updates.
    notebook, multi, complete, group_by
        Accepted; the bar is text.
    """
    from dusk.utils import parse_timedelta

    found = futures_of(list(futures))
    if not found:
        return
    seconds = parse_timedelta(interval) or 0.1
    client = found[0]._owner()
    start = time.perf_counter()
    pending = found
    while True:
        pending = [f for f in pending if f.status == "pending"]
        done = len(found) - len(pending)
        _draw(done / len(found), time.perf_counter() - start)
        if not pending:
            break
        client._core.wait(pending, True, seconds)
    sys.stdout.write("\n")


def _draw(fraction: float, elapsed: float) -> None:
    bar = "#" * int(_WIDTH * fraction)
    percent = f"{int(100 * fraction)}% Completed"
    sys.stdout.write(f"\r[{bar:<{_WIDTH}}] | {percent} | {format_time(elapsed)}")
    sys.stdout.flush()
