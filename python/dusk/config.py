"""Configuration: nested keys from defaults, YAML files, the environment and code.

Keys are written with dots (``array.chunk-size``); ``-`` and ``_`` are one. YAML files are read
from ``$DUSK_CONFIG`` or ``~/.config/dusk``; variables such as ``DUSK_ARRAY__CHUNK_SIZE=64MiB``
override them, and ``set`` overrides all.
"""

from __future__ import annotations

import ast
import json
import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

no_default = "__no_default__"
INHERITED = "DUSK_INHERITED_CONFIG"  # the configuration of the process that started this one

DEFAULTS: dict[str, Any] = {
    "array": {
        "chunk-size": "128MiB",
        "chunk-size-tolerance": 1.25,
        "slicing": {"split-large-chunks": None},
        "svg": {"size": 120},
        "rechunk": {"method": "tasks", "threshold": 4},
    },
    "dataframe": {
        "backend": "pandas",
        "convert-string": None,
        "shuffle": {"method": None},
        "parquet": {"metadata-task-size-local": 0, "minimum-partition-size": 75_000_000},
    },
    "distributed": {
        "comm": {
            "timeouts": {"connect": "30s", "tcp": "30s"},
            "tls": {
                "ca-file": None,
                "scheduler": {"cert": None, "key": None},
                "worker": {"cert": None, "key": None},
                "client": {"cert": None, "key": None},
            },
        },
        "scheduler": {
            "allowed-failures": 3,
            "idle-timeout": None,
            "no-workers-timeout": None,
            "worker-saturation": 1.1,
            "worker-ttl": "5 minutes",
        },
        "worker": {
            "memory": {
                "target": 0.6,
                "spill": 0.7,
                "pause": 0.8,
                "terminate": 0.95,
                "max-spill": False,
                "patience": "60s",
                "monitor-interval": "100ms",
            },
        },
    },
    "temporary-directory": None,
    "split-every": None,
    "scheduler": None,
    "num-workers": None,
    "memory-limit": None,
    "optimization": {"fuse": {"active": None}},
    "tokenize": {"ensure-deterministic": False},
    "visualization": {"engine": None},
}

config: dict[str, Any] = {}
_lock = threading.RLock()


def canonical_name(k: str, config: Mapping[str, Any]) -> str:
    """`k` as it stands in `config`, whichever of ``-`` and ``_`` it uses."""
    if k in config:
        return k
    for other in (k.replace("_", "-"), k.replace("-", "_")):
        if other in config:
            return other
    return k


def update(old: dict[str, Any], new: Mapping[str, Any], priority: str = "new") -> dict[str, Any]:
    """Merges `new` into `old`, in place; `priority` "old" keeps what is there."""
    for key, value in new.items():
        name = canonical_name(key, old)
        if isinstance(value, Mapping):
            if not isinstance(old.get(name), dict):
                old[name] = {}
            update(old[name], value, priority=priority)
        elif priority == "new" or name not in old:
            old[name] = value
    return old


def merge(*dicts: Mapping[str, Any]) -> dict[str, Any]:
    """One nested dictionary; later ones win."""
    result: dict[str, Any] = {}
    for d in dicts:
        update(result, d)
    return result


def interpret_value(value: str) -> Any:
    """A Python literal where the text is one, else the text ("none", "true" too)."""
    try:
        return ast.literal_eval(value)
    except (SyntaxError, ValueError):
        return {"none": None, "null": None, "false": False, "true": True}.get(value.lower(), value)


def collect_env(env: Mapping[str, str] | None = None) -> dict[str, Any]:
    """What ``DUSK_*`` variables say, nested at double underscores."""
    env = os.environ if env is None else env
    found: dict[str, Any] = {}
    for name, value in env.items():
        if not name.startswith("DUSK_") or name in ("DUSK_CONFIG", "DUSK_SIMD", INHERITED):
            continue
        _assign(name[5:].lower().replace("__", ".").split("."), interpret_value(value), found)
    return found


