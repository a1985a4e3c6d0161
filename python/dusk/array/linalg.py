"""Linear algebra: norms."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from dusk.array.core import asarray
from dusk.array.reductions import max as maximum
from dusk.array.reductions import min as minimum
from dusk.array.reductions import sum as total

__all__ = ["norm"]


def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """The norm of vectors and matrices.

    Parameters
    ----------
    ord : {None, "fro", inf, -inf, number}, optional
        As NumPy's; the spectral and nuclear norms of matrices wait (docs/status.md).
    axis : int or pair of ints, optional

    Examples
    --------
    >>> import dusk.array as da
    >>> da.linalg.norm(da.ones(4, chunks=2)).compute()
    np.float64(2.0)
    """
    x = asarray(x)
    x = x if x.dtype.kind in "fc" else x.astype(float)
    axes = tuple(range(x.ndim)) if axis is None else normalize_axis_tuple(axis, x.ndim)
    size = abs(x)
    if ord is None or (ord == "fro" and len(axes) == 2) or (ord == 2 and len(axes) == 1):
        return total(size**2, axis=axes, keepdims=keepdims) ** 0.5
    if len(axes) == 1:
        return _vector(size, ord, axes, keepdims)
    if len(axes) == 2 and ord in (1, -1, np.inf, -np.inf):
        row, column = axes if abs(ord) == 1 else axes[::-1]
        sums = total(size, axis=row, keepdims=True)
        pick = maximum if ord > 0 else minimum
        result = pick(sums, axis=column, keepdims=True)
        return result if keepdims else result.squeeze(axes)
    if len(axes) > 2:
        raise ValueError("Improper number of dimensions to norm.")
    raise NotImplementedError(f"norm(ord={ord!r}) of matrices does not exist yet (docs/status.md)")


def _vector(size: Any, order: Any, axes: tuple[int, ...], keepdims: bool) -> Any:
    if order == np.inf:
        return maximum(size, axis=axes, keepdims=keepdims)
    if order == -np.inf:
        return minimum(size, axis=axes, keepdims=keepdims)
    if order == 0:
        return total((size != 0).astype(size.dtype), axis=axes, keepdims=keepdims)
    if isinstance(order, str):
        raise ValueError(f"Invalid norm order '{order}' for vectors")
    return total(size**order, axis=axes, keepdims=keepdims) ** (1.0 / order)


def __getattr__(name: str) -> Any:
    if name.startswith("__") or not (hasattr(np.linalg, name) or name in _OTHERS):
        raise AttributeError(f"module 'dusk.array.linalg' has no attribute {name!r}")
    raise NotImplementedError(
        f"dusk.array.linalg.{name} does not exist in Dusk yet; docs/status.md lists what does"
    )


_OTHERS = ("lu", "solve_triangular", "svd_compressed", "tsqr", "sfqr", "compression_level",
           "compression_matrix")  # fmt: skip
