"""The scheduler's options from the configuration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dusk import config
from dusk.utils import parse_timedelta

__all__ = ["scheduler_options"]

# Option: its key under distributed.scheduler, and whether it is a time.
_OPTIONS = {
    "allowed_failures": ("allowed-failures", False),
    "idle_timeout": ("idle-timeout", True),
    "no_workers_timeout": ("no-workers-timeout", True),
    "worker_saturation": ("worker-saturation", False),
    "worker_ttl": ("worker-ttl", True),
}


def scheduler_options(given: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Keyword arguments of the engine's scheduler; `given` ones come before the configuration.

    Raises
    ------
    TypeError
        For an option that does not exist.
    """
    left = dict(given or {})
    options: dict[str, Any] = {}
    for name, (key, is_time) in _OPTIONS.items():
        value = left.pop(name, None)
        if value is None:
            value = config.get(f"distributed.scheduler.{key}", None)
        if is_time:
            options[name] = parse_timedelta(value) or 0.0
        elif value is not None:
            options[name] = float(value) if name == "worker_saturation" else int(value)
    if "validate" in left:
        options["validate"] = bool(left.pop("validate"))
    for accepted in ("dashboard", "dashboard_address", "host", "port", "protocol", "security"):
        left.pop(accepted, None)
    if left:
        raise TypeError(f"[scheduler] unknown options: {', '.join(sorted(left))}")
    return options
