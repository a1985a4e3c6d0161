"""File names: globs, lists, directories, ``file://``; what is not local is refused."""

from __future__ import annotations

import glob
import os
import re
from typing import Any


def local(path: Any, storage_options: Any = None) -> str:
    """The absolute local path of a string or path object.

    Raises
    ------
    NotImplementedError
        For other protocols.
    """
    text = os.fspath(path) if hasattr(path, "__fspath__") else path
    if not isinstance(text, str):
        raise TypeError(f"a path is a string or a path object, got {type(path).__name__}")
    if text.startswith(("file://", "local://")):
        text = text.split("://", 1)[1]
    if "://" in text:
        protocol = text.split("://", 1)[0]
        raise NotImplementedError(
            f"{protocol}:// does not exist in Dusk yet (docs/status.md): copy the files to a "
            "local disk first"
        )
    # Workers of a cluster may stand in other directories.
    return os.path.abspath(os.path.expanduser(text))


def natural_key(name: str) -> list[Any]:
    """Sorts numbers inside names as numbers."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name)]


def expand(path: Any, suffixes: tuple[str, ...] | None = None) -> list[str]:
    """The files of a path, a glob, a directory, or a list of them.

    Raises
    ------
    FileNotFoundError
        When nothing fits.
    """
    if isinstance(path, list | tuple | set):
        if not path:
            raise ValueError("empty list of paths")
        return [f for item in path for f in expand(item, suffixes)]
    text = local(path)
    if any(c in text for c in "*?["):
        found = [f for f in glob.glob(text, recursive=True) if os.path.isfile(f)]
        if not found:
            folders = [d for d in glob.glob(text) if os.path.isdir(d)]
            found = [f for d in folders for f in _inside(d, suffixes)]
    elif os.path.isdir(text):
        found = _inside(text, suffixes)
    else:
        found = [text] if os.path.exists(text) else []
    if not found:
        raise FileNotFoundError(f"{text} resolved to no files")
    return sorted(found, key=natural_key)


def _inside(folder: str, suffixes: tuple[str, ...] | None) -> list[str]:
    found = []
    for base, folders, files in os.walk(folder):
        folders[:] = [f for f in folders if not f.startswith((".", "_"))]
        for name in files:
            if name.startswith((".", "_")):
                continue
            if suffixes and not name.endswith(suffixes):
                continue
            found.append(os.path.join(base, name))
    return found
