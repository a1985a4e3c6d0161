"""Collections on clusters of processes and of threads compute what they compute here."""

from __future__ import annotations

import operator
import pickle
import threading
import time
from concurrent.futures import CancelledError
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pytest

import dusk
import dusk.array as da
import dusk.dataframe as dd
from dusk import delayed
from dusk.distributed import Client, Future, LocalCluster

X = np.random.default_rng(5).standard_normal((40, 30))
P = pd.DataFrame(
    {
        "group": np.arange(80) % 7,
        "number": np.arange(80.0) ** 1.5 % 11,
        "text": [f"t{i % 5}" for i in range(80)],
    }
)


@pytest.fixture(scope="module", params=["processes", "threads"])
def client(request):
    processes = request.param == "processes"
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, processes=processes) as cluster,
        Client(cluster) as made,
    ):
        yield made


def x() -> da.Array:
    return da.from_array(X, chunks=(15, 10))


def d() -> Any:
    return dd.from_pandas(P, npartitions=4)


@delayed
def total(*args: Any, **kwargs: Any) -> float:
    return float(sum(np.sum(a) for a in [*args, *kwargs.values()]))


@delayed
def one() -> int:
    return 1


COLLECTIONS = {
    "array": lambda: (x() - x().mean(axis=0)) / x().std(axis=0),
    "array reduced": lambda: x().sum(),
    "array sliced": lambda: x()[5:30:3, [1, 20, 4]],
    "array rechunked": lambda: x().rechunk((7, 9)).T,
    "array of a function": lambda: x().map_blocks(lambda b: b * X[0, 0]),
    "random array": lambda: da.random.default_rng(1).normal(size=(30, 30), chunks=8).std(axis=0),
    "frame": lambda: d()[d().number > 3].assign(twice=lambda f: f.number * 2),
    "groups": lambda: d().groupby("text").number.agg(["mean", "max"]),
    "merged": lambda: d().merge(d()[["group", "text"]], on=["group", "text"]),
    "sorted": lambda: d().sort_values(["number", "text"]),
    "frame of a function": lambda: d().map_partitions(lambda p: p[p.group == 2]),
    "counts": lambda: d().text.value_counts(),
    "moved": lambda: d()[["number", "text"]].shift(23),
    "more partitions": lambda: d().clear_divisions().repartition(npartitions=11),
    "series": lambda: d().text.str.upper(),
    "scalar": lambda: d().number.mean(),
    "matrix": lambda: d()[["number", "group"]].to_dask_array(lengths=True).sum(axis=0),
    "delayed": lambda: total(*[total(i, one()) for i in range(10)]),
    "delayed of all": lambda: total(d()[["number"]], x(), one(), 2, kw=d().group),
}


def assert_same(found: Any, wanted: Any) -> None:
    assert type(found) is type(wanted)
    if isinstance(wanted, pd.DataFrame):
        pd.testing.assert_frame_equal(found, wanted)
    elif isinstance(wanted, pd.Series):
        pd.testing.assert_series_equal(found, wanted)
    else:
        np.testing.assert_allclose(found, wanted, rtol=1e-13)


@pytest.mark.parametrize("name", COLLECTIONS)
def test_every_family(client, name):
    collection = COLLECTIONS[name]()
    wanted = collection.compute(scheduler="threads")
    assert_same(collection.compute(), wanted)
    assert_same(client.compute(collection).result(timeout=20), wanted)
    assert_same(client.compute(collection, sync=True, optimize_graph=False), wanted)


@pytest.mark.parametrize("name", COLLECTIONS)
def test_persisted_blocks_stay_and_are_used_again(client, name):
    collection = COLLECTIONS[name]()
    wanted = collection.compute(scheduler="threads")
    kept = collection.persist()
    assert type(kept) is type(collection)
    assert_same(kept.compute(), wanted)
    assert_same(client.persist(kept).compute(), wanted)
    if not isinstance(wanted, pd.DataFrame | pd.Series):
        there = total(collection).compute(scheduler="threads")
        assert total(kept).compute() == pytest.approx(there)


def test_families_computed_at_once(client):
    mixed = [x().sum(), d().number.sum(), total(x(), one()), 7, {"k": d().group.max()}]
    found = dusk.compute(*mixed)
    wanted = dusk.compute(*mixed, scheduler="threads")
    assert found[0] == pytest.approx(wanted[0])
    assert found[1:2] + found[3:] == wanted[1:2] + wanted[3:]
    futures = client.compute(mixed)
    assert futures[3] == 7
    assert client.gather(futures)[4] == wanted[4]


