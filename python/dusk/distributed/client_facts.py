"""What clients ask a scheduler."""

from __future__ import annotations

import json
import platform
import sys
import time
from collections.abc import Callable
from importlib import metadata
from typing import TYPE_CHECKING, Any

from dusk.distributed.errors import TimeoutError
from dusk.distributed.future import Future, futures_of
from dusk.utils import format_bytes

if TYPE_CHECKING:
    from dusk import _core

__all__ = ["FactMethods"]

_PACKAGES = ("dusk", "cloudpickle", "numpy", "pandas", "pyarrow")
_LOOK_AGAIN = 0.01  # seconds between questions while something is waited for


class FactMethods:
    """The part of :class:`Client` that asks."""

    if TYPE_CHECKING:
        _core: _core.ClusterClient
        _asynchronous: bool
        cluster: Any
        id: str
        status: str

        @property
        def scheduler_address(self) -> str: ...
        def _call(self, function: Any, *args: Any, asynchronous: bool | None = None) -> Any: ...

    def _ask(self, question: str, arguments: list[str] | None = None) -> Any:
        return json.loads(self._core.ask(question, arguments or []))

    def _facts(self) -> dict[str, Any]:
        found: dict[str, Any] = self._ask("scheduler_info")
        return found

    def scheduler_info(self, n_workers: int = -1, **kwargs: Any) -> Any:
        """What the scheduler says about itself and its workers.

        Parameters
        ----------
        n_workers : int, default -1
            How many workers to tell about; all by default.
        """
        return self._call(self._scheduler_info, n_workers)

    def _scheduler_info(self, n_workers: int) -> dict[str, Any]:
        facts = self._facts()
        workers = facts.pop("workers")
        for address, worker in workers.items():
            worker.setdefault("type", "Worker")
            worker.setdefault("address", address)
        names = list(workers) if n_workers < 0 else list(workers)[:n_workers]
        return {
            **facts,
            "address": self.scheduler_address,
            "services": facts.get("services", {}),
            "total_memory": sum(w["memory_limit"] for w in workers.values()),
            "workers": {name: workers[name] for name in names},
        }

    def who_has(self, futures: Any = None, **kwargs: Any) -> Any:
        """The addresses of the workers that hold each result, by key."""
        keys = None if futures is None else _keys(futures)
        return self._call(self._who_has, keys)

    def _who_has(self, keys: list[str] | None) -> dict[str, list[str]]:
        if keys is not None and not keys:
            return {}
        found: dict[str, list[str]] = self._ask("who_has", keys or [])
        return found

    def _holders(self, futures: list[Future[Any]]) -> dict[str, list[str]]:
        return self._who_has([f.key for f in futures])

    def has_what(self, workers: Any = None, **kwargs: Any) -> Any:
        """The keys of the results on each worker, by its address."""
        return self._call(self._ask, "has_what", _addresses(workers))

    def processing(self, workers: Any = None) -> Any:
        """The keys of the tasks that were given to each worker, by its address."""
        return self._call(self._ask, "processing", _addresses(workers))

    def nthreads(self, workers: Any = None, **kwargs: Any) -> Any:
        """The threads of each worker, by its address."""
        return self._call(self._ask, "ncores", _addresses(workers))

    ncores = nthreads

    def story(self, *keys_or_stimuli: Any, on_error: str = "raise") -> Any:
        """What happened to tasks: (key, state before, state after, worker, seconds)."""
        keys = [getattr(k, "key", k) for k in keys_or_stimuli]
        return self._call(self._ask, "story", keys)

    def explain(self, *futures: Any) -> Any:
        """Why tasks have no result yet, by key."""
        return self._call(self._ask, "explain", [f.key for f in futures_of(list(futures))])

    def get_versions(self, check: bool = False, packages: Any = None) -> Any:
        """The versions of Python and of packages, here.

        Parameters
        ----------
        check : bool, default False
            Accepted; scheduler and workers whose protocol does not fit are refused when they
            connect.
        packages : sequence of str, optional
            More packages to tell about.
        """
        return self._call(_versions, tuple(packages or ()))

    def _until(self, condition: Callable[[], bool], timeout: float | None = None) -> bool:
        """Asks until `condition` holds; False when the time is over first."""
        end = None if timeout is None else time.monotonic() + timeout
        while not condition():
            if end is not None and time.monotonic() >= end:
                return False
            time.sleep(_LOOK_AGAIN)
        return True

    def _wait_for_workers(
        self,
        n_workers: int,
        timeout: float | None,
        without: frozenset[int] | set[int] = frozenset(),
    ) -> None:
        there = 0

        def enough() -> bool:
            nonlocal there
            workers = self._facts()["workers"].values()
            there = sum(w["status"] == "running" and w["id"] not in without for w in workers)
            return there >= n_workers

        if not self._until(enough, timeout):
            raise TimeoutError(f"Only {there}/{n_workers} workers arrived after {timeout}")

    @property
    def dashboard_link(self) -> str | None:
        """Where the dashboard is; None: there is none."""
        return getattr(self.cluster, "dashboard_link", None)

    def _summary(self) -> dict[str, Any] | None:
        if self.status != "running" or self._core.closed:
            return None
        return self._facts()

    def __repr__(self) -> str:
        facts = self._summary()
        if facts is None:
            return f"<{type(self).__name__}: No scheduler connected>"
        workers = facts["workers"].values()
        text = f"<{type(self).__name__}: {self.scheduler_address!r} processes={len(workers)}"
        text += f" threads={facts['total_threads']}"
        memory = [w["memory_limit"] for w in workers]
        return text + (f", memory={format_bytes(sum(memory))}>" if all(memory) else ">")

    def _repr_html_(self) -> str:
        facts = self._summary()
        rows = [("Status", self.status)]
        if facts is not None:
            workers = facts["workers"].values()
            rows = [
                ("Scheduler", self.scheduler_address),
                ("Workers", str(len(workers))),
                ("Threads", str(facts["total_threads"])),
                ("Memory", format_bytes(sum(w["memory_limit"] for w in workers))),
            ]
        cells = "".join(
            f"<tr><td style='text-align:left'><strong>{name}:</strong></td>"
            f"<td style='text-align:left'>{value}</td></tr>"
            for name, value in rows
        )
        return f"<div><h3>Client</h3><p>{self.id}</p><table>{cells}</table></div>"


def _keys(futures: Any) -> list[str]:
    if isinstance(futures, str):
        return [futures]
    if isinstance(futures, list | tuple | set) and all(isinstance(f, str) for f in futures):
        return list(futures)
    return [f.key for f in futures_of(futures)]


def _addresses(workers: Any) -> list[str]:
    if workers is None:
        return []
    return [workers] if isinstance(workers, str) else list(workers)


def _versions(packages: tuple[str, ...]) -> dict[str, Any]:
    found: dict[str, str | None] = {"python": platform.python_version()}
    for name in (*_PACKAGES, *packages):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = None
    from dusk import __version__

    found["dusk"] = __version__
    host = {
        "python": ".".join(map(str, sys.version_info)),
        "python-bits": 64,
        "OS": platform.system(),
        "OS-release": platform.release(),
        "machine": platform.machine(),
        "byteorder": sys.byteorder,
    }
    return {"scheduler": None, "workers": {}, "client": {"host": host, "packages": found}}
