"""Arrays made longer at their ends."""

from __future__ import annotations

from typing import Any

import numpy as np

from dusk.array.core import Array, asarray
from dusk.array.creation import full
from dusk.array.joining import concatenate

Pairs = list[tuple[Any, Any]]


def _pairs(value: Any, ndim: int) -> Pairs:
    """NumPy's way of giving one value, a pair, or pairs by axis."""
    return [(a, b) for a, b in np.broadcast_to(np.asarray(value), (ndim, 2)).tolist()]


def pad(array: Any, pad_width: Any, mode: Any = "constant", **kwargs: Any) -> Array:
    """The array with `pad_width` more elements at both ends of every axis.

    Parameters
    ----------
    pad_width : int, pair, or pairs by axis
    mode : {"constant", "edge", "reflect", "symmetric", "wrap", "linear_ramp", "empty", "maximum", \
"mean", "minimum"}
    constant_values, end_values : number, pair, or pairs by axis
        For "constant" and "linear_ramp"; zero by default.

    Raises
    ------
    NotImplementedError
        For other modes and their options.

    Examples
    --------
    >>> import dusk.array as da
    >>> da.pad(da.arange(3, chunks=2), 1).compute()
    array([0, 0, 1, 2, 0])
    """
    x = asarray(array)
    if isinstance(pad_width, dict):
        widths = [pad_width.get(d, (0, 0)) for d in range(x.ndim)]
        pad_width = [(w, w) if np.ndim(w) == 0 else w for w in widths]
    width = [(int(a), int(b)) for a, b in _pairs(pad_width, x.ndim)]
    if any(a < 0 or b < 0 for a, b in width):
        raise ValueError("index can't contain negative values")
    values = _pairs(kwargs.pop("constant_values", kwargs.pop("end_values", 0)), x.ndim)
    if kwargs or not isinstance(mode, str) or mode not in _MODES:
        raise NotImplementedError(
            f"pad(mode={mode!r}, {', '.join(kwargs)}) does not exist yet (docs/status.md)"
        )
    for axis, (before, after) in enumerate(width):
        if before or after:
            x = _pad_axis(x, axis, before, after, mode, values[axis])
    return x


_MODES = ("constant", "edge", "reflect", "symmetric", "wrap", "linear_ramp", "empty", "maximum",
          "mean", "minimum")  # fmt: skip


def _pad_axis(x: Array, axis: int, before: int, after: int, mode: str, values: Any) -> Array:
    if mode in ("reflect", "symmetric", "wrap"):
        if x.shape[axis] == 0:
            raise ValueError(
                f"can't extend empty axis {axis} using modes other than 'constant' or 'empty'"
            )
        numbers = np.pad(np.arange(x.shape[axis]), (before, after), mode=mode)  # type: ignore[call-overload]
        index = (slice(None),) * axis
        ends = [numbers[:before], numbers[len(numbers) - after :]]
        first, last = (x[(*index, e)] for e in ends)
    else:
        first = _end(x, axis, before, mode, values[0], False)
        last = _end(x, axis, after, mode, values[1], True)
    return concatenate([p for p in (first, x, last) if p.shape[axis]] or [x], axis=axis)


def _end(x: Array, axis: int, count: int, mode: str, value: Any, last: bool) -> Array:
    from dusk.array.shaping import broadcast_to

    shape = tuple(count if d == axis else n for d, n in enumerate(x.shape))
    chunks = tuple((count,) if d == axis else c for d, c in enumerate(x.chunks))
    if mode in ("constant", "empty"):
        return full(shape, np.asarray(value).astype(x.dtype)[()], dtype=x.dtype, chunks=chunks)
    if mode in ("maximum", "minimum", "mean"):
        name = {"maximum": "max", "minimum": "min", "mean": "mean"}[mode]
        edge = getattr(x, name)(axis=axis, keepdims=True)
        edge = (edge.round() if x.dtype.kind in "iu" and mode == "mean" else edge).astype(x.dtype)
    else:
        place = slice(-1, None) if last else slice(0, 1)
        edge = x[(slice(None),) * axis + (place,)]
    if mode != "linear_ramp":
        return broadcast_to(edge, shape, chunks)
    steps = np.arange(count) / max(count, 1)
    steps = steps[::-1] if last else steps
    line = steps[tuple(slice(None) if d == axis else None for d in range(x.ndim))]
    ramp: Array = (value + (edge - value) * line).astype(x.dtype)
    return ramp
