"""What ``x[...]`` means."""

# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import math
from functools import partial
from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np

from dusk import _core

if TYPE_CHECKING:
    from dusk.array.core import Array


def getitem(x: Array, index: Any) -> Array:
    """``x[index]``: ints, slices, None, Ellipsis, one list or array of ints, boolean masks."""
    from dusk.array.foreign import moved

    if isinstance(index, str) or (isinstance(index, list) and index and isinstance(index[0], str)):
        return _field(x, index)
    items = list(index) if isinstance(index, tuple) else [index]
    mask = _full_mask(x, items)
    if mask is not None:
        return _select_by_mask(x, mask)
    items = _expand_ellipsis(x.ndim, items)
    items = [_as_integers(i) for i in items]
    simple, lists = _split(x, items)
    result = moved(_core.array_slice(x.expr, simple), [x], partial(_sliced, index=simple))
    if len(lists) > 1:
        lengths = {len(i) for _, i in lists}
        if len(lengths) > 1 or any(True for _ in lists[1:]):
            raise NotImplementedError(
                "Don't yet support nd fancy indexing; use x.vindex for points"
            )
    for axis, indices in lists:
        if isinstance(indices, np.ndarray):
            taken = _core.array_take(result.expr, indices, axis)
            result = moved(taken, [result], partial(np.take, indices=indices, axis=axis))
        else:
            by = _compress_axis if indices.dtype == bool else _take_axis
            result = by(result, indices, axis)
    return result


def _sliced(values: Any, index: list[Any]) -> Any:
    """What the engine's index means to NumPy."""
    items = [
        slice(i[0], None if i[1] < 0 else i[1], i[2]) if isinstance(i, tuple) else i for i in index
    ]
    return np.asanyarray(values)[tuple(items)]


def _field(x: Array, name: Any) -> Array:
    if x.dtype.names is None:
        raise IndexError(
            "only integers, slices (`:`), ellipsis (`...`), numpy.newaxis (`None`) and integer or "
            "boolean arrays are valid indices"
        )
    return x.map_blocks(_get_field, name, dtype=x.dtype[name])


def _get_field(block: np.ndarray, name: Any) -> np.ndarray:
    return block[name]


def _is_lazy(x: Any) -> bool:
    from dusk.array.core import Array

    return isinstance(x, Array)


def _full_mask(x: Array, items: list[Any]) -> Any:
    """The mask when the index is one boolean array with all of x's axes."""
    if len(items) != 1:
        return None
    (item,) = items
    if isinstance(item, list) and item and all(isinstance(i, bool | np.bool_) for i in item):
        item = np.asarray(item)
    if hasattr(item, "dtype") and item.dtype == bool and item.ndim == x.ndim and item.ndim > 0:
        if item.ndim == 1 and not _is_lazy(item):
            return None
        return item
    return None


def _select_by_mask(x: Array, mask: Any) -> Array:
    from dusk.array.core import Array, asarray
    from dusk.array.ufuncs import unify

    for a, b in zip(x.shape, mask.shape, strict=True):
        if a != b and not math.isnan(a) and not math.isnan(b):
            raise IndexError(
                f"boolean index did not match indexed array; shape of array is {x.shape} but "
                f"shape of boolean index is {mask.shape}"
            )
    mask = asarray(mask)
    x, mask = unify(x, mask)
    x, mask = whole_rows(x), whole_rows(mask)  # C order of the selected elements
    follow = [0] + [-1] * (x.ndim - 1)
    expr = _core.array_map_blocks(
        _select,
        [(x.expr, follow), (mask.expr, follow)],
        ((math.nan,) * x.numblocks[0],),
        x.expr.dtype,
        name="getitem",
        token="mask",
    )
    return Array(expr, None if x._meta_given is None else x._meta_given)


