"""Every expression of parity_dask/cases.py: NumPy's values and dtypes, Dask's chunks."""

from __future__ import annotations

import inspect
import json
import math
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

import dusk.array as da
from dusk.array import normalize_chunks

PEERS = Path(__file__).parent.parent / "parity_dask"
sys.path.insert(0, str(PEERS))
from cases import CASES, INPUTS  # noqa: E402

DASK = json.loads((PEERS / "array.json").read_text())
TOLERANCE = {"e": 2e-2, "f": 2e-5, "F": 2e-5}

# Where Dusk's chunks differ from Dask's, on purpose (results are equal).
OTHER_CHUNKS = {
    "xp.delete(v,[1,3],axis=0)",
    # larger numbers make the result longer than minlength
    "xp.bincount(u,minlength=300)",
    # chunks keep their elements, not their size
    "xp.repeat(v,3)",
    # Dask joins axes that need no joining
    "xp.median(m,axis=0)",
    "xp.percentile(m,50,axis=0)",
    "xp.quantile(m,0.3,axis=1)",
    # Dask measures the function on a tiny array
    "xp.apply_along_axis(np.sort,1,m)",
}


def _missing() -> set[str]:
    found = set()
    for name in DASK["names"]:
        try:
            getattr(da, name)
        except NotImplementedError:
            found.add(name)
    return found


MISSING = _missing()


def _waits(case: str) -> bool:
    return any(f"xp.{name}(" in case or f"xp.{name}." in case for name in MISSING)


PRESENT = [case for case in CASES if not _waits(case)]


@pytest.fixture(scope="module")
def lazy():
    return {"xp": da, "np": np} | {k: da.from_array(x, chunks=c) for k, (x, c) in INPUTS.items()}


@pytest.fixture(scope="module")
def eager():
    return {"xp": np, "np": np} | {k: x for k, (x, _) in INPUTS.items()}


def _evaluate(case, names):
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return eval(case, names)


@pytest.mark.parametrize("case", PRESENT)
def test_values_and_dtypes_are_numpys(case, lazy, eager):
    try:
        wanted = np.asarray(_evaluate(case, eager))
    except Exception as error:
        with pytest.raises(type(error)):
            _evaluate(case, lazy).compute()
        return
    result = _evaluate(case, lazy)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = np.asarray(result.compute() if isinstance(result, da.Array) else result)
    if isinstance(result, da.Array):
        assert result.dtype == found.dtype
        assert all(a == b or math.isnan(a) for a, b in zip(result.shape, found.shape, strict=True))
    assert found.dtype == wanted.dtype
    assert found.shape == wanted.shape
    if wanted.dtype.kind in "fc":
        near = TOLERANCE.get(wanted.dtype.char, 1e-9)
        np.testing.assert_allclose(found, wanted, rtol=near, atol=near / 10)
    else:
        np.testing.assert_array_equal(found, wanted)


def _plain(x):
    if isinstance(x, tuple | list):
        return [_plain(i) for i in x]
    return None if isinstance(x, float) and math.isnan(x) else int(x)


@pytest.mark.parametrize("case", [c for c in PRESENT if "error" not in DASK["cases"][c]])
def test_shape_dtype_and_chunks_are_dasks(case, lazy):
    wanted = DASK["cases"][case]
    result = _evaluate(case, lazy)
    if "type" in wanted:
        assert not isinstance(result, da.Array)
        return
    if case == "xp.apply_along_axis(np.sort,1,m)":
        pytest.skip("Dask's shape is wrong there")
    assert result.dtype.str == wanted["dtype"]
    if case in OTHER_CHUNKS:
        assert _plain(result.chunks) != wanted["chunks"], "no longer a difference: tell the list"
        return
    assert _plain(result.shape) == wanted["shape"]
    assert _plain(result.chunks) == wanted["chunks"]


@pytest.mark.parametrize(("chunks", "shape", "wanted"), DASK["normalize_chunks"])
def test_normalize_chunks_is_dasks(chunks, shape, wanted):
    given = eval(chunks)
    if isinstance(wanted, str):
        with pytest.raises((ValueError, TypeError, NotImplementedError)) as caught:
            normalize_chunks(given, tuple(shape), dtype="f8")
        assert type(caught.value).__name__ == wanted
    else:
        assert _plain(normalize_chunks(given, tuple(shape), dtype="f8")) == wanted


def _compare_signatures(ours, wanted):
    """Dask's parameters are there, in their order, with their defaults."""
    found = {p.name: p for p in inspect.signature(ours).parameters.values()}
    if any(p.kind is p.VAR_POSITIONAL for p in found.values()):
        return
    names = [n for n, kind, _ in wanted if not kind.startswith("VAR")]
    assert [n for n in found if n in names] == names
    for name, _, default in wanted:
        if name in names and default and " at 0x" not in default:
            assert repr(found[name].default) == default


SIGNATURES = [n for n in DASK["signatures"] if n not in MISSING and DASK["signatures"][n]]


@pytest.mark.parametrize("name", SIGNATURES)
def test_signatures_are_dasks(name):
    ours = getattr(da, name)
    if not inspect.isfunction(ours):
        pytest.skip("a ufunc object")
    _compare_signatures(ours, DASK["signatures"][name])


@pytest.mark.parametrize("name", sorted(DASK["method_signatures"]))
def test_signatures_of_methods_are_dasks(name):
    if not hasattr(da.Array, name):
        pytest.skip("does not exist yet")
    if name in ("cumsum", "cumprod", "visualize", "store"):
        return  # the axis may be left out as in NumPy; files have our name; "self"
    _compare_signatures(getattr(da.Array, name), DASK["method_signatures"][name])


def test_missing_names_say_so():
    for name in MISSING:
        with pytest.raises(NotImplementedError, match=r"docs/status\.md"):
            getattr(da, name)
    with pytest.raises(AttributeError):
        da.no_such_name  # noqa: B018
