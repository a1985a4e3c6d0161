"""Lazy chunked arrays with NumPy's interface."""

from __future__ import annotations

from typing import Any as _Any

from numpy import bool_ as bool
from numpy import (
    complex64,
    complex128,
    e,
    euler_gamma,
    float32,
    float64,
    inf,
    int8,
    int16,
    int32,
    int64,
    nan,
    newaxis,
    pi,
    uint8,
    uint16,
    uint32,
    uint64,
)

from dusk.array import fft, linalg, overlap, random
from dusk.array import operators as _operators
from dusk.array.choosing import (
    apply_over_axes,
    argtopk,
    choose,
    delete,
    insert,
    piecewise,
    searchsorted,
    select,
    union1d,
)
from dusk.array.chunks import PerformanceWarning, normalize_chunks
from dusk.array.core import Array, array, asanyarray, asarray, from_array, from_delayed
from dusk.array.creation import (
    arange,
    empty,
    empty_like,
    eye,
    fromfunction,
    full,
    full_like,
    linspace,
    meshgrid,
    ones,
    ones_like,
    zeros,
    zeros_like,
)
from dusk.array.diagonals import diag, diagonal, trace, tril, triu
from dusk.array.differences import diff, ediff1d, gradient
from dusk.array.grids import (
    indices,
    ravel_multi_index,
    tri,
    tril_indices,
    tril_indices_from,
    triu_indices,
    triu_indices_from,
    unravel_index,
)
from dusk.array.gufunc import apply_gufunc, as_gufunc, gufunc
from dusk.array.histograms import bincount, digitize, histogram, histogram2d, histogramdd
from dusk.array.joining import append, block, concatenate, dstack, hstack, stack, vstack
from dusk.array.linear import dot, einsum, matmul, outer, tensordot, vdot
from dusk.array.mapping import blockwise, map_blocks
from dusk.array.overlap import map_overlap, push
from dusk.array.padding import pad
from dusk.array.rechunk import rechunk
from dusk.array.reductions import (
    all,
    any,
    argmax,
    argmin,
    count_nonzero,
    cumprod,
    cumsum,
    max,
    mean,
    min,
    moment,
    nanargmax,
    nanargmin,
    nancumprod,
    nancumsum,
    nanmax,
    nanmean,
    nanmin,
    nanprod,
    nanstd,
    nansum,
    nanvar,
    prod,
    ptp,
    reduction,
    std,
    sum,
    var,
)
from dusk.array.routines import (
    apply_along_axis,
    argwhere,
    compress,
    extract,
    flatnonzero,
    isin,
    nonzero,
    repeat,
    result_type,
    take,
    tile,
    unique,
)
from dusk.array.shaping import (
    _flatten,
    _reshape_method,
    _transpose_method,
    atleast_1d,
    atleast_2d,
    atleast_3d,
    broadcast_arrays,
    broadcast_to,
    expand_dims,
    flip,
    fliplr,
    flipud,
    moveaxis,
    ndim,
    ravel,
    reshape,
    roll,
    rollaxis,
    rot90,
    shape,
    squeeze,
    swapaxes,
    transpose,
)
from dusk.array.statistics import (
    average,
    coarsen,
    corrcoef,
    cov,
    median,
    nanmedian,
    nanpercentile,
    nanquantile,
    percentile,
    quantile,
    topk,
)
from dusk.array.storing import store
from dusk.array.ufuncs import (
    allclose,
    around,
    clip,
    elemwise,
    frompyfunc,
    isclose,
    isnull,
    make_ufuncs,
    notnull,
    ufunc,
    where,
)
from dusk.base import compute, optimize


def round(a: _Any, decimals: int = 0) -> _Any:
    """Elements rounded to `decimals`, halves to even."""
    return around(a, decimals)


_FUNCTIONS = make_ufuncs()
globals().update(_FUNCTIONS)

