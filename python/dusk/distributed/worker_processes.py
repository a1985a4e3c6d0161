"""Worker processes under a nanny.

One thread of the engine is nanny to all workers of a cluster: it needs no Python, so that it works
whatever workers and this process's Python are doing, and one is enough, since it only sleeps until
the system tells it that a process has ended.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import dusk
from dusk import _core, config
from dusk.utils import parse_timedelta

__all__ = ["WorkerProcess", "WorkerProcesses"]

_COMMAND = "from dusk.distributed.worker_process import main; main()"
# One thread a task is what the worker's own threads are for.
_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


class WorkerProcess:
    """A worker in a process of its own, as its cluster sees it."""

    def __init__(self, processes: WorkerProcesses, number: int, name: Any) -> None:
        self._processes = processes
        self._number = number
        self.name = name

    def _facts(self) -> dict[str, Any]:
        return self._processes.facts()[self._number]

    @property
    def address(self) -> str:
        """Its address; empty while it starts."""
        address: str = self._facts()["address"]
        return address

    worker_address = address

    @property
    def pid(self) -> int:
        """Of the process; 0 while there is none."""
        pid: int = self._facts()["pid"]
        return pid

    @property
    def status(self) -> str:
        """``"starting"``, ``"running"``, ``"waiting"`` to be started again, or ``"closed"``."""
        status: str = self._facts()["status"]
        return status

    @property
    def restarts(self) -> int:
        """How often it was started again."""
        restarts: int = self._facts()["restarts"]
        return restarts

    @property
    def last_end(self) -> str:
        """Why the last process ended; empty when none has."""
        why: str = self._facts()["last_end"]
        return why

    @property
    def log_tail(self) -> str:
        """Its last lines on stderr."""
        tail: bytes = self._facts()["log_tail"]
        return tail.decode(errors="replace")

    def kill(self, reason: str = "it was killed on request") -> None:
        """Kills the process; the nanny starts another."""
        self._processes.core.restart(self._number, reason)

    def close(self, timeout: float = 2.0) -> None:
        """Ends it for good."""
        self._processes.core.stop(self._number, timeout)

    def __repr__(self) -> str:
        return f"<WorkerProcess {self.name}: {self.status}, {self.address!r}>"


class WorkerProcesses:
    """Starts worker processes and keeps them running.

    Parameters
    ----------
    scheduler : str
        Address.
    listen : str
        Of the workers; ``{pid}`` stands for the process's number.
    tls : tuple of str, optional
        Files with the authority's certificate, the workers' certificate and its key.
    quiet : bool
        Whether nothing is printed about processes that end.
    """

    def __init__(
        self,
        scheduler: str,
        listen: str,
        *,
        tls: tuple[str, str, str] | None = None,
        quiet: bool = False,
        preload: list[str] | None = None,
        env: dict[str, str] | None = None,
    ) -> None:
        self.scheduler = scheduler
        self._listen = listen
        self._tls = tls
        self._preload = preload or []
        self._environment = _environment(env or {})
        terminate = config.get("distributed.worker.memory.terminate", 0.95) or 0.0
        interval = parse_timedelta(config.get("distributed.worker.memory.monitor-interval", 0.1))
        self.core = _core.ClusterNanny(
            scheduler, terminate=float(terminate), interval=interval or 0.1, quiet=quiet, tls=tls
        )

    def start(
        self, name: Any, *, nthreads: int, memory_limit: int, **settings: Any
    ) -> WorkerProcess:
        """Starts one; see :class:`Worker` for the settings. Returns before it is ready."""
        whole = {
            "scheduler": self.scheduler,
            "listen": self._listen,
            "name": name,
            "nthreads": nthreads,
            "memory_limit": memory_limit,
            "tls": self._tls,
            "path": [path or os.getcwd() for path in sys.path],
            "preload": self._preload,
            **settings,
        }
        number = self.core.start(
            str(name),
            [sys.executable, "-c", _COMMAND],
            self._environment,
            json.dumps(whole).encode() + b"\n",
            memory_limit,
        )
        return WorkerProcess(self, number, name)

    def facts(self) -> dict[int, dict[str, Any]]:
        """What the nanny knows of its children, by number."""
        return {child["number"]: child for child in self.core.children()}

    def wait_ready(self, timeout: float) -> None:
        """Until all run.

        Raises
        ------
        RuntimeError
            One does not start; with its last lines.
        TimeoutError
            `timeout` seconds are over.
        """
        if not self.core.wait(True, timeout):
            raise TimeoutError(f"[LocalCluster] no worker processes after {timeout:g} seconds")
        for child in self.core.children():
            if child["status"] == "closed":
                tail = child["log_tail"].decode(errors="replace")
                raise RuntimeError(
                    f"[LocalCluster] a worker process does not start: {child['last_end']}\n{tail}"
                )


def _environment(given: dict[str, str]) -> list[str]:
    """This process's variables, with what worker processes need beside them."""
    package = str(Path(dusk.__file__).parent.parent)
    found = dict.fromkeys(_THREADS, "1")
    found.update(os.environ)
    found["PYTHONPATH"] = os.pathsep.join(filter(None, [package, found.get("PYTHONPATH", "")]))
    found[config.INHERITED] = json.dumps(config.config, default=str)
    found.update({name: str(value) for name, value in given.items()})
    return [f"{name}={value}" for name, value in found.items()]
