"""Submitting, mapping, gathering: what users of Dask's client expect."""

from __future__ import annotations

import functools
import operator
import re
import signal
import threading
import time

import numpy as np
import pytest

import dusk
from dusk.distributed import Client, Future, default_client, wait


def inc(x):
    return x + 1


def add(x, y=0, *, z=0):
    return x + y + z


def identity(x):
    return x


def test_a_submitted_call_is_computed(client):
    future = client.submit(inc, 1)
    assert isinstance(future, Future)
    assert future.result(timeout=10) == 2
    assert future.done()
    assert future.status == "finished"


def test_keys_are_made_of_function_and_token(client):
    future = client.submit(inc, 1)
    assert re.fullmatch(r"inc-[0-9a-f]{32}", future.key)
    assert client.submit(inc, 1).key == future.key
    assert client.submit(inc, 2).key != future.key
    assert client.submit(add, 1).key != future.key
    assert client.submit(inc, 1, pure=False).key != future.key
    assert client.submit(inc, 1, key="mine").key == "mine"
    assert client.submit(lambda x: x, 1).key.startswith("lambda-")


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ((1,), (1.0,)),
        ((1,), (True,)),
        (("1",), (1,)),
        ((b"1",), ("1",)),
        (([1, 2],), ((1, 2),)),
        (([1, [2]],), ([[1], 2],)),
        (({"x": 1},), ([("x", 1)],)),
        ((np.arange(3),), (np.arange(3.0),)),
        ((None,), ()),
        ((-1,), (255,)),
        ((2**40,), (2**41,)),
        ((2**80,), (2**81,)),
    ],
)
def test_different_arguments_have_different_keys(client, a, b):
    one, other = client.submit(type, a), client.submit(type, b)
    assert one.key != other.key
    assert client.submit(type, a).key == one.key


@pytest.mark.parametrize(
    "value",
    [
        None, True, False, 0, 1, -1, 255, 256, 2**31 - 1, -(2**31), 2**31, 2**63 - 1, -(2**63),
        2**63, 2**100, 1.5, float("inf"), "", "text", "\N{SNOWMAN}", "\ud800", "x" * 300, b"",
        b"bytes", b"y" * 300, (), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), ((), ((1,),)), [1, [2]],
        {"a": {"b": 1}}, {1, 2}, frozenset({3}), 1 + 2j, slice(1, 2), range(3), np.float64(1.5),
    ],
    ids=repr,
)  # fmt: skip
def test_values_go_and_come_back(client, value):
    result = client.submit(identity, value).result(timeout=10)
    assert type(result) is type(value)
    assert result == value
    (nested,) = client.submit(identity, [value]).result(timeout=10)
    assert type(nested) is type(value)
    assert nested == value


def test_keywords_and_defaults(client):
    assert client.submit(add, 1, y=2, z=3).result(timeout=10) == 6
    assert client.submit(add, 1, z=client.submit(inc, 1)).result(timeout=10) == 3


def test_futures_among_arguments(client):
    a, b = client.submit(inc, 1), client.submit(inc, 10)
    assert client.submit(add, a, b).result(timeout=10) == 13
    assert client.submit(add, a, a).result(timeout=10) == 4
    assert client.submit(add, a, 5).result(timeout=10) == 7
    assert client.submit(sum, [a, b, 1]).result(timeout=10) == 14
    assert client.submit(sum, (a, b)).result(timeout=10) == 13
    assert client.submit(dict, {"a": a, "b": [b]}).result(timeout=10) == {"a": 2, "b": [11]}
    assert client.submit(identity, (1, (a, (b, "x")))).result(timeout=10) == (1, (2, (11, "x")))
    assert client.submit(set, {a, b}).result(timeout=10) == {2, 11}


def test_callables_of_all_kinds(client):
    assert client.submit(functools.partial(add, 1, z=2), 3).result(timeout=10) == 6
    assert client.submit(functools.partial(add, z=2), 3, z=4).result(timeout=10) == 7
    assert client.submit(operator.add, 1, 2).result(timeout=10) == 3
    assert client.submit(operator.itemgetter(1), [5, 6]).result(timeout=10) == 6
    assert client.submit("a-b".split, "-").result(timeout=10) == ["a", "b"]
    assert client.submit(str.upper, "a").result(timeout=10) == "A"
    assert client.submit(np.add, 1, 2).result(timeout=10) == 3
    assert client.submit(int, "7").result(timeout=10) == 7
    assert client.submit(functools.partial(add, client.submit(inc, 1)), 1).result(timeout=10) == 3


def test_a_closure_is_sent_as_it_is_now(client):
    n = 1

    def plus(x):
        return x + n

    assert client.submit(plus, 1, pure=False).result(timeout=10) == 2
    n = 10
    assert client.submit(plus, 1, pure=False).result(timeout=10) == 11
    kept = [1]

    def last(x):
        return x + kept[-1]

    assert client.submit(last, 1, pure=False).result(timeout=10) == 2
    kept.append(100)
    assert client.submit(last, 1, pure=False).result(timeout=10) == 101


