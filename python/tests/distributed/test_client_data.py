"""Data that clients put on workers and get back."""

from __future__ import annotations

import threading

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from dusk.distributed import Future, wait


def identity(x):
    return x


def total(x):
    return x.sum()


def test_containers_keep_their_shape(client):
    assert client.scatter(5).result(timeout=10) == 5
    futures = client.scatter([1, "a", None])
    assert isinstance(futures, list)
    assert client.gather(futures) == [1, "a", None]
    assert client.gather(client.scatter((1, 2))) == (1, 2)
    assert client.gather(client.scatter({1, 2})) == {1, 2}
    named = client.scatter({"x": 1, "y": [2]})
    assert {n: f.key for n, f in named.items()} == {"x": "x", "y": "y"}
    assert client.gather(named) == {"x": 1, "y": [2]}


def test_keys(client):
    one, same, other = client.scatter([1, 1, 2])
    assert one.key == same.key != other.key
    assert one.key.startswith("int-")
    assert client.scatter(1, hash=False).key != client.scatter(1, hash=False).key


def test_workers_take_turns_or_all_get_it(cluster, client):
    futures = client.scatter(list(range(10)))
    holders = client.who_has(futures)
    assert {h for hs in holders.values() for h in hs} == {w.address for w in cluster.workers}
    assert all(len(hs) == 1 for hs in holders.values())
    everywhere = client.scatter("x", broadcast=True)
    assert len(client.who_has(everywhere)[everywhere.key]) == 2
    (there,) = client.scatter(["y"], workers=["w1"])
    assert client.who_has(there)[there.key] == [cluster.workers[1].address]
    with pytest.raises(ValueError, match="no 'w9'"):
        client.scatter(1, workers="w9")


@pytest.mark.parametrize(
    "value",
    [
        np.arange(100_000.0).reshape(100, 1000),
        np.arange(10)[::2],
        np.array([], dtype="i4"),
        np.array("2020-01-01", dtype="M8[D]"),
        np.array([("a", 1)], dtype=[("x", "U1"), ("y", "i4")]),
        np.array([1, "a", None], dtype=object),
    ],
    ids=["large", "strided", "empty", "date", "record", "object"],
)
def test_arrays(client, value):
    future = client.scatter(value)
    back = client.submit(identity, future).result(timeout=10)
    assert type(back) is np.ndarray
    assert back.dtype == value.dtype
    np.testing.assert_array_equal(back, value)


def test_frames_and_tables(client):
    frame = pd.DataFrame({"a": range(1000), "b": ["x", None] * 500}, index=range(1, 1001))
    future = client.scatter(frame)
    pd.testing.assert_frame_equal(future.result(timeout=10), frame)
    back = client.submit(identity, future).result(timeout=10)
    pd.testing.assert_frame_equal(back, frame)
    made = client.submit(pd.DataFrame, {"a": range(1000)}).result(timeout=10)
    made.iloc[0, 0] = 7
    assert client.submit(total, client.scatter(frame["a"])).result(timeout=10) == 499500
    table = pa.table({"a": list(range(1000))})
    assert client.submit(identity, client.scatter(table)).result(timeout=10).equals(table)


def test_scattered_data_is_an_argument(client):
    array = client.scatter(np.ones(1000))
    assert client.submit(total, array).result(timeout=10) == 1000
    assert client.gather(client.map(total, [array] * 3)) == [1000] * 3


def test_replicate_and_rebalance(cluster, client):
    futures = client.map(np.ones, [10] * 4, pure=False, workers="w0")
    wait(futures)
    client.replicate(futures[:2])
    holders = client.who_has(futures[:2])
    assert all(len(hs) == 2 for hs in holders.values())
    with pytest.raises(ValueError, match="n must be 1 or more"):
        client.replicate(futures, n=0)
    client.rebalance(futures)
    assert [len(x) for x in client.gather(futures)] == [10] * 4


def test_what_cannot_be_scattered(client):
    with pytest.raises(TypeError, match="cannot be pickled"):
        client.scatter(threading.Lock(), hash=False)


def test_a_future_of_another_client_is_refused(cluster, client):
    from dusk.distributed import Client

    with Client(cluster, set_as_default=False, timeout=10) as other:
        future = other.submit(identity, 1)
        assert isinstance(future, Future)
        with pytest.raises(ValueError, match="future of another client"):
            client.submit(identity, future)
        with pytest.raises(ValueError, match="future of another client"):
            client.gather([future])
