"""Names that users give to arrays: the arrays', their chunks' keys', the graph's."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

import dusk
import dusk.array as da
from dusk import _core

X = np.arange(6.0).reshape(2, 3)


def doubled(block: np.ndarray) -> np.ndarray:
    return block * 2


def with_id(block: np.ndarray, block_id: tuple[int, ...]) -> np.ndarray:
    return block + sum(block_id)


class Sliced:
    """Has a shape, a dtype and slices, and no more."""

    shape, dtype, ndim = X.shape, X.dtype, X.ndim

    def __getitem__(self, index: Any) -> np.ndarray:
        return X[index]


def x(**options: Any) -> da.Array:
    return da.from_array(X, chunks=(1, 3), **options)


NAMED = {
    "ones": lambda n: da.ones((2, 3), chunks=(1, 3), name=n),
    "zeros": lambda n: da.zeros((2, 3), chunks=(1, 3), name=n),
    "empty": lambda n: da.empty((2, 3), chunks=(1, 3), name=n),
    "full": lambda n: da.full((2, 3), 4, chunks=(1, 3), name=n),
    "full of objects": lambda n: da.full((2, 3), "a", dtype=object, chunks=(1, 3), name=n),
    "ones_like": lambda n: da.ones_like(x(), name=n),
    "zeros_like": lambda n: da.zeros_like(x(), name=n),
    "empty_like": lambda n: da.empty_like(x(), name=n),
    "full_like": lambda n: da.full_like(x(), 3, name=n),
    "from_array": lambda n: x(name=n),
    "asarray": lambda n: da.asarray(X, chunks=(1, 3), name=n),
    "from_array of objects": lambda n: da.from_array(X.astype(object), chunks=(1, 3), name=n),
    "from_array of records": lambda n: da.from_array(
        np.zeros((2, 3), dtype=[("a", int)]), chunks=(1, 3), name=n
    ),
    "from_array of a source": lambda n: da.from_array(Sliced(), chunks=(1, 3), name=n),
    "map_blocks": lambda n: da.map_blocks(doubled, x(), name=n),
    "map_blocks over token": lambda n: x().map_blocks(doubled, name=n, token="other"),
    "map_blocks with ids": lambda n: x().map_blocks(with_id, dtype=float, name=n),
    "map_overlap": lambda n: x().map_overlap(doubled, depth=0, trim=False, dtype=float, name=n),
    "blockwise": lambda n: da.blockwise(np.add, "ij", x(), "ij", x(), "ij", dtype=float, name=n),
    "elemwise": lambda n: da.elemwise(np.add, x(), 1, name=n),
    "elemwise of a function": lambda n: da.elemwise(doubled, x(), dtype=float, name=n),
}


@pytest.mark.parametrize("make", NAMED.values(), ids=NAMED)
def test_a_name_is_the_whole_name(make):
    named, plain = make("foo"), make(None)
    assert named.name == "foo"
    assert named.__dask_keys__() == ["('foo', 0, 0)", "('foo', 1, 0)"]
    assert list(named.dask)[-1] == "foo"
    assert "foo " in named.explain()
    assert named.chunks == plain.chunks and named.dtype == plain.dtype
    assert plain.name != "foo" and "foo" not in plain.dask
    (found, wanted) = dusk.compute(named, plain)
    np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("make", NAMED.values(), ids=NAMED)
def test_equal_calls_of_one_name_are_one_array(make):
    a, b = make("foo"), make("foo")
    assert dusk.tokenize(a) == dusk.tokenize(b)
    assert dusk.tokenize(a) not in (dusk.tokenize(make("bar")), dusk.tokenize(make(None)))
    assert (
        _core.graph_info([a.expr, b.expr], optimized=False)["tasks"]
        == (_core.graph_info([a.expr], optimized=False)["tasks"])
    )


def test_a_delayed_value_gets_a_name():
    made = da.from_delayed(dusk.delayed(np.ones)(3), (3,), dtype=float, name="foo")
    assert made.name == "foo" and made.__dask_keys__() == ["('foo', 0)"]
    assert made.sum().compute() == 3
    scalar = da.from_delayed(dusk.delayed(sum)([1, 2]), (), dtype=int, name="foo")
    assert scalar.__dask_keys__() == ["('foo',)"]


def test_the_flags_of_from_array():
    assert x(name=None).name == x(name=True).name == x().name
    assert x(name=False).name != x(name=False).name
    assert x().name.startswith("array-") and x(name=False).name.startswith("array-")


def test_a_token_is_a_prefix():
    made = x().map_blocks(doubled, token="foo")
    assert made.name.startswith("foo-") and len(made.name) == len("foo-") + 32
    assert made.name == x().map_blocks(doubled, token="foo").name
    assert made.name != x().map_blocks(with_id, token="foo", dtype=float).name
    both = dusk.compute(made, x().map_blocks(with_id, token="foo", dtype=float))
    np.testing.assert_array_equal(both[0], X * 2)
    np.testing.assert_array_equal(both[1], [X[0], X[1] + 1])
    by_labels = da.blockwise(doubled, "ij", x(), "ij", token="foo", dtype=float)
    assert by_labels.name.startswith("foo-")


def test_names_reach_through_operations_and_optimisation():
    named = x().map_blocks(doubled, name="doubled")
    total = (named + named.sum()).optimize()
    assert {"doubled"} <= set(total.dask)
    np.testing.assert_array_equal(total.compute(), X * 2 + X.sum() * 2)


def test_names_live_with_annotations():
    with dusk.annotate(priority=3):
        named = da.ones(4, chunks=2, name="foo")
        shared = x(name="bar")
    assert named.name == "foo" and _core.annotations(named.expr) == {"priority": "3"}
    assert named.dask["foo"]["annotations"] == {"priority": "3"}
    dusk.compute(named, da.ones(4, chunks=2, name="foo"), shared, x(name="bar"))


def test_names_stay_with_what_is_persisted_and_pickled():
    named = x().map_blocks(doubled, name="foo")
    for other in (named.persist(), pickle.loads(pickle.dumps(named)), named.copy()):
        assert other.name == "foo" and other.__dask_keys__() == named.__dask_keys__()
        assert list(other.dask)[-1] == "foo"
        found = dusk.compute(named, other, named + other)
        for value, wanted in zip(found, (X * 2, X * 2, X * 4), strict=True):
            np.testing.assert_array_equal(value, wanted)
    (there,) = _core.recode([named.expr])
    assert _core.keys(there) == named.__dask_keys__()


def test_names_with_dashes_and_hashes_are_kept():
    token = da.ones(3).name.rsplit("-", 1)[1]
    for name in ("my-own-name", f"foo-{token}", "a b"):
        made = da.ones(3, name=name)
        assert made.name == name
        assert dusk.visualize(made, filename=None)._repr_svg_()


@pytest.mark.parametrize(
    "other",
    [
        lambda: da.zeros(4, chunks=2, name="foo"),
        lambda: da.ones(4, chunks=4, name="foo"),
        lambda: da.ones(4, chunks=2, dtype=int, name="foo"),
        lambda: da.from_array(np.ones(4), chunks=2, name="foo"),
    ],
)
def test_one_name_for_different_arrays_is_an_error(other):
    one = da.ones(4, chunks=2, name="foo")
    for together in (lambda: dusk.compute(one, other()), lambda: (one + other()).compute()):
        with pytest.raises(ValueError, match="'foo' was given to different collections"):
            together()
    assert one.sum().compute() == 4


def test_the_name_of_another_array_is_taken():
    one = da.ones(4, chunks=2)
    with pytest.raises(ValueError, match="different collections"):
        dusk.compute(one, da.zeros(4, chunks=2, name=one.name))


def test_a_name_stands_for_the_contents_of_from_array():
    a, b = (da.from_array(np.full(4, v), chunks=2, name="foo") for v in (1, 2))
    assert len({tuple(r) for r in dusk.compute(a, b)}) == 1


def test_functions_of_the_library_use_no_names_of_their_own():
    y = da.from_array(np.arange(12.0).reshape(3, 4), chunks=2)
    results = [
        *(da.gradient(v) for v in (y[0], y[1])),
        *(da.diagonal(v) for v in (y, y + 1)),
        *(da.einsum("ij->i", v) for v in (y, y * 2)),
        *(da.choose([0, 1], [v, 7]) for v in (1, 2)),
        *(da.percentile(v, 50) for v in (y[0], y[1])),
        *(da.nanmedian(v, axis=0) for v in (y, y + 1)),
        *(v.view("i8") for v in (y, y + 1)),
        *(da.coarsen(np.sum, v, {0: 1}) for v in (y, y + 1)),
        *(da.piecewise(v, [v > 1], [lambda b: b]) for v in (y, y + 1)),
    ]
    dusk.compute(*results)


def test_one_source_is_stored_in_several_regions():
    target = np.zeros(6)
    part = da.from_array(np.array([1.0, 2.0]), chunks=1)
    da.store([part, part], [target, target], regions=[(slice(0, 2),), (slice(4, 6),)])
    np.testing.assert_array_equal(target, [1, 2, 0, 0, 1, 2])


def test_arange_takes_no_name():
    with pytest.raises(TypeError, match="unexpected keyword argument 'name'"):
        da.arange(4, name="foo")
