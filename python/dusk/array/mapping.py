"""Python functions over chunks: map_blocks and blockwise."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from dusk import _core
from dusk.array.core import Array, asarray, under_name
from dusk.tokens import tokenize
from dusk.utils import funcname


def _accepts(func: Callable[..., Any], name: str) -> bool:
    try:
        parameters = inspect.signature(func).parameters
    except (TypeError, ValueError):
        return False
    return name in parameters


class _BlockCall:
    """Calls a function with keyword arguments, and information on the block when it asks."""

    def __init__(
        self, func: Any, kwargs: dict[str, Any], with_id: bool, info: Any, ndim: int | None = None
    ) -> None:
        self.ndim = ndim
        self.func = func
        self.kwargs = kwargs
        self.with_id = with_id
        self.info = info

    def __call__(self, *blocks: Any, block_id: tuple[int, ...] | None = None) -> Any:
        extra = dict(self.kwargs)
        if self.with_id:
            extra["block_id"] = block_id
        if self.info is not None and block_id is not None:
            extra["block_info"] = _info(self.info, block_id)
        result = self.func(*blocks, **extra)
        if self.ndim is not None and np.ndim(result) != self.ndim:
            raise ValueError(
                f"Dimension mismatch: expected output of {self.func} to have dims = {self.ndim}.  "
                f"Got {np.ndim(result)} instead."
            )
        return result


def _info(described: Any, block_id: tuple[int, ...]) -> dict[Any, Any]:
    """Dask's block_info: where this block lies in the output (None) and in every input."""
    inputs, chunks, dtype = described
    starts = [np.concatenate([[0], np.cumsum(c)]) for c in chunks]
    where = [(int(s[i]), int(s[i + 1])) for s, i in zip(starts, block_id, strict=True)]
    result: dict[Any, Any] = {
        None: {
            "shape": tuple(int(s[-1]) for s in starts),
            "num-chunks": tuple(len(c) for c in chunks),
            "array-location": where,
            "chunk-location": block_id,
            "chunk-shape": tuple(b - a for a, b in where),
            "dtype": dtype,
        }
    }
    for number, (shape, cut, follow, kind) in inputs.items():
        at = tuple(
            block_id[f] if f >= 0 and len(c) > 1 else 0 for f, c in zip(follow, cut, strict=True)
        )
        begin = [np.concatenate([[0], np.cumsum(c)]) for c in cut]
        result[number] = {
            "shape": shape,
            "num-chunks": tuple(len(c) for c in cut),
            "array-location": [(int(s[i]), int(s[i + 1])) for s, i in zip(begin, at, strict=True)],
            "chunk-location": at,
            "dtype": kind,
        }
    return result