def test_map_is_a_list_in_order(client):
    futures = client.map(inc, range(20))
    assert client.gather(futures) == list(range(1, 21))
    assert client.gather(client.map(add, [1, 2], [10, 20, 30])) == [11, 22]
    assert client.gather(client.map(add, [1, 2], z=5)) == [6, 7]
    assert client.gather(client.map(inc, futures[:3])) == [2, 3, 4]
    assert [f.key for f in client.map(inc, range(3))] == [f.key for f in futures[:3]]
    assert client.map(inc, []) == []


def test_map_with_keys(client):
    assert [f.key for f in client.map(inc, [1, 2], key=["a", "b"])] == ["a", "b"]
    assert all(f.key.startswith("zz-") for f in client.map(inc, [1, 2], key="zz"))
    impure = client.map(inc, [1, 2], pure=False)
    assert re.fullmatch(r"inc-[0-9a-f-]{36}-0", impure[0].key)
    with pytest.raises(ValueError, match="1 keys"):
        client.map(inc, [1, 2], key=["a"])


def test_what_cannot_be_submitted(client):
    with pytest.raises(TypeError, match="First input to submit must be a callable function"):
        client.submit(1)
    with pytest.raises(TypeError, match="First input to map must be a callable function"):
        client.map([1], inc)
    with pytest.raises(TypeError, match="iterators"):
        client.map(inc, iter([1]))
    with pytest.raises(NotImplementedError, match="Actors"):
        client.submit(inc, 1, actor=True)
    with pytest.raises(ValueError, match="allow_other_workers"):
        client.submit(inc, 1, allow_other_workers=True)


def test_an_argument_that_cannot_be_pickled_is_named_and_nothing_is_submitted(client):
    before = client.scheduler_info()["tasks"]
    with pytest.raises(TypeError, match=r"argument 1 of add, of type lock.*cannot be pickled"):
        client.submit(add, 1, threading.Lock())
    with pytest.raises(TypeError, match=r"argument 'y' of add"):
        client.submit(add, 1, y=[threading.Lock()])
    lock = threading.Lock()
    with pytest.raises(TypeError, match="the function lambda cannot be pickled"):
        client.submit(lambda: lock)
    assert client.scheduler_info()["tasks"] == before


def test_gather_keeps_the_shape(client):
    a, b = client.map(inc, [1, 2])
    assert client.gather(a) == 2
    assert client.gather([a, b, a]) == [2, 3, 2]
    assert client.gather((a, b)) == (2, 3)
    assert client.gather({a}) == {2}
    assert client.gather({"a": a, "b": [b, {"c": a}]}) == {"a": 2, "b": [3, {"c": 2}]}
    assert list(client.gather(iter([a, b]))) == [2, 3]
    assert client.gather([]) == []
    with pytest.raises(ValueError, match="'raise' or 'skip'"):
        client.gather([a], errors="wrong")


def fail(x):
    raise ValueError(x)


def test_gather_raises_or_skips(client):
    good, bad = client.submit(inc, 1), client.submit(fail, "no")
    with pytest.raises(ValueError, match="no"):
        client.gather([good, bad])
    assert client.gather([good, bad, [bad]], errors="skip") == [2, []]
    assert client.gather({"a": good, "b": bad}, errors="skip") == {"a": 2}


def test_gather_does_not_wait_for_others_when_one_failed(client):
    event = threading.Event()
    slow = client.submit(_wait_for, _hold(event))
    try:
        with pytest.raises(ValueError, match="quick"):
            client.gather([slow, client.submit(fail, "quick")])
    finally:
        event.set()


_held = {}


def _hold(event):
    number = len(_held)
    _held[number] = event
    return number


def _wait_for(number):
    return _held[number].wait(20)


def test_results_are_the_users_own(client):
    array = client.submit(np.arange, 5).result(timeout=10)
    array[0] = 7
    big = client.submit(np.ones, 200_000).result(timeout=10)
    big[0] = 7
    assert client.submit(np.ones, 200_000).result(timeout=10)[1] == 1


def test_ctrl_c_ends_a_wait(client):
    event = threading.Event()
    future = client.submit(_wait_for, _hold(event))
    threading.Timer(0.2, lambda: signal.raise_signal(signal.SIGINT)).start()
    start = time.monotonic()
    try:
        with pytest.raises(KeyboardInterrupt):
            future.result(timeout=20)
        assert time.monotonic() - start < 10
    finally:
        event.set()
    assert future.result(timeout=10) is True


def test_the_current_client(cluster, client):
    assert default_client() is client
    assert Client.current() is client
    with Client(cluster, set_as_default=False) as other:
        assert default_client() is client
        with other.as_current():
            assert Client.current() is other
    with Client(cluster) as third:
        assert default_client() is third
    assert default_client() is client


