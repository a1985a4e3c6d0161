"""Deterministic names for Python objects.

Two objects with one token are taken to be equal: computations that differ only in such objects
are done once.
"""

from __future__ import annotations

import itertools
import os
import pickle
import types
from collections.abc import Iterator
from functools import partial
from typing import Any

import cloudpickle
import numpy as np
import pandas as pd

from dusk import _core

_unique = itertools.count()
_process = os.urandom(8).hex()


def unique_token() -> str:
    """32 hexadecimal digits that no other call in any process returns."""
    return f"{_process}{next(_unique):016x}"


def tokenize(*args: Any, ensure_deterministic: bool | None = None, **kwargs: Any) -> str:
    """The token of the arguments: 32 hexadecimal digits.

    Parameters
    ----------
    *args, **kwargs
        Numbers, strings, containers, NumPy and pandas objects, functions, Dusk collections;
        other objects by their ``__dask_tokenize__`` method or their pickle.
    ensure_deterministic : bool, optional
        Raise when an object has no deterministic token. The default is the configuration's
        ``tokenize.ensure-deterministic`` (False): such objects get a token of their own.

    Raises
    ------
    RuntimeError
        With `ensure_deterministic`, for an object that cannot be pickled.

    Examples
    --------
    >>> from dusk import tokenize
    >>> tokenize([1, 2]) == tokenize([1, 2])
    True
    """
    from dusk import config

    if ensure_deterministic is None:
        ensure_deterministic = bool(config.get("tokenize.ensure-deterministic", False))
    parts = list(_parts(args, ensure_deterministic))
    if kwargs:
        parts += _parts(sorted(kwargs.items()), ensure_deterministic)
    return _core.tokenize_bytes(*parts)


def _parts(obj: Any, strict: bool) -> Iterator[bytes]:
    """The bytes that identify `obj`: a type tag, then its contents."""
    kind = type(obj)
    yield f"{kind.__module__}.{kind.__qualname__}".encode()
    if obj is None or kind in (bool, int, float, complex, str):
        yield repr(obj).encode()
    elif kind in (bytes, bytearray):
        yield bytes(obj)
    elif isinstance(obj, list | tuple):
        yield len(obj).to_bytes(8, "little")
        for item in obj:
            yield from _parts(item, strict)
    elif isinstance(obj, set | frozenset):
        yield from sorted(_core.tokenize_bytes(*_parts(x, strict)).encode() for x in obj)
    elif isinstance(obj, dict):
        yield len(obj).to_bytes(8, "little")
        for key, value in obj.items():
            yield from _parts(key, strict)
            yield from _parts(value, strict)
    elif hasattr(obj, "__dask_tokenize__") and not isinstance(obj, type):
        yield from _parts(obj.__dask_tokenize__(), strict)
    elif isinstance(obj, np.ndarray | np.generic):
        yield from _array_parts(np.asarray(obj), strict)
    elif isinstance(obj, np.dtype):
        yield obj.str.encode()
    elif isinstance(obj, pd.DataFrame | pd.Series | pd.Index):
        yield from _pandas_parts(obj)
    elif isinstance(obj, partial):
        yield from _parts((obj.func, obj.args, obj.keywords), strict)
    elif isinstance(obj, slice):
        yield repr((obj.start, obj.stop, obj.step)).encode()
    elif isinstance(obj, np.ufunc | types.BuiltinFunctionType | type):
        name = getattr(obj, "__qualname__", obj.__name__)
        yield f"{getattr(obj, '__module__', '')}.{name}".encode()
    else:
        yield from _pickled_parts(obj, strict)


def _array_parts(array: np.ndarray, strict: bool) -> Iterator[bytes]:
    yield array.dtype.str.encode()
    yield repr(array.shape).encode()
    if array.dtype.hasobject:
        yield from _pickled_parts(array.tolist(), strict)
    else:
        yield np.ascontiguousarray(array).view(np.uint8).tobytes() if array.size else b""


def _pandas_parts(obj: pd.DataFrame | pd.Series | pd.Index) -> Iterator[bytes]:
    yield pickle.dumps(obj, protocol=5)


def _pickled_parts(obj: Any, strict: bool) -> Iterator[bytes]:
    try:
        yield cloudpickle.dumps(obj, protocol=5)
    except Exception as error:
        if strict:
            raise RuntimeError(
                f"[tokenize] {type(obj).__name__} cannot be named deterministically: give it a "
                "__dask_tokenize__ method or make it picklable"
            ) from error
        yield unique_token().encode()
