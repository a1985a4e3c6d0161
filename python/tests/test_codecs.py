"""Every kind of operation survives as bytes: results are those of graphs that did not travel."""

from __future__ import annotations

import copy
import operator
import pickle
import threading
from typing import Any, NamedTuple

import cloudpickle
import numpy as np
import pandas as pd
import pytest

import dusk
import dusk.array as da
import dusk.dataframe as dd
from dusk import _core, delayed


def recoded(x: Any) -> Any:
    (expr,) = _core.recode([x.expr])
    return x._dusk_rebuild(expr)


def assert_same(found: Any, wanted: Any) -> None:
    assert type(found) is type(wanted)
    if isinstance(wanted, pd.DataFrame):
        pd.testing.assert_frame_equal(found, wanted)
    elif isinstance(wanted, pd.Series):
        pd.testing.assert_series_equal(found, wanted)
    elif isinstance(wanted, pd.Index):
        pd.testing.assert_index_equal(found, wanted)
    else:
        np.testing.assert_array_equal(found, wanted)


def travels(x: Any) -> None:
    wanted = x.compute()
    assert_same(recoded(x).compute(), wanted)
    assert_same(pickle.loads(cloudpickle.dumps(x)).compute(), wanted)


def shifted(block: np.ndarray, by: Any, block_id: Any = None) -> np.ndarray:
    return block + by + (0 if block_id is None else sum(block_id))


def column_means(block: np.ndarray) -> Any:
    return block.mean(axis=-1)


def doubled(part: pd.DataFrame) -> pd.DataFrame:
    return part.assign(number=part.number * 2)


X = np.random.default_rng(3).standard_normal((17, 12))
N = np.arange(17 * 12).reshape(17, 12) - 50
T = np.arange(30).astype("M8[h]")


def x() -> da.Array:
    return da.from_array(X, chunks=(5, 4))


def n() -> da.Array:
    return da.from_array(N, chunks=(17, 3))


