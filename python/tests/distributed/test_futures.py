"""Futures: their states, errors, callbacks and orders."""

from __future__ import annotations

import gc
import pickle
import threading
import time
import traceback
from concurrent.futures import CancelledError

import pytest

from dusk.distributed import Future, as_completed, fire_and_forget, futures_of, get_client, wait

_events = {}


def hold():
    number = len(_events)
    _events[number] = threading.Event()
    return number


def wait_for(number):
    assert _events[number].wait(20)
    return number


def inc(x):
    return x + 1


class OwnError(Exception):
    def __init__(self, text, code):
        super().__init__(text, code)
        self.code = code


def inner(x):
    raise OwnError("inner", x)


def outer(x):
    try:
        inner(x)
    except OwnError as error:
        raise KeyError("outer") from error


def test_repr(client):
    number = hold()
    future = client.submit(wait_for, number)
    assert repr(future) == f"<Future: pending, key: {future.key}>"
    assert not future.done()
    _events[number].set()
    future.result(timeout=10)
    assert repr(future) == f"<Future: finished, type: int, key: {future.key}>"
    assert future.type is int
    assert future.key in future._repr_html_()
    bad = client.submit(inner, 1)
    wait(bad)
    assert repr(bad) == f"<Future: error, key: {bad.key}>"


def test_an_exception_keeps_its_class_and_shows_where_it_was_raised(client):
    future = client.submit(inner, 7)
    with pytest.raises(OwnError) as caught:
        future.result(timeout=10)
    assert caught.value.code == 7
    names = [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]
    assert "inner" in names
    assert any(future.key in note for note in caught.value.__notes__)
    assert isinstance(future.exception(timeout=10), OwnError)
    lines = traceback.format_tb(future.traceback(timeout=10))
    assert any('raise OwnError("inner", x)' in line for line in lines)
    assert client.submit(inc, 1).exception(timeout=10) is None
    assert client.submit(inc, 1).traceback(timeout=10) is None


def test_the_cause_of_an_exception_comes_along(client):
    error = client.submit(outer, 1).exception(timeout=10)
    assert isinstance(error, KeyError)
    assert isinstance(error.__cause__, OwnError)
    assert error.__cause__.code == 1


def test_errors_are_inherited(client):
    bad = client.submit(inner, 1)
    later = client.submit(inc, bad)
    with pytest.raises(OwnError) as caught:
        later.result(timeout=10)
    assert any(bad.key in note for note in caught.value.__notes__)
    assert later.status == "error"


def test_timeouts(client):
    number = hold()
    future = client.submit(wait_for, number)
    with pytest.raises(TimeoutError, match="timed out after 0.05 s"):
        future.result(timeout=0.05)
    with pytest.raises(TimeoutError):
        future.exception(timeout="50ms")
    with pytest.raises(TimeoutError):
        wait(future, timeout=0.05)
    with pytest.raises(TimeoutError):
        list(as_completed([future], timeout=0.05))
    _events[number].set()
    assert future.result(timeout=10) == number


def test_cancelling(client):
    number = hold()
    future = client.submit(wait_for, number)
    later = client.submit(inc, future)
    future.cancel()
    assert future.cancelled()
    assert future.done()
    assert future.status == "cancelled"
    with pytest.raises(CancelledError, match=f"{future.key} cancelled"):
        future.result(timeout=10)
    assert isinstance(future.exception(timeout=10), CancelledError)
    with pytest.raises(CancelledError):
        later.result(timeout=10)
    _events[number].set()
    again = client.submit(wait_for, number)
    assert again.result(timeout=10) == number


def test_a_value_is_kept_as_long_as_somebody_has_a_future(client):
    one, other = client.submit(inc, 5), client.submit(inc, 5)
    assert one == other
    assert hash(one) == hash(other)
    one.result(timeout=10)
    one.release()
    assert one.status == "cancelled"
    assert other.result(timeout=10) == 6
    del other
    gc.collect()
    end = time.monotonic() + 10
    while client.scheduler_info()["tasks"] and time.monotonic() < end:
        time.sleep(0.01)
    assert client.scheduler_info()["tasks"] == 0


