"""A progress bar for computations in this process."""

from __future__ import annotations

import sys
import threading
import time
from types import TracebackType
from typing import Any, TextIO

from dusk import _core
from dusk.diagnostics.watching import Watcher
from dusk.utils import format_time

__all__ = ["ProgressBar"]


class ProgressBar(Watcher):
    """Shows how far computations are, in the terminal and in notebooks.

    Parameters
    ----------
    minimum : float, default 0
        Seconds before the bar appears.
    width : int, default 40
        Characters.
    dt : float, default 0.1
        Seconds between updates.
    out : file, optional
        Standard output by default; None at registration time writes nowhere when there is none.

    Examples
    --------
    >>> import dusk.array as da
    >>> from dusk.diagnostics import ProgressBar
    >>> with ProgressBar(minimum=10):
    ...     total = da.ones(10, chunks=5).sum().compute()
    """

    def __init__(
        self, minimum: float = 0, width: int = 40, dt: float = 0.1, out: TextIO | None = None
    ) -> None:
        self._minimum = minimum
        self._width = width
        self._dt = dt
        self._file = out if out is not None else sys.stdout
        self._display: Any = None
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        self.last_duration = 0.0

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()
        super().__exit__(kind, error, trace)

    def started(self, observer: _core.Observer) -> None:
        self._start = time.perf_counter()
        self._stop.clear()
        self._thread = threading.Thread(target=self._watch, args=(observer,), daemon=True)
        self._thread.start()

    def finished(self, observer: _core.Observer, failed: bool) -> None:
        self._end()
        self.last_duration = time.perf_counter() - self._start
        if self.last_duration < self._minimum:
            return
        done, total = observer.progress()
        self._draw(done / total if failed and total else 1.0, self.last_duration)
        if self._display is None:
            self._write("\n")

    def _end(self) -> None:
        if self._thread is not None:
            self._stop.set()
            self._thread.join()
            self._thread = None

    def _watch(self, observer: _core.Observer) -> None:
        while not self._stop.wait(self._dt):
            elapsed = time.perf_counter() - self._start
            if elapsed >= self._minimum:
                done, total = observer.progress()
                self._draw(done / total if total else 0.0, elapsed)

    def _draw(self, fraction: float, elapsed: float) -> None:
        bar = "#" * int(self._width * fraction)
        text = f"[{bar:<{self._width}}] | {int(100 * fraction)}% Completed | {format_time(elapsed)}"
        if not self._draw_notebook(fraction, elapsed):
            self._write(f"\r{text}")

    def _draw_notebook(self, fraction: float, elapsed: float) -> bool:
        shell = sys.modules.get("IPython")
        ip = shell.get_ipython() if shell is not None else None
        if ip is None or not hasattr(ip, "kernel"):
            return False
        from IPython.display import HTML, display  # type: ignore[import-not-found,unused-ignore]

        html = HTML(
            f"<progress value='{fraction:.4f}' max='1' style='width:60%'></progress> "
            f"{int(100 * fraction)}% &middot; {format_time(elapsed)}"
        )
        if self._display is None:
            self._display = display(html, display_id=True)
        else:
            self._display.update(html)
        return True

    def _write(self, text: str) -> None:
        if self._file is not None:
            self._file.write(text)
            self._file.flush()
