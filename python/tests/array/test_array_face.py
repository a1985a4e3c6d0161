"""What an Array is and does apart from values: protocols, sources, errors, texts, chunks."""

from __future__ import annotations

import doctest
import importlib
import pickle
import threading
import warnings

import numpy as np
import pytest

import dusk
import dusk.array as da
from dusk.array import PerformanceWarning


def test_card_3_standardises_rows():
    x = da.random.random((1000, 1000), chunks=(100, 100))
    y = ((x - x.mean(0)) / x.std(0)).sum(axis=1)
    n, found = dusk.compute(x, y)
    np.testing.assert_allclose(found, ((n - n.mean(0)) / n.std(0)).sum(axis=1), atol=1e-9)


def test_card_11_mean_of_squares():
    x = da.arange(10_000_000, chunks=1_000_000)
    y = (x**2 + 3).mean().compute()
    assert y == pytest.approx((np.arange(10_000_000.0) ** 2 + 3).mean(), rel=1e-14)


def test_card_21_blocks_then_a_sum():
    x = da.random.random((60, 40), chunks=(20, 20))
    z = x.map_blocks(lambda b: (b - b.mean()) / b.std()).sum()
    assert abs(z.compute()) < 1e-9


def test_card_26_reduction_as_printed():
    x = da.arange(100, chunks=7)
    mean = da.reduction(
        x,
        chunk=lambda b: (b.sum(), b.size),
        combine=lambda a, b: (a[0] + b[0], a[1] + b[1]),
        aggregate=lambda s, n: s / n,
    )
    assert mean.compute() == 49.5


def test_reduction_with_axes_and_keepdims():
    n = np.arange(77.0).reshape(7, 11)
    x = da.from_array(n, chunks=(2, 3))
    for axis in (None, 0, 1, (0, 1)):
        for keepdims in (False, True):
            found = da.reduction(
                x, np.sum, np.sum, axis=axis, keepdims=keepdims, dtype=x.dtype, split_every=2
            )
            wanted = n.sum(axis=axis, keepdims=keepdims)
            assert found.shape == wanted.shape
            np.testing.assert_array_equal(found.compute(), wanted)
    with pytest.raises(ValueError, match="Must specify dtype"):
        da.reduction(x, np.sum, np.sum)


def test_reduction_with_lists_dicts_and_weights():
    n = np.arange(12.0)
    x = da.from_array(n, chunks=5)

    def chunk(b, weights, axis, keepdims):
        return {"s": (b * weights).sum(axis=axis, keepdims=keepdims),
                "n": weights.sum(axis=axis, keepdims=keepdims)}  # fmt: skip

    def aggregate(parts, axis, keepdims):
        flat = parts if isinstance(parts, list) else [parts]
        return sum(p["s"] for p in flat).sum() / sum(p["n"] for p in flat).sum()

    def combine(parts, axis, keepdims):
        return {k: sum(p[k] for p in parts) for k in "sn"}

    found = da.reduction(
        x, chunk, aggregate, dtype="f8", concatenate=False, weights=n, combine=combine
    )
    assert found.compute() == pytest.approx((n * n).sum() / n.sum())


def test_text_is_dasks_with_our_name():
    x = da.ones((3, 4), chunks=2)
    assert repr(x + 1) == (
        "dusk.array<add, shape=(3, 4), dtype=float64, chunksize=(2, 2), chunktype=numpy.ndarray>"
    )
    assert repr(x[x > 5]).startswith("dusk.array<getitem, shape=(nan,), dtype=float64")
    html = (x + 1)._repr_html_()
    assert all(part in html for part in ("<svg", "96 B", "32 B", "(3, 4)", "float64"))
    assert "<svg" in x.to_svg()
    assert "nan" in x[x > 5]._repr_html_()


def test_attributes():
    x = da.ones((3, 5), dtype="f4", chunks=(2, 2))
    assert x.chunks == ((2, 1), (2, 2, 1))
    assert (x.shape, x.ndim, x.size, x.nbytes, x.itemsize) == ((3, 5), 2, 15, 60, 4)
    assert (x.chunksize, x.numblocks, x.npartitions) == ((2, 2), (2, 3), 6)
    assert len(x) == 3
    assert x.name.startswith("ones")
    assert da.ones((3, 5), dtype="f4", chunks=(2, 2)).name == x.name
    assert x.blocks[0, 1].shape == (2, 2)
    assert x.partitions.shape == (2, 3)
    assert len(x.__dask_keys__()) == 6
    assert isinstance(hash(x), int)
    assert x._meta.shape == (0, 0)


