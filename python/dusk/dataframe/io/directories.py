"""Directories called ``key=value``: columns that are not in the files."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, unquote

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from dusk import _core
from dusk.dataframe import exchange
from dusk.dataframe.collection import fields, new_collection
from dusk.dataframe.io.paths import local

Column = _core.Column
NULL = "__HIVE_DEFAULT_PARTITION__"


def _pairs(name: str, root: str) -> tuple[tuple[str, str], ...]:
    """(key, value) of the directories below `root`."""
    below = os.path.relpath(os.path.dirname(name), root) if root else os.path.dirname(name)
    pairs = [part.split("=", 1) for part in below.split(os.sep) if "=" in part]
    return tuple((key, unquote(value)) for key, value in pairs)


def _root(path: Any) -> str:
    """The directory that the user named; values above it are no columns."""
    if isinstance(path, list | tuple | set):
        return ""
    text = local(path)
    return text if os.path.isdir(text) else ""


def keyed(files: list[str], path: Any) -> bool:
    """Whether some file lies in a directory ``key=value``."""
    root = _root(path)
    return any(_pairs(f, root) for f in files)


def by_directories(files: list[str], path: Any, read: Callable[[list[str]], Any]) -> Any:
    """What `read` gives for every directory, with its values as categorical columns.

    Raises
    ------
    ValueError
        When directories have different keys.
    """
    root = _root(path)
    groups: dict[tuple[tuple[str, str], ...], list[str]] = {}
    for name in files:
        groups.setdefault(_pairs(name, root), []).append(name)
    keys = [key for key, _ in next(iter(groups))]
    if any([key for key, _ in pairs] != keys for pairs in groups):
        raise ValueError("directories of one dataset must have the same keys")
    words = [_values([dict(pairs)[key] for pairs in groups]) for key in keys]
    frames = [read(paths) for paths in groups.values()]
    meta = frames[0]._meta.copy()
    for key, values in zip(keys, words, strict=True):
        categories = sorted({v for v in values if v is not None})
        meta[key] = pd.Categorical([], categories=categories)
    names = exchange.column_names(meta.columns)
    exprs = []
    for place, frame in enumerate(frames):
        constants = [_constant(values[place], values) for values in words]
        columns = [*fields(frame), *constants]
        exprs.append(_core.frame_project(frame.expr, list(zip(names, columns, strict=True))))
    return new_collection(_core.frame_concat(exprs), meta, None)


def _values(texts: list[str]) -> list[Any]:
    """Integers where all texts are."""
    plain = [None if t == NULL else t for t in texts]
    if all(t is None or t.lstrip("-").isdigit() for t in plain):
        return [None if t is None else int(t) for t in plain]
    return list(plain)


def _constant(value: Any, values: list[Any]) -> Any:
    if value is None:
        whole = any(isinstance(v, int) for v in values)
        return Column.literal(None, "int64" if whole else "large_string")
    return Column.literal(np.int64(value) if isinstance(value, int) else value)


class WriteDirectories:
    """Writes a partition's rows into a file in the directory of each group."""

    def __init__(
        self, meta: Any, folder: str, keys: list[str], compression: Any, write_index: bool
    ) -> None:
        self.meta, self.folder, self.keys = meta, folder, keys
        self.compression, self.write_index = compression, write_index
        self.name = ""

    def named(self, name: str) -> WriteDirectories:
        """The same for a file of that name."""
        made = WriteDirectories(
            self.meta, self.folder, self.keys, self.compression, self.write_index
        )
        made.name = name
        return made

    def __call__(self, table: Any) -> int:
        frame = exchange.to_pandas(table, self.meta)
        by = self.keys[0] if len(self.keys) == 1 else self.keys
        for values, rows in frame.groupby(by, observed=True, dropna=False):
            pairs = zip(self.keys, values if isinstance(values, tuple) else (values,), strict=True)
            parts = [f"{k}={NULL if pd.isna(v) else quote(str(v), safe=' ')}" for k, v in pairs]
            target = os.path.join(self.folder, *parts)
            os.makedirs(target, exist_ok=True)
            stored = pa.Table.from_pandas(
                rows.drop(columns=self.keys), preserve_index=self.write_index
            )
            whole = os.path.join(target, self.name)
            pq.write_table(stored, whole + ".tmp", compression=self.compression or "none")
            os.replace(whole + ".tmp", whole)
        return len(frame)
