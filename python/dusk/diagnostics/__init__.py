"""Watching computations: progress, timelines."""

from __future__ import annotations

from typing import Any

from dusk.diagnostics.progress import ProgressBar
from dusk.diagnostics.timeline import Timeline
from dusk.names import missing_name

__all__ = ["ProgressBar", "Timeline"]


def __getattr__(name: str) -> Any:
    raise missing_name("dusk.diagnostics", name)