def test_without_a_client():
    with pytest.raises(ValueError, match="No clients found"):
        default_client()
    with pytest.raises(ValueError, match="No clients found"):
        Client.current()


def test_no_scheduler_answers():
    start = time.monotonic()
    with pytest.raises(OSError, match=r"\[Client\] no scheduler answers at tcp://127.0.0.1:1"):
        Client("tcp://127.0.0.1:1", timeout=0.2)
    assert time.monotonic() - start < 10
    with pytest.raises(TypeError, match="Scheduler address must be a string or a Cluster"):
        Client(12)


def test_facts(client):
    future = client.submit(inc, 1)
    wait(future)
    info = client.scheduler_info()
    assert info["type"] == "Scheduler"
    assert info["n_workers"] == len(info["workers"]) == 2
    assert len(client.scheduler_info(n_workers=1)["workers"]) == 1
    addresses = set(info["workers"])
    assert client.nthreads() == client.ncores() == dict.fromkeys(addresses, 1)
    assert set(client.who_has(future)[future.key]) <= addresses
    assert any(future.key in keys for keys in client.has_what().values())
    assert set(client.processing()) == addresses
    assert client.get_versions()["client"]["packages"]["dusk"] == dusk.__version__
    assert "finished" not in client.explain(future)
    assert client.story(future)


def test_repr(cluster, client):
    assert repr(client) == f"<Client: {cluster.scheduler_address!r} processes=2 threads=2>"
    assert cluster.scheduler_address in client._repr_html_()
    assert client.scheduler.address == cluster.scheduler_address
    client.close()
    assert repr(client) == "<Client: No scheduler connected>"


def test_options_reach_the_scheduler(cluster, client):
    address = cluster.workers[1].address
    pinned = client.map(inc, range(10), workers=address)
    wait(pinned)
    assert all(holders == [address] for holders in client.who_has(pinned).values())
    by_name = client.submit(inc, 100, workers=["w0"])
    wait(by_name)
    assert client.who_has(by_name)[by_name.key] == [cluster.workers[0].address]
    with dusk.annotate(workers="w1"):
        annotated = client.submit(inc, 200)
    wait(annotated)
    assert client.who_has(annotated)[annotated.key] == [address]
    need = client.submit(inc, 300, resources={"GPU": 1})
    assert not need._wait(0.1)
    assert "GPU" in client.explain(need)[need.key]
    worker = cluster.add_worker(resources={"GPU": 2})
    assert need.result(timeout=10) == 301
    worker.close()


def flaky(counter):
    _held[counter] = _held.get(counter, 0) + 1
    if _held[counter] < 3:
        raise RuntimeError("not yet")
    return _held[counter]


def test_retries(client):
    assert client.submit(flaky, "first", retries=5).result(timeout=10) == 3
    with pytest.raises(RuntimeError, match="not yet"):
        client.submit(flaky, "second", retries=1).result(timeout=10)
    with pytest.raises(ValueError, match="number of times"):
        client.submit(flaky, "third", retries=-1)


def name_of(dask_worker):
    return dask_worker.name


def test_run_is_on_every_worker(cluster, client):
    addresses = [w.address for w in cluster.workers]
    assert client.run(name_of) == dict(zip(addresses, ["w0", "w1"], strict=True))
    assert client.run(add, 1, y=2, workers="w1") == {addresses[1]: 3}
    with pytest.raises(ValueError, match="no"):
        client.run(fail, "no")
    assert client.run(fail, "no", on_error="ignore") == {}
    errors = client.run(fail, "no", on_error="return")
    assert [type(e) for e in errors.values()] == [ValueError, ValueError]


def test_retired_workers_leave_their_results(cluster, client):
    futures = client.map(inc, range(4), workers="w0")
    wait(futures)
    address = cluster.workers[0].address
    assert list(client.retire_workers(["w0"])) == [address]
    assert client.gather(futures) == [1, 2, 3, 4]
    assert list(client.nthreads()) == [cluster.workers[1].address]


def test_a_closed_client_refuses(client):
    future = client.submit(inc, 1)
    future.result(timeout=10)
    client.close()
    client.close()
    with pytest.raises(Exception, match="Client is not running. Status: closed"):
        client.submit(inc, 2)
    with pytest.raises(Exception, match="Client is not running"):
        client.scheduler_info()


def test_the_scheduler_ends(cluster, client):
    event = threading.Event()
    future = client.submit(_wait_for, _hold(event))
    cluster.scheduler.close()
    event.set()
    with pytest.raises(Exception, match="cancelled"):
        future.result(timeout=10)
    with pytest.raises(Exception, match="lost its scheduler|no scheduler"):
        client.submit(inc, 1).result(timeout=10)
