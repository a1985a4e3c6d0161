"""Writes array.json: what Dask makes of every expression of cases.py, and its signatures.

Run with an environment that has Dask:
``.venv-peers/bin/python python/tests/parity_dask/make_array.py``.
"""

from __future__ import annotations

import inspect
import json
import math
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import dask  # noqa: E402
import dask.array as da  # noqa: E402
from cases import CASES, INPUTS  # noqa: E402


def plain(x: Any) -> Any:
    """Chunks and shapes with None for unknown sizes."""
    if isinstance(x, tuple | list):
        return [plain(i) for i in x]
    return None if isinstance(x, float) and math.isnan(x) else int(x)


def describe(case: str, names: dict[str, Any]) -> dict[str, Any]:
    try:
        result = eval(case, names)
    except Exception as error:
        return {"error": type(error).__name__}
    if not isinstance(result, da.Array):
        return {"type": type(result).__name__}
    return {"dtype": result.dtype.str, "shape": plain(result.shape), "chunks": plain(result.chunks)}


def signature(function: Any) -> list[list[str]] | None:
    try:
        found = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return None
    return [[p.name, p.kind.name, "" if p.default is p.empty else repr(p.default)] for p in found]


def normalized() -> list[list[Any]]:
    """normalize_chunks: arguments and result or error."""
    from dask.array.core import normalize_chunks

    asked: list[tuple[Any, Any]] = [
        (2, (5,)), ((2, 3), (5, 6)), (-1, (4, 5)), ("auto", (10000, 10000)), ("auto", (7,)),
        ("1MiB", (3000, 3000)), ({0: 2}, (4, 6)), ({0: "auto", 1: 10}, (100000, 1000)),
        (((2, 3), (4,)), (5, 4)), (5, (10, 10)), ((5, -1), (10, 10)), ((None, 2), (3, 4)),
        (("auto", -1), (100000, 300)), ("auto", (5000, 7000, 9)), ("32MiB", (123456789,)),
        (((2, 2),), (5,)), ((2,), (3, 4)), (0, (0,)), (3, (0, 5)), ("auto", (0, 5)), ((), ()),
        ("auto", (1000003,)), (("auto", "auto", 1), (999, 1001, 50)), ("16kiB", (64, 64, 64)),
        (2.5, (5,)), (((3, 3, 3, 1),), (10,)), (10, (3,)), ("auto", (40000, 40000)),
    ]  # fmt: skip
    found = []
    for chunks, shape in asked:
        try:
            result: Any = plain(normalize_chunks(chunks, shape, dtype="f8"))
        except Exception as error:
            result = type(error).__name__
        found.append([repr(chunks), list(shape), result])
    return found


def main() -> None:
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    names: dict[str, Any] = {"xp": da, "np": np}
    names |= {k: da.from_array(x, chunks=c) for k, (x, c) in INPUTS.items()}
    data = {
        "dask": dask.__version__,
        "numpy": np.__version__,
        "names": sorted(da.__all__),
        "methods": sorted(n for n in dir(da.Array) if not n.startswith("_")),
        "signatures": {
            n: signature(getattr(da, n))
            for n in sorted(da.__all__)
            if inspect.isfunction(getattr(da, n))
        },
        "method_signatures": {
            n: signature(getattr(da.Array, n))
            for n in sorted(dir(da.Array))
            if not n.startswith("_") and inspect.isfunction(getattr(da.Array, n))
        },
        "normalize_chunks": normalized(),
        "cases": {case: describe(case, names) for case in CASES},
    }
    text = json.dumps(data, indent=None, separators=(",", ":"), sort_keys=True)
    (HERE / "array.json").write_text(text.replace('},"', '},\n"') + "\n")


if __name__ == "__main__":
    main()
