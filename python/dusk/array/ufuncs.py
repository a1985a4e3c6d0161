"""Element-by-element functions: native where the engine has a loop, else NumPy chunk by chunk."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from dusk import _core
from dusk.array.core import Array, array, asanyarray, asarray, under_name
from dusk.array.rechunk import rechunk
from dusk.tokens import tokenize

NATIVE = frozenset(_core.array_function_names())


def _is_arrayish(x: Any) -> bool:
    return isinstance(x, Array) or (hasattr(x, "shape") and len(x.shape) > 0) or isinstance(x, list)


def _argument(x: Any) -> Any:
    """Arrays as lazy arrays; scalars as they are; delayed values computed late are refused."""
    if isinstance(x, Array):
        return x
    if _is_arrayish(x):
        return asarray(x)
    return x


def unify(*xs: Any) -> tuple[Array, ...]:
    """The arrays broadcast against each other and cut alike."""
    from dusk.array.shaping import broadcast_arrays

    return tuple(broadcast_arrays(*xs))


def elemwise(
    op: Callable[..., Any], *args: Any, out: Any = None, where: Any = True, dtype: Any = None,
    name: str | None = None, **kwargs: Any,
) -> Any:  # fmt: skip
    """A function of NumPy arrays applied element by element over broadcast arguments.

    Parameters
    ----------
    op : callable
        Takes NumPy arrays; a NumPy ufunc with a native loop runs in the engine.
    *args : array_like
    out : Array, optional
        Changed to hold the result.
    where : bool or array_like of bool, default True
        Elements for which the function counts; others are those of `out`, or mean nothing.
    dtype : dtype, optional
        Of the result; worked out on tiny arrays when not given.
    name : str, optional
        The result's whole name.

    Raises
    ------
    ValueError
        For shapes that do not broadcast.
    """
    arguments = [_argument(a) for a in args]
    function = getattr(op, "__name__", "")
    result: Any = None
    if not kwargs and function in NATIVE and getattr(np, function, None) is op:
        result = _native(function, arguments, dtype, name)
    if result is None:
        if dtype is not None and isinstance(op, np.ufunc):
            kwargs |= _computed_in(op, arguments, kwargs, dtype)
        label = function.strip("_") or "elemwise"
        result = _by_chunks(op, arguments, dtype, label, kwargs, name)
    if where is not True:
        result = _masked(where, result, out)
    return _into(out, result)


def _computed_in(
    op: Callable[..., Any], arguments: list[Any], kwargs: dict[str, Any], dtype: Any
) -> dict[str, Any]:
    """The keyword that makes a ufunc give `dtype` where it would not by itself."""
    return {} if _infer_dtype(op, arguments, kwargs) == np.dtype(dtype) else {"dtype": dtype}


def _masked(mask: Any, result: Any, out: Any) -> Any:
    """`result` where `mask` holds, elsewhere what `out` has."""
    if isinstance(out, tuple):
        (out,) = out
    chosen = where(mask, result, result if out is None else out)
    return chosen if chosen.dtype == result.dtype else chosen.astype(result.dtype)


def _into(out: Any, result: Any) -> Any:
    if isinstance(out, tuple):
        (out,) = out
    if out is None:
        return result
    if not isinstance(out, Array):
        raise NotImplementedError(
            f"The out= parameter is only for Dusk arrays, got {type(out).__name__}"
        )
    if out.shape != result.shape:
        raise ValueError(
            f"Mismatched shapes between result and out parameter. out={out.shape}, "
            f"result={result.shape}"
        )
    out.expr = result.expr
    out._chunks = None
    out._dtype = result.dtype
    return out


def _native(function: str, arguments: list[Any], dtype: Any, name: Any = None) -> Array | None:
    if not any(isinstance(a, Array) for a in arguments):
        return None
    if any(isinstance(a, Array) and a._meta_given is not None for a in arguments):
        return None
    _check_python_integers(function, arguments)
    exprs = [a.expr if isinstance(a, Array) else a for a in arguments]
    code = None if dtype is None else np.dtype(dtype).str
    expr = _core.array_elementwise(function, exprs, code)
    return None if expr is None else Array(under_name(expr, name))


_COMPARISONS = frozenset({"less", "less_equal", "greater", "greater_equal", "equal", "not_equal"})


def _check_python_integers(function: str, arguments: list[Any]) -> None:
    """NumPy's OverflowError for a Python integer that an integer array cannot hold."""
    dtypes = [a.dtype for a in arguments if isinstance(a, Array)]
    if function in _COMPARISONS or not all(d.kind in "iu" for d in dtypes):
        return
    for a in arguments:
        if type(a) is int:
            info = np.iinfo(np.result_type(*dtypes))
            if not info.min <= a <= info.max:
                raise OverflowError(f"Python integer {a} out of bounds for {info.dtype}")


