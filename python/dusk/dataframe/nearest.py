"""Answers to column names that do not exist: the error pandas raises, and what was near."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from functools import wraps
from typing import Any

METHODS = (
    "__getitem__ groupby sort_values merge drop dropna drop_duplicates nlargest nsmallest set_index"
).split()


def _missing(error: KeyError) -> list[str]:
    """The names that the error complains about: itself, or what it quotes."""
    text = error.args[0] if error.args else ""
    if not isinstance(text, str):
        return []
    return re.findall(r"'([^']*)'", text) or [text]


def note(missing: list[str], columns: list[str]) -> str:
    """One line: the nearest names, or all of a few."""
    near = [n for m in missing for n in difflib.get_close_matches(m, columns, n=3, cutoff=0.5)]
    if near:
        return "nearest column names: " + ", ".join(repr(n) for n in dict.fromkeys(near))
    shown = ", ".join(repr(n) for n in columns[:20])
    return "the columns are: " + shown + (", ..." if len(columns) > 20 else "")


def names_the_nearest(method: Callable[..., Any]) -> Callable[..., Any]:
    """The method, with a note on every KeyError about what columns there are."""

    @wraps(method)
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return method(self, *args, **kwargs)
        except KeyError as error:
            columns = getattr(self, "columns", None)
            if columns is not None and not getattr(error, "__notes__", None):
                error.add_note(note(_missing(error), [str(c) for c in columns]))
            raise

    return call


def add_notes(frame: type) -> None:
    """Wraps the METHODS of a frame class."""
    for name in METHODS:
        setattr(frame, name, names_the_nearest(getattr(frame, name)))