def whole_rows(x: Array) -> Array:
    """`x` in chunks that are whole along all axes but the first, and no larger than they were."""
    pieces = math.prod(x.numblocks[1:])
    if x.ndim < 2 or pieces == 1 or any(n != n for n in x.shape):
        return x
    rows: list[int] = []
    for size in x.chunks[0]:
        count = min(pieces, max(size, 1))
        rows += [size // count + (i < size % count) for i in range(count)]
    return x.rechunk((tuple(rows), *((n,) for n in x.shape[1:])))


def _select(block: np.ndarray, mask: np.ndarray) -> np.ndarray:
    return block[mask]


def _take_axis(x: Array, indices: Array, axis: int) -> Array:
    """Rows of one axis by lazy numbers, chunked as the numbers are."""
    from dusk.array.core import Array

    x = x.rechunk({axis: -1})
    chunks = list(x.chunks)
    chunks[axis] = indices.chunks[0]
    expr = _core.array_map_blocks(
        _take,
        [
            (x.expr, [d if d != axis else -1 for d in range(x.ndim)]),
            (indices.expr, [axis]),
            axis,
            int(x.shape[axis]),
        ],
        chunks,
        x.expr.dtype,
        name="getitem",
        token=f"take-{axis}",
    )
    return Array(expr, x._meta_given)


def _take(block: np.ndarray, indices: np.ndarray, axis: int, length: int) -> np.ndarray:
    return np.take(block, _positions(indices, length, axis), axis=axis)


def _compress_axis(x: Array, mask: Array, axis: int) -> Array:
    """Rows of one axis chosen by a lazy 1-d mask."""
    from dusk.array.core import Array

    mask = mask.rechunk((x.chunks[axis],))
    chunks = list(x.chunks)
    chunks[axis] = (math.nan,) * len(chunks[axis])
    expr = _core.array_map_blocks(
        _compress,
        [(x.expr, list(range(x.ndim))), (mask.expr, [axis]), axis],
        chunks,
        x.expr.dtype,
        name="getitem",
        token=f"compress-{axis}",
    )
    return Array(expr)


def _compress(block: np.ndarray, mask: np.ndarray, axis: int) -> np.ndarray:
    return np.compress(mask, block, axis=axis)


def _expand_ellipsis(ndim: int, items: list[Any]) -> list[Any]:
    places = [i for i, item in enumerate(items) if item is Ellipsis]
    if len(places) > 1:
        raise IndexError("an index can only have a single ellipsis ('...')")
    used = sum(item is not None and item is not Ellipsis for item in items)
    if used > ndim:
        raise IndexError("Too many indices for array")
    fill = [slice(None)] * (ndim - used)
    at = places[0] if places else len(items)
    return items[:at] + fill + items[at + 1 :]


def _as_integers(item: Any) -> Any:
    """Lists and arrays as NumPy arrays of positions; lazy masks as they are."""
    if _is_lazy(item):
        if item.dtype.kind in "biu" and item.ndim == 1:
            return item
        item = item.compute()
    if isinstance(item, bool | np.bool_):
        raise NotImplementedError("indexing by a single boolean does not exist yet")
    if isinstance(item, list | tuple | range) or (hasattr(item, "dtype") and np.ndim(item)):
        values = np.asarray(item)
        if values.size == 0:
            values = values.astype(np.int64)
        if values.dtype == bool:
            if values.ndim != 1:
                raise NotImplementedError("masks of several axes must cover the whole array")
            return ("mask", values)
        if values.dtype.kind not in "iu":
            raise IndexError("arrays used as indices must be of integer (or boolean) type")
        if values.ndim != 1:
            raise NotImplementedError("index arrays must have one axis; use vindex for points")
        return values.astype(np.int64)
    if hasattr(item, "dtype") and np.ndim(item) == 0 and item.dtype.kind in "iu":
        return int(item)
    return item


def _split(x: Array, items: list[Any]) -> tuple[list[Any], list[tuple[int, Any]]]:
    """The part that the engine slices, and the lists with their axes in the sliced result."""
    simple: list[Any] = []
    lists: list[tuple[int, Any]] = []
    axis, output = 0, 0
    for item in items:
        if item is None:
            simple.append(None)
            output += 1
            continue
        length = x.shape[axis]
        if isinstance(item, slice):
            simple.append(_slice(item, length))
            output += 1
        elif isinstance(item, Integral):
            simple.append(_integer(int(item), length, axis))
        elif isinstance(item, np.ndarray):
            lists.append((output, _positions(item, length, axis)))
            simple.append((0, int(length), 1))
            output += 1
        elif isinstance(item, tuple) and item[0] == "mask":
            if len(item[1]) != length:
                raise IndexError(
                    f"boolean index did not match indexed array along axis {axis}; size of axis "
                    f"is {length} but size of corresponding boolean axis is {len(item[1])}"
                )
            lists.append((output, np.flatnonzero(item[1])))
            simple.append((0, int(length), 1))
            output += 1
        elif _is_lazy(item):
            lists.append((output, item))
            simple.append(_slice(slice(None), length))
            output += 1
        else:
            raise IndexError(
                "only integers, slices (`:`), ellipsis (`...`), numpy.newaxis (`None`) and "
                "integer or boolean arrays are valid indices"
            )
        axis += 1
    return simple, lists


def _slice(item: slice, length: Any) -> tuple[int, int, int]:
    if isinstance(length, float):  # unknown
        if item == slice(None):
            return (0, -1, 1)
        raise ValueError(
            "Arrays chunk sizes are unknown; call x.compute_chunk_sizes() before slicing"
        )
    for part in (item.start, item.stop, item.step):
        if part is not None and not hasattr(part, "__index__"):
            raise TypeError("slice indices must be integers or None or have an __index__ method")
    return item.indices(int(length))


def _integer(i: int, length: Any, axis: int) -> int:
    if isinstance(length, float):
        raise ValueError(
            "Arrays chunk sizes are unknown; call x.compute_chunk_sizes() before indexing"
        )
    if not -length <= i < length:
        raise IndexError(f"Index {i} is out of bounds for axis {axis} with size {length}")
    return i % int(length)


def _positions(values: np.ndarray, length: Any, axis: int) -> np.ndarray:
    if isinstance(length, float):
        raise ValueError("Arrays chunk sizes are unknown; call x.compute_chunk_sizes() first")
    if values.size and (values.min() < -length or values.max() >= length):
        bad = values[(values < -length) | (values >= length)][0]
        raise IndexError(f"Index {bad} is out of bounds for axis {axis} with size {length}")
    return np.where(values < 0, values + int(length), values)


class BlockView:
    """``x.blocks[...]``: whole chunks as an array."""

    def __init__(self, array: Array) -> None:
        self._array = array

    @property
    def shape(self) -> tuple[int, ...]:
        return self._array.numblocks

    @property
    def size(self) -> int:
        return math.prod(self.shape)

    def __getitem__(self, index: Any) -> Array:
        from dusk.array.core import Array

        items = _expand_ellipsis(
            self._array.ndim, list(index) if isinstance(index, tuple) else [index]
        )
        if any(i is None for i in items):
            raise ValueError("newaxis is not supported by blocks")
        if sum(isinstance(i, list | np.ndarray) for i in items) > 1:
            raise ValueError("Can only slice with a single list")
        chosen = []
        for axis, (item, count) in enumerate(zip(items, self.shape, strict=True)):
            if isinstance(item, Integral):
                item = [_integer(int(item), count, axis)]
            elif isinstance(item, slice):
                item = range(count)[item]
            else:
                item = _positions(np.asarray(item), count, axis)
            chosen.append([int(i) for i in item])
        return Array(_core.array_blocks_subset(self._array.expr, chosen), self._array._meta_given)

    def ravel(self) -> list[Array]:
        """Every chunk as an array of its own, in C order."""
        return [self[tuple(int(j) for j in i)] for i in np.ndindex(self.shape)]


class PointView:
    """``x.vindex[...]``: points given by broadcast integer arrays."""

    def __init__(self, array: Array) -> None:
        self._array = array

    def __getitem__(self, index: Any) -> Array:
        from dusk.array.shaping import reshape

        items = list(index) if isinstance(index, tuple) else [index]
        items += [slice(None)] * (self._array.ndim - len(items))
        if any(not isinstance(i, slice) or i != slice(None) for i in items) is False:
            raise IndexError("vindex needs at least one array of integers")
        if any(isinstance(i, slice) for i in items):
            raise NotImplementedError(
                "vindex with slices does not exist yet (docs/status.md); give every axis"
            )
        arrays = np.broadcast_arrays(*[np.asarray(i) for i in items])
        x = self._array
        flat = np.ravel_multi_index(
            [
                _positions(a.ravel(), n, axis)
                for axis, (a, n) in enumerate(zip(arrays, x.shape, strict=True))
            ],
            x.shape,
        )
        taken = reshape(x, (x.size,))[np.asarray(flat)]
        return reshape(taken, arrays[0].shape)