def test_one_element_becomes_a_python_number():
    one = da.from_array(np.array([3]), chunks=1)
    assert int(one) == 3
    assert float(one) == 3.0
    assert bool(one)
    assert [10, 20, 30, 40][da.asarray(3)] == 40
    with pytest.raises(ValueError, match=r"truth value of a Array is ambiguous"):
        bool(da.ones(3))
    with pytest.raises(TypeError, match="Only length-1 arrays"):
        int(da.ones(3))
    with pytest.raises(TypeError, match=r"len\(\) of unsized object"):
        len(da.asarray(3))


def test_numpy_protocols():
    n = np.arange(6.0).reshape(2, 3)
    x = da.from_array(n, chunks=2)
    assert isinstance(np.sin(x), da.Array)
    assert isinstance(np.concatenate([x, x]), da.Array)
    assert isinstance(n + x, da.Array)
    assert isinstance(np.float64(2) * x, da.Array)
    np.testing.assert_array_equal(np.asarray(x), n)
    assert np.asarray(x, dtype="i4").dtype == np.dtype("i4")
    with pytest.warns(FutureWarning, match="is not implemented by Dusk array"):
        np.testing.assert_array_equal(np.partition(x, 1), np.partition(n, 1))


def test_reflected_and_in_place_operators():
    n = np.arange(1.0, 5)
    x = da.from_array(n, chunks=2)
    np.testing.assert_array_equal((10 - x).compute(), 10 - n)
    np.testing.assert_array_equal((10 // x).compute(), 10 // n)
    np.testing.assert_array_equal((2**x).compute(), 2**n)
    y = x
    y += 1
    y *= 2
    np.testing.assert_array_equal(y.compute(), (n + 1) * 2)
    np.testing.assert_array_equal(x.compute(), n)
    assert [float(i) for i in x] == n.tolist()
    assert 3.0 in x
    quotient, rest = divmod(x, 2)
    np.testing.assert_array_equal(quotient.compute(), n // 2)
    np.testing.assert_array_equal(rest.compute(), n % 2)


ERRORS = [
    ("x.sum(axis=5)", np.exceptions.AxisError, "axis 5 is out of bounds"),
    ("x + da.ones(5)", ValueError, r"broadcast together with shapes \(4, 6\) \(5,\)"),
    ("x[9]", IndexError, "Index 9 is out of bounds for axis 0 with size 4"),
    ("x[0, 0, 0]", IndexError, "Too many indices for array"),
    ("x[:, [99]]", IndexError, "out of bounds for axis 1 with size 6"),
    ("x[1.5]", IndexError, "integer"),
    ("x[[0, 1], [0, 1]]", NotImplementedError, "Don't yet support"),
    ("x.reshape(5, 5)", ValueError, "total size of new array must be unchanged"),
    ("x.transpose(0)", ValueError, "axes don't match array"),
    ("da.concatenate([])", ValueError, r"Need array\(s\) to concatenate"),
    ("da.concatenate([x, da.ones(3)])", ValueError, "must have same number of dimensions"),
    ("da.concatenate([x, da.ones((3, 3))])", ValueError, "Shapes do not align"),
    ("da.stack([])", ValueError, r"Need array\(s\) to stack"),
    ("da.stack([x, da.ones(3)])", ValueError, "Stacked arrays must have the same shape"),
    ("x.rechunk({5: 1})", np.exceptions.AxisError, "axis 5"),
    ("x.rechunk(((1, 2), (6,)))", ValueError, "Chunks do not add up to shape. Got chunks="),
    ("da.ones(3, chunks=((2, 2),))", ValueError, "Chunks do not add up to shape"),
    ("da.from_array(np.ones((3, 3)), chunks=(2,))", ValueError, "must be of the same length"),
    ("x.squeeze(0)", ValueError, "cannot squeeze axis with size other than one"),
    ("da.broadcast_to(x, (3, 3))", ValueError, r"cannot broadcast shape \(4, 6\)"),
    ("x @ da.ones(5)", ValueError, "shape"),
    ("da.from_array(x)", ValueError, "Array is already a dask array"),
    ("x.map_blocks(5)", TypeError, "First argument must be callable function, not int"),
    ("x.map_blocks(lambda b: 1 / 0)", ValueError, "`dtype` inference failed"),
    ("da.full(3, [1, 2])", ValueError, "fill_value must be scalar. Received list instead."),
    ("x[x > 0][0]", ValueError, "Arrays chunk sizes are unknown"),
    ("len(x[x > 0])", ValueError, "unknown chunk size"),
    ("x.astype('f4', casting='safe')", TypeError, "Cannot cast array from dtype"),
    ("x.astype('f4', foo=1)", TypeError, r"following keyword arguments: \['foo'\]"),
    ("da.where(x, 1)", ValueError, "either both or neither of x and y should be given"),
    ("da.expand_dims(x, 9)", np.exceptions.AxisError, "out of bounds for array of dimension 3"),
    ("da.flip(x, 4)", np.exceptions.AxisError, "out of bounds"),
    ("x.blocks[7]", IndexError, "out of bounds"),
    ("da.linspace(0, 1, -3)", ValueError, "non-negative"),
    ("da.zeros(-1)", ValueError, "negative dimensions are not allowed"),
    ("da.median(x)", NotImplementedError, "only works along an axis"),
    ("da.ones(3) + '1'", TypeError, "unsupported operand"),
    ("da.array([1, 2]) + 2**70", OverflowError, "out of bounds"),
    ("da.array([2, 3]) ** -1", ValueError, "negative integer powers"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "kind", "text"), ERRORS)
def test_errors(code, kind, text):
    x = da.ones((4, 6), chunks=2)
    with pytest.raises(kind, match=text):
        eval(f"({code}).compute()", {"x": x, "da": da, "np": np})


class Source:
    """Reads like an HDF5 dataset, and counts."""

    def __init__(self, data, chunks=None):
        self.data, self.shape, self.dtype, self.chunks = data, data.shape, data.dtype, chunks
        self.reads = []

    def __getitem__(self, index):
        self.reads.append(index)
        return self.data[index]


def test_sources_are_read_chunk_by_chunk():
    data = np.arange(30).reshape(5, 6)
    source = Source(data)
    x = da.from_array(source, chunks=(2, 3), lock=True)
    assert source.reads == []
    np.testing.assert_array_equal(x[:2, :3].compute(), data[:2, :3])
    assert len(source.reads) == 1
    np.testing.assert_array_equal((x + 1).compute(), data + 1)
    assert da.from_array(Source(data, chunks=(5, 2)), chunks="auto").shape == (5, 6)


def test_from_memory_map(tmp_path):
    n = np.memmap(tmp_path / "numbers", dtype="f8", shape=(50,), mode="w+")
    n[:] = np.arange(50)
    assert da.from_array(n, chunks=7).sum().compute() == n.sum()


def test_names_of_sources():
    n = np.ones(4)
    assert da.from_array(n, chunks=2).name == da.from_array(n.copy(), chunks=2).name
    assert da.from_array(n, chunks=2).name != da.from_array(n, chunks=4).name
    assert da.from_array(n, name=False).name != da.from_array(n, name=False).name


WORDS = [
    np.array(["a", "bb", "ccc", "dd"]),
    np.array([b"a", b"bb", b"c", b"d"]),
    np.array(["a", "b", None, 3], dtype=object),
    np.array([(1, 2.0), (3, 4.0), (5, 6.0), (7, 8.0)], dtype=[("a", "i4"), ("b", "f8")]),
]


@pytest.mark.parametrize("values", WORDS, ids=["str", "bytes", "object", "records"])
def test_texts_objects_and_records(values):
    x = da.from_array(values, chunks=3)
    keep = np.array([True, False, True, True])
    for f in (
        lambda v: v[1:], lambda v: v[::-1], lambda v: v[[2, 0]], lambda v: v[None],
        lambda v: v.reshape(2, 2), lambda v: v.reshape(2, 2).T, lambda v: v[keep],
        lambda v: np.concatenate([v, v]), lambda v: np.stack([v, v]),
        lambda v: np.broadcast_to(v, (2, 4)), lambda v: v == v,
    ):  # fmt: skip
        wanted, found = f(values), f(x)
        assert found.dtype == wanted.dtype
        np.testing.assert_array_equal(found.compute(), wanted)
    np.testing.assert_array_equal(x.rechunk(2).compute(), values)
    np.testing.assert_array_equal(x.blocks[1].compute(), values[3:])
    np.testing.assert_array_equal(x[da.from_array(keep, chunks=2)].compute(), values[keep])


def test_comparisons_with_text_and_none():
    np.testing.assert_array_equal(
        (da.from_array(WORDS[0], chunks=2) == "bb").compute(), [False, True, False, False]
    )
    np.testing.assert_array_equal(
        (da.from_array(WORDS[2], chunks=2) == None).compute(),  # noqa: E711
        [False, False, True, False],
    )
    records = da.from_array(WORDS[3], chunks=2)
    np.testing.assert_array_equal(records["b"].compute(), WORDS[3]["b"])


def test_map_blocks_gives_blocks_their_place():
    x = da.arange(10, chunks=(4, 4, 2))
    found = x.map_blocks(lambda b, block_id=None: b * 0 + block_id[0], dtype=x.dtype)
    assert found.compute().tolist() == [0] * 4 + [1] * 4 + [2] * 2
    seen = []

    def look(b, block_info=None):
        if block_info:
            seen.append(block_info)
        return b

    x.map_blocks(look, dtype=x.dtype).compute(scheduler="synchronous")
    info = next(i for i in seen if i[None]["chunk-location"] == (1,))
    assert info[0]["array-location"] == [(4, 8)]
    assert info[0]["num-chunks"] == (3,)
    assert info[None]["chunk-shape"] == (4,)
    assert info[None]["dtype"] == np.dtype("i8")


def test_map_blocks_changes_shapes():
    n = np.arange(12.0).reshape(4, 3)
    x = da.from_array(n, chunks=(2, 3))
    dropped = x.map_blocks(lambda b: b.sum(axis=1), drop_axis=1, dtype=x.dtype)
    assert dropped.chunks == ((2, 2),)
    np.testing.assert_array_equal(dropped.compute(), n.sum(axis=1))
    added = x.map_blocks(lambda b: b[None], new_axis=0, dtype=x.dtype)
    assert added.shape == (1, 4, 3)
    np.testing.assert_array_equal(added.compute(), n[None])
    longer = x.map_blocks(lambda b: np.repeat(b, 2, axis=0), chunks=(4, 3), dtype=x.dtype)
    assert longer.chunks == ((4, 4), (3,))
    np.testing.assert_array_equal(longer.compute(), np.repeat(n, 2, axis=0))
    both = da.map_blocks(lambda a, b, c: a + b * c, x, x[:1], 10, dtype=x.dtype)
    np.testing.assert_array_equal(both.compute(), n + n[:1] * 10)


def test_blockwise():
    n, m = np.arange(12.0).reshape(4, 3), np.arange(15.0).reshape(3, 5)
    x, y = da.from_array(n, chunks=(2, 2)), da.from_array(m, chunks=(2, 2))
    turned = da.blockwise(np.transpose, "ji", x, "ij", dtype=x.dtype)
    np.testing.assert_array_equal(turned.compute(), n.T)
    product = da.blockwise(np.dot, "ik", x, "ij", y, "jk", dtype=x.dtype, concatenate=True)
    np.testing.assert_array_equal(product.compute(), n @ m)
    new = da.blockwise(
        lambda b: b[..., None] * [1, 2], "ijz", x, "ij", new_axes={"z": 2}, dtype="f8"
    )
    np.testing.assert_array_equal(new.compute(), n[..., None] * [1, 2])


def test_unknown_chunks():
    n = np.arange(20)
    x = da.from_array(n, chunks=6)
    y = x[x % 3 == 0]
    assert np.isnan(y.shape[0])
    assert y.sum().compute() == n[n % 3 == 0].sum()
    np.testing.assert_array_equal((y + 1).compute(), n[n % 3 == 0] + 1)
    assert y.compute_chunk_sizes() is y
    assert y.chunks == ((2, 2, 2, 1),)
    assert y[3].compute() == 9


def test_lazy_indices_stay_lazy():
    n = np.arange(24.0).reshape(6, 4)
    x = da.from_array(n, chunks=(2, 3))
    asked = []

    def numbers(b):
        asked.append(1)
        return b

    places = da.from_array(np.array([5, -6, 2]), chunks=2).map_blocks(numbers, dtype="i8")
    found = x[places]
    assert not asked
    assert found.chunks == ((2, 1), (3, 1))
    np.testing.assert_array_equal(found.compute(), n[[5, -6, 2]])
    np.testing.assert_array_equal(x[1:, da.asarray([3, 0])].compute(), n[1:, [3, 0]])
    with pytest.raises(IndexError, match="out of bounds"):
        x[da.asarray([9])].compute()


def test_delayed_and_back():
    x = da.arange(7, chunks=3) * 2
    parts = x.to_delayed()
    assert parts.shape == (3,)
    assert parts[1].compute().tolist() == [6, 8, 10]
    again = da.from_delayed(parts[0], shape=(3,), dtype=x.dtype)
    assert again.compute().tolist() == [0, 2, 4]
    whole = da.concatenate(
        [da.from_delayed(p, (n,), x.dtype) for p, n in zip(parts, (3, 3, 1), strict=True)]
    )
    np.testing.assert_array_equal(whole.compute(), x.compute())


def test_store_writes_chunk_by_chunk():
    x = da.arange(20, chunks=6).reshape(4, 5)
    target = np.zeros((4, 5), dtype=int)
    assert da.store(x, target) is None
    np.testing.assert_array_equal(target, x.compute())
    wide = np.zeros((6, 5), dtype=int)
    da.store([x], [wide], regions=[(slice(2, 6), slice(0, 5))], lock=threading.Lock())
    np.testing.assert_array_equal(wide[2:], x.compute())
    later = x.store(target, compute=False)
    target[:] = 0
    dusk.compute(later)
    assert target[3, 4] == 19


def test_assignment():
    n = np.arange(12.0).reshape(4, 3)
    for index, value in [
        ((1, 2), 9.0), (slice(1, 3), 0.0), ((slice(None), 1), [1, 2, 3, 4]),
        (np.array([True, False, True, False]), 5.0), ((slice(None, None, 2), slice(1, None)), -1.0),
    ]:  # fmt: skip
        wanted, x = n.copy(), da.from_array(n, chunks=(3, 2))
        wanted[index] = value
        x[index] = value
        np.testing.assert_array_equal(x.compute(), wanted)
    x, wanted = da.from_array(n, chunks=2), n.copy()
    x[x > 5] = 0
    wanted[wanted > 5] = 0
    np.testing.assert_array_equal(x.compute(), wanted)


def test_persist_optimize_pickle_and_shared_work():
    calls = []
    lock = threading.Lock()

    def count(b):
        with lock:
            calls.append(1)
        return b

    x = da.ones(6, chunks=2).map_blocks(count, dtype="f8").persist()
    assert len(calls) == 3
    assert (x.sum().compute(), x.mean().compute()) == (6, 1)
    assert len(calls) == 3
    y = da.ones(6, chunks=2).map_blocks(count, dtype="f8", name="again")
    calls.clear()
    assert dusk.compute(y.sum(), y.max()) == (6, 1)
    assert len(calls) == 3
    assert (y + 1).optimize().sum().compute() == 12
    assert "sum" in (y + 1).sum().explain()


def test_rechunk():
    n = np.arange(120).reshape(4, 5, 6)
    x = da.from_array(n, chunks=(2, 2, 5))
    for chunks in [(1, 5, 6), -1, {0: 4, 2: 1}, ((1, 3), (5,), (2, 2, 2)), "auto", (None, 3, -1)]:
        y = x.rechunk(chunks)
        assert tuple(map(sum, y.chunks)) == n.shape
        np.testing.assert_array_equal(y.compute(), n)
    assert x.rechunk(x.chunks) is x
    assert da.ones(10, chunks=4).rechunk(5, balance=True).chunks == ((5, 5),)
    assert da.ones(10, chunks=3).rechunk(4, balance=True).chunks == ((5, 5),)
    with pytest.warns(UserWarning, match="balancing not possible"):
        assert da.ones(3, chunks=3).rechunk(2, balance=True).chunks == ((2, 1),)
    with pytest.warns(PerformanceWarning):
        da.ones((4000, 20), chunks=(4000, 20)).rechunk((1, 20))


def test_overlap_and_gufunc():
    n = np.arange(40.0).reshape(8, 5)
    x = da.from_array(n, chunks=(3, 2))
    padded = np.pad(n, 1, mode="edge")
    wanted = sum(padded[i : i + 8, j : j + 5] for i in range(3) for j in range(3))

    def box(b):
        p = np.pad(b, 1, mode="edge")
        return sum(p[i : i + len(b), j : j + b.shape[1]] for i in range(3) for j in range(3))

    for boundary in ("nearest", "none"):
        found = x.map_overlap(box, depth=1, boundary=boundary, dtype=x.dtype)
        assert found.chunks == x.chunks
        np.testing.assert_allclose(found.compute(), wanted)
    for boundary, mode in [("periodic", "wrap"), ("reflect", "symmetric")]:
        p = np.pad(n, 1, mode=mode)
        wanted = p[:-2, 1:-1] + p[2:, 1:-1]
        found = x.map_overlap(
            lambda b: np.roll(b, 1, 0) + np.roll(b, -1, 0), depth=1, boundary=boundary, dtype="f8"
        )
        np.testing.assert_allclose(found.compute(), wanted)
    mean, spread = da.apply_gufunc(
        lambda b: (b.mean(-1), b.std(-1)), "(i)->(),()", x, output_dtypes=(float, float),
        allow_rechunk=True,
    )  # fmt: skip
    np.testing.assert_allclose(mean.compute(), n.mean(1))
    np.testing.assert_allclose(spread.compute(), n.std(1))
    outer = da.apply_gufunc(
        lambda a, b: np.einsum("...i,...j->...ij", a, b), "(i),(j)->(i,j)", x[:, 0].rechunk(-1),
        x[0].rechunk(-1), output_dtypes=float, vectorize=False,
    )  # fmt: skip
    np.testing.assert_allclose(outer.compute(), np.outer(n[:, 0], n[0]))
    with pytest.raises(ValueError, match="consists of multiple chunks"):
        da.apply_gufunc(lambda b: b.sum(-1), "(i)->()", x, output_dtypes=float)
    with pytest.raises(ValueError, match="Not a valid gufunc signature"):
        da.apply_gufunc(lambda b: b, "i->i", x)


def test_histograms_of_points():
    a, b = np.random.default_rng(1).normal(size=(2, 500))
    x, y = da.from_array(a, chunks=130), da.from_array(b, chunks=70)
    span = ((-3, 3), (-2, 2))
    for options in ({}, {"density": True}, {"weights": abs(a)}):
        found, first, second = da.histogram2d(x, y, bins=(4, 5), range=span, **options)
        wanted = np.histogram2d(a, b, bins=(4, 5), range=span, **options)
        for f, w in zip(dusk.compute(found, first, second), wanted, strict=True):
            np.testing.assert_allclose(f, w)
    with pytest.raises(ValueError, match="range"):
        da.histogram2d(x, y, bins=3)


def test_padding_is_numpys():
    n = np.arange(12.0).reshape(3, 4)
    x = da.from_array(n, chunks=(2, 3))
    for mode in ("edge", "reflect", "symmetric", "wrap", "maximum", "mean", "minimum"):
        np.testing.assert_allclose(
            da.pad(x, ((1, 2), (2, 1)), mode=mode).compute(), np.pad(n, ((1, 2), (2, 1)), mode=mode)
        )
    np.testing.assert_allclose(
        da.pad(x, 2, mode="linear_ramp", end_values=5).compute(),
        np.pad(n, 2, mode="linear_ramp", end_values=5),
    )


def test_random_depends_on_seed_and_place_only():
    for draw in ("random", "normal", "standard_normal", "exponential", "uniform"):
        a = getattr(da.random.default_rng(3), draw)(size=(9, 7), chunks=(2, 7))
        b = getattr(da.random.default_rng(3), draw)(size=(9, 7), chunks=(9, 3))
        np.testing.assert_array_equal(a.compute(), b.compute())
        np.testing.assert_array_equal(a.compute(), a.compute(scheduler="synchronous"))
        assert not np.array_equal(
            a.compute(), getattr(da.random.default_rng(4), draw)(size=(9, 7), chunks=9).compute()
        )
    rng = da.random.default_rng(0)
    assert not np.array_equal(rng.random(5).compute(), rng.random(5).compute())


def test_random_distributions():
    rng = da.random.default_rng(1)
    x, u, n = dusk.compute(
        rng.normal(2, 3, 200_000, chunks=50_000), rng.uniform(-1, 5, 200_000, chunks=70_000),
        rng.integers(3, 9, 200_000, chunks=60_000),
    )  # fmt: skip
    assert x.mean() == pytest.approx(2, abs=0.05)
    assert x.std() == pytest.approx(3, abs=0.05)
    assert u.min() >= -1 and u.max() < 5 and u.mean() == pytest.approx(2, abs=0.05)
    assert set(n) == {3, 4, 5, 6, 7, 8}
    assert rng.integers(0, 2, 5, dtype="u1").compute().dtype == np.uint8
    state = da.random.RandomState(5)
    first = state.randint(0, 100, size=10, chunks=3).compute()
    state.seed(5)
    np.testing.assert_array_equal(first, state.randint(0, 100, size=10, chunks=5).compute())
    assert sorted(rng.permutation(10).compute()) == list(range(10))
    assert set(rng.choice([1, 5], 50, chunks=20).compute()) <= {1, 5}


MOMENTS = [
    ("beta", (2.0, 3.0), 0.4), ("binomial", (10, 0.3), 3), ("chisquare", (4,), 4),
    ("gamma", (2.0, 3.0), 6), ("geometric", (0.25,), 4), ("gumbel", (), 0.5772),
    ("laplace", (1.0, 2.0), 1), ("logistic", (), 0), ("poisson", (4.0,), 4),
    ("triangular", (0, 1, 5), 2), ("wald", (2, 3), 2), ("weibull", (1.0,), 1),
]  # fmt: skip


@pytest.mark.parametrize(("name", "parameters", "mean"), MOMENTS)
def test_distributions_by_numpy(name, parameters, mean):
    rng = da.random.default_rng(7)
    x = getattr(rng, name)(*parameters, size=(40_000,), chunks=9_000)
    values = x.compute()
    assert values.dtype == x.dtype
    assert values.mean() == pytest.approx(mean, abs=0.15)
    assert len(np.unique(values[:9_000] == values[9_000:18_000])) == 2 or values.dtype.kind == "f"
    assert not np.array_equal(values[:9_000], values[9_000:18_000])
    again = getattr(da.random.default_rng(7), name)(*parameters, size=(40_000,), chunks=9_000)
    np.testing.assert_array_equal(values, again.compute())


def test_distributions_take_arrays_and_names():
    rng = da.random.default_rng(3)
    rates = da.from_array(np.array([1.0, 100.0, 10000.0]), chunks=2)
    found = rng.poisson(lam=rates, size=(2000, 3), chunks=(700, 3)).mean(axis=0).compute()
    np.testing.assert_allclose(found, [1, 100, 10000], rtol=0.1)
    assert da.random.poisson(3.0, 5, chunks=2).shape == (5,)
    with pytest.raises(TypeError, match="takes the parameters"):
        rng.beta(1.0)
    drawn = rng.choice([7, 8, 9], 3000, p=[0.0, 0.5, 0.5], chunks=1000).compute()
    assert set(drawn) == {8, 9}
    assert sorted(rng.choice(5, 5, replace=False).compute()) == [0, 1, 2, 3, 4]


def test_out_takes_the_result():
    x, out = da.arange(4, chunks=2), da.zeros(4, chunks=2)
    np.add(x, 1.0, out=out)
    assert out.compute().tolist() == [1, 2, 3, 4]
    total = da.zeros(())
    da.sum(x, out=total)
    assert total.compute() == 6


def test_zero_and_one_element_everything():
    for shape, chunks in [((0,), 1), ((1,), 1), ((0, 3), (1, 2)), ((1, 1), 1), ((), ())]:
        n = np.ones(shape)
        x = da.from_array(n, chunks=chunks)
        for f in (lambda v: v + v, lambda v: v.sum(), lambda v: v.T, lambda v: v.ravel(),
                  lambda v: v[...], lambda v: v[None], lambda v: v.astype("i2"),
                  lambda v: np.concatenate([v.ravel(), v.ravel()])):  # fmt: skip
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                np.testing.assert_array_equal(f(x).compute(), f(n))


def test_pickled_results():
    x = da.arange(5, chunks=2)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(x.compute())), np.arange(5))


def test_assignment_of_lazy_values_and_lists():
    n = np.arange(20.0).reshape(4, 5)
    for index, value in [
        ((slice(1, 3),), np.arange(5.0)), ([0, 3], np.arange(10.0).reshape(2, 5)),
        ((slice(None), [4, 0]), np.arange(8.0).reshape(4, 2)), ((2, slice(None, None, -1)), n[0]),
        ((Ellipsis, -1), 7), ((slice(0, 0),), 1.0),
    ]:  # fmt: skip
        wanted = n.copy()
        wanted[index] = value
        for given in (value, da.asarray(np.asarray(value))):
            x = da.from_array(n, chunks=(3, 2))
            x[index] = given
            np.testing.assert_array_equal(x.compute(), wanted)
    x = da.from_array(n, chunks=2)
    with pytest.raises(ValueError, match="broadcast"):
        x[0] = [1, 2, 3]
    with pytest.raises(IndexError, match="out of bounds"):
        x[9] = 1


def test_views_and_dimensions_that_must_fit():
    n = np.arange(8, dtype="i8").reshape(2, 4)
    x = da.from_array(n, chunks=(1, 2))
    for dtype in ("u8", "i4", "f8"):
        found = x.view(dtype)
        np.testing.assert_array_equal(found.compute(), n.view(dtype))
        assert found.shape == n.view(dtype).shape
    with pytest.raises(ValueError, match="Dimension mismatch"):
        x.map_blocks(lambda b: b.sum(axis=1), dtype="i8", enforce_ndim=True).compute()


MODULES = """
assignment choosing chunks core creation fft grids gufunc indexing joining linalg linear mapping
overlap padding random rechunk reductions routines shaping statistics ufuncs
""".split()


@pytest.mark.parametrize("module", MODULES)
def test_examples_in_docstrings(module):
    found = doctest.testmod(importlib.import_module(f"dusk.array.{module}"))
    assert found.failed == 0


def test_topk_and_friends():
    n = np.random.default_rng(2).integers(0, 50, (9, 20))
    x = da.from_array(n, chunks=(4, 7))
    for k in (1, 3, -3, 50):
        ordered = np.sort(n, axis=1) if k < 0 else np.sort(n, axis=1)[:, ::-1]
        np.testing.assert_array_equal(da.topk(x, k, axis=1).compute(), ordered[:, : abs(k)])
        places = da.argtopk(x, k, axis=1).compute()
        np.testing.assert_array_equal(np.take_along_axis(n, places, 1), ordered[:, : abs(k)])
    values, counts = dusk.compute(*da.unique(x, return_counts=True))
    wanted = np.unique(n, return_counts=True)
    np.testing.assert_array_equal(values, wanted[0])
    np.testing.assert_array_equal(counts, wanted[1])
    for found, want in zip(
        dusk.compute(*da.unique(x, True, True, True)), np.unique(n.ravel(), True, True, True),
        strict=True,
    ):  # fmt: skip
        np.testing.assert_array_equal(found, want)
    weights = np.arange(9)
    np.testing.assert_allclose(
        da.cov(x.T, fweights=weights + 1).compute(), np.cov(n.T, fweights=weights + 1)
    )
    np.testing.assert_allclose(
        da.cov(x.T, aweights=weights + 1.0).compute(), np.cov(n.T, aweights=weights + 1.0)
    )
    np.testing.assert_array_equal(
        da.coarsen(np.max, x, {0: 3, 1: 5}).compute(), n.reshape(3, 3, 4, 5).max(axis=(1, 3))
    )


def test_ufuncs_compute_where_asked_and_in_the_dtype_asked_for():
    n = np.linspace(-2, 2, 9)
    x = da.from_array(n, chunks=4)
    kept = da.from_array(np.zeros(9), chunks=4)
    wanted = np.sin(n, where=n > 0, out=np.zeros(9))
    np.testing.assert_array_equal(da.sin(x, where=x > 0, out=kept).compute(), wanted)
    found = da.sin(x, where=x > 0).compute()
    np.testing.assert_array_equal(found[n > 0], wanted[n > 0])
    for name in ("sin", "gcd"):
        given = x if name == "sin" else x.astype("i8")
        args = (given,) if name == "sin" else (given, 2)
        dtype = "f4" if name == "sin" else "i2"
        found = getattr(da, name)(
            *args, dtype=dtype, **({} if name == "sin" else {"casting": "unsafe"})
        )
        assert found.dtype == found.compute().dtype == dtype


def test_numbers_never_equal_text():
    x = da.arange(3, chunks=2)
    assert not (x == "a").any().compute() and (x != "a").all().compute()


def test_shapes_may_be_whole_floats_and_seeds_no_text():
    assert da.ones((1e1, 2.0)).shape == (10, 2)
    with pytest.raises(TypeError):
        da.ones(1.5)
    with pytest.raises(TypeError):
        da.random.default_rng("x")


def test_a_scalar_condition_chooses_one_side():
    x = da.from_array(np.arange(6.0).reshape(2, 3), chunks=(1, 2))
    y = da.from_array(np.arange(6).reshape(2, 3), chunks=(2, 1))
    for condition in (True, False, np.bool_(True), 0):
        found = da.where(condition, x, y)
        assert found.chunks == (x if condition else y).chunks and found.dtype == float
        np.testing.assert_array_equal(found.compute(), np.where(condition, x, y))
    np.testing.assert_array_equal(da.where(False, x, 3).compute(), np.full((2, 3), 3.0))


def test_meshgrid_gives_a_tuple():
    v = da.arange(4, chunks=2)
    assert type(da.meshgrid(v, v)) is tuple and type(da.meshgrid(v, sparse=True)) is tuple
