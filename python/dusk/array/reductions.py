"""Reductions: a partial result a chunk, combined in a tree."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from dusk import _core, config
from dusk.array.core import Array, asarray
from dusk.tokens import tokenize

__all__ = [
    "all", "any", "argmax", "argmin", "count_nonzero", "cumprod", "cumreduction", "cumsum", "max",
    "mean", "min", "moment", "nanargmax", "nanargmin", "nancumprod", "nancumsum", "nanmax",
    "nanmean", "nanmin", "nanprod", "nanstd", "nansum", "nanvar", "prod", "ptp", "reduction", "std",
    "sum", "var",
]  # fmt: skip


def _axes(axis: Any, ndim: int) -> tuple[int, ...]:
    if axis is None:
        return tuple(range(ndim))
    return tuple(sorted(normalize_axis_tuple(axis, ndim)))


def _splits(split_every: Any, axes: Sequence[int]) -> list[int] | None:
    if split_every is None:
        split_every = config.get("split-every", None)
    if not split_every and split_every is not None and split_every is not False:
        raise ValueError("split_every must be greater than 1")
    if split_every is None or not axes:
        return None
    if split_every is False:
        return [1 << 40] * len(axes)
    if isinstance(split_every, dict):
        return [builtins_max(int(split_every.get(a, 2)), 2) for a in axes]
    if split_every < 2:
        raise ValueError("split_every must be greater than 1")
    each = builtins_max(int(split_every ** (1 / len(axes))), 2)
    return [each] * len(axes)


builtins_max = max
builtins_sum = sum


def _reduce(
    name: str, a: Any, axis: Any, keepdims: bool, dtype: Any = None, ddof: float = 0,
    split_every: Any = None, out: Any = None,
) -> Any:  # fmt: skip
    """The native reduction, or NumPy's on the chunks."""
    from dusk.array.ufuncs import _into

    a = asarray(a)
    axes = _axes(axis, a.ndim)
    code = None if dtype is None else np.dtype(dtype).str
    splits = _splits(split_every, axes)
    expr = None
    if a._meta_given is None and not (dtype is not None and np.dtype(dtype).kind == "O"):
        expr = _core.array_reduce(name, a.expr, list(axes), bool(keepdims), code, ddof, splits)
    result = Array(expr) if expr is not None else _by_numpy(name, a, axes, keepdims, dtype, ddof)
    return _into(out, result)


def _by_numpy(
    name: str, a: Array, axes: tuple[int, ...], keepdims: bool, dtype: Any, ddof: float
) -> Array:
    """The reduction by NumPy, over chunks that hold all of the reduced axes."""
    function = getattr(np, name)
    options: dict[str, Any] = {"axis": axes, "keepdims": True}
    if name.endswith(("argmin", "argmax")):
        options["axis"] = axes[0] if len(axes) == 1 else None
    if dtype is not None:
        options["dtype"] = dtype
    if ddof:
        options["ddof"] = ddof
    if not _combines(name, a):
        whole = dict.fromkeys(axes, -1)
        a = a.rechunk(whole) if axes else a
        return _numpy_blocks(function, a, axes, keepdims, options)
    first = _numpy_blocks(function, a, axes, True, options, one_a_block=True)
    combined = first.rechunk(dict.fromkeys(axes, -1)) if axes else first
    final = {k: v for k, v in options.items() if k != "ddof"}
    return _numpy_blocks(function, combined, axes, keepdims, final)


def _combines(name: str, a: Array) -> bool:
    """Whether the function of the chunks' results is the function of the whole."""
    simple = name in ("sum", "prod", "min", "max", "any", "all", "nansum", "nanprod")
    return simple and not builtins_any(0 in c for c in a.chunks) and a.ndim > 0


builtins_any = any


def _numpy_blocks(
    function: Callable[..., Any], a: Array, axes: tuple[int, ...], keepdims: bool,
    options: dict[str, Any], one_a_block: bool = False,
) -> Array:  # fmt: skip
    tiny = np.ones((1,) * a.ndim, dtype=a.dtype)
    dtype = np.asarray(function(tiny, **options)).dtype
    chunks = tuple(
        (1,) * (len(c) if one_a_block else 1) if d in axes else c for d, c in enumerate(a.chunks)
    )
    expr = _core.array_map_blocks(
        partial(_call, function, options),
        [(a.expr, list(range(a.ndim)))],
        chunks,
        dtype.str,
        name=function.__name__,
        token=tokenize(function.__name__, options, one_a_block),
    )
    result = Array(expr)
    if keepdims:
        return result
    index = tuple(0 if d in axes else slice(None) for d in range(a.ndim))
    return result[index] if axes else result


