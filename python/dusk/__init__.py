"""Dusk: Dask's programming model with an engine in C++.

``import dusk.array as da``, ``import dusk.dataframe as dd`` and ``from dusk import delayed`` give
lazy collections; ``compute`` runs them natively on all cores.
"""

from __future__ import annotations

import importlib
import sys
import types
from typing import TYPE_CHECKING, Any

from dusk._core import __version__

if TYPE_CHECKING:
    from dusk import config
    from dusk.annotations import annotate, get_annotations
    from dusk.base import (
        compute,
        explain,
        is_dask_collection,
        optimize,
        persist,
        visualize,
    )
    from dusk.delayed import delayed
    from dusk.tokens import tokenize

# Name: its module. Imported when used: a worker process starts without pandas.
_PLACES = {
    "annotate": "annotations",
    "compute": "base",
    "delayed": "delayed",
    "explain": "base",
    "get_annotations": "annotations",
    "is_dask_collection": "base",
    "optimize": "base",
    "persist": "base",
    "tokenize": "tokens",
    "visualize": "base",
}

__all__ = [
    "__version__",
    "annotate",
    "compute",
    "config",
    "delayed",
    "explain",
    "get_annotations",
    "is_dask_collection",
    "optimize",
    "persist",
    "tokenize",
    "visualize",
]


def _found(name: str) -> Any:
    return getattr(importlib.import_module(f"dusk.{_PLACES[name]}"), name)


class _Package(types.ModuleType):
    """This package; its `delayed` is the function, although a module has that name too."""

    @property
    def delayed(self) -> Any:
        return _found("delayed")

    @delayed.setter
    def delayed(self, module: Any) -> None:
        """The import system puts the module here; the function stays."""

    def __reduce__(self) -> Any:
        return importlib.import_module, (self.__name__,)


sys.modules[__name__].__class__ = _Package


def __getattr__(name: str) -> Any:
    if name in ("config", "distributed"):
        return importlib.import_module(f"dusk.{name}")
    if name in _PLACES:
        globals()[name] = _found(name)
        return globals()[name]
    from dusk.names import missing_name

    raise missing_name("dusk", name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
