"""What tasks can do on a worker."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest

from dusk.distributed import Reschedule, get_client, get_worker, rejoin, secede, worker_client


def test_a_task_sees_its_worker(client):
    def where():
        worker = get_worker()
        worker.seen = getattr(worker, "seen", 0) + 1
        return worker.address, worker.name, worker.nthreads

    address, name, nthreads = client.submit(where, pure=False).result(timeout=10)
    assert address in client.scheduler_info()["workers"]
    assert name in ("w0", "w1")
    assert nthreads == 1


def test_outside_of_tasks_there_is_nothing_to_leave(client):
    for function in (secede, rejoin):
        with pytest.raises(ValueError, match="only a task"):
            function()


def test_a_task_that_seceded_lets_another_take_its_place(client):
    def outer():
        secede()
        time.sleep(0.2)
        rejoin()
        return threading.get_ident()

    outers = [client.submit(outer, pure=False) for _ in range(4)]
    assert client.submit(lambda: 5, pure=False).result(timeout=10) == 5
    assert len(client.gather(outers)) == 4


def test_tasks_submit_tasks(client):
    def total(n):
        with worker_client() as inner:
            return sum(inner.gather(inner.map(lambda x: x * x, range(n), pure=False)))

    futures = [client.submit(total, 10, pure=False) for _ in range(4)]
    assert client.gather(futures) == [285] * 4


def test_get_client_inside_a_task_is_one_of_its_cluster(client):
    def ask():
        return get_client().scheduler_address

    assert client.submit(ask, pure=False).result(timeout=10) == client.scheduler_address


def test_a_task_can_ask_for_another_worker(client):
    def picky():
        if get_worker().name == "w0" and not hasattr(get_worker(), "asked"):
            get_worker().asked = True
            raise Reschedule
        return get_worker().name

    names = client.gather([client.submit(picky, pure=False) for _ in range(8)])
    assert set(names) <= {"w0", "w1"}


def test_threads_keep_their_local_values(client):
    def count():
        kept = get_worker().__dict__.setdefault("kept", threading.local())
        kept.n = getattr(kept, "n", 0) + 1
        return kept.n

    counts = client.gather([client.submit(count, pure=False) for _ in range(20)])
    assert max(counts) >= 10


def test_a_function_that_cannot_be_unpickled_fails_its_task(client):
    class Broken:
        def __reduce__(self):
            return __import__, ("no_such_module",)

        def __call__(self):
            return 1

    with pytest.raises(ModuleNotFoundError, match="no_such_module"):
        client.submit(Broken(), pure=False).result(timeout=10)


def test_an_exception_that_cannot_be_pickled_is_told_in_words(client):
    class Odd(Exception):
        def __reduce__(self):
            raise TypeError("never")

    def fail():
        raise Odd("as it was")

    with pytest.raises(RuntimeError, match="Odd: as it was"):
        client.submit(fail, pure=False).result(timeout=10)


def test_a_result_that_cannot_be_pickled_is_used_where_it_is(client):
    lock = client.submit(threading.Lock, pure=False)
    assert client.submit(lambda held: held.locked(), lock, pure=False).result(timeout=10) is False
    with pytest.raises(TypeError, match="pickle"):
        lock.result(timeout=10)


def test_arrays_and_what_holds_them_go_through(client):
    array = client.submit(np.arange, 10.0)
    held = client.submit(lambda a, b=None: {"sum": a.sum(), "twice": [b, a]}, array, b=array)
    result = held.result(timeout=10)
    assert result["sum"] == 45
    np.testing.assert_array_equal(result["twice"][0], np.arange(10.0))
