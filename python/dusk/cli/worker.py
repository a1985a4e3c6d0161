"""``dusk worker``: worker processes under a nanny, or one worker in this process."""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any

from dusk import _core, config
from dusk.cli import listening
from dusk.distributed.limits import memory_limit_of, memory_options, workers_and_threads

__all__ = ["add_options", "run"]

_GRACE = 2.0  # seconds that workers are given to end
_LEVELS = ("target", "spill", "pause")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    parser.add_argument("scheduler", nargs="?", help="address, such as tcp://127.0.0.1:8786")
    listening.add_options(parser)
    parser.add_argument("--nthreads", type=int, default=0, help="of each worker")
    parser.add_argument("--nworkers", "-N", default=None, help='processes, or "auto"')
    parser.add_argument("--name", help="of the worker; several get -0, -1...")
    parser.add_argument("--memory-limit", default="auto", help='"auto", 0, a fraction, "4 GiB"')
    for level in _LEVELS:
        parser.add_argument(
            f"--memory-{level}-fraction",
            type=float,
            help=f"of the memory limit (distributed.worker.memory.{level})",
        )
    parser.add_argument("--resources", default="", help='such as "GPU=2,disk=1"')
    parser.add_argument("--local-directory", help="where spilled values go, and tasks keep files")
    parser.add_argument("--worker-port", type=int, default=0, help="default: any")
    parser.add_argument("--death-timeout", help="end when no scheduler answers for so long")
    parser.add_argument("--preload", action="append", default=[], help="module to import first")
    parser.add_argument("--nanny", dest="nanny", action="store_true", default=True)
    parser.add_argument("--no-nanny", dest="nanny", action="store_false")
    parser.add_argument(
        "--no-python", action="store_true", help="a worker for native work, without Python"
    )


def run(given: argparse.Namespace, words: list[str]) -> int:
    """Runs until the workers have ended, or it is told to end."""
    fractions = {level: getattr(given, f"memory_{level}_fraction") for level in _LEVELS}
    for level, fraction in fractions.items():
        if fraction is not None:
            config.set({f"distributed.worker.memory.{level}": fraction})
    if given.no_python:
        return _without_python(words, [level for level in _LEVELS if fractions[level] is None])
    scheduler = _scheduler(given)
    count, threads = _size(given)
    settings: dict[str, Any] = {
        "nthreads": threads,
        "memory_limit": memory_limit_of(given.memory_limit, threads, _core.cpu_count()),
        "resources": _resources(given.resources),
        "local_directory": given.local_directory,
        "memory": memory_options(),
        "connect": _seconds(given.death_timeout),
    }
    names = [given.name] if count == 1 else [f"{given.name or _host()}-{i}" for i in range(count)]
    listening.write_file(given.pid_file, str(os.getpid()))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    if given.nanny:
        return _under_a_nanny(given, scheduler, names, settings)
    if count != 1:
        raise ValueError("--no-nanny is for one worker")
    return _in_this_process(given, scheduler, names[0], settings)


def _under_a_nanny(
    given: argparse.Namespace, scheduler: str, names: list[str], settings: dict[str, Any]
) -> int:
    from dusk.distributed.worker_processes import WorkerProcesses

    listen = listening.listen_address(given, given.worker_port, "{pid}")
    if given.worker_port and len(names) > 1:
        raise ValueError("--worker-port is for one worker")
    processes = WorkerProcesses(
        scheduler, listen, tls=listening.tls_of(given), preload=given.preload
    )
    for name in names:
        processes.start(name or f"{_host()}-{os.getpid()}", **settings)
    try:
        while not processes.core.wait(False, 3600.0):
            pass
        return 0
    except KeyboardInterrupt:
        return 0
    finally:
        processes.core.let_go()
        for number in processes.facts():
            processes.core.stop(number, _GRACE)
        processes.core.wait(False, _GRACE)
        processes.core.close()


def _in_this_process(
    given: argparse.Namespace, scheduler: str, name: str | None, settings: dict[str, Any]
) -> int:
    from dusk.distributed.worker import Worker

    for module in given.preload:
        __import__(module)
    listen = listening.listen_address(given, given.worker_port, "worker")
    tls = listening.tls_of(given)
    worker = Worker(scheduler, listen=listen, name=name, tls=tls, owns_process=True, **settings)
    print(f"dusk worker at {worker.address}", file=sys.stderr, flush=True)
    try:
        reason = worker.wait()
    except KeyboardInterrupt:
        reason = None
    finally:
        worker.close()
    print(f"dusk worker: {reason or 'interrupted'}", file=sys.stderr, flush=True)
    os._exit(0)


def _without_python(words: list[str], unsaid: list[str]) -> int:
    """Becomes the C++ program. The configuration's memory levels go along where none is given."""
    from dusk.cli.scheduler import _program

    program = _program()
    if program is None:
        raise NotImplementedError("--no-python: this installation has no C++ program")
    options = memory_options()
    levels = [f"--memory-{level}-fraction={options[level]}" for level in unsaid]
    os.execv(program, [program, "worker", *words, *levels])


def _scheduler(given: argparse.Namespace) -> str:
    address = given.scheduler or config.get("scheduler-address", None)
    end = time.monotonic() + _seconds(given.death_timeout)
    while not address and given.scheduler_file:
        try:
            address = json.loads(Path(given.scheduler_file).read_text())["address"]
        except (OSError, ValueError, KeyError) as error:
            if time.monotonic() > end:
                raise ValueError(f"--scheduler-file {given.scheduler_file}: {error}") from error
            time.sleep(0.05)
    if not address:
        raise ValueError("the scheduler's address is missing")
    return str(address) if "://" in address else f"{given.protocol}://{address}"


def _size(given: argparse.Namespace) -> tuple[int, int]:
    """How many workers, and threads of each."""
    cores = _core.cpu_count()
    if given.nworkers == "auto":
        if given.nthreads:
            raise ValueError("--nthreads and --nworkers auto do not go together")
        return workers_and_threads(None, None, True)
    count = int(given.nworkers or 1)
    if count < 0:
        count += 1 + cores
    if count < 1 or given.nthreads < 0:
        raise ValueError("--nworkers and --nthreads must be positive")
    return count, given.nthreads or max(1, cores // count)


def _resources(text: str) -> dict[str, float]:
    try:
        pairs = (item.split("=") for item in text.replace(",", " ").split())
        return {name: float(amount) for name, amount in pairs}
    except ValueError:
        raise ValueError(f'--resources must look like "GPU=2,disk=1", got {text!r}') from None


def _seconds(given: str | None) -> float:
    from dusk.utils import parse_timedelta

    return parse_timedelta(given) or 30.0


def _host() -> str:
    return socket.gethostname()