def _by_chunks(
    op: Callable[..., Any], arguments: list[Any], dtype: Any, label: str, kwargs: dict[str, Any],
    name: Any = None,
) -> Array:  # fmt: skip
    arrays = [a for a in arguments if isinstance(a, Array)]
    cut = dict(zip(map(id, arrays), _aligned(arrays), strict=True))
    if dtype is None:
        dtype = _infer_dtype(op, arguments, kwargs)
    dtype = np.dtype(dtype)
    ndim = max((a.ndim for a in arrays), default=0)
    call: list[Any] = []
    for a in arguments:
        if isinstance(a, Array):
            piece = cut[id(a)]
            call.append((piece.expr, list(range(ndim - piece.ndim, ndim))))
        else:
            call.append(a)
    chunks = _result_chunks(list(cut.values()), ndim)
    function = _WithKeywords(op, kwargs) if kwargs else op
    expr = _core.array_map_blocks(
        function,
        call,
        chunks,
        dtype.str if dtype.names is None else "|O",
        name=label,
        token=tokenize(op, kwargs, [a for a in arguments if not isinstance(a, Array)], dtype),
    )
    return Array(under_name(expr, name))


class _WithKeywords:
    def __init__(self, function: Callable[..., Any], kwargs: dict[str, Any]) -> None:
        self.function = function
        self.kwargs = kwargs

    def __call__(self, *args: Any) -> Any:
        return self.function(*args, **self.kwargs)


def _result_chunks(arrays: list[Array], ndim: int) -> list[Any]:
    chunks: list[Any] = [(1,)] * ndim
    for a in arrays:
        for d, sizes in enumerate(a.chunks):
            at = ndim - a.ndim + d
            if chunks[at] == (1,):
                chunks[at] = sizes
    return chunks


def _aligned(arrays: list[Array]) -> list[Array]:
    """The arrays cut alike, axes of length 1 left to broadcast."""
    ndim = max((a.ndim for a in arrays), default=0)
    for d in range(1, ndim + 1):
        lengths = {a.shape[-d] for a in arrays if a.ndim >= d} - {1}
        known = {n for n in lengths if n == n}
        if len(known) > 1:
            shapes = " ".join(str(a.shape) for a in arrays)
            raise ValueError(f"operands could not be broadcast together with shapes {shapes}")
    pairs = [
        (
            [c if sum(c) != 1 or len(c) == 1 else (1,) for c in a.chunks],
            list(range(ndim - a.ndim, ndim)),
        )
        for a in arrays
    ]
    common = _core.unify_chunks(pairs)
    result = []
    for a in arrays:
        offset = ndim - a.ndim
        wanted = tuple(
            (1,) if a.shape[d] == 1 else tuple(common[offset + d]) for d in range(a.ndim)
        )
        result.append(rechunk(a, wanted))
    return result


def _infer_dtype(op: Callable[..., Any], arguments: list[Any], kwargs: dict[str, Any]) -> Any:
    tiny = [
        np.ones((1,) * max(a.ndim, 1), dtype=a.dtype) if isinstance(a, Array) else a
        for a in arguments
    ]
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return np.asarray(op(*tiny, **kwargs)).dtype


class ufunc:
    """A NumPy ufunc over lazy arrays."""

    _forward = frozenset({"nin", "nargs", "nout", "ntypes", "identity", "signature", "types"})

    def __init__(self, function: np.ufunc) -> None:
        if not isinstance(function, np.ufunc):
            raise TypeError(
                f"must be an instance of `ufunc` or `da_frompyfunc`, got `{type(function).__name__}"
            )
        self._ufunc = function
        self.__name__ = function.__name__
        self.__doc__ = (
            f"NumPy's ``{function.__name__}``, chunk by chunk.\n\n"
            f"See ``numpy.{function.__name__}`` for parameters; ``out`` and ``where`` are taken.\n"
        )
        self.__dusk_native__ = function.__name__ in NATIVE

    def __getattr__(self, key: str) -> Any:
        if key in self._forward:
            return getattr(self._ufunc, key)
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {key!r}")

    def __repr__(self) -> str:
        return repr(self._ufunc)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if any(type(a).__module__.startswith("dusk.dataframe") for a in args):
            return self._ufunc(*args, **kwargs)
        if not any(isinstance(a, Array) for a in (*args, *kwargs.values())):
            return self._ufunc(*args, **kwargs)
        if self._ufunc.nout > 1:
            return _several(self._ufunc, args)
        return elemwise(self._ufunc, *args, **kwargs)

    def outer(self, a: Any, b: Any, **kwargs: Any) -> Any:
        """The function of all pairs of elements of `a` and `b`."""
        if self._ufunc.nin != 2:
            raise ValueError("outer product only supported for binary functions")
        if not isinstance(a, Array) and not isinstance(b, Array):
            return self._ufunc.outer(a, b, **kwargs)
        a, b = asarray(a), asarray(b)
        return self(a[(...,) + (None,) * b.ndim], b, **kwargs)