def test_blocks_of_persisted_collections_in_new_graphs(client):
    kept, frame = dusk.persist(x() + 1, d())
    assert (kept[3:9].sum() + kept.T[0, 0]).compute() == pytest.approx(
        (X + 1)[3:9].sum() + (X + 1)[0, 0]
    )
    assert_same(frame.groupby("group").number.sum().compute(), P.groupby("group").number.sum())
    again = total(kept, frame.number, frame.partitions[0].number, one())
    assert again.compute() == pytest.approx(
        (X + 1).sum() + P.number.sum() + P.number[:20].sum() + 1
    )


def test_persist_starts_at_once_and_is_computed_once(client, tmp_path):
    def mark(block):
        (tmp_path / str(time.monotonic_ns())).touch()
        return block

    kept = da.ones(8, chunks=2).map_blocks(mark, dtype="f8").persist()
    assert kept.sum().compute() == 8
    assert kept.mean().compute() == 1
    assert len(list(tmp_path.iterdir())) == 4


def test_persisted_collections_are_computed_where_they_are(client):
    # Whatever scheduler is named: their blocks are nowhere else.
    kept = (x() + 1).persist()
    for scheduler in ("synchronous", "threads"):
        assert kept.sum().compute(scheduler=scheduler) == pytest.approx((X + 1).sum())


def test_threads_are_chosen_over_the_client(client):
    import threading

    def where(block):
        return block * 0 + float(threading.get_native_id())

    found = da.ones(4, chunks=2).map_blocks(where, dtype="f8").compute(scheduler="synchronous")
    assert set(found) == {float(threading.get_native_id())}


def test_persisted_collections_pickle_by_key(client):
    kept, frame = dusk.persist(x() + 1, d())
    bytes_of_it = pickle.dumps(kept)
    assert len(bytes_of_it) < X.nbytes / 2
    assert_same(pickle.loads(bytes_of_it).compute(), X + 1)
    assert_same(pickle.loads(pickle.dumps(frame)).compute(), P)
    del kept
    time.sleep(0.5)
    gone = pickle.loads(bytes_of_it)  # nobody kept the blocks
    with pytest.raises((RuntimeError, CancelledError), match="lost|cancelled|known"):
        gone.compute()


def test_a_collection_as_an_argument_of_a_task(client):
    lazy = x().sum()
    assert client.submit(lambda c: c.compute(scheduler="threads"), lazy).result(
        timeout=20
    ) == pytest.approx(X.sum())
    kept = (x() + 1).persist()
    assert client.submit(lambda c: c.sum().compute(), kept).result(timeout=20) == pytest.approx(
        (X + 1).sum()
    )


def fails(part: Any) -> Any:
    raise LookupError("no such thing")


@pytest.mark.parametrize(
    "collection",
    [
        lambda: x().map_blocks(fails, dtype="f8"),
        lambda: d().map_partitions(fails, meta=P),
        lambda: total(delayed(fails)(one())),
        lambda: total(d(), x().map_blocks(fails, dtype="f8")),
    ],
    ids=["array", "frame", "delayed", "both"],
)
def test_errors_come_with_their_remote_traceback(client, collection):
    with pytest.raises(LookupError, match="no such thing") as raised:
        collection().compute()
    frames = [entry.name for entry in raised.traceback]
    assert "fails" in frames


def test_native_errors_keep_their_class(client, tmp_path):
    with pytest.raises(ValueError, match="negative integer powers"):
        (da.arange(4, chunks=2) ** da.from_array(np.array([1, 1, -1, 1]), chunks=2)).compute()
    path = tmp_path / "x.parquet"
    P.to_parquet(path)
    frame = dd.read_parquet(path)
    path.unlink()
    with pytest.raises(FileNotFoundError, match=r"x\.parquet"):
        frame.number.sum().compute()


def test_annotations_reach_the_scheduler_through_every_optimisation(client):
    worker = sorted(client.scheduler_info()["workers"])[1]
    address = client.scheduler_info()["workers"][worker].get("address", worker)
    with dusk.annotate(workers=[address]):
        kept = (x() + 1).map_blocks(lambda b: b * 2).persist()
    kept.compute()
    holders = client.who_has(kept.__dusk_futures__())
    assert {h for held in holders.values() for h in held} == {address}
    with pytest.raises(ValueError, match="allow_other_workers"):
        x().sum().compute(allow_other_workers=True)
    assert x().sum().compute(workers=[address], priority=3, retries=2) == pytest.approx(X.sum())


