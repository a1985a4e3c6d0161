"""Directories for sockets and files of one cluster, which go with it."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from dusk import config

__all__ = ["make_directory", "remove_directory"]

_PREFIX = "dusk-cluster-"
_PATH_MAX = 60  # of a directory, so that the path of a socket in it stays under 107 bytes


def make_directory(base: str | None = None) -> Path:
    """A new directory that only this user can enter; those of dead processes are removed."""
    chosen = Path(base or config.get("temporary-directory", None) or tempfile.gettempdir())
    chosen.mkdir(parents=True, exist_ok=True)
    _remove_those_of_the_dead(chosen)
    return Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=chosen))


def socket_directory(directory: Path) -> Path:
    """`directory`, or another where its path is too long for sockets."""
    return directory if len(os.fsencode(directory)) <= _PATH_MAX else make_directory("/tmp")


def remove_directory(directory: Path) -> None:
    """Removes it and all in it; what is gone already is fine."""
    shutil.rmtree(directory, ignore_errors=True)


def _remove_those_of_the_dead(base: Path) -> None:
    for path in base.glob(f"{_PREFIX}*"):
        try:
            pid = int(path.name.removeprefix(_PREFIX).split("-")[0])
            if path.stat().st_uid == os.getuid() and not _alive(pid):
                remove_directory(path)
        except (OSError, ValueError):
            continue


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
