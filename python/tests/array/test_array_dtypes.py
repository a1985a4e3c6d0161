"""Elementwise functions and reductions over every dtype and odd chunkings, against NumPy."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import dusk
import dusk.array as da

DTYPES = ["?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "c8", "c16"]
TIMES = ["M8[D]", "M8[ns]", "m8[s]"]
# (shape, chunks): one, prime, ragged, larger than the data, empty, no axes
LAYOUTS = [
    ((13,), (1,)),
    ((13,), (5,)),
    ((13,), ((2, 1, 10),)),
    ((4,), (9,)),
    ((0,), (3,)),
    ((), ()),
    ((5, 7), (2, 3)),
    ((3, 0, 2), (2, 1, 1)),
    ((2, 3, 4), ((1, 1), 3, (1, 3))),
]
UNARY = """
negative positive absolute sqrt square exp log sin tan arctan floor ceil rint sign isnan isfinite
logical_not invert conj reciprocal cbrt exp2 log1p tanh signbit isinf trunc
""".split()
BINARY = """
add subtract multiply divide floor_divide remainder power maximum minimum less equal not_equal
greater_equal logical_and bitwise_and bitwise_or left_shift arctan2 hypot fmod fmax copysign
logaddexp
""".split()
NEAR = {"e": 2e-2, "f": 3e-6, "F": 3e-5}


def make(shape, dtype, seed=0):
    rng = np.random.default_rng(seed)
    kind = np.dtype(dtype).kind
    if kind == "b":
        return rng.random(shape) < 0.5
    if kind == "u":
        return rng.integers(1, 100, shape).astype(dtype)
    if kind in "iMm":
        return rng.integers(-9, 9, shape).astype("i8").astype(dtype)
    if kind == "c":
        return (rng.normal(size=shape) + 1j * rng.normal(size=shape)).astype(dtype)
    return np.asarray(rng.normal(size=shape) * 2).astype(dtype)


def quiet(function, *args, **kwargs):
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return function(*args, **kwargs)


def outcome(function):
    try:
        return np.asarray(quiet(function))
    except (TypeError, ValueError) as error:
        return error


def check(pairs):
    """Compares (NumPy's outcome, a function that makes the lazy array); computes all together."""
    lazy, wanted = [], []
    for want, build in pairs:
        if isinstance(want, Exception):
            with pytest.raises((TypeError, ValueError)):
                quiet(lambda make=build: make().compute())
            continue
        result = quiet(build)
        assert result.dtype == want.dtype
        assert result.shape == want.shape
        lazy.append(result)
        wanted.append(want)
    for found, want in zip(quiet(dusk.compute, *lazy), wanted, strict=True):
        found = np.asarray(found)
        assert found.dtype == want.dtype
        if want.dtype.kind in "fc":
            near = NEAR.get(want.dtype.char, 1e-12)
            np.testing.assert_allclose(found, want, rtol=near, atol=near)
        else:
            np.testing.assert_array_equal(found, want)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("shape", "chunks"), LAYOUTS)
def test_unary_functions(dtype, shape, chunks):
    x = make(shape, dtype)
    lazy = da.from_array(x, chunks=chunks)
    check([
        (outcome(lambda f=f: getattr(np, f)(x)), lambda f=f: getattr(da, f)(lazy)) for f in UNARY
    ])  # fmt: skip


@pytest.mark.parametrize("right", DTYPES)
@pytest.mark.parametrize("left", DTYPES)
def test_binary_functions(left, right):
    a, b = make((7, 4), left), make((4,), right, 1)
    if right in ("?", "i1", "i2", "i4", "i8"):
        b = abs(b) if right != "?" else b
    x, y = da.from_array(a, chunks=(3, 4)), da.from_array(b, chunks=3)
    check([
        (outcome(lambda f=f: getattr(np, f)(a, b)), lambda f=f: getattr(da, f)(x, y))
        for f in BINARY
    ])  # fmt: skip


@pytest.mark.parametrize("dtype", DTYPES)
def test_python_scalars_are_weak(dtype):
    a = make((9,), dtype)
    x = da.from_array(a, chunks=4)
    operations = [
        lambda v: v + 1, lambda v: 2 * v, lambda v: v + 1.5, lambda v: v * 1j, lambda v: v == 1,
        lambda v: v + np.float32(1), lambda v: v + np.int64(3), lambda v: v > 0.5,
        lambda v: v + True, lambda v: v**2, lambda v: 1 - v,
    ]  # fmt: skip
    check([(outcome(lambda f=f: f(a)), lambda f=f: f(x)) for f in operations])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("shape", "chunks"), LAYOUTS)
