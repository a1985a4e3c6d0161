"""The Array: NumPy's interface over chunks."""

# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from dusk import _core
from dusk.array import indexing
from dusk.array.chunks import ChunkTuple, normalize_chunks
from dusk.base import CollectionMixin
from dusk.tokens import tokenize


class Array(CollectionMixin):
    """A lazy chunked n-dimensional array.

    Made by :func:`from_array`, :func:`ones`, :mod:`dusk.array.random` and the functions of
    :mod:`dusk.array`; never by its constructor.
    """

    __array_priority__ = 11
    _chunks: ChunkTuple | None

    def __init__(self, expr: _core.ArrayExpr, meta: Any = None) -> None:
        self.expr = expr
        self._chunks = None
        if type(meta) is np.ndarray and not meta.dtype.hasobject and meta.dtype.names is None:
            meta = None  # the engine knows such chunks by their dtype
        self._dtype = np.dtype(expr.dtype) if meta is None else meta.dtype
        self._meta_given = meta

    # -- what it is -----------------------------------------------------------------------------

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the elements."""
        return self._dtype

    @property
    def _meta(self) -> Any:
        if self._meta_given is not None:
            return self._meta_given
        return np.empty((0,) * self.ndim, dtype=self.dtype)

    @property
    def shape(self) -> tuple[Any, ...]:
        """Lengths of the axes; nan where they are not known yet."""
        return self.expr.shape

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return self.expr.ndim

    @property
    def chunks(self) -> ChunkTuple:
        """Sizes of the chunks along every axis."""
        if self._chunks is None:
            self._chunks = self.expr.chunks
        return self._chunks

    @property
    def chunksize(self) -> tuple[Any, ...]:
        """The largest chunk along every axis."""
        return tuple(max(c) for c in self.chunks)

    @property
    def numblocks(self) -> tuple[int, ...]:
        """Number of chunks along every axis."""
        return self.expr.numblocks

    @property
    def npartitions(self) -> int:
        """Number of chunks."""
        return self.expr.block_count

    @property
    def size(self) -> Any:
        """Number of elements."""
        return math.prod(self.shape)

    @property
    def itemsize(self) -> int:
        """Bytes of an element."""
        return self.dtype.itemsize

    @property
    def nbytes(self) -> Any:
        """Bytes of the whole array."""
        return self.size * self.dtype.itemsize

    @property
    def name(self) -> str:
        """Prefix of the chunks' keys."""
        return self.expr.name

    @property
    def dask(self) -> dict[str, Any]:
        """The graph's layers by name."""
        info = _core.graph_info([self.expr], optimized=False)
        return {layer["name"]: layer for layer in info["layers"]}

    @property
    def T(self) -> Array:
        """The array with its axes reversed."""
        return self.transpose()

    @property
    def blocks(self) -> indexing.BlockView:
        """Chunks by their place in the grid: ``x.blocks[0, 1:]``."""
        return indexing.BlockView(self)

    partitions = blocks

    @property
    def vindex(self) -> indexing.PointView:
        """Points by several integer arrays: ``x.vindex[[0, 1], [2, 3]]``."""
        return indexing.PointView(self)

    def _dusk_rebuild(self, expr: _core.ArrayExpr) -> Array:
        return Array(expr, self._meta_given)

    def _dusk_finalize(self, result: Any) -> Any:
        return result[()] if isinstance(result, np.ndarray) and result.ndim == 0 else result

    def __repr__(self) -> str:
        from dusk.array.reprs import array_text

        return array_text(self)

    def _repr_html_(self) -> str:
        from dusk.array.reprs import array_html

        return array_html(self)

    def to_svg(self, size: int = 500) -> str:
        """The chunk grid as an SVG drawing (arrays of one to three axes)."""
        from dusk.array.reprs import array_svg

        return array_svg(self, size)

    # -- NumPy's protocols ----------------------------------------------------------------------

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        result = np.asarray(self.compute())
        return result.astype(dtype, copy=False) if dtype is not None else result

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        from dusk.array import ufuncs

        return ufuncs.call_numpy_ufunc(ufunc, method, inputs, kwargs)

    def __array_function__(
        self, func: Any, types: Sequence[type], args: Sequence[Any], kwargs: dict[str, Any]
    ) -> Any:
        from dusk.array.protocol import call_numpy_function

        return call_numpy_function(func, types, args, kwargs)

    def __len__(self) -> int:
        if not self.chunks:
            raise TypeError("len() of unsized object")
        if not _known(self.shape[0]):
            raise ValueError(
                "Cannot call len() on object with unknown chunk size.\n\nA possible solution:\n"
                "  x.compute_chunk_sizes()"
            )
        return int(self.shape[0])

    def _scalar(self, cast: Any) -> Any:
        if self.size > 1:
            if cast is bool:
                raise ValueError(
                    f"The truth value of a {type(self).__name__} is ambiguous. Use a.any() or "
                    "a.all()."
                )
            raise TypeError("Only length-1 arrays can be converted to Python scalars")
        result = self.compute()
        return cast(np.asarray(result).reshape(())[()])

    def __bool__(self) -> bool:
        return bool(self._scalar(bool))

    def __int__(self) -> int:
        return int(self._scalar(int))

    def __float__(self) -> float:
        return float(self._scalar(float))

    def __complex__(self) -> complex:
        return complex(self._scalar(complex))

    def __index__(self) -> int:
        return int(self._scalar(lambda x: x.__index__()))

    def __iter__(self) -> Iterator[Any]:
        for i in range(len(self)):
            yield self[i]

    def __contains__(self, item: Any) -> bool:
        return bool((self == item).any())

    def __hash__(self) -> int:
        return hash(self.expr.token)

    def __getitem__(self, index: Any) -> Array:
        return indexing.getitem(self, index)

    def __setitem__(self, index: Any, value: Any) -> None:
        from dusk.array.assignment import setitem

        replaced = setitem(self, index, value)
        self.expr = replaced.expr
        self._chunks = None
        self._dtype = replaced.dtype

    def view(self, dtype: Any = None, order: str = "C") -> Array:
        """The same bytes read as `dtype`; the last axis grows or shrinks with the item size."""
        kind = self.dtype if dtype is None else np.dtype(dtype)
        if order != "C":
            raise NotImplementedError("view(order='F') does not exist yet (docs/status.md)")
        chunks = list(self.chunks)
        if kind.itemsize != self.itemsize:
            sizes = [c * self.itemsize for c in chunks[-1]]
            if any(size % kind.itemsize for size in sizes):
                raise ValueError("When changing to a larger dtype, its size must divide chunks")
            chunks[-1] = tuple(size // kind.itemsize for size in sizes)
        return self.map_blocks(_view, kind, dtype=kind, chunks=tuple(chunks), token="view")

    def to_backend(self, backend: str | None = None, **kwargs: Any) -> Array:
        """The array with chunks of another backend; there is "numpy" only."""
        if backend not in (None, "numpy"):
            raise ValueError(f"No backend dispatch registered for {backend}")
        return self.copy()

    def copy(self) -> Array:
        """The same array: arrays are immutable."""
        return Array(self.expr, self._meta_given)

    def __deepcopy__(self, memo: Any) -> Array:
        return self.copy()

    if TYPE_CHECKING:  # set by dusk.array.operators and dusk.array

        def __add__(self, other: Any) -> Array: ...
        def __radd__(self, other: Any) -> Array: ...
        def __sub__(self, other: Any) -> Array: ...
        def __rsub__(self, other: Any) -> Array: ...
        def __mul__(self, other: Any) -> Array: ...
        def __rmul__(self, other: Any) -> Array: ...
        def __truediv__(self, other: Any) -> Array: ...
        def __rtruediv__(self, other: Any) -> Array: ...
        def __floordiv__(self, other: Any) -> Array: ...
        def __rfloordiv__(self, other: Any) -> Array: ...
        def __mod__(self, other: Any) -> Array: ...
        def __rmod__(self, other: Any) -> Array: ...
        def __pow__(self, other: Any) -> Array: ...
        def __rpow__(self, other: Any) -> Array: ...
        def __and__(self, other: Any) -> Array: ...
        def __rand__(self, other: Any) -> Array: ...
        def __or__(self, other: Any) -> Array: ...
        def __ror__(self, other: Any) -> Array: ...
        def __xor__(self, other: Any) -> Array: ...
        def __rxor__(self, other: Any) -> Array: ...
        def __lshift__(self, other: Any) -> Array: ...
        def __rlshift__(self, other: Any) -> Array: ...
        def __rshift__(self, other: Any) -> Array: ...
        def __rrshift__(self, other: Any) -> Array: ...
        def __matmul__(self, other: Any) -> Array: ...
        def __rmatmul__(self, other: Any) -> Array: ...
        def __lt__(self, other: Any) -> Array: ...
        def __le__(self, other: Any) -> Array: ...
        def __gt__(self, other: Any) -> Array: ...
        def __ge__(self, other: Any) -> Array: ...
        def __neg__(self) -> Array: ...
        def __pos__(self) -> Array: ...
        def __abs__(self) -> Array: ...
        def __invert__(self) -> Array: ...
        def __divmod__(self, other: Any) -> tuple[Array, Array]: ...

        all: Callable[..., Array]
        any: Callable[..., Array]
        argmax: Callable[..., Array]
        argmin: Callable[..., Array]
        argtopk: Callable[..., Array]
        choose: Callable[..., Array]
        clip: Callable[..., Array]
        conj: Callable[..., Array]
        cumprod: Callable[..., Array]
        cumsum: Callable[..., Array]
        dot: Callable[..., Array]
        flatten: Callable[..., Array]
        map_overlap: Callable[..., Array]
        max: Callable[..., Array]
        mean: Callable[..., Array]
        min: Callable[..., Array]
        moment: Callable[..., Array]
        prod: Callable[..., Array]
        ravel: Callable[..., Array]
        repeat: Callable[..., Array]
        reshape: Callable[..., Array]
        round: Callable[..., Array]
        squeeze: Callable[..., Array]
        std: Callable[..., Array]
        sum: Callable[..., Array]
        swapaxes: Callable[..., Array]
        topk: Callable[..., Array]
        trace: Callable[..., Array]
        transpose: Callable[..., Array]
        var: Callable[..., Array]
        nonzero: Callable[[], tuple[Array, ...]]
        store: Callable[..., Any]
        real: Array
        imag: Array

    # -- chunks ---------------------------------------------------------------------------------

    def rechunk(
        self,
        chunks: Any = "auto",
        threshold: int | None = None,
        block_size_limit: int | None = None,
        balance: bool = False,
        method: str | None = None,
    ) -> Array:
        """The same array in other chunks; see :func:`dusk.array.rechunk`."""
        from dusk.array.rechunk import rechunk

        return rechunk(self, chunks, threshold, block_size_limit, balance, method)

    def map_blocks(self, func: Any, *args: Any, **kwargs: Any) -> Array:
        """A function of NumPy arrays chunk by chunk; see :func:`dusk.array.map_blocks`."""
        from dusk.array.mapping import map_blocks

        return map_blocks(func, self, *args, **kwargs)

    def compute_chunk_sizes(self) -> Array:
        """Computes unknown chunk sizes, in place, and returns the array."""
        blocks = self.map_blocks(_block_shape, dtype="O", token="shape")
        (values,) = _core.compute_blocks([blocks.expr])
        sizes: list[list[Any]] = [list(c) for c in self.chunks]
        for number, value in enumerate(values):
            at = np.unravel_index(number, self.numblocks) if self.ndim else ()
            shape = np.asarray(value, dtype=object).item()
            for axis, place in enumerate(at):
                sizes[axis][int(place)] = shape[axis]
        self.expr = _core.array_with_chunks(self.expr, sizes)
        self._chunks = None
        return self

    def to_delayed(self, optimize_graph: bool = True) -> np.ndarray:
        """An object array of one Delayed a chunk."""
        from dusk.delayed import Delayed

        (expr,) = _core.optimize([self.expr]) if optimize_graph else (self.expr,)
        parts = np.empty(len(_core.object_blocks(expr)), dtype=object)
        parts[:] = [Delayed(block) for block in _core.object_blocks(expr)]
        return parts.reshape(self.numblocks)

    def to_dask_dataframe(self, columns: Any = None, index: Any = None, meta: Any = None) -> Any:
        """A frame of this array's rows."""
        from dusk import dataframe

        make: Any = vars(dataframe).get("from_dask_array")
        if make is None:
            raise NotImplementedError("to_dask_dataframe does not exist yet (docs/status.md)")
        return make(self, columns=columns, index=index, meta=meta)

    def astype(self, dtype: Any, **kwargs: Any) -> Array:
        """The array with elements cast to `dtype`.

        Parameters
        ----------
        dtype : dtype
        casting : str, default "unsafe"
            What NumPy's ``can_cast`` must allow.

        Raises
        ------
        TypeError
            When `casting` does not allow it.
        """
        from dusk.array.ufuncs import astype

        return astype(self, dtype, **kwargs)


def _known(n: Any) -> bool:
    return not (isinstance(n, float) and math.isnan(n))


def _view(block: np.ndarray, dtype: np.dtype[Any]) -> np.ndarray:
    return np.ascontiguousarray(block).view(dtype)


def _block_shape(block: np.ndarray) -> np.ndarray:
    cell = np.empty((1,) * block.ndim, dtype=object)
    cell[...] = [block.shape] if block.ndim == 0 else None
    cell.reshape(-1)[0] = block.shape
    return cell


def from_array(
    x: Any,
    chunks: Any = "auto",
    name: Any = None,
    lock: Any = False,
    asarray: bool | None = None,
    fancy: bool = True,
    getitem: Any = None,
    meta: Any = None,
    inline_array: bool = False,
) -> Array:
    """An array of something that looks like one.

    Parameters
    ----------
    x : array_like
        A NumPy array (its memory is used as it is), a list, or anything with ``shape``, ``dtype``
        and slicing, such as an HDF5 dataset, which is read chunk by chunk.
    chunks : int, tuple, dict or str, default "auto"
        See :func:`normalize_chunks`.
    name : str or bool, optional
        The array's whole name, which stands for its contents: arrays of one name, shape, chunks
        and dtype are taken for the same, and others of that name cannot be computed together with
        it. By default (and for True) the name ends with a hash of the contents; False gives an
        array that is like no other, without hashing.
    lock : bool or lock, default False
        Held while a chunk is read (sliced sources only).
    asarray : bool, optional
        Whether chunks become NumPy arrays.
    meta : array, optional
        An empty array like the chunks.

    Raises
    ------
    ValueError
        For `x` that already is lazy, or chunks that do not fit.

    Examples
    --------
    >>> import numpy as np, dusk.array as da
    >>> da.from_array(np.arange(6), chunks=4).chunks
    ((4, 2),)
    """
    if isinstance(x, Array):
        raise ValueError("Array is already a dask array. Use 'asarray' or 'rechunk' instead.")
    if isinstance(x, list | tuple | memoryview) or np.isscalar(x):
        x = np.asarray(x)
    previous = getattr(x, "chunks", None)
    cut = normalize_chunks(
        chunks,
        x.shape,
        dtype=x.dtype,
        previous_chunks=previous if isinstance(previous, tuple) and previous else None,
    )
    if name in (None, True):
        token = tokenize(x, cut)
    elif name is False:
        from dusk.tokens import unique_token

        token = unique_token()
    else:
        token = tokenize("name", name)
    if type(x) is np.ndarray or isinstance(x, np.generic):
        values = np.asarray(x)
        if values.dtype.names is None:
            return Array(under_name(_core.array_from_numpy(values, cut, token, "array"), name))
        x = values
    return _sliced(x, cut, token, name, lock, asarray, getitem, meta)


def under_name(expr: Any, name: Any) -> Any:
    """`expr` under the name that the user gave, if any: flags (of :func:`from_array`) are none."""
    return expr if not name or name is True else _core.set_name(expr, str(name))


def _sliced(
    x: Any, cut: ChunkTuple, token: str, name: Any, lock: Any, asarray: bool | None, getitem: Any,
    meta: Any,
) -> Array:  # fmt: skip
    """Chunks read one by one through the source's own slicing."""
    import threading

    guard = threading.Lock() if lock is True else lock or None
    starts = [np.concatenate([[0], np.cumsum(c)]).astype(int).tolist() for c in cut]
    keeps_class = hasattr(x, "__array_function__") and not isinstance(x, np.memmap)
    convert = not keeps_class if asarray is None else asarray
    if meta is None and not convert:
        meta = x[(slice(0, 0),) * len(cut)]

    def read(block_id: tuple[int, ...]) -> Any:
        index = tuple(slice(s[i], s[i + 1]) for s, i in zip(starts, block_id, strict=True))
        if guard is not None:
            with guard:
                block = getitem(x, index) if getitem else x[index]
        else:
            block = getitem(x, index) if getitem else x[index]
        return np.asarray(block) if convert else block

    dtype = np.dtype(x.dtype)
    code = dtype.str if dtype.names is None else "|O"
    expr = _core.array_map_blocks(
        read, [], cut, code, name="from-array", token=token, block_info=()
    )
    empty = np.empty((0,) * len(cut), dtype=dtype) if meta is None else meta
    return Array(under_name(expr, name), empty)


def asanyarray(
    a: Any, dtype: Any = None, order: Any = None, *, like: Any = None, inline_array: bool = False
) -> Array:
    """`a` as a lazy array; see :func:`asarray`."""
    return asarray(a, dtype=dtype, order=order)


def asarray(
    a: Any, allow_unknown_chunksizes: bool = False, dtype: Any = None, order: Any = None,
    *, like: Any = None, **kwargs: Any,
) -> Array:  # fmt: skip
    """`a` as a lazy array: itself when it is one, else :func:`from_array` of ``numpy.asarray``.

    Examples
    --------
    >>> import dusk.array as da
    >>> da.asarray([1, 2, 3]).shape
    (3,)
    """
    if not isinstance(a, Array):
        if hasattr(a, "to_dask_array"):
            a = a.to_dask_array()
        elif isinstance(a, list | tuple) and any(isinstance(i, Array) for i in _flat(a)):
            from dusk.array.joining import stack

            a = stack([asarray(i) for i in a])
        else:
            if not hasattr(a, "shape") or not hasattr(a, "dtype"):
                a = np.asarray(a, dtype=dtype)
            a = from_array(a, chunks=kwargs.pop("chunks", getattr(a, "shape", ())), **kwargs)
    return a.astype(dtype) if dtype is not None and a.dtype != np.dtype(dtype) else a


def array(x: Any, dtype: Any = None, ndmin: int | None = None, *, like: Any = None) -> Array:
    """A lazy array of `x` with at least `ndmin` axes."""
    result = asarray(x, dtype=dtype)
    while ndmin is not None and result.ndim < ndmin:
        result = result[None]
    return result


def _flat(items: Any) -> Iterator[Any]:
    for item in items:
        if isinstance(item, list | tuple):
            yield from _flat(item)
        else:
            yield item


def from_delayed(
    value: Any, shape: Any, dtype: Any = None, meta: Any = None, name: Any = None
) -> Array:
    """One chunk out of a delayed value.

    Parameters
    ----------
    value : Delayed
        Computes to an array of `shape` and `dtype`.
    name : str, optional
        The array's whole name.

    Examples
    --------
    >>> import numpy as np, dusk, dusk.array as da
    >>> da.from_delayed(dusk.delayed(np.ones)(3), (3,), dtype=float).sum().compute()
    np.float64(3.0)
    """
    from dusk.delayed import Delayed, delayed

    if not isinstance(value, Delayed):
        value = delayed(value)
    kind = np.dtype(dtype if dtype is not None else getattr(meta, "dtype", float))
    expr = _core.array_from_objects([value.expr], [[n] for n in shape], kind.str)
    return Array(under_name(expr, name), meta)
