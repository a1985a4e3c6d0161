"""Workers whose data is more than their memory."""

from __future__ import annotations

import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

import dusk
import dusk.array as da
from dusk.distributed import Client, LocalCluster
from dusk.distributed.limits import memory_options

MIB = 2**20


def block(seed: int, mebibytes: int) -> np.ndarray:
    return np.arange(mebibytes * MIB // 8, dtype="i8") + seed


def text(seed: int, mebibytes: int) -> list[bytes]:
    """No array: what it is made of must be pickled to leave memory."""
    return [bytes([seed + i]) * MIB for i in range(mebibytes)]


def spilled(directory: Path) -> int:
    return sum(512 * path.stat().st_blocks for path in directory.rglob("segment-*"))


def wait_for(condition, seconds: float = 20.0) -> bool:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    return condition()


@pytest.fixture(params=["processes", "threads"])
def small(request, tmp_path):
    """One worker whose memory limit is far below what goes through it."""
    options = {"processes": request.param == "processes"}
    with (
        LocalCluster(
            n_workers=1,
            threads_per_worker=1,
            memory_limit="400 MiB",
            local_directory=str(tmp_path),
            **options,
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client
    assert list(tmp_path.rglob("segment-*")) == []


@pytest.mark.parametrize(("make", "size", "total"), [(block, 40, 800), (text, 10, 500)])
def test_more_than_the_limit_goes_through_a_worker(small, make, size, total, tmp_path):
    futures = [small.submit(make, i, size, pure=False) for i in range(total // size)]
    assert len(small.gather([small.submit(len, future) for future in futures])) == len(futures)
    assert wait_for(lambda: spilled(tmp_path) >= (total - 280) * MIB), "240 MiB stay in memory"
    for i, future in enumerate(futures):
        result = future.result(timeout=60)
        assert np.array_equal(result, make(i, size))
        futures[i] = result = future = None
    assert wait_for(lambda: spilled(tmp_path) < 40 * MIB), "what nobody needs leaves the disk"


def test_a_collection_larger_than_the_memory(small):
    x = (da.ones(100_000_000, chunks=5_000_000) * 3).persist()
    assert x.sum().compute() == 300_000_000
    assert (x + 1)[::10_000_000].compute().tolist() == [4.0] * 10


def test_a_chunk_that_can_never_fit():
    with (
        LocalCluster(
            n_workers=1, processes=False, threads_per_worker=1, memory_limit="50 MiB"
        ) as cluster,
        Client(cluster),
        pytest.raises(MemoryError, match="memory_limit"),
    ):
        (da.ones(10_000_000, chunks=10_000_000) * 2).persist().sum().compute()


@contextmanager
def tiny_disk(path: Path, mebibytes: int):
    """A file system of so many MiB at `path`. Skips where nobody may mount one."""
    options = f"size={mebibytes}m"
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tiny", str(path)], capture_output=True, check=False
    )
    if made.returncode != 0:
        pytest.skip("mounting a file system is not permitted here")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(path)], check=True)


def fill_memory_and_disk(client: Client) -> None:
    futures = [client.submit(block, i, 20, pure=False) for i in range(40)]
    errors = [future.exception(timeout=60) for future in futures]
    kept = [i for i, error in enumerate(errors) if error is None]
    assert all(isinstance(error, MemoryError) for error in errors if error is not None)
    assert 8 <= len(kept) <= 30
    for i in kept:
        assert np.array_equal(futures[i].result(), block(i, 20))
    del futures, errors
    assert client.submit(block, 1, 20).result(timeout=60)[0] == 1


@pytest.mark.parametrize("processes", [False, True])
def test_a_full_disk_is_an_error_after_a_while(processes, tmp_path):
    with (
        dusk.config.set({"distributed.worker.memory.patience": "500ms"}),
        tiny_disk(tmp_path, 64),
        LocalCluster(
            n_workers=1,
            processes=processes,
            threads_per_worker=1,
            memory_limit="600 MiB" if processes else "200 MiB",  # with the process itself
            local_directory=str(tmp_path),
        ) as cluster,
        Client(cluster) as client,
    ):
        fill_memory_and_disk(client)


def test_no_more_than_max_spill_goes_to_disk(tmp_path):
    options = {
        "distributed.worker.memory.max-spill": "64 MiB",
        "distributed.worker.memory.patience": "500ms",
    }
    with (
        dusk.config.set(options),
        LocalCluster(
            n_workers=1,
            processes=False,
            threads_per_worker=1,
            memory_limit="200 MiB",
            local_directory=str(tmp_path),
        ) as cluster,
        Client(cluster) as client,
    ):
        fill_memory_and_disk(client)
        assert spilled(tmp_path) <= 64 * MIB


def hold_the_gil(seconds: float) -> str:
    import ctypes

    ctypes.PyDLL(None).usleep(int(seconds * 1e6))  # PyDLL keeps the lock
    return "done"


def test_values_leave_memory_and_travel_while_a_task_holds_the_gil(tmp_path):
    with (
        LocalCluster(
            n_workers=1,
            threads_per_worker=1,
            memory_limit="400 MiB",
            local_directory=str(tmp_path),
        ) as cluster,
        Client(cluster) as client,
    ):
        x = (da.ones(25_000_000, chunks=2_500_000) * 2).persist()  # 200 MB, native
        assert x.sum().compute() == 50_000_000
        blocker = client.submit(hold_the_gil, 4.0)
        time.sleep(0.5)
        begin = time.monotonic()
        more = client.scatter(np.ones(10_000_000), hash=False)  # 80 MB; over the target
        assert wait_for(lambda: spilled(tmp_path) > 40 * MIB, 3.0)
        assert not blocker.done()
        assert time.monotonic() - begin < 3.5
        assert blocker.result(timeout=30) == "done"
        assert more.result(timeout=30).sum() == 10_000_000


def test_the_levels_are_those_of_the_configuration():
    assert memory_options()["target"] == 0.6
    with dusk.config.set({"distributed.worker.memory.target": False}):
        assert memory_options()["target"] == 0
    with (
        dusk.config.set({"distributed.worker.memory.spill": 70}),
        pytest.raises(ValueError, match="fraction"),
    ):
        memory_options()
