"""Places of elements, distinct ones, repetition, functions along an axis."""

# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import math
import operator
from functools import partial
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from dusk import _core
from dusk.array.core import Array, asarray
from dusk.array.creation import arange
from dusk.array.joining import concatenate, stack


def nonzero(a: Any) -> tuple[Array, ...]:
    """Places of the elements that are not zero, an array of unknown length an axis."""
    a = asarray(a)
    flat = a.ravel()
    hits = flat != 0
    places = arange(flat.shape[0], chunks=(flat.chunks[0],), dtype=np.int64)[hits]
    return tuple(places.map_blocks(_unravel, a.shape, d, dtype=np.int64) for d in range(a.ndim))


def _unravel(places: np.ndarray, shape: tuple[int, ...], axis: int) -> np.ndarray:
    return np.asarray(np.unravel_index(places, shape)[axis])


def flatnonzero(a: Any) -> Array:
    """Flat places of the elements that are not zero."""
    return nonzero(asarray(a).ravel())[0]


def argwhere(a: Any) -> Array:
    """Places of the elements that are not zero, one row each."""
    return stack(list(nonzero(a)), axis=1, allow_unknown_chunksizes=True)


def take(a: Any, indices: Any, axis: int = 0) -> Array:
    """Elements by number along `axis`."""
    a = asarray(a)
    axis = normalize_axis_index(axis, a.ndim)
    return a[(slice(None),) * axis + (indices,)]


def compress(condition: Any, a: Any, axis: int | None = None) -> Array:
    """Slices along `axis` where `condition` holds."""
    a = asarray(a)
    if axis is None:
        a, axis = a.ravel(), 0
    axis = normalize_axis_index(axis, a.ndim)
    if np.ndim(condition) != 1:
        raise ValueError("Condition must be one dimensional")
    if isinstance(condition, Array):
        before = (slice(None),) * axis
        kept = a[(*before, slice(0, condition.shape[0]))]
        return kept[(*before, condition.astype(bool))]
    mask = np.asarray(condition).astype(bool)
    full = np.zeros(int(a.shape[axis]), dtype=bool)
    full[: len(mask)] = mask
    return take(a, np.flatnonzero(full), axis)


def extract(condition: Any, arr: Any) -> Array:
    """Elements where `condition` holds, flat."""
    condition = asarray(condition).astype(bool)
    return asarray(arr).ravel()[condition.ravel()]


def isin(
    element: Any,
    test_elements: Any,
    assume_unique: bool = False,
    invert: bool = False,
    *,
    kind: Any = None,
) -> Array:
    """Whether elements are among `test_elements`."""
    values = np.asarray(
        test_elements.compute() if isinstance(test_elements, Array) else test_elements
    ).ravel()
    options = {"assume_unique": assume_unique, "invert": invert, "kind": kind}
    return asarray(element).map_blocks(np.isin, values, dtype=bool, **options)


def unique(
    ar: Any, return_index: bool = False, return_inverse: bool = False, return_counts: bool = False
) -> Any:
    """Distinct elements, sorted, in one chunk of unknown length.

    Parameters
    ----------
    return_index, return_inverse, return_counts : bool, default False
        Also the first place of each, the number of each element's value, how often each occurs.
    """
    flat = asarray(ar).ravel()
    if return_index or return_inverse:
        return _unique_of_whole(flat, return_index, return_inverse, return_counts)
    token = f"unique-{flat.expr.token}-{return_counts}"
    parts = [
        _core.object_call(_unique_counts, [block], name="unique", token=f"{token}-{i}")
        for i, block in enumerate(_core.object_blocks(flat.expr))
    ]
    both = _core.object_call(_unique_merged, parts, name="unique-merge", token=token)
    kinds = [flat.dtype, np.dtype(np.intp)][: 1 + return_counts]
    arrays = tuple(_item(both, i, kind, math.nan) for i, kind in enumerate(kinds))
    return arrays if return_counts else arrays[0]