def _several(function: np.ufunc, args: tuple[Any, ...]) -> tuple[Array, ...]:
    """One array a result of a function that returns several."""
    return tuple(elemwise(_Part(function, i), *args) for i in range(function.nout))


class _Part:
    def __init__(self, function: np.ufunc, part: int) -> None:
        self.function = function
        self.part = part
        self.__name__ = function.__name__

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.function(*args, **kwargs)[self.part]


_UFUNCS = """
abs absolute add angle arccos arccosh arcsin arcsinh arctan arctan2 arctanh bitwise_and
bitwise_not bitwise_or bitwise_xor cbrt ceil conj copysign cos cosh deg2rad degrees divide divmod
equal exp exp2 expm1 fabs float_power floor floor_divide fmax fmin fmod frexp greater
greater_equal heaviside hypot invert isfinite isinf isnan ldexp left_shift less less_equal log
log10 log1p log2 logaddexp logaddexp2 logical_and logical_not logical_or logical_xor maximum
minimum mod modf multiply negative nextafter not_equal positive power rad2deg radians reciprocal
remainder right_shift rint sign signbit sin sinh spacing sqrt square subtract tan tanh true_divide
trunc gcd lcm isnat conjugate pow acos acosh asin asinh atan atan2 atanh bitwise_count
bitwise_invert bitwise_left_shift bitwise_right_shift
"""
NAMES = _UFUNCS.split()

# NumPy functions that are no ufuncs but work element by element.
PLAIN = ["fix", "i0", "sinc", "nan_to_num", "real", "imag", "isneginf", "isposinf",
         "iscomplex", "isreal"]  # fmt: skip


def make_ufuncs() -> dict[str, Any]:
    """Every ufunc of NAMES by name, and the plain functions."""
    found: dict[str, Any] = {}
    for name in NAMES:
        function = getattr(np, name)
        found[name] = ufunc(function) if isinstance(function, np.ufunc) else _plain(function, name)
    for name in PLAIN:
        found[name] = _plain(getattr(np, name), name)
    return found