def _call(function: Callable[..., Any], options: dict[str, Any], block: np.ndarray) -> Any:
    result = np.asarray(function(block, **options))
    return result


def _public(name: str, with_dtype: bool) -> Callable[..., Any]:
    if with_dtype:

        def reduce_typed(
            a: Any, axis: Any = None, dtype: Any = None, keepdims: bool = False,
            split_every: Any = None, out: Any = None,
        ) -> Any:  # fmt: skip
            return _reduce(name, a, axis, keepdims, dtype, 0, split_every, out)

        function: Callable[..., Any] = reduce_typed
    else:

        def reduce_plain(
            a: Any, axis: Any = None, keepdims: bool = False, split_every: Any = None,
            out: Any = None,
        ) -> Any:  # fmt: skip
            return _reduce(name, a, axis, keepdims, None, 0, split_every, out)

        function = reduce_plain
    return _named(function, name)


def _spread(name: str) -> Callable[..., Any]:
    def reduce(
        a: Any, axis: Any = None, dtype: Any = None, keepdims: bool = False, ddof: float = 0,
        split_every: Any = None, out: Any = None,
    ) -> Any:  # fmt: skip
        return _reduce(name, a, axis, keepdims, dtype, ddof, split_every, out)

    return _named(reduce, name)


def _position(name: str) -> Callable[..., Any]:
    def reduce(
        a: Any, axis: Any = None, keepdims: bool = False, split_every: Any = None, out: Any = None
    ) -> Any:
        a = asarray(a)
        if axis is not None:
            axis = normalize_axis_index(operator.index(axis), a.ndim)
        return _reduce(name, a, axis, keepdims, None, 0, split_every, out)

    return _named(reduce, name)


