"""What stands for a task's inputs in its pickled arguments."""

from __future__ import annotations

__all__ = ["Input"]


class Input:
    """The place of dependency `index`; the worker puts the value there."""

    __slots__ = ("index",)

    def __init__(self, index: int) -> None:
        self.index = index

    def __reduce__(self) -> tuple[type[Input], tuple[int]]:
        return Input, (self.index,)

    def __repr__(self) -> str:
        return f"Input({self.index})"