def collect_yaml(paths: list[Path] | None = None) -> list[dict[str, Any]]:
    """The contents of the YAML files of `paths` (files or folders)."""
    if paths is None:
        paths = [Path(os.environ.get("DUSK_CONFIG", Path.home() / ".config" / "dusk"))]
    contents = []
    for path in paths:
        files = sorted([*path.glob("*.yaml"), *path.glob("*.yml")]) if path.is_dir() else [path]
        for file in files:
            if file.is_file():
                contents.append(_read_yaml(file))
    return contents


def _read_yaml(file: Path) -> dict[str, Any]:
    try:
        data = yaml.safe_load(file.read_text()) or {}
    except (OSError, yaml.YAMLError) as error:
        raise ValueError(f"[config] {file} is not readable YAML: {error}") from error
    if not isinstance(data, dict):
        raise ValueError(f"[config] {file} must hold a mapping, not {type(data).__name__}")
    return data


def refresh() -> None:
    """Reads defaults, files and environment again; what `set` did is forgotten."""
    with _lock:
        config.clear()
        for source in (DEFAULTS, *collect_yaml(), collect_env()):
            update(config, source)
        if INHERITED in os.environ:
            update(config, json.loads(os.environ[INHERITED]))


def get(
    key: str, default: Any = no_default, config: dict[str, Any] = config, override_with: Any = None
) -> Any:
    """The value of `key`.

    Parameters
    ----------
    key : str
        Dotted: ``"array.chunk-size"``.
    default : optional
        Returned when there is no such key.
    override_with : optional
        Returned when not None.

    Raises
    ------
    KeyError
        No such key and no `default`.

    Examples
    --------
    >>> import dusk
    >>> dusk.config.get("array.chunk-size")
    '128MiB'
    """
    if override_with is not None:
        return override_with
    found: Any = config
    for part in key.split("."):
        try:
            found = found[canonical_name(part, found)]
        except (TypeError, IndexError, KeyError):
            if default == no_default:
                raise KeyError(key) from None
            return default
    return found


class set:
    """Sets values until the ``with`` block ends, or for good without one.

    Parameters
    ----------
    arg : mapping, optional
        Dotted keys and values.
    **kwargs
        Keys with ``__`` for the dots.

    Examples
    --------
    >>> import dusk
    >>> with dusk.config.set({"array.chunk-size": "64MiB"}, scheduler="synchronous"):
    ...     dusk.config.get("scheduler")
    'synchronous'
    """

    def __init__(
        self,
        arg: Mapping[str, Any] | None = None,
        config: dict[str, Any] | None = None,
        lock: Any = None,
        **kwargs: Any,
    ) -> None:
        self._config = globals()["config"] if config is None else config
        self._undo: list[tuple[list[str], bool, Any]] = []
        items = dict(arg or {})
        items.update({key.replace("__", "."): value for key, value in kwargs.items()})
        with _lock:
            for key, value in items.items():
                path = key.split(".")
                self._undo.append((path, *_lookup(path, self._config)))
                _assign(path, value, self._config)

    def __enter__(self) -> dict[str, Any]:
        return self._config

    def __exit__(self, *_: object) -> None:
        with _lock:
            for path, existed, value in reversed(self._undo):
                if existed:
                    _assign(path, value, self._config)
                else:
                    _remove(path, self._config)


def _lookup(path: list[str], config: dict[str, Any]) -> tuple[bool, Any]:
    found: Any = config
    for part in path:
        if not isinstance(found, dict):
            return False, None
        name = canonical_name(part, found)
        if name not in found:
            return False, None
        found = found[name]
    return True, found


def _assign(path: list[str], value: Any, config: dict[str, Any]) -> None:
    for part in path[:-1]:
        name = canonical_name(part, config)
        if not isinstance(config.get(name), dict):
            config[name] = {}
        config = config[name]
    config[canonical_name(path[-1], config)] = value


def _remove(path: list[str], config: dict[str, Any]) -> None:
    for part in path[:-1]:
        config = config.get(canonical_name(part, config), {})
    config.pop(canonical_name(path[-1], config), None)


refresh()
