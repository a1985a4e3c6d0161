"""Arrays out of nothing."""

# mypy: disable-error-code="no-any-return"

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dusk import _core
from dusk.array.chunks import normalize_chunks
from dusk.array.core import Array, asarray, from_array, under_name


def _shape(shape: Any) -> tuple[int, ...]:
    if isinstance(shape, np.ndarray):
        shape = shape.tolist()
    if not isinstance(shape, tuple | list):
        shape = (shape,)
    shape = [int(n) if isinstance(n, float) and n.is_integer() else n for n in shape]
    for n in shape:
        if not hasattr(n, "__index__"):
            raise TypeError(f"expected a sequence of integers or a single integer, got {n!r}")
        if int(n) < 0:
            raise ValueError("negative dimensions are not allowed")
    return tuple(int(n) for n in shape)


def _filled(prefix: str, shape: Any, value: Any, dtype: Any, chunks: Any, name: Any) -> Array:
    size = _shape(shape)
    kind = np.dtype(dtype)
    cut = normalize_chunks(chunks, size, dtype=kind if not kind.hasobject else np.dtype("f8"))
    if kind.hasobject or kind.names is not None or kind.itemsize > 16:
        return from_array(np.full(size, value, dtype=kind), chunks=cut, name=name)
    return Array(under_name(_core.array_full(size, cut, kind.str, value, prefix), name))


def ones(
    shape: Any, dtype: Any = None, chunks: Any = "auto", name: Any = None, order: Any = "C",
    meta: Any = None,
) -> Array:  # fmt: skip
    """Ones.

    Parameters
    ----------
    shape : int or tuple of ints
    dtype : dtype, default float64
    chunks : int, tuple, dict or str, default "auto"
        See :func:`normalize_chunks`.
    name : str, optional
        The array's whole name: its chunks' keys are ``(name, i, j...)``. Different arrays of one
        computation need different names. By default a prefix and a hash of the arguments.

    Examples
    --------
    >>> import dusk.array as da
    >>> da.ones((2, 3), chunks=2).sum().compute()
    np.float64(6.0)
    """
    return _filled("ones", shape, 1, float if dtype is None else dtype, chunks, name)


def zeros(
    shape: Any, dtype: Any = None, chunks: Any = "auto", name: Any = None, order: Any = "C",
    meta: Any = None,
) -> Array:  # fmt: skip
    """Zeros; parameters as :func:`ones`."""
    return _filled("zeros", shape, 0, float if dtype is None else dtype, chunks, name)


def empty(
    shape: Any, dtype: Any = None, chunks: Any = "auto", name: Any = None, order: Any = "C",
    meta: Any = None,
) -> Array:  # fmt: skip
    """An array whose elements mean nothing (they are zeros); parameters as :func:`ones`."""
    return _filled("empty", shape, 0, float if dtype is None else dtype, chunks, name)


def full(
    shape: Any, fill_value: Any, dtype: Any = None, chunks: Any = "auto", name: Any = None,
    order: Any = "C", meta: Any = None,
) -> Array:  # fmt: skip
    """`fill_value` everywhere; parameters as :func:`ones`.

    Raises
    ------
    ValueError
        When `fill_value` is no scalar.
    """
    if np.ndim(fill_value) != 0:
        raise ValueError(
            f"fill_value must be scalar. Received {type(fill_value).__name__} instead."
        )
    if isinstance(fill_value, Array):
        fill_value = fill_value.compute()
    kind = np.asarray(fill_value).dtype if dtype is None else dtype
    return _filled("full", shape, fill_value, kind, chunks, name)


def _like(
    a: Any, dtype: Any, chunks: Any, shape: Any
) -> tuple[tuple[int, ...], np.dtype[Any], Any]:
    a = asarray(a)
    if shape is None:
        size, cut = a.shape, a.chunks if chunks is None else chunks
        if any(n != n for n in size):
            raise ValueError("shape must be known; call compute_chunk_sizes() first")
    else:
        size = _shape(shape)
        cut = chunks if chunks is not None else a.chunks if size == a.shape else "auto"
    return size, np.dtype(a.dtype if dtype is None else dtype), cut


def ones_like(
    a: Any, dtype: Any = None, order: Any = "C", chunks: Any = None, name: Any = None,
    shape: Any = None,
) -> Array:  # fmt: skip
    """Ones with the shape, dtype and chunks of `a`, unless given."""
    size, kind, cut = _like(a, dtype, chunks, shape)
    return ones(size, dtype=kind, chunks=cut, name=name)


def zeros_like(
    a: Any, dtype: Any = None, order: Any = "C", chunks: Any = None, name: Any = None,
    shape: Any = None,
) -> Array:  # fmt: skip
    """Zeros with the shape, dtype and chunks of `a`, unless given."""
    size, kind, cut = _like(a, dtype, chunks, shape)
    return zeros(size, dtype=kind, chunks=cut, name=name)


def empty_like(
    a: Any, dtype: Any = None, order: Any = "C", chunks: Any = None, name: Any = None,
    shape: Any = None,
) -> Array:  # fmt: skip
    """An array like `a` whose elements mean nothing."""
    size, kind, cut = _like(a, dtype, chunks, shape)
    return empty(size, dtype=kind, chunks=cut, name=name)


def full_like(
    a: Any, fill_value: Any, order: Any = "C", dtype: Any = None, chunks: Any = None,
    name: Any = None, shape: Any = None,
) -> Array:  # fmt: skip
    """`fill_value` with the shape, dtype and chunks of `a`, unless given."""
    size, kind, cut = _like(a, dtype, chunks, shape)
    return full(size, fill_value, dtype=kind, chunks=cut, name=name)


