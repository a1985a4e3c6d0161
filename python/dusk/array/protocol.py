"""NumPy's functions called with lazy arrays."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from dusk.array.core import Array


def call_numpy_function(
    func: Any, types: Sequence[type], args: Sequence[Any], kwargs: dict[str, Any]
) -> Any:
    """``__array_function__``: our function, or NumPy's on computed arrays with a warning."""
    from dusk import array as module

    for kind in types:
        if kind.__module__.startswith(("xarray", "dusk.dataframe", "pandas")):
            return NotImplemented
    place: Any = module
    for part in func.__module__.split(".")[1:]:
        if part.startswith("_") or part in ("lib", "core"):
            continue
        place = vars(place).get(part)
        if place is None:
            return _computed(func, args, kwargs)
    own: Any = vars(place).get(func.__name__)
    if own is None or own is func:
        return _computed(func, args, kwargs)
    return own(*args, **kwargs)


def _computed(func: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    warnings.warn(
        f"The `{func.__module__}.{func.__name__}` function is not implemented by Dusk array. You "
        "may want to use the da.map_blocks function or something similar to silence this warning. "
        "Your code may stop working in a future release.",
        FutureWarning,
        stacklevel=3,
    )
    return func(*_in_memory(list(args)), **_in_memory(kwargs))


def _in_memory(x: Any) -> Any:
    if isinstance(x, Array):
        return np.asarray(x.compute())
    if isinstance(x, list | tuple):
        return type(x)(_in_memory(i) for i in x)
    if isinstance(x, dict):
        return {k: _in_memory(v) for k, v in x.items()}
    return x