def _plain(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    def call(x: Any, *args: Any, **kwargs: Any) -> Any:
        if not isinstance(x, Array):
            x = asarray(x)
        return elemwise(function, x, *args, **kwargs)

    call.__name__ = name
    call.__doc__ = f"NumPy's ``{name}``, chunk by chunk."
    call.__dict__["__dusk_native__"] = name in NATIVE
    return call


def call_numpy_ufunc(
    function: np.ufunc, method: str, inputs: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """``__array_ufunc__``: NumPy's ufuncs called with lazy arrays."""
    for x in (*inputs, *kwargs.get("out", ())):
        if type(x).__module__.startswith(("pandas", "xarray", "dusk.dataframe")):
            return NotImplemented
    if function.signature is not None:
        if function is np.matmul:
            from dusk.array.linear import matmul

            return matmul(*inputs)
        return NotImplemented
    if method == "outer":
        return ufunc(function).outer(*inputs, **kwargs)
    if method == "reduce" and function.__name__ in _REDUCE:
        from dusk.array import reductions

        name = _REDUCE[function.__name__]
        axis = kwargs.pop("axis", 0)
        return getattr(reductions, name)(inputs[0], axis=axis, **kwargs)
    if method != "__call__":
        return NotImplemented
    return ufunc(function)(*inputs, **kwargs)


_REDUCE = {
    "add": "sum", "multiply": "prod", "maximum": "max", "minimum": "min",
    "logical_and": "all", "logical_or": "any",
}  # fmt: skip


def astype(x: Array, dtype: Any, **kwargs: Any) -> Array:
    """`x` with its elements cast to `dtype`; see :meth:`Array.astype`."""
    extra = set(kwargs) - {"casting", "copy"}
    if extra:
        raise TypeError(f"astype does not take the following keyword arguments: {sorted(extra)}")
    casting = kwargs.get("casting", "unsafe")
    dtype = np.dtype(dtype)
    if dtype.itemsize == 0 and x.dtype.kind not in "SUV":
        dtype = np.zeros(1, dtype=x.dtype).astype(dtype).dtype
    if dtype == x.dtype:
        return x
    if not np.can_cast(x.dtype, dtype, casting=casting):
        raise TypeError(
            f"Cannot cast array from {x.dtype!r} to {dtype!r} according to the rule {casting!r}"
        )
    if x._meta_given is None:
        try:
            expr = _core.array_astype(x.expr, dtype.str)
        except TypeError:
            expr = None
        if expr is not None:
            return Array(expr)
    return _by_chunks(_cast, [x, dtype], dtype, "astype", {})


def _cast(block: np.ndarray, dtype: np.dtype[Any]) -> np.ndarray:
    return block.astype(dtype)


def where(condition: Any, x: Any = None, y: Any = None) -> Any:
    """Elements of `x` where `condition` holds, of `y` elsewhere; one argument gives indices.

    Examples
    --------
    >>> import dusk.array as da
    >>> da.where(da.arange(4, chunks=2) > 1, 10, 0).compute()
    array([ 0,  0, 10, 10])
    """
    if (x is None) != (y is None):
        raise ValueError("either both or neither of x and y should be given")
    if x is None:
        from dusk.array.routines import nonzero

        return nonzero(asarray(condition))
    if np.isscalar(condition):
        return _all_of(x if condition else y, x, y)
    arguments = [_argument(a) for a in (condition, x, y)]
    if not any(isinstance(a, Array) for a in arguments):
        return np.where(condition, x, y)
    if isinstance(arguments[0], Array) and arguments[0].dtype != bool:
        arguments[0] = arguments[0].astype(bool)
    result = _native("where", arguments, None) if "where" in NATIVE else None
    return result if result is not None else _by_chunks(np.where, arguments, None, "where", {})


def _all_of(chosen: Any, x: Any, y: Any) -> Array:
    """`chosen`, in the shape and dtype that `x` and `y` have together."""
    from dusk.array.routines import result_type
    from dusk.array.shaping import broadcast_to

    dtype = result_type(x, y)
    shape = np.broadcast_shapes(asarray(x).shape, asarray(y).shape)
    result: Array = broadcast_to(asarray(chosen), shape).astype(dtype)
    return result


def clip(x: Any, a_min: Any = None, a_max: Any = None, *, min: Any = None, max: Any = None,
         out: Any = None, **kwargs: Any) -> Any:  # fmt: skip
    """Elements of `x` held between `a_min` and `a_max` (None leaves a side open)."""
    low = a_min if a_min is not None else min
    high = a_max if a_max is not None else max
    if low is None and high is None:
        return x
    x = asarray(x)
    if low is None or high is None:
        function = np.minimum if low is None else np.maximum
        return elemwise(function, x, high if low is None else low, out=out)
    arguments = [_argument(a) for a in (x, low, high)]
    result = _native("clip", arguments, None) if "clip" in NATIVE else None
    if result is None:
        result = _by_chunks(np.clip, arguments, None, "clip", {})
    return _into(out, result)


def isnull(values: Any) -> Any:
    """Whether elements are missing: NaN, NaT or None."""
    import pandas as pd

    return elemwise(pd.isnull, asarray(values), dtype="bool")


def notnull(values: Any) -> Any:
    """The negation of :func:`isnull`."""
    return ~isnull(values)


def isclose(
    arr1: Any, arr2: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> Any:
    """Whether elements are equal within tolerances."""
    options: dict[str, Any] = {"rtol": rtol, "atol": atol, "equal_nan": equal_nan}
    return elemwise(np.isclose, asarray(arr1), arr2, dtype="bool", **options)


def allclose(
    arr1: Any, arr2: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> Any:
    """Whether all elements are equal within tolerances."""
    return isclose(arr1, arr2, rtol=rtol, atol=atol, equal_nan=equal_nan).all()


def around(x: Any, decimals: int = 0) -> Any:
    """Elements rounded to `decimals`, halves to even."""
    return elemwise(np.round, asarray(x), decimals=decimals)


def frompyfunc(func: Callable[..., Any], nin: int, nout: int) -> Any:
    """A Python function as a ufunc of object arrays."""
    if nout != 1:
        raise NotImplementedError("frompyfunc with more than one output (docs/status.md)")
    return ufunc(np.frompyfunc(func, nin, nout))


__all__ = [
    "allclose", "around", "array", "asanyarray", "astype", "clip", "elemwise", "frompyfunc",
    "isclose", "isnull", "make_ufuncs", "notnull", "ufunc", "unify", "where",
]  # fmt: skip
for _function in (astype, where, clip):
    _function.__dict__["__dusk_native__"] = True
