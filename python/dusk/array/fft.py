"""Fourier transforms along axes of one chunk, by NumPy chunk by chunk."""

# mypy: disable-error-code="no-any-return"

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from dusk.array.core import Array, asarray

__all__ = ["fft", "fftfreq", "fftshift", "hfft", "ifft", "ifftshift", "ihfft", "irfft", "rfft",
           "rfftfreq"]  # fmt: skip


def _wrap(function: Callable[..., Any]) -> Callable[..., Array]:
    def transform(a: Any, n: int | None = None, axis: int | None = -1, norm: Any = None) -> Array:
        a = asarray(a)
        place = normalize_axis_index(-1 if axis is None else axis, a.ndim)
        if a.numblocks[place] > 1:
            raise ValueError(
                "Dask array only supports taking an FFT along an axis that \nhas a single chunk. "
                f"An FFT operation was tried on axis {place} \nwhich has chunks "
                f"{a.chunks[place]}. To change the array's chunks \nuse dask.Array.rechunk."
            )
        tiny = np.ones([a.shape[d] if d == place else 1 for d in range(a.ndim)], dtype=a.dtype)
        probe = function(tiny, n=n, axis=place, norm=norm)
        chunks = tuple(
            (probe.shape[place],) if d == place else sizes for d, sizes in enumerate(a.chunks)
        )
        return a.map_blocks(function, n=n, axis=place, norm=norm, dtype=probe.dtype, chunks=chunks)

    transform.__name__ = function.__name__
    transform.__doc__ = f"NumPy's ``fft.{function.__name__}`` along an axis of one chunk."
    return transform


fft, ifft, rfft, irfft, hfft, ihfft = (
    _wrap(f)
    for f in (np.fft.fft, np.fft.ifft, np.fft.rfft, np.fft.irfft, np.fft.hfft, np.fft.ihfft)
)


def fftfreq(n: int, d: float = 1.0, chunks: Any = "auto") -> Array:
    """The frequencies of :func:`fft`."""
    from dusk.array.core import from_array

    return from_array(np.fft.fftfreq(n, d), chunks=chunks)


def rfftfreq(n: int, d: float = 1.0, chunks: Any = "auto") -> Array:
    """The frequencies of :func:`rfft`."""
    from dusk.array.core import from_array

    return from_array(np.fft.rfftfreq(n, d), chunks=chunks)


def _shift(x: Any, axes: Any, sign: int) -> Array:
    from dusk.array.shaping import roll

    x = asarray(x)
    places = range(x.ndim) if axes is None else np.atleast_1d(axes).tolist()
    by = [x.shape[d] // 2 if sign > 0 else -(x.shape[d] // 2) for d in places]
    return roll(x, tuple(by), tuple(places))


def fftshift(x: Any, axes: Any = None) -> Array:
    """Frequency zero moved to the middle."""
    return _shift(x, axes, 1)


def ifftshift(x: Any, axes: Any = None) -> Array:
    """The inverse of :func:`fftshift`."""
    return _shift(x, axes, -1)


def __getattr__(name: str) -> Any:
    if name.startswith("__") or not hasattr(np.fft, name):
        raise AttributeError(f"module 'dusk.array.fft' has no attribute {name!r}")
    raise NotImplementedError(
        f"dusk.array.fft.{name} does not exist in Dusk yet; docs/status.md lists what does"
    )
