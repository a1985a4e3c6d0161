"""A client inside an event loop, which it must never hold up."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import CancelledError

import pytest

from dusk.distributed import Client, as_completed, wait

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


def fail(x):
    raise ValueError(x)


@pytest.fixture
def run(cluster):
    """Runs a coroutine function with a client; the loop must tick all the while."""

    def run(function):
        async def main():
            async with Client(cluster, asynchronous=True, timeout=10) as client:
                await client.wait_for_workers(2, timeout=10)
                return await asyncio.wait_for(function(client), 30)

        return asyncio.run(main())

    return run


def test_futures_are_awaited(run):
    async def main(client):
        assert client.asynchronous
        assert await client.submit(inc, 1) == 2
        assert await client.submit(inc, 2).result() == 3
        assert isinstance(await client.submit(fail, 1).exception(), ValueError)
        with pytest.raises(ValueError, match="no"):
            await client.submit(fail, "no")
        assert await client.gather(client.map(inc, range(50))) == list(range(1, 51))
        assert await client.gather({"a": [client.submit(inc, 1)]}) == {"a": [2]}
        assert await client.gather([client.submit(fail, 1)], errors="skip") == []

    run(main)


def test_the_loop_goes_on_while_something_is_awaited(run):
    async def main(client):
        number = hold()
        future = client.submit(wait_for, number)
        ticks = 0

        async def tick():
            nonlocal ticks
            while ticks < 20:
                ticks += 1
                await asyncio.sleep(0.001)
            _events[number].set()

        await asyncio.gather(tick(), client.gather([future]))
        assert ticks == 20
        assert await future == number

    run(main)


def test_timeouts_and_cancelling(run):
    async def main(client):
        number = hold()
        future = client.submit(wait_for, number)
        with pytest.raises(TimeoutError):
            await future.result(timeout=0.05)
        with pytest.raises(TimeoutError):
            await wait([future], timeout=0.05)
        await future.cancel()
        with pytest.raises(CancelledError):
            await future
        _events[number].set()

    run(main)


def test_wait(run):
    async def main(client):
        number = hold()
        slow, quick = client.submit(wait_for, number), client.submit(inc, 1)
        done, not_done = await wait([slow, quick], return_when="FIRST_COMPLETED")
        assert (done, not_done) == ({quick}, {slow})
        _events[number].set()
        assert (await wait([slow, quick])).done == {slow, quick}

    run(main)


def test_as_completed(run):
    async def main(client):
        number = hold()
        slow = client.submit(wait_for, number)
        completed = as_completed([slow, client.submit(inc, 1), client.submit(inc, 2)])
        seen = []
        async for future in completed:
            seen.append(await future)
            if len(seen) == 2:
                completed.add(client.submit(inc, 3))
            if len(seen) == 3:
                _events[number].set()
        assert sorted(seen[:2]) == [2, 3]
        assert seen[2:] == [4, number]
        results = [r async for _, r in as_completed(client.map(inc, range(3)), with_results=True)]
        assert sorted(results) == [1, 2, 3]

    run(main)


def test_facts_and_data(run):
    async def main(client):
        (future,) = await client.scatter([5])
        assert await client.submit(inc, future) == 6
        assert (await client.scheduler_info())["n_workers"] == 2
        assert len((await client.who_has(future))[future.key]) == 1
        await client.replicate(future)
        assert len((await client.who_has(future))[future.key]) == 2

    run(main)


def test_with_needs_async_with(cluster):
    async def main():
        client = Client(cluster, asynchronous=True, timeout=10)
        with pytest.raises(TypeError, match="async with"), client:
            pass
        assert await client is client
        await client.close()

    asyncio.run(main())
