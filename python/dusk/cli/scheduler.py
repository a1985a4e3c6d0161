"""``dusk scheduler``: the C++ program where it is installed, else a thread of this process."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path

from dusk import _core
from dusk.cli import listening

__all__ = ["add_options", "run"]

_PORT = 8786


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    listening.add_options(parser)
    parser.add_argument("--port", type=int, default=_PORT, help=f"default: {_PORT}; 0: any")
    parser.add_argument("--idle-timeout", help="end after so long without tasks")
    for ignored in ("--preload", "--show", "--jupyter"):
        parser.add_argument(ignored, nargs="?", help=argparse.SUPPRESS)


def run(given: argparse.Namespace, words: list[str]) -> int:
    """Runs until it is told to end."""
    program = _program()
    if program is not None:
        os.execv(program, [program, "scheduler", *words])
    from dusk.distributed.scheduler_options import scheduler_options

    chosen = {"idle_timeout": given.idle_timeout} if given.idle_timeout else None
    scheduler = _core.ClusterScheduler(
        [listening.listen_address(given, given.port, "scheduler")],
        tls=listening.tls_of(given),
        **scheduler_options(chosen),
    )
    address = scheduler.addresses[0]
    listening.write_file(given.pid_file, str(os.getpid()))
    listening.write_file(given.scheduler_file, listening.scheduler_json(address))
    print(f"dusk scheduler at {address}", file=sys.stderr, flush=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        reason = scheduler.wait()
        print(f"dusk scheduler: {reason}", file=sys.stderr)
    except KeyboardInterrupt:
        pass
    finally:
        scheduler.close()
    return 0


def _program() -> str | None:
    """The C++ program, where this installation has it."""
    import dusk

    found = os.environ.get("DUSK_PROGRAM") or str(Path(dusk.__file__).parent / "bin" / "dusk")
    return found if os.access(found, os.X_OK) else None
