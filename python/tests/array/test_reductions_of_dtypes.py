"""Every dtype as NumPy: reductions (value, dtype, whether there is one at all), comparisons."""

import warnings

import numpy as np
import pytest

import dusk.array as da

DTYPES = "? i1 u1 i2 u4 i8 u8 f2 f4 f8 c8 c16 M8[ns] m8[s]".split()
FUNCTIONS = (
    "sum prod mean var std min max any all argmin argmax nansum nanprod nanmean nanvar nanstd "
    "nanmin nanmax nanargmin nanargmax"
).split()


def values(dtype):
    drawn = np.random.default_rng(0).integers(0, 50, (7, 5)).astype(dtype)
    if drawn.dtype.kind in "fc":
        drawn[2, 3] = np.nan
    if drawn.dtype.kind in "Mm":
        drawn[1, 1] = "NaT"
    return drawn


def outcome(call):
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return call()
    except (TypeError, ValueError, np.exceptions.DTypePromotionError) as error:
        return error


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_reductions_are_numpys(dtype, function):
    x = values(dtype)
    for axis in (None, 0, 1):
        wanted = outcome(lambda axis=axis: getattr(np, function)(x, axis=axis))
        lazy = outcome(
            lambda axis=axis: getattr(da, function)(da.from_array(x, chunks=(3, 2)), axis=axis)
        )
        got = lazy if isinstance(lazy, Exception) else outcome(lazy.compute)
        if isinstance(wanted, Exception):
            assert isinstance(got, Exception)
            continue
        assert not isinstance(got, Exception), got
        assert lazy.dtype == np.asarray(got).dtype == np.asarray(wanted).dtype
        if np.asarray(wanted).dtype.kind in "fc":
            tolerance = 1e-2 if dtype == "f2" else 1e-5
            np.testing.assert_allclose(got, wanted, rtol=tolerance)
        else:
            np.testing.assert_array_equal(got, wanted)


@pytest.mark.parametrize("dtype", "u1 i1 u2 i4 u8 i8".split())
@pytest.mark.parametrize(
    "function", "less less_equal greater greater_equal equal not_equal".split()
)
def test_comparisons_with_integers_that_do_not_fit_are_numpys(dtype, function):
    x = np.array([0, 1, np.iinfo(dtype).max, np.iinfo(dtype).min], dtype)
    d = da.from_array(x, chunks=3)
    for number in (-1, -129, 255, 256, 300, 2**31, -(2**40), 2**63, 2**64, -(2**63) - 1):
        wanted = getattr(np, function)(x, number)
        np.testing.assert_array_equal(getattr(da, function)(d, number), wanted, str(number))
        wanted = getattr(np, function)(number, x)
        np.testing.assert_array_equal(getattr(da, function)(number, d), wanted, str(number))
