"""Functions of whole axes, broadcast over the others (NumPy's generalised ufuncs)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from dusk import _core
from dusk.array.core import Array, asarray
from dusk.array.ufuncs import _aligned, _result_chunks
from dusk.tokens import tokenize

_NAMES = r"(?:\w+(?:,\w+)*)?"
_SIGNATURE = re.compile(rf"^\({_NAMES}\)(?:,\({_NAMES}\))*->(?:\({_NAMES}\)(?:,\({_NAMES}\))*)?$")


def parse_signature(signature: str) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]], bool]:
    """Axis names of inputs and outputs, and whether there is one output without a list."""
    text = re.sub(r"\s+", "", signature)
    if not _SIGNATURE.match(text):
        raise ValueError(f"Not a valid gufunc signature: {text}")
    sides = [
        [tuple(n for n in group.split(",") if n) for group in re.findall(r"\(([^)]*)\)", side)]
        for side in text.split("->")
    ]
    return sides[0], sides[1] or [()], len(sides[1]) == 1


def apply_gufunc(
    func: Callable[..., Any],
    signature: str,
    *args: Any,
    axes: Any = None,
    axis: Any = None,
    keepdims: bool = False,
    output_dtypes: Any = None,
    output_sizes: dict[str, int] | None = None,
    vectorize: bool | None = None,
    allow_rechunk: bool = False,
    meta: Any = None,
    **kwargs: Any,
) -> Any:
    """A function of core axes applied over all others, chunk by chunk.

    Parameters
    ----------
    func : callable
        Takes arrays whose last axes are the core axes.
    signature : str
        Such as ``"(i),(i)->()"``.
    output_dtypes : dtype or list of dtypes, optional
        Worked out on tiny arrays when not given.
    output_sizes : dict, optional
        Lengths of core axes that only outputs have.
    vectorize : bool, optional
        Whether `func` takes core axes only and ``numpy.vectorize`` does the rest.
    allow_rechunk : bool, default False
        Whether core axes of several chunks are joined; else they are an error.

    Raises
    ------
    ValueError
        For a bad signature, core axes of several chunks, or lengths that differ.

    Examples
    --------
    >>> import numpy as np, dusk.array as da
    >>> x = da.ones((4, 3), chunks=(2, 3))
    >>> da.apply_gufunc(lambda b: b.sum(-1), "(i)->()", x, output_dtypes=float).compute()
    array([3., 3., 3., 3.])
    """
    if axes is not None or axis is not None or keepdims:
        raise NotImplementedError(
            "apply_gufunc with axes=, axis= or keepdims= does not exist yet (docs/status.md); move "
            "the core axes to the end"
        )
    inputs, outputs, single = parse_signature(signature)
    arrays = [asarray(a) for a in args]
    if len(inputs) != len(arrays):
        raise ValueError(
            f"According to `signature`, `func` requires {len(inputs)} arguments, but {len(arrays)} "
            "given"
        )
    sizes = dict(output_sizes or {}) | _core_sizes(arrays, inputs)
    arrays = [_joined(a, names, allow_rechunk) for a, names in zip(arrays, inputs, strict=True)]
    dtypes = _dtypes(func, arrays, inputs, outputs, output_dtypes, meta, vectorize, kwargs)
    if vectorize:
        func = np.vectorize(func, signature=signature, otypes=[d.char for d in dtypes])
    loops = [a.ndim - len(names) for a, names in zip(arrays, inputs, strict=True)]
    ndim = max(loops, default=0)
    stand_ins = _aligned([_loop_part(a, n) for a, n in zip(arrays, loops, strict=True)])
    loop_chunks = _result_chunks(stand_ins, ndim)
    call = []
    for a, like, n, names in zip(arrays, stand_ins, loops, inputs, strict=True):
        piece = a.rechunk({d: like.chunks[d] for d in range(n)}) if n else a
        call.append((piece.expr, [*range(ndim - n, ndim), *[-1] * len(names)]))
    token = tokenize(func, signature, kwargs, [str(d) for d in dtypes])
    results = tuple(
        Array(
            _core.array_map_blocks(
                _Output(func, kwargs, None if single else i),
                call,
                [*loop_chunks, *[(sizes[n],) for n in names]],
                dtype.str,
                name=getattr(func, "__name__", "gufunc"),
                token=f"{token}-{i}",
            )
        )
        for i, (names, dtype) in enumerate(zip(outputs, dtypes, strict=True))
    )
    return results[0] if single else results


class _Output:
    """Calls the function and keeps one of its results."""

    def __init__(self, func: Any, kwargs: dict[str, Any], number: int | None) -> None:
        self.func, self.kwargs, self.number = func, kwargs, number

    def __call__(self, *blocks: np.ndarray) -> Any:
        result = self.func(*blocks, **self.kwargs)
        return np.asarray(result if self.number is None else result[self.number])


def _loop_part(a: Array, n: int) -> Array:
    return a[(..., *[0] * (a.ndim - n))] if a.ndim > n else a


def _core_sizes(arrays: list[Array], inputs: list[tuple[str, ...]]) -> dict[str, Any]:
    sizes: dict[str, Any] = {}
    for a, names in zip(arrays, inputs, strict=True):
        if a.ndim < len(names):
            raise ValueError(f"core dimensions {names} need {len(names)} axes, got {a.ndim}")
        for name, n in zip(names, a.shape[a.ndim - len(names) :], strict=True):
            if sizes.setdefault(name, n) != n:
                raise ValueError(
                    f"Dimension `'{name}'` with different lengths in arrays: {sizes[name]}, {n}"
                )
    return sizes


def _joined(a: Array, names: tuple[str, ...], allow_rechunk: bool) -> Array:
    first = a.ndim - len(names)
    split = [d for d in range(first, a.ndim) if a.numblocks[d] > 1]
    if split and not allow_rechunk:
        raise ValueError(
            f"Core dimension `'{names[split[0] - first]}'` consists of multiple chunks. To fix, "
            "rechunk into a single chunk along this dimension or set `allow_rechunk=True`, but "
            "beware that this may increase memory usage significantly."
        )
    return a.rechunk(dict.fromkeys(split, -1)) if split else a


def _dtypes(
    func: Any, arrays: list[Array], inputs: Any, outputs: Any, given: Any, meta: Any,
    vectorize: Any, kwargs: dict[str, Any],
) -> list[np.dtype[Any]]:  # fmt: skip
    if meta is not None and given is None:
        given = [m.dtype for m in meta] if isinstance(meta, tuple | list) else [meta.dtype]
    if given is not None:
        each = given if isinstance(given, tuple | list) else [given] * len(outputs)
        return [np.dtype(d) for d in each]
    tiny = []
    for a, names in zip(arrays, inputs, strict=True):
        core = a.shape[a.ndim - len(names) :]
        tiny.append(np.ones(core if vectorize else (1,) * (a.ndim - len(names)) + core, a.dtype))
    result = func(*tiny, **kwargs)
    each = result if isinstance(result, tuple) and len(outputs) > 1 else (result,)
    return [np.asarray(r).dtype for r in each]


class gufunc:
    """A function with a signature; calling it is :func:`apply_gufunc`."""

    def __init__(
        self, pyfunc: Callable[..., Any], *, signature: Any = None, **options: Any
    ) -> None:
        self.pyfunc = pyfunc
        self.signature = signature
        self.options = options
        self.__doc__ = pyfunc.__doc__

    def __call__(self, *args: Any, allow_rechunk: bool = False, **kwargs: Any) -> Any:
        options = {"allow_rechunk": allow_rechunk} | self.options | kwargs
        return apply_gufunc(self.pyfunc, self.signature, *args, **options)


def as_gufunc(signature: Any = None, **kwargs: Any) -> Callable[[Callable[..., Any]], gufunc]:
    """A decorator that makes a :class:`gufunc`."""
    return lambda pyfunc: gufunc(pyfunc, signature=signature, **kwargs)