__all__ = [
    "Array", "PerformanceWarning", "all", "allclose", "any", "append", "apply_along_axis",
    "apply_gufunc", "apply_over_axes", "arange", "argmax", "argmin", "argtopk", "argwhere",
    "around", "array", "as_gufunc", "asanyarray", "asarray", "atleast_1d", "atleast_2d",
    "atleast_3d", "average", "bincount", "block", "blockwise", "bool", "broadcast_arrays",
    "broadcast_to", "choose", "clip", "coarsen", "complex128", "complex64", "compress",
    "compute", "concatenate", "corrcoef", "count_nonzero", "cov", "cumprod", "cumsum", "delete",
    "diag", "diagonal", "diff", "digitize", "dot", "dstack", "e", "ediff1d", "einsum",
    "elemwise", "empty", "empty_like", "euler_gamma", "expand_dims", "extract", "eye", "fft",
    "flatnonzero", "flip", "fliplr", "flipud", "float32", "float64", "from_array",
    "from_delayed", "fromfunction", "frompyfunc", "full", "full_like", "gradient", "gufunc",
    "histogram", "histogram2d", "histogramdd", "hstack", "indices", "inf",
    "insert", "int16", "int32", "int64", "int8",
    "isclose", "isin", "isnull", "linalg", "linspace", "map_blocks", "map_overlap", "matmul",
    "max", "mean", "median", "meshgrid", "min", "moment", "moveaxis", "nan", "nanargmax",
    "nanargmin", "nancumprod", "nancumsum", "nanmax", "nanmean", "nanmedian", "nanmin",
    "nanpercentile", "nanprod", "nanquantile", "nanstd", "nansum", "nanvar", "ndim", "newaxis",
    "nonzero", "normalize_chunks", "notnull", "ones", "ones_like", "optimize", "outer",
    "overlap", "pad", "percentile", "pi", "piecewise", "prod", "ptp", "push", "quantile",
    "random", "ravel", "ravel_multi_index", "rechunk", "reduction", "repeat", "reshape",
    "result_type", "roll", "rollaxis", "rot90", "round", "searchsorted", "select", "shape",
    "squeeze", "stack", "std", "store", "sum", "swapaxes", "take", "tensordot", "tile", "topk",
    "trace", "transpose", "tri", "tril", "tril_indices", "tril_indices_from", "triu",
    "triu_indices", "triu_indices_from", "uint16", "uint32", "uint64", "uint8", "unify_chunks",
    "union1d", "unique", "unravel_index", "var", "vdot", "vstack", "where", "zeros",
    "zeros_like",
]  # fmt: skip
__all__ += ["ufunc", *_FUNCTIONS]


def unify_chunks(*args: _Any, **kwargs: _Any) -> _Any:
    """Common chunks of arrays by axis labels.

    Parameters
    ----------
    *args
        Pairs of an array and its labels.

    Returns
    -------
    chunks : dict
        Label to sizes.
    arrays : list of Array
    """
    from dusk import _core

    if not args:
        return {}, []
    pairs = [(asarray(args[i]), tuple(args[i + 1])) for i in range(0, len(args), 2)]
    labels = list(dict.fromkeys(label for _, ind in pairs for label in ind))
    common = _core.unify_chunks([(a.chunks, [labels.index(i) for i in ind]) for a, ind in pairs])
    named = {labels[i]: sizes for i, sizes in common.items()}
    arrays = [
        a.rechunk(tuple(named[i] if n != 1 else (1,) for i, n in zip(ind, a.shape, strict=True)))
        for a, ind in pairs
    ]
    return named, arrays


def _map_overlap_method(
    x: Array, func: _Any, depth: _Any, boundary: _Any = None, trim: _Any = True, **kwargs: _Any
) -> Array:
    """See :func:`dusk.array.map_overlap`."""
    return map_overlap(func, x, depth=depth, boundary=boundary, trim=trim, **kwargs)


def _dot_method(x: Array, other: _Any) -> _Any:
    """See :func:`dusk.array.dot`."""
    return dot(x, other)


_METHOD_NAMES = """
all any argmax argmin argtopk choose clip cumprod cumsum max mean min moment prod ravel repeat
round squeeze std store sum swapaxes topk trace var nonzero conj
"""
_METHODS = _METHOD_NAMES.split()
_operators.install(
    {name: globals()[name] for name in _METHODS}
    | {
        "reshape": _reshape_method,
        "transpose": _transpose_method,
        "flatten": _flatten,
        "dot": _dot_method,
        "map_overlap": _map_overlap_method,
    }
    | {"__matmul__": matmul, "__rmatmul__": lambda b, a: matmul(a, b)}
)


def __getattr__(name: str) -> _Any:
    if name in _dask_names():
        raise NotImplementedError(
            f"dusk.array.{name} does not exist in Dusk yet; docs/status.md lists what does"
        )
    raise AttributeError(f"module 'dusk.array' has no attribute {name!r}")


def _dask_names() -> frozenset[str]:
    from dusk.names import ARRAY

    return ARRAY