def arange(
    start: Any = None, stop: Any = None, step: Any = 1, *, chunks: Any = "auto", like: Any = None,
    dtype: Any = None, **kwargs: Any,
) -> Array:  # fmt: skip
    """Evenly spaced values from `start` to before `stop`.

    Parameters
    ----------
    start, stop, step : number
        With one argument, it is `stop`.
    dtype : dtype, optional
        By default what NumPy chooses.

    Raises
    ------
    ValueError
        When `step` is zero.

    Examples
    --------
    >>> import dusk.array as da
    >>> da.arange(2, 8, 2, chunks=2).compute()
    array([2, 4, 6])
    """
    kwargs.pop("meta", None)
    if kwargs:
        raise TypeError(f"arange() got an unexpected keyword argument {next(iter(kwargs))!r}")
    if start is None and stop is None:
        raise TypeError("arange() requires stop to be specified.")
    if stop is None:
        start, stop = 0, start
    start = 0 if start is None else start
    if step == 0:
        raise ValueError("Step size must be nonzero")
    kind = (
        np.dtype(dtype)
        if dtype is not None
        else np.arange(
            type(start)(0) if isinstance(start, int | float) else start,
            type(stop)(0) if isinstance(stop, int | float) else stop,
            step,
        ).dtype
    )
    if kind.kind in "mM":
        return from_array(np.arange(start, stop, step, dtype=dtype), chunks=chunks)
    length = max(int(np.ceil((stop - start) / step)), 0)
    cut = normalize_chunks(chunks, (length,), dtype=kind)
    if kind.kind in "iu":
        whole = np.arange(start, start + 2 * step, step, dtype=kind) if length > 1 else None
        first = int(np.asarray(start).astype(kind)) if whole is None else int(whole[0])
        by = int(step) if whole is None else int(whole[1]) - int(whole[0])
        return Array(_core.array_arange(first, by, length, cut, kind.str))
    base = np.dtype("f8") if kind.kind == "f" else None
    if base is None:
        return Array(_core.array_arange(float(start), float(step), length, cut, "<f8")).astype(kind)
    return Array(_core.array_arange(float(start), float(step), length, cut, kind.str))


def linspace(
    start: float, stop: float, num: int = 50, endpoint: bool = True, retstep: bool = False,
    chunks: Any = "auto", dtype: Any = None,
) -> Any:  # fmt: skip
    """`num` evenly spaced values from `start` to `stop`.

    Examples
    --------
    >>> import dusk.array as da
    >>> da.linspace(0, 1, 5, chunks=2).compute()
    array([0.  , 0.25, 0.5 , 0.75, 1.  ])
    """
    num = int(num)
    if num < 0:
        raise ValueError(f"Number of samples, {num}, must be non-negative.")
    kind = np.dtype(dtype) if dtype is not None else np.linspace(0, 1, 1).dtype
    cut = normalize_chunks(chunks, (num,), dtype=kind)
    expr = _core.array_linspace(float(start), float(stop), num, endpoint, cut, "<f8")
    result = Array(expr)
    if kind.kind in "iu":
        from dusk.array.ufuncs import elemwise

        result = elemwise(np.floor, result)
    result = result.astype(kind)
    if not retstep:
        return result
    parts = num - 1 if endpoint else num
    return result, (stop - start) / parts if parts > 0 else np.nan


def eye(
    N: int, chunks: Any = "auto", M: int | None = None, k: int = 0, dtype: Any = float
) -> Array:
    """Ones on the `k`-th diagonal of an N x M matrix, zeros elsewhere."""
    if not isinstance(chunks, int | str | tuple | list):
        raise ValueError("chunks must be an int or string")
    columns = N if M is None else M
    kind = np.dtype(dtype)
    cut = normalize_chunks(chunks, (N, columns), dtype=kind)
    return Array(_core.array_eye(N, columns, k, cut, kind.str))


def fromfunction(
    func: Any, chunks: Any = "auto", shape: Any = None, dtype: Any = None, **kwargs: Any
) -> Array:
    """`func` of the coordinates of every element."""
    size = _shape(shape)
    kind = np.dtype(float if dtype is None else dtype)
    grids = [
        arange(n, chunks=c, dtype=kind)
        for n, c in zip(size, normalize_chunks(chunks, size, dtype=kind), strict=True)
    ]
    from dusk.array.shaping import broadcast_arrays

    spread = [
        g[tuple(slice(None) if d == i else None for d in range(len(size)))]
        for i, g in enumerate(grids)
    ]
    from dusk.array.ufuncs import elemwise

    return elemwise(func, *broadcast_arrays(*spread), **kwargs)


def meshgrid(
    *xi: Any, sparse: bool = False, indexing: str = "xy", **kwargs: Any
) -> tuple[Array, ...]:
    """Coordinate grids of one-dimensional arrays."""
    from dusk.array.shaping import broadcast_arrays, swapaxes

    if indexing not in ("ij", "xy"):
        raise ValueError("`indexing` must be `'ij'` or `'xy'`")
    arrays = [asarray(x) for x in xi]
    grids = [
        a[tuple(slice(None) if d == i else None for d in range(len(arrays)))]
        for i, a in enumerate(arrays)
    ]
    result: Sequence[Array] = grids if sparse else broadcast_arrays(*grids)
    if indexing == "xy" and len(arrays) > 1:
        result = [swapaxes(g, 0, 1) for g in result]
    return tuple(result)


for _function in (ones, zeros, empty, full, arange, linspace, eye):
    _function.__dict__["__dusk_native__"] = True