def test_callbacks(client):
    called = []
    event = threading.Event()

    def callback(future):
        called.append(future.status)
        event.set()

    number = hold()
    future = client.submit(wait_for, number)
    future.add_done_callback(callback)
    assert called == []
    _events[number].set()
    assert event.wait(10)
    event.clear()
    client.submit(inner, 1).add_done_callback(callback)
    assert event.wait(10)
    assert called == ["finished", "error"]


def test_fire_and_forget_outlives_its_future(client):
    number = hold()
    fire_and_forget(client.submit(tell, number))
    gc.collect()
    assert _events[number].wait(10)


def tell(number):
    time.sleep(0.05)
    _events[number].set()


_tries = {}


def second_time(name):
    _tries[name] = _tries.get(name, 0) + 1
    if _tries[name] == 1:
        raise ValueError("first")
    return _tries[name]


def test_retry(client):
    future = client.submit(second_time, "a")
    later = client.submit(inc, future)
    with pytest.raises(ValueError, match="first"):
        later.result(timeout=10)
    later.retry()
    assert later.result(timeout=10) == 3


def test_a_pickled_future_is_the_same_one(client):
    future = client.submit(inc, 1)
    copy = pickle.loads(pickle.dumps(future))
    assert copy == future
    assert copy.result(timeout=10) == 2
    assert Future(future.key, client).result(timeout=10) == 2
    assert Future("nobody-knows-it").exception(timeout=10) is not None


class Box:
    def __init__(self, content):
        self.content = content


def open_box(box):
    return box.content.result(timeout=10) + 1


def submit_inside(x):
    return get_client().submit(inc, x).result(timeout=10)


def test_futures_inside_tasks(client):
    future = client.submit(inc, 1)
    wait(future)
    assert client.submit(open_box, Box(future)).result(timeout=10) == 3
    assert client.submit(submit_inside, 5, workers="w0").result(timeout=10) == 6


def test_futures_of(client):
    a, b = client.map(inc, [1, 2])
    assert set(futures_of([a, {"x": (b, a)}, 1])) == {a, b}
    a.cancel()
    with pytest.raises(CancelledError):
        futures_of([a])


def test_wait(client):
    number = hold()
    slow, quick = client.submit(wait_for, number), client.submit(inc, 1)
    done, not_done = wait([slow, quick], return_when="FIRST_COMPLETED", timeout=10)
    assert done == {quick}
    assert not_done == {slow}
    _events[number].set()
    assert wait([slow, quick], timeout=10).done == {slow, quick}
    with pytest.raises(NotImplementedError):
        wait([slow], return_when="FIRST_EXCEPTION")


def test_as_completed_gives_the_first_first(client):
    first, second = hold(), hold()
    futures = [client.submit(wait_for, first, workers="w0"),
               client.submit(wait_for, second, workers="w1")]  # fmt: skip
    completed = as_completed(futures)
    assert completed.count() == 2
    assert not completed.has_ready()
    _events[second].set()
    assert next(completed) is futures[1]
    completed.add(client.submit(inc, 0))
    assert next(completed).result(timeout=10) == 1
    _events[first].set()
    assert next(completed) is futures[0]
    assert completed.is_empty()
    with pytest.raises(StopIteration):
        next(completed)


def test_as_completed_with_results(client):
    futures = client.map(inc, range(5))
    pairs = list(as_completed(futures, with_results=True))
    assert {f.key: r for f, r in pairs} == {f.key: i + 1 for i, f in enumerate(futures)}
    bad = client.submit(inner, 1)
    with pytest.raises(OwnError):
        list(as_completed([bad], with_results=True))
    ((future, (kind, error, trace)),) = as_completed([bad], with_results=True, raise_errors=False)
    assert future is bad
    assert kind is OwnError
    assert trace is not None
    assert [f for batch in as_completed([bad, *futures]).batches() for f in batch]
    completed = as_completed(futures)
    completed.clear()
    assert completed.next_batch(block=False) == []
    with pytest.raises(TypeError, match="must be a future"):
        completed.add(1)


def type_name(x):
    return type(x).__name__


def unpicklable(x):
    return threading.Lock()


def test_results_stay_where_they_are_until_they_are_wanted(client):
    future = client.submit(unpicklable, 1, workers="w0")
    kind = client.submit(type_name, future, workers="w0")
    assert kind.result(timeout=10) == "lock"
    with pytest.raises(TypeError, match="cannot be pickled"):
        future.result(timeout=10)