def map_blocks(
    func: Callable[..., Any],
    *args: Any,
    name: str | None = None,
    token: str | None = None,
    dtype: Any = None,
    chunks: Any = None,
    drop_axis: Any = None,
    new_axis: Any = None,
    enforce_ndim: bool = False,
    meta: Any = None,
    **kwargs: Any,
) -> Array:
    """A function of NumPy arrays applied to corresponding chunks.

    Parameters
    ----------
    func : callable
        Takes a block of every array argument; `block_id` and `block_info` are passed when it has
        parameters of these names.
    *args
        Arrays are taken chunk by chunk (broadcast as NumPy does), other arguments as they are.
    name : str, optional
        The result's whole name: its chunks' keys are ``(name, i, j...)``. Different arrays of one
        computation need different names.
    token : str, optional
        The first part of the name, before a hash of the arguments; by default the function's name.
    dtype : dtype, optional
        Of the result; worked out by calling `func` on tiny arrays when not given.
    chunks : tuple, optional
        Of the result, when blocks change shape.
    drop_axis, new_axis : int or list of ints, optional
        Axes that `func` removes, and axes of the result that it adds.
    meta : array, optional
        An empty array like the result's chunks.

    Raises
    ------
    TypeError
        When `func` is not callable.
    ValueError
        When the type of the result cannot be worked out.

    Examples
    --------
    >>> import dusk.array as da
    >>> da.arange(6, chunks=3).map_blocks(lambda block: block * 2).compute()
    array([ 0,  2,  4,  6,  8, 10])
    """
    if not callable(func):
        raise TypeError(
            f"First argument must be callable function, not {type(func).__name__}\n"
            "Usage:   da.map_blocks(function, x)\n   or:   da.map_blocks(function, x, y, z)"
        )
    drop = _axis_list(drop_axis)
    new = _axis_list(new_axis)
    arguments = list(args)
    arrays = [a for a in arguments if isinstance(a, Array)]
    from dusk.array.ufuncs import _aligned, _result_chunks

    cut = dict(zip(map(id, arrays), _aligned(arrays), strict=True))
    ndim = max((a.ndim for a in arrays), default=0)
    common = _result_chunks(list(cut.values()), ndim)
    drop = [d % ndim if ndim else d for d in drop]
    kept = [d for d in range(ndim) if d not in drop]
    if chunks is not None and not arrays and not new:
        result_chunks = _given(chunks, [], [])
        follow_of = {}
    else:
        order: list[int | None] = list(kept)
        if not new and chunks is not None and len(chunks) > len(kept):
            new = list(range(len(chunks) - len(kept)))
        for axis in sorted(new):
            order.insert(axis, None)
        result_chunks = [(1,) if d is None else common[d] for d in order]
        follow_of = {d: i for i, d in enumerate(order) if d is not None}
        if chunks is not None:
            result_chunks = _given(chunks, result_chunks, order)
    for d in drop:
        if len(common[d]) > 1:
            cut = {
                k: v.rechunk({d - (ndim - v.ndim): -1}) if v.ndim >= ndim - d else v
                for k, v in cut.items()
            }
    call, inputs = [], {}
    for number, a in enumerate(arguments):
        if not isinstance(a, Array):
            call.append(a)
            continue
        piece = cut[id(a)]
        follow = [follow_of.get(ndim - piece.ndim + d, -1) for d in range(piece.ndim)]
        call.append((piece.expr, follow))
        inputs[number] = (piece.shape, piece.chunks, follow, piece.dtype)
    with_id = _accepts(func, "block_id") and "block_id" not in kwargs
    with_info = _accepts(func, "block_info") and "block_info" not in kwargs
    if meta is not None and dtype is None:
        dtype = getattr(meta, "dtype", None)
    if dtype is None:
        dtype = _infer(func, arguments, kwargs, with_id, with_info, len(result_chunks))
    dtype = np.dtype(dtype)
    lazy = {k: v.compute() if isinstance(v, Array) else v for k, v in kwargs.items()}
    info = (inputs, result_chunks, dtype) if with_info else None
    plain = not (lazy or with_id or with_info or enforce_ndim)
    ndim_out = len(result_chunks) if enforce_ndim else None
    body = func if plain else _BlockCall(func, lazy, with_id, info, ndim_out)
    literals = [a for a in arguments if not isinstance(a, Array)]
    expr = _core.array_map_blocks(
        body,
        call,
        result_chunks,
        dtype.str if dtype.names is None else "|O",
        name=token or funcname(func),
        token=tokenize(func, lazy, literals, with_id, with_info),
        block_info=() if with_id or with_info else None,
    )
    odd = dtype.names is not None or (meta is not None and type(meta) is not np.ndarray)
    if not odd:
        return Array(under_name(expr, name))
    return Array(under_name(expr, name), np.empty(0, dtype) if meta is None else meta)


def _axis_list(axis: Any) -> list[int]:
    if axis is None:
        return []
    return [int(a) for a in np.atleast_1d(axis)]


def _given(chunks: Any, known: list[Any], order: list[Any]) -> list[Any]:
    """The user's chunks: in full, or one size for all blocks of an axis."""
    if isinstance(chunks, int):
        chunks = (chunks,)
    if known and len(chunks) != len(known):
        raise ValueError(f"Provided chunks have {len(chunks)} dims; expected {len(known)} dims")
    result = []
    for i, c in enumerate(chunks):
        blocks = len(known[i]) if known else 1
        if isinstance(c, tuple | list):
            if known and len(c) == 1 and blocks > 1:
                c = tuple(c) * blocks
            elif known and len(c) != blocks and order[i] is not None:
                raise ValueError(
                    f"Dimension {i} has {blocks} blocks, chunks specified with {len(c)} blocks"
                )
            result.append(tuple(c))
        else:
            result.append((c,) * blocks)
    return result


def _infer(
    func: Any, arguments: list[Any], kwargs: dict[str, Any], with_id: bool, with_info: bool,
    ndim: int,
) -> Any:  # fmt: skip
    tiny = [np.ones((1,) * a.ndim, dtype=a.dtype) if isinstance(a, Array) else a for a in arguments]
    extra = {k: v for k, v in kwargs.items() if not isinstance(v, Array)}
    if with_id:
        extra["block_id"] = (0,) * ndim
    if with_info:
        extra["block_info"] = {}
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            result = func(*tiny, **extra)
    except Exception as error:
        raise ValueError(
            "`dtype` inference failed in `map_blocks`.\n\nPlease specify the dtype explicitly "
            "using the `dtype` kwarg.\n\nOriginal error is below:\n------------------------\n"
            f"{error!r}"
        ) from error
    return np.asarray(result).dtype if not hasattr(result, "dtype") else result.dtype


