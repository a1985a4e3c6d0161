"""Sizes and times as people write them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

_UNITS = {"": 1, "b": 1}
for _power, _letter in enumerate("kmgtpe", start=1):
    _UNITS[_letter] = _UNITS[_letter + "b"] = 1000**_power
    _UNITS[_letter + "i"] = _UNITS[_letter + "ib"] = 1024**_power

_SECONDS = {
    "s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9, "m": 60.0, "h": 3600.0, "d": 86400.0,
    "w": 604800.0, "second": 1.0, "seconds": 1.0, "minute": 60.0, "minutes": 60.0,
    "hour": 3600.0, "hours": 3600.0, "day": 86400.0, "days": 86400.0,
}  # fmt: skip


def parse_bytes(s: float | str) -> int:
    """Bytes from ``"128MiB"``, ``"5 GB"``, ``"1e6"`` or a number.

    Raises
    ------
    ValueError
        For text that is no size.

    Examples
    --------
    >>> parse_bytes("128 MiB")
    134217728
    """
    if isinstance(s, int | float):
        return int(s)
    match = re.fullmatch(r"([0-9.]*(?:e[+-]?\d+)?)([a-z]*)", s.replace(" ", "").lower())
    if not match:
        raise ValueError(f"Could not interpret {s!r} as a number of bytes")
    number, unit = match.groups()
    if unit not in _UNITS:
        raise ValueError(f"Could not interpret {unit!r} as a byte unit")
    try:
        return int(float(number or 1) * _UNITS[unit])
    except ValueError:
        raise ValueError(f"Could not interpret {number!r} as a number") from None


def format_bytes(n: float) -> str:
    """``n`` bytes for people, in units of 1024.

    Examples
    --------
    >>> format_bytes(134217728)
    '128.00 MiB'
    """
    for power, prefix in ((6, "Ei"), (5, "Pi"), (4, "Ti"), (3, "Gi"), (2, "Mi"), (1, "ki")):
        if n >= 1024**power * 0.9:
            return f"{n / 1024**power:.2f} {prefix}B"
    return f"{int(n)} B"


def format_time(seconds: float) -> str:
    """``seconds`` for people.

    Examples
    --------
    >>> format_time(0.1025)
    '102.50 ms'
    """
    if seconds > 24 * 3600 * 2:
        return f"{int(seconds // 86400)}d {int(seconds % 86400 // 3600)}hr"
    if seconds > 7200:
        return f"{int(seconds // 3600)}hr {int(seconds % 3600 // 60)}m"
    if seconds > 120:
        return f"{int(seconds // 60)}m {int(seconds % 60)}s"
    if seconds >= 1:
        return f"{seconds:.2f} s"
    if seconds >= 1e-3:
        return f"{seconds * 1e3:.2f} ms"
    return f"{seconds * 1e6:.2f} us"


def parse_timedelta(s: float | str | None, default: str = "seconds") -> float | None:
    """Seconds from ``"3 s"``, ``"500ms"`` or a number in units of `default`."""
    if s is None:
        return None
    if isinstance(s, int | float):
        return float(s) * _SECONDS[default]
    match = re.fullmatch(r"([0-9.]*(?:e[+-]?\d+)?)([a-z]*)", s.replace(" ", "").lower())
    if not match or (match.group(2) or default) not in _SECONDS:
        raise ValueError(f"Could not interpret {s!r} as a time")
    return float(match.group(1) or 1) * _SECONDS[match.group(2) or default]


def funcname(func: Callable[..., Any]) -> str:
    """A short name for `func`, at most 50 characters."""
    while hasattr(func, "func"):
        func = func.func
    name = getattr(func, "__name__", None) or type(func).__name__
    return "lambda" if name == "<lambda>" else str(name)[:50]