def test_reductions(dtype, shape, chunks):
    x = make(shape, dtype)
    lazy = da.from_array(x, chunks=chunks)
    pairs = []
    for f in "sum prod mean any all var std".split():
        for axis in [None, *range(len(shape))]:
            for keepdims in (False, True):
                options = {"axis": axis, "keepdims": keepdims}
                pairs.append((
                    outcome(lambda f=f, o=options: getattr(np, f)(x, **o)),
                    lambda f=f, o=options: getattr(da, f)(lazy, **o),
                ))  # fmt: skip
    if x.size and dtype not in ("c8", "c16"):
        for f in "min max argmin argmax".split():
            for axis in [None, *range(len(shape))]:
                pairs.append((
                    outcome(lambda f=f, a=axis: getattr(np, f)(x, axis=a)),
                    lambda f=f, a=axis: getattr(da, f)(lazy, axis=a),
                ))  # fmt: skip
    check(pairs)


@pytest.mark.parametrize("dtype", ["i4", "f4", "f8", "c16"])
@pytest.mark.parametrize("name", ["nansum", "nanprod", "nanmean", "nanvar", "nanstd"])
def test_reductions_without_nan(dtype, name):
    x = make((7, 9), dtype)
    if dtype != "i4":
        x[::2, ::3] = np.nan
        x[3] = np.nan
    lazy = da.from_array(x, chunks=(2, 4))
    check([
        (outcome(lambda a=a: getattr(np, name)(x, axis=a)), lambda a=a: getattr(da, name)(lazy, a))
        for a in (None, 0, 1)
    ])  # fmt: skip


@pytest.mark.parametrize("dtype", TIMES)
def test_times(dtype):
    a = make((9,), dtype)
    x = da.from_array(a, chunks=4)
    operations = [
        lambda v: v - v[0], lambda v: v == v[2], lambda v: v < v[3], lambda v: v[::-2],
        lambda v: v.min(), lambda v: v.max(), lambda v: v.astype("i8"), lambda v: v.reshape(3, 3),
    ]  # fmt: skip
    check([(outcome(lambda f=f: f(a)), lambda f=f: f(x)) for f in operations])


@pytest.mark.parametrize("source", DTYPES)
def test_casts(source):
    a = make((8,), source)
    x = da.from_array(a, chunks=3)
    targets = DTYPES if np.dtype(source).kind in "biu" else [*DTYPES[:1], *DTYPES[9:]]
    check([(outcome(lambda t=t: a.astype(t)), lambda t=t: x.astype(t)) for t in targets])


@pytest.mark.parametrize("split_every", [2, 3, 8, False, {0: 2, 1: 3}])
@pytest.mark.parametrize("name", ["sum", "mean", "std", "min", "argmax", "any"])
def test_split_every_changes_nothing(name, split_every):
    x = make((11, 9), "f8")
    lazy = da.from_array(x, chunks=(2, 2))
    for axis in (None, 0):
        found = getattr(da, name)(lazy, axis=axis, split_every=split_every).compute()
        np.testing.assert_allclose(found, getattr(np, name)(x, axis=axis), rtol=1e-12)


def test_sums_of_many_chunks_stay_exact():
    x = da.full(1_000_000, 0.1, chunks=999)
    assert abs(float(x.sum().compute()) - 100_000) < 1e-7
    assert da.ones(300, dtype="u1", chunks=7).sum().compute() == 300
    big = da.full(10, 2**62, dtype="i8", chunks=3)
    assert big.sum().compute() == np.full(10, 2**62).sum()  # wraps as NumPy's


@pytest.mark.parametrize("name", ["min", "max", "argmin", "argmax"])
def test_nan_is_contagious(name):
    x = np.array([3.0, 1.0, np.nan, 0.0, np.nan])
    for chunks in (1, 2, 5):
        found = getattr(da, name)(da.from_array(x, chunks=chunks)).compute()
        np.testing.assert_equal(found, getattr(np, name)(x))


@pytest.mark.parametrize("name", ["min", "max", "argmin", "argmax"])
def test_empty_arrays_have_no_extremes(name):
    with pytest.raises(ValueError, match=r"zero-size|empty"):
        getattr(da, name)(da.ones(0)).compute()