def _unique_counts(block: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    values, counts = np.unique(block, return_counts=True)
    return values, counts


def _unique_merged(*parts: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    values = np.concatenate([p[0] for p in parts])
    counts = np.concatenate([p[1] for p in parts])
    found, inverse = np.unique(values, return_inverse=True)
    totals = np.zeros(len(found), dtype=np.intp)
    np.add.at(totals, inverse, counts)
    return found, totals


def _unique_of_whole(flat: Array, index: bool, inverse: bool, counts: bool) -> tuple[Array, ...]:
    call = partial(np.unique, return_index=index, return_inverse=inverse, return_counts=counts)
    token = f"unique-{flat.expr.token}-{index}{inverse}{counts}"
    together = _core.object_call(call, [flat.expr], name="unique", token=token)
    kinds: list[tuple[Any, Any]] = [(flat.dtype, math.nan)]
    kinds += [(np.intp, math.nan)] * index
    kinds += [(np.intp, flat.shape[0])] * inverse
    kinds += [(np.intp, math.nan)] * counts
    return tuple(_item(together, i, np.dtype(k), n) for i, (k, n) in enumerate(kinds))


def _item(several: Any, i: int, dtype: Any, length: Any) -> Array:
    """Array number `i` of a task's tuple."""
    one = _core.object_call(
        operator.itemgetter(i), [several], name="getitem", token=f"{several.token}-{i}"
    )
    return Array(_core.array_from_objects([one], [[length]], dtype.str))


def repeat(a: Any, repeats: int, axis: Any = None) -> Array:
    """Elements `repeats` times each along `axis`."""
    a = asarray(a)
    if axis is None:
        if a.ndim != 1:
            raise NotImplementedError("Must supply an integer axis value")
        axis = 0
    if not isinstance(repeats, int | np.integer):
        raise NotImplementedError("Only integer valued repeats supported")
    axis = normalize_axis_index(axis, a.ndim)
    chunks = tuple(
        tuple(c * repeats for c in sizes) if d == axis else sizes
        for d, sizes in enumerate(a.chunks)
    )
    return a.map_blocks(np.repeat, repeats, axis, dtype=a.dtype, chunks=chunks)


def tile(A: Any, reps: Any) -> Array:
    """The array set beside itself `reps` times along every axis."""
    a = asarray(A)
    counts = (reps,) if isinstance(reps, int | np.integer) else tuple(reps)
    if any(r < 0 for r in counts):
        raise ValueError("Negative `reps` are not allowed.")
    a = a[(None,) * (len(counts) - a.ndim)]
    counts = (1,) * (a.ndim - len(counts)) + counts
    for d, r in enumerate(counts):
        before = (slice(None),) * d
        a = concatenate([a] * r, axis=d) if r else a[(*before, slice(0, 0))]
    return a


def result_type(*args: Any) -> np.dtype[Any]:
    """NumPy's result type of arrays, dtypes and scalars."""
    return np.result_type(*[a.dtype if isinstance(a, Array) else a for a in args])


def apply_along_axis(
    func1d: Any,
    axis: int,
    arr: Any,
    *args: Any,
    dtype: Any = None,
    shape: Any = None,
    **kwargs: Any,
) -> Array:
    """A function of one-dimensional arrays along `axis`, whose chunks are joined first."""
    arr = asarray(arr)
    axis = normalize_axis_index(axis, arr.ndim)
    if dtype is None or shape is None:
        probe = np.asarray(func1d(np.ones(arr.shape[axis], dtype=arr.dtype), *args, **kwargs))
        dtype, shape = probe.dtype, probe.shape
    arr = arr.rechunk({axis: -1})
    chunks = list(arr.chunks)
    chunks[axis : axis + 1] = [(n,) for n in shape]
    drop, new = ([axis], []) if not shape else ([axis], list(range(axis, axis + len(shape))))
    return arr.map_blocks(
        _along_axis, func1d, axis, args, kwargs, dtype=dtype, chunks=tuple(chunks),
        drop_axis=drop, new_axis=new,
    )  # fmt: skip


def _along_axis(block: np.ndarray, func1d: Any, axis: int, args: Any, kwargs: Any) -> np.ndarray:
    return np.apply_along_axis(func1d, axis, block, *args, **kwargs)
