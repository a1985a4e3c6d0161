"""Dusk: Dask's programming model with an engine in C++.

``import dusk.array as da``, ``import dusk.dataframe as dd`` and ``from dusk import delayed`` give
lazy collections; ``compute`` runs them natively on all cores.
"""

from __future__ import annotations

from typing import Any

from dusk import config
from dusk._core import __version__
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
from dusk.names import missing_name
from dusk.tokens import tokenize

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


def __getattr__(name: str) -> Any:
    raise missing_name("dusk", name)