def _named(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    function.__name__ = name
    function.__doc__ = (
        f"NumPy's ``{name}`` over chunks.\n\n"
        "Parameters\n----------\n"
        "a : array_like\n"
        "axis : int or tuple of ints, optional\n    All axes by default.\n"
        "keepdims : bool, default False\n    Whether reduced axes stay, with length 1.\n"
        "split_every : int or dict, optional\n    Chunks combined at a time.\n"
        "out : Array, optional\n    Changed to hold the result.\n\n"
        "Examples\n--------\n"
        ">>> import dusk.array as da\n"
        f">>> da.{name}(da.arange(1, 5, chunks=2)).compute()\n"
        f"{getattr(np, name)(np.arange(1, 5))!r}\n"
    )
    function.__dict__["__dusk_native__"] = True
    return function


sum = _public("sum", True)
prod = _public("prod", True)
min = _public("min", False)
max = _public("max", False)
any = _public("any", False)
all = _public("all", False)
mean = _public("mean", True)
nansum = _public("nansum", True)
nanprod = _public("nanprod", True)
nanmean = _public("nanmean", True)
nanmin = _public("nanmin", False)
nanmax = _public("nanmax", False)
var, std, nanvar, nanstd = (_spread(n) for n in ("var", "std", "nanvar", "nanstd"))
argmin, argmax = _position("argmin"), _position("argmax")
nanargmin, nanargmax = _position("nanargmin"), _position("nanargmax")


def count_nonzero(a: Any, axis: Any = None) -> Any:
    """How many elements are not zero, along `axis` (all axes by default)."""
    a = asarray(a)
    return (a != 0).astype(np.intp).sum(axis=axis)


def ptp(a: Any, axis: Any = None) -> Any:
    """The range, maximum minus minimum, along `axis`."""
    return max(a, axis=axis) - min(a, axis=axis)


def moment(
    a: Any, order: int, axis: Any = None, dtype: Any = None, keepdims: bool = False, ddof: int = 0,
    split_every: Any = None, out: Any = None,
) -> Any:  # fmt: skip
    """The central moment of whole `order` along `axis`."""
    if not isinstance(order, int) or order < 0:
        raise ValueError("Order must be an integer >= 0")
    a = asarray(a)
    deviation = a - mean(a, axis=axis, keepdims=True)
    count = math.prod(a.shape[d] for d in _axes(axis, a.ndim))
    total = sum(
        deviation**order, axis=axis, keepdims=keepdims, dtype=dtype, split_every=split_every
    )
    return total / (count - ddof)


def cumreduction(
    func: Callable[..., Any], binop: Callable[..., Any], ident: Any, x: Any, axis: Any = None,
    dtype: Any = None, out: Any = None, method: str = "sequential", preop: Any = None,
) -> Array:  # fmt: skip
    """A cumulative function along `axis`: `func` in each chunk, `binop` with what came before."""
    from dusk.array.joining import concatenate
    from dusk.array.ufuncs import _into, elemwise

    x = asarray(x)
    if axis is None:
        x, axis = x.ravel(), 0
    axis = normalize_axis_index(axis, x.ndim)
    kind = dtype if dtype is not None else func(np.ones((1,), dtype=x.dtype), axis=0).dtype
    inner = (
        x.map_blocks(func, axis=axis, dtype=kind)
        if dtype is None
        else x.astype(kind).map_blocks(func, axis=axis, dtype=kind)
    )
    parts, carry = [], None
    for i in range(x.numblocks[axis]):
        place = tuple(slice(None) if d != axis else i for d in range(x.ndim))
        block = inner.blocks[place]
        if block.shape[axis] == 0:
            parts.append(block)
            continue
        part = block if carry is None else elemwise(binop, carry, block, dtype=kind)
        parts.append(part)
        last = tuple(slice(None) if d != axis else slice(-1, None) for d in range(x.ndim))
        carry = part[last]
    result: Array = _into(out, concatenate(parts, axis=axis))
    return result


def _cumulative(name: str, binop: Callable[..., Any], ident: int) -> Callable[..., Any]:
    function = getattr(np, name)

    def cumulative(
        x: Any, axis: Any = None, dtype: Any = None, out: Any = None, *, method: str = "sequential"
    ) -> Any:
        return cumreduction(function, binop, ident, x, axis, dtype, out, method)

    cumulative.__name__ = name
    cumulative.__doc__ = f"NumPy's ``{name}`` along `axis` (the flattened array by default)."
    return cumulative


cumsum = _cumulative("cumsum", np.add, 0)
cumprod = _cumulative("cumprod", np.multiply, 1)
nancumsum = _cumulative("nancumsum", np.add, 0)
nancumprod = _cumulative("nancumprod", np.multiply, 1)


def reduction(
    x: Any, chunk: Callable[..., Any], aggregate: Callable[..., Any], axis: Any = None,
    keepdims: bool = False, dtype: Any = None, split_every: Any = None, combine: Any = None,
    name: Any = None, out: Any = None, concatenate: bool = True, output_size: int = 1,
    meta: Any = None, weights: Any = None,
) -> Any:  # fmt: skip
    """A reduction of your own.

    Parameters
    ----------
    x : Array
    chunk : callable
        ``chunk(block, axis=, keepdims=)``: the partial result of a chunk, reduced axes kept.
        ``chunk(block)`` that returns a tuple of scalars is taken too: then `combine` takes two
        tuples, and `aggregate` the final tuple's items.
    aggregate : callable
        ``aggregate(partials, axis=, keepdims=)``: the result.
    combine : callable, optional
        As `aggregate`, for the inner nodes of the tree; `aggregate` by default.
    axis, keepdims, dtype, split_every
        As for :func:`sum`.
    concatenate : bool, default True
        Whether partial results are joined along `axis` first; else `combine` and `aggregate` get
        nested lists.
    weights : array_like, optional
        Passed to `chunk` beside each block.

    Raises
    ------
    ValueError
        Without `dtype` (or `meta`), unless `chunk` returns tuples.
    """
    from dusk.array import tree

    return tree.reduction(
        asarray(x), chunk, aggregate, axis, keepdims, dtype, split_every, combine, name, out,
        concatenate, output_size, meta, weights,
    )  # fmt: skip