ARRAYS = {
    "from array": x,
    "ones": lambda: da.ones((5, 7), chunks=3),
    "full": lambda: da.full((5, 7), 2.5, chunks=3, dtype="f4"),
    "arange": lambda: da.arange(3, 50, 2, chunks=6),
    "arange of times": lambda: da.from_array(T, chunks=7) + np.timedelta64(3, "h"),
    "linspace": lambda: da.linspace(0, 1, 31, chunks=8),
    "eye": lambda: da.eye(9, chunks=4, k=1),
    "normal": lambda: da.random.default_rng(1).normal(size=(9, 9), chunks=4),
    "uniform": lambda: da.random.default_rng(1).uniform(2, 3, size=20, chunks=6),
    "integers": lambda: da.random.default_rng(1).integers(0, 9, size=20, chunks=6),
    "exponential": lambda: da.random.default_rng(1).exponential(2.0, size=20, chunks=6),
    "choice": lambda: da.random.default_rng(1).choice(10, size=12, chunks=5),
    "arithmetic": lambda: (x() * 2 + 1) / (x() ** 2 + 3) - n(),
    "functions": lambda: da.sin(x()) + da.exp(-abs(x())) + da.arctan2(x(), 2),
    "integer power": lambda: n() ** 3 // 7 % 5,
    "comparison": lambda: (x() > 0) & (n() < 40),
    "where": lambda: da.where(x() > 0, x(), -1),
    "clip": lambda: x().clip(-1, 1),
    "astype": lambda: x().astype("f4").astype("i8"),
    "complex": lambda: x() + 1j * x(),
    "times": lambda: da.from_array(T, chunks=7).astype("M8[s]") - np.datetime64("1970-01-02"),
    "slice": lambda: x()[2:15:3, ::-1],
    "points": lambda: x()[4, 2:],
    "new axis": lambda: x()[:, None, 3],
    "take": lambda: x()[[4, 0, 9, 16, 4]],
    "take a column": lambda: x()[:, [11, 0]],
    "mask": lambda: x()[x()[:, 0] > 0],
    "blocks": lambda: x().blocks[1:3, 0],
    "rechunk": lambda: x().rechunk((4, 5)),
    "rechunk to one": lambda: x().rechunk(-1),
    "transpose": lambda: x().T + 1,
    "reshape": lambda: x().reshape((12, 17)),
    "ravel": lambda: x().ravel(),
    "broadcast": lambda: da.broadcast_to(x(), (2, 17, 12)),
    "concatenate": lambda: da.concatenate([x(), n(), x()], axis=1),
    "stack": lambda: da.stack([x(), x() + 1]),
    "sum": lambda: x().sum(),
    "mean": lambda: x().mean(axis=0),
    "std": lambda: x().std(axis=1, ddof=1, keepdims=True),
    "min": lambda: n().min(axis=0),
    "argmax": lambda: x().argmax(axis=1),
    "nansum": lambda: da.nansum(da.where(x() > 0, x(), np.nan), axis=0),
    "any": lambda: (x() > 2).any(axis=0),
    "prod": lambda: (n() % 3 + 1).prod(axis=1),
    "median": lambda: da.median(x(), axis=0),
    "cumsum": lambda: x().cumsum(axis=0),
    "matmul": lambda: x() @ x().T,
    "tensordot": lambda: da.tensordot(x(), x(), axes=([0], [0])),
    "einsum": lambda: da.einsum("ij,ik->jk", x(), x()),
    "fft": lambda: da.fft.fft(x().rechunk((5, -1))),
    "histogram": lambda: da.histogram(x(), bins=5, range=(-3, 3))[0],
    "overlap": lambda: x().map_overlap(lambda b: b * 2, depth=1, boundary="reflect"),
    "map_blocks": lambda: x().map_blocks(shifted, 2.5),
    "map_blocks with block_id": lambda: da.map_blocks(shifted, x(), np.float64(1), dtype="f8"),
    "a lambda over blocks": lambda: x().map_blocks(lambda b, k: b * k, k=X[0, 0]),
    "blockwise": lambda: da.blockwise(operator.mul, "ij", x(), "ij", n(), "ij", dtype="f8"),
    "apply_along_axis": lambda: da.apply_along_axis(np.sort, 0, x()),
    "apply_gufunc": lambda: da.apply_gufunc(column_means, "(i)->()", x().rechunk((5, -1))),
    "frexp": lambda: da.frexp(x())[0],
    "padding": lambda: da.pad(x(), 2, mode="constant"),
    "roll": lambda: da.roll(x(), 3, axis=0),
    "diff": lambda: da.diff(x(), axis=1),
    "objects": lambda: da.from_array(np.array(["a", "bb", None], dtype=object), chunks=2),
    "texts": lambda: da.from_array(np.array(["a", "bb", "ccc"]), chunks=2),
    "from delayed": lambda: da.from_delayed(delayed(np.ones)(4), (4,), dtype="f8") + 1,
    "zero dimensions": lambda: da.from_array(np.array(3.0)) + 1,
    "no elements": lambda: da.zeros((0, 4), chunks=2).sum(axis=0),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays(name):
    travels(ARRAYS[name]())


P = pd.DataFrame(
    {
        "group": np.arange(60) % 7,
        "number": np.arange(60.0) ** 1.5 % 11,
        "text": [f"t{i % 5}" for i in range(60)],
        "when": pd.date_range("2020-01-01", periods=60, freq="7h"),
        "gaps": [None if i % 4 == 0 else float(i) for i in range(60)],
    }
)
NAMES = pd.DataFrame({"group": range(7), "name": list("abcdefg")})


def d() -> Any:
    return dd.from_pandas(P, npartitions=4)


def names() -> Any:
    return dd.from_pandas(NAMES, npartitions=2)


FRAMES = {
    "from pandas": d,
    "column": lambda: d().number,
    "columns": lambda: d()[["number", "text"]],
    "arithmetic": lambda: (d().number * 2 + d().group).rename("total"),
    "filter": lambda: d()[(d().number > 3) & (d().text != "t1")],
    "isin": lambda: d()[d().text.isin(["t1", "t3"])],
    "assign": lambda: d().assign(half=d().number / 2, late=d().when > "2020-01-09"),
    "texts": lambda: d().text.str.upper() + "!",
    "times": lambda: d().when.dt.day,
    "fillna": lambda: d().gaps.fillna(-1.0),
    "dropna": lambda: d().dropna(),
    "where": lambda: d().number.where(d().group > 3, 0.0),
    "astype": lambda: d().group.astype("float32"),
    "categories": lambda: d().text.astype("category"),
    "sum": lambda: d().number.sum(),
    "mean of all": lambda: d()[["number", "gaps"]].mean(),
    "describe": lambda: d().describe(),
    "count": lambda: d().count(),
    "len": lambda: d().index.size,
    "nunique": lambda: d().text.nunique(),
    "value_counts": lambda: d().text.value_counts(),
    "group sum": lambda: d().groupby("group").number.sum(),
    "group several": lambda: d().groupby(["group", "text"]).agg({"number": ["mean", "max"]}),
    "group texts": lambda: d().groupby("text").number.std(),
    "group unsorted": lambda: d().groupby("text", sort=False).size(),
    "group median": lambda: d().groupby("group").number.median(),
    "merge": lambda: d().merge(names(), on="group"),
    "merge by hash": lambda: d().merge(d()[["group", "text"]], on=["group", "text"], how="outer"),
    "merge on index": lambda: d().merge(names(), left_on="group", right_index=True, how="left"),
    "sort": lambda: d().sort_values(["text", "number"], ascending=[True, False]),
    "set_index": lambda: d().set_index("number"),
    "largest": lambda: d().nlargest(5, "number"),
    "head": lambda: dd.from_pandas(P, npartitions=4).partitions[[0, 2]],
    "distinct": lambda: d()[["group", "text"]].drop_duplicates(),
    "concat": lambda: dd.concat([d(), d()]),
    "repartition": lambda: d().repartition(npartitions=2),
    "loc": lambda: d().loc[10:30],
    "cumsum": lambda: d().number.cumsum(),
    "shift": lambda: d().number.shift(1),
    "quantile": lambda: d().number.quantile(0.3),
    "map_partitions": lambda: d().map_partitions(doubled),
    "a lambda over partitions": lambda: d().map_partitions(lambda p, k: p[["number"]] * k, 3),
    "apply": lambda: d().apply(lambda r: r.number + r.group, axis=1, meta=(None, "f8")),
    "map": lambda: d().text.map({"t0": 1.0, "t1": 2.0}, meta=("text", "f8")),
    "to array": lambda: d()[["number", "group"]].to_dask_array(lengths=True).sum(axis=0),
    "from delayed": lambda: dd.from_delayed([delayed(doubled)(P), delayed(doubled)(P)], meta=P),
}


@pytest.mark.parametrize("name", FRAMES)
def test_frames(name):
    travels(FRAMES[name]())


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    for i, part in enumerate(np.array_split(np.arange(60), 3)):
        P.iloc[part].to_parquet(folder / f"{i}.parquet", index=False, row_group_size=7)
        P.iloc[part].to_csv(folder / f"{i}.csv", index=False)
    return folder


SCANS = {
    "parquet": lambda f: dd.read_parquet(f / "*.parquet"),
    "one column": lambda f: dd.read_parquet(f / "*.parquet").number,
    "skipped row groups": lambda f: (lambda t: t[t.number > 8][["text"]])(
        dd.read_parquet(f / "*.parquet")
    ),
    "groups while reading": lambda f: dd.read_parquet(f / "*.parquet").groupby("text").number.sum(),
    "no column": lambda f: dd.read_parquet(f / "*.parquet").index.size,
    "csv": lambda f: dd.read_csv(f / "*.csv", parse_dates=["when"]),
    "groups of csv": lambda f: dd.read_csv(f / "*.csv").groupby("group").number.mean(),
}


@pytest.mark.parametrize("name", SCANS)
def test_scans(name, files):
    travels(SCANS[name](files))


def test_writing_travels(files, tmp_path):
    parts = dd.read_parquet(files / "*.parquet").to_parquet(tmp_path, compute=False)
    recoded(parts).compute()
    assert_same(dd.read_parquet(tmp_path).number.sum().compute(), P.number.sum())


def test_a_file_that_changed_is_an_error_that_names_it(tmp_path):
    path = tmp_path / "x.parquet"
    P.to_parquet(path)
    frame = recoded(dd.read_parquet(path))
    P.head(7).to_parquet(path)
    with pytest.raises(OSError, match=r"x\.parquet has 7 rows in 1 row groups, but had 60 rows"):
        frame.compute()


class Pair(NamedTuple):
    left: Any
    right: Any


@delayed
def total(*args: Any, **kwargs: Any) -> float:
    return float(sum(np.sum(a) for a in [*args, *kwargs.values()]))


@delayed
def one() -> int:
    return 1


DELAYED = {
    "value": lambda: delayed(X),
    "function": lambda: delayed(max)([1, one()]),
    "lambda": lambda: delayed(lambda a, b: a * b)(2, one()),
    "operators": lambda: (one() + 2) * -one(),
    "method": lambda: delayed("a-b").split("-"),
    "attribute": lambda: delayed(X).shape[0],
    "tree": lambda: total(*[total(i, one()) for i in range(20)]),
    "containers": lambda: total([one(), 2], kw=Pair(one(), one())),
    "array": lambda: total(x()),
    "frame": lambda: total(d()[["number", "group"]]),
    "series": lambda: total(d().number),
    "scalar": lambda: total(d().number.sum()),
    # What a graph of several families needs: blocks of each are put together by their own rules.
    "frame, array, delayed": lambda: total(d()[["number"]], x(), one(), 2, kw=d().group),
    "blocks of a frame": lambda: total(*[p.number for p in d().to_delayed()]),
    "blocks of an array": lambda: total(*x().to_delayed().ravel()),
}


@pytest.mark.parametrize("name", DELAYED)
def test_delayed(name):
    travels(DELAYED[name]())


def test_several_collections_at_once_share_what_they_shared():
    a, f, o = x().sum(), d().number.sum(), total(x(), d().number)
    exprs = _core.recode([a.expr, f.expr, o.expr])
    again = [c._dusk_rebuild(e) for c, e in zip((a, f, o), exprs, strict=True)]
    assert dusk.compute(*again) == dusk.compute(a, f, o)


def test_calls_of_one_function_are_one_operation():
    tasks = [one() for _ in range(100)]
    ten, hundred = (len(_core.dump_expr(delayed(tasks[:k]).expr)[0]) for k in (10, 100))
    assert hundred < 10 * ten  # keys, and not a hundred pickles


def test_what_cannot_be_pickled_says_so():
    stuck = delayed(lambda lock: 1)(threading.Lock())
    with pytest.raises(TypeError, match="cannot be pickled"):
        _core.recode([stuck.expr])


def test_damaged_bytes_are_a_value_error():
    header, buffers, description = _core.dump_expr(x().sum().expr)
    for cut in range(0, len(header), 7):
        with pytest.raises(ValueError, match="decode"):
            _core.load_expr(header[: cut + 1], buffers, description, None)
    with pytest.raises(ValueError, match="description"):
        _core.load_expr(header, buffers, _core.dump_expr(x().expr)[2], None)


COLLECTIONS = {
    "array": lambda: x() + 1,
    "frame": d,
    "series": lambda: d().number,
    "index": lambda: d().index,
    "scalar": lambda: d().number.sum(),
    "delayed": lambda: total(one(), 2),
    "a delayed function": lambda: delayed(np.sum)(X),
    "a delayed attribute": lambda: delayed(X).size,
}


@pytest.mark.parametrize("name", COLLECTIONS)
@pytest.mark.parametrize("module", [pickle, cloudpickle])
def test_pickles(name, module):
    before = COLLECTIONS[name]()
    after = pickle.loads(module.dumps(before))
    assert type(after) is type(before) or name == "a delayed attribute"
    assert after.expr.name == before.expr.name
    assert_same(after.compute(), before.compute())


@pytest.mark.parametrize("name", COLLECTIONS)
def test_copies_share_the_expression(name):
    before = COLLECTIONS[name]()
    for after in (copy.copy(before), copy.deepcopy(before), copy.deepcopy([before])[0]):
        assert after is not before
        assert after.expr.token == before.expr.token
        assert_same(after.compute(), before.compute())


def test_a_copied_frame_changes_alone():
    frame = d()
    other = copy.copy(frame)
    other["twice"] = other.number * 2
    assert "twice" not in frame.columns
    assert "twice" in other.columns


def test_persisted_collections_pickle_with_their_blocks():
    kept = (x() + 1).persist()
    assert_same(pickle.loads(pickle.dumps(kept)).compute(), X + 1)
    frame = d().persist()
    assert_same(pickle.loads(pickle.dumps(frame)).compute(), P)


def test_pieces_of_large_tables_travel_alone():
    large = dd.from_pandas(pd.DataFrame({"v": np.arange(100_000.0)}), npartitions=10)
    _, buffers, _ = _core.dump_expr(large.expr)
    assert sum(len(b) for b in buffers) < 2_000_000  # values and index, not ten times all of both
