"""Futures inside containers, and results in their places."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dusk.distributed.future import Future

__all__ = ["SKIPPED", "collect"]

SKIPPED = object()  # stands for a result that is left out

Fill = Callable[[list[Any]], Any]


def collect(obj: Any) -> tuple[list[Future[Any]], Fill]:
    """The futures inside lists, tuples, sets and dictionaries, and a function that makes the same
    containers from their results; what is SKIPPED is left out."""
    futures: list[Future[Any]] = []

    def plan(part: Any) -> Fill:
        if isinstance(part, Future):
            place = len(futures)
            futures.append(part)
            return lambda results: results[place]
        kind = type(part)
        if kind in (list, tuple, set, frozenset):
            items = [plan(item) for item in part]
            return lambda results: kind(
                [v for v in (item(results) for item in items) if v is not SKIPPED]
            )
        if kind is dict:
            pairs = [(key, plan(value)) for key, value in part.items()]
            return lambda results: {
                k: v for k, v in ((key, value(results)) for key, value in pairs) if v is not SKIPPED
            }
        return lambda results: part

    return futures, plan(obj)
