"""Any chunks and any index: what NumPy gives, whatever the cuts."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import dusk
import dusk.array as da


@st.composite
def cut(draw, length):
    """Chunk sizes, zeros among them, that add up to `length`."""
    sizes, left = [], length
    while left:
        size = draw(st.integers(0, left))
        sizes.append(size)
        left -= size
    return tuple(sizes) or (0,)


@st.composite
def arrays(draw, most=3):
    shape = tuple(draw(st.lists(st.integers(0, 9), min_size=1, max_size=most)))
    values = np.arange(int(np.prod(shape))).reshape(shape) * 1.5
    chunks = tuple(draw(cut(n)) for n in shape)
    return values, da.from_array(values, chunks=chunks)


@st.composite
def indices(draw, shape):
    index, listed = [], False
    for n in shape:
        kinds = ["slice", "slice", "all"] + ["int"] * (n > 0) + ["list"] * (n > 0 and not listed)
        kind = draw(st.sampled_from(kinds))
        if kind == "int":
            index.append(draw(st.integers(-n, n - 1)))
        elif kind == "list":
            listed = True
            index.append(draw(st.lists(st.integers(-n, n - 1), max_size=6)))
        elif kind == "all":
            index.append(slice(None))
        else:
            ends = st.one_of(st.none(), st.integers(-n - 2, n + 2))
            step = draw(st.sampled_from([None, 1, 2, 3, -1, -2]))
            index.append(slice(draw(ends), draw(ends), step))
    return tuple(index)


def orthogonal(values, index):
    """NumPy's result, ints and a list taken axis by axis (Dask's meaning)."""
    for axis in reversed(range(len(index))):
        item = np.asarray(index[axis], dtype=int) if isinstance(index[axis], list) else index[axis]
        values = values[(slice(None),) * axis + (item,)]
    return values


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_indexing(data):
    values, x = data.draw(arrays())
    index = data.draw(indices(values.shape))
    found, wanted = x[index], orthogonal(values, index)
    assert found.shape == wanted.shape
    np.testing.assert_array_equal(found.compute(), wanted)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_assignment(data):
    values, x = data.draw(arrays())
    index = data.draw(indices(values.shape))
    wanted = values.copy()
    places = orthogonal(np.arange(values.size).reshape(values.shape), index)
    wanted.ravel()[places.ravel()] = -1
    x[index] = -1
    np.testing.assert_array_equal(x.compute(), wanted)


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_rechunk_reshape_reduce(data):
    values, x = data.draw(arrays())
    chunks = tuple(data.draw(cut(n)) for n in values.shape)
    y = x.rechunk(chunks)
    assert y.chunks == chunks
    axis = data.draw(st.integers(0, values.ndim - 1))
    np.testing.assert_array_equal(y.compute(), values)
    flat, total, mean, most = dusk.compute(
        y.ravel(), y.sum(axis=axis), x.mean(), (x.max() if values.size else x.sum())
    )
    np.testing.assert_array_equal(flat, values.ravel())
    np.testing.assert_allclose(total, values.sum(axis=axis))
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(mean, values.mean() if values.size else np.nan)
    assert most == (values.max() if values.size else 0)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_different_cuts_meet(data):
    values, x = data.draw(arrays())
    y = da.from_array(values, chunks=tuple(data.draw(cut(n)) for n in values.shape))
    axis = data.draw(st.integers(0, values.ndim - 1))
    added, joined, stacked = dusk.compute(
        x + y, da.concatenate([x, y], axis=axis), da.stack([x, y], axis=axis)
    )
    np.testing.assert_array_equal(added, values * 2)
    np.testing.assert_array_equal(joined, np.concatenate([values, values], axis=axis))
    np.testing.assert_array_equal(stacked, np.stack([values, values], axis=axis))