def blockwise(
    func: Callable[..., Any],
    out_ind: Any,
    *args: Any,
    name: str | None = None,
    token: str | None = None,
    dtype: Any = None,
    adjust_chunks: dict[Any, Any] | None = None,
    new_axes: dict[Any, Any] | None = None,
    align_arrays: bool = True,
    concatenate: bool | None = None,
    meta: Any = None,
    **kwargs: Any,
) -> Array:
    """A function of blocks, by index labels (Einstein's way).

    Parameters
    ----------
    func : callable
    out_ind : sequence
        Labels of the result's axes.
    *args
        Pairs of an array and its labels; a literal's labels are None.
    name, token : str, optional
        As for :func:`map_blocks`.
    dtype : dtype, optional
    adjust_chunks : dict, optional
        Label to a function of sizes, a size, or sizes.
    new_axes : dict, optional
        Label to the length of an axis that no input has.
    concatenate : bool, optional
        Needed for labels that only inputs have: their blocks are joined first. Without it,
        such labels raise NotImplementedError when they have several blocks.

    Examples
    --------
    >>> import numpy as np, dusk.array as da
    >>> x = da.ones((4, 2), chunks=2)
    >>> da.blockwise(np.transpose, "ji", x, "ij", dtype=x.dtype).shape
    (2, 4)
    """
    new_axes = new_axes or {}
    adjust = adjust_chunks or {}
    pairs = [(args[i], args[i + 1]) for i in range(0, len(args), 2)]
    arrays = [(asarray(a), tuple(ind)) for a, ind in pairs if ind is not None]
    numbers = {
        label: i
        for i, label in enumerate(dict.fromkeys(label for _, ind in arrays for label in ind))
    }
    if arrays and align_arrays:
        common = _core.unify_chunks(
            [(list(a.chunks), [numbers[label] for label in ind]) for a, ind in arrays]
        )
    else:
        common = {
            numbers[label]: c for a, ind in arrays for label, c in zip(ind, a.chunks, strict=True)
        }
    missing = [label for label in numbers if label not in out_ind]
    chunks = []
    for label in out_ind:
        if label in numbers:
            chunks.append(tuple(common[numbers[label]]))
        elif label in new_axes:
            n = new_axes[label]
            chunks.append(tuple(n) if isinstance(n, tuple) else (n,))
        else:
            raise KeyError(label)
    place = {label: i for i, label in enumerate(out_ind)}
    call: list[Any] = []
    for a, ind in pairs:
        if ind is None:
            call.append(a)
            continue
        x = asarray(a)
        wanted: dict[int, Any] = {}
        for d, label in enumerate(ind):
            size = tuple(common[numbers[label]])
            if label in missing:
                if len(size) > 1 and not concatenate:
                    raise NotImplementedError(
                        "blockwise over a label that the result lacks needs concatenate=True "
                        "(docs/status.md)"
                    )
                wanted[d] = -1
            elif x.shape[d] != 1:
                wanted[d] = size
        x = x.rechunk(wanted) if align_arrays or missing else x
        call.append((x.expr, [place.get(label, -1) for label in ind]))
    for label, change in adjust.items():
        if label in place:
            i = place[label]
            if callable(change):
                chunks[i] = tuple(change(c) for c in chunks[i])
            elif isinstance(change, tuple | list):
                chunks[i] = tuple(change)
            else:
                chunks[i] = (change,) * len(chunks[i])
    if dtype is None and meta is not None:
        dtype = meta.dtype
    if dtype is None:
        lazy = [asarray(a) if ind is not None else a for a, ind in pairs]
        dtype = _infer(func, lazy, kwargs, False, False, len(chunks))
    dtype = np.dtype(dtype)
    body = _BlockCall(func, kwargs, False, None) if kwargs else func
    literals = [a for a, ind in pairs if ind is None]
    expr = _core.array_map_blocks(
        body,
        call,
        chunks,
        dtype.str,
        name=token or funcname(func),
        token=tokenize(func, kwargs, literals, tuple(out_ind), dtype),
    )
    return Array(under_name(expr, name))