def test_large_sources_are_sent_once(client):
    large = np.random.default_rng(2).standard_normal((1500, 1000))
    a = da.from_array(large, chunks=(300, 1000))
    found = dusk.compute((a + 1).sum(axis=0), (a * 2).max(), operator.sub(a, a.mean(axis=0)).std())
    np.testing.assert_allclose(found[0], (large + 1).sum(axis=0))
    assert found[1] == (large * 2).max()
    assert found[2] == pytest.approx((large - large.mean(axis=0)).std())
    few = a[:3, :4].compute()
    np.testing.assert_array_equal(few, large[:3, :4])


def test_files_are_read_where_the_tasks_run(client, tmp_path):
    for i in range(3):
        P.iloc[i::3].to_parquet(tmp_path / f"{i}.parquet", row_group_size=10)
        P.iloc[i::3].to_csv(tmp_path / f"{i}.csv", index=False)
    frame = dd.read_parquet(tmp_path / "*.parquet")
    wanted = P.groupby("text").number.sum()
    assert_same(frame.groupby("text").number.sum().compute(), wanted)
    table = dd.read_csv(tmp_path / "*.csv")
    assert_same(table.groupby("text").number.sum().compute(), wanted)
    frame.to_parquet(tmp_path / "again")
    assert dd.read_parquet(tmp_path / "again").number.sum().compute() == pytest.approx(
        P.number.sum()
    )


def test_a_thousand_delayed_calls(client):
    inc = delayed(lambda i: i + 1)
    assert sum(dusk.compute(*[inc(i) for i in range(1000)])) == 500_500


def test_delayed_calls_of_every_form(client):
    factor = np.arange(3.0)  # a closure with a buffer of its own
    scaled = delayed(lambda x, add=0: factor * x + add)
    ten = delayed(10)
    calls = [
        scaled(2),
        scaled(ten),
        scaled(2, add=ten),
        scaled(add=1, x=ten),
        delayed(partial(max, 3, key=abs))(-4),
        delayed(sum)([1, ten, 3]),
        delayed(divmod)(7, 2),
    ]
    futures = client.compute(calls)
    assert all(isinstance(future, Future) for future in futures)
    expected = [factor * 2, factor * 10, factor * 2 + 10, factor * 10 + 1, -4, 14, (3, 1)]
    for found, wanted in zip(client.gather(futures), expected, strict=True):
        np.testing.assert_array_equal(found, wanted)
    assert client.compute({"a": ten, "b": [scaled(1), 5]}, sync=True)["b"][1] == 5
    (together,) = client.compute((delayed(lambda: 7)(),))
    assert together.result() == 7


def test_one_call_that_cannot_be_pickled_is_named(client):
    with pytest.raises(TypeError, match="cannot be pickled"):
        client.compute([delayed(len)([1]), delayed(type)(threading.Lock())])


def test_blocks_have_the_names_that_users_gave(client):
    named = x().map_blocks(lambda b: b * 2, name="mine")
    kept = named.persist()
    keys = named.__dask_keys__()
    assert keys[0] == "('mine', 0, 0)" and len(keys) == 9
    assert kept.name == "mine" and kept.__dask_keys__() == keys
    assert [future.key for future in kept.__dusk_futures__()] == keys
    assert set(client.who_has(kept.__dusk_futures__())) == set(keys)
    assert "mine " in (kept + 1).explain()
    assert_same((kept + 1).compute(), X * 2 + 1)
    assert_same(client.compute(named).result(), X * 2)
    source = da.from_array(X, chunks=(15, 10), name="data").persist()
    assert {future.key for future in source.__dusk_futures__()} == set(source.__dask_keys__())
    assert_same(pickle.loads(pickle.dumps(source)).sum(axis=0).compute(), X.sum(axis=0))


def test_one_name_for_different_arrays_is_an_error(client):
    one, two = (da.full(4, v, chunks=2, name="same") for v in (1, 2))
    with pytest.raises(ValueError, match="'same' was given to different collections"):
        dusk.compute(one, two)
    assert one.sum().compute() == 4
