"""Clusters of real processes on this machine."""

from __future__ import annotations

import os
import pathlib
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from dusk.distributed import Client, LocalCluster, Security, get_worker, wait
from dusk.distributed.limits import memory_limit_of, workers_and_threads


@pytest.fixture(scope="module")
def cluster():
    with LocalCluster(n_workers=2, threads_per_worker=1) as made:
        yield made


@pytest.fixture
def client(cluster):
    with Client(cluster, timeout=20) as made:
        yield made


def pid(_=None):
    return os.getpid()


def test_workers_are_processes(cluster, client):
    pids = set(client.gather(client.map(lambda i: (time.sleep(0.01), os.getpid())[1], range(20))))
    assert os.getpid() not in pids
    assert pids <= {worker.pid for worker in cluster.workers.values()}
    assert set(client.scheduler_info()["workers"]) == {w.address for w in cluster.workers.values()}


def test_workers_start_without_what_no_task_needs(client):
    loaded = client.submit(lambda: sorted(__import__("sys").modules), pure=False)
    assert not {"pandas", "yaml", "dusk.dataframe"} & set(loaded.result(timeout=20))


def test_values_move_between_processes(client):
    a = client.submit(np.arange, 1000)
    wait([a], timeout=20)
    there = client.who_has([a])[a.key]
    others = [w for w in client.scheduler_info()["workers"] if w not in there]
    b = client.submit(lambda x: (x.sum(), get_worker().address), a, workers=others)
    assert b.result(timeout=20) == (499500, others[0])


def test_modules_of_this_process_are_found_by_workers(client, tmp_path, monkeypatch):
    (tmp_path / "only_here.py").write_text("def answer():\n    return 42\n")
    monkeypatch.syspath_prepend(tmp_path)
    with LocalCluster(n_workers=1, threads_per_worker=1) as own, Client(own) as c:
        import only_here

        assert c.submit(only_here.answer).result(timeout=20) == 42


def test_scaling_keeps_results(cluster):
    with LocalCluster(n_workers=1, threads_per_worker=1) as own, Client(own) as c:
        own.scale(2)
        c.wait_for_workers(2, timeout=20)
        values = c.map(lambda i: np.full(100, i), range(10), pure=False)
        c.gather(values)
        own.scale(1)
        assert [int(v[0]) for v in c.gather(values)] == list(range(10))
        assert len(own.workers) == 1


def test_scaling_by_cores_and_memory():
    sizes = {"n_workers": 0, "threads_per_worker": 2, "processes": False}
    with LocalCluster(memory_limit="1GB", **sizes) as own:
        own.scale(cores=3)
        assert len(own.workers) == 2
        own.scale(1, memory="2.5GB")
        assert len(own.workers) == 3
    with LocalCluster(memory_limit=None, **sizes) as own, pytest.raises(ValueError, match="limit"):
        own.scale(memory="1GB")


def test_restart_gives_new_processes(cluster):
    with LocalCluster(n_workers=1, threads_per_worker=1) as own, Client(own) as c:
        before = c.submit(pid, pure=False).result(timeout=20)
        c.restart(timeout=20)
        c.wait_for_workers(1, timeout=20)
        assert c.submit(pid, pure=False).result(timeout=20) != before


@pytest.mark.parametrize("protocol", ["tcp", "tls"])
def test_other_protocols(protocol):
    security = Security.temporary() if protocol == "tls" else None
    with (
        LocalCluster(
            n_workers=1, threads_per_worker=1, protocol=f"{protocol}://", security=security
        ) as own,
        Client(own) as c,
    ):
        assert own.scheduler_address.startswith(f"{protocol}://127.0.0.1:")
        assert c.submit(sum, [1, 2]).result(timeout=20) == 3


def test_threads_of_this_process_are_workers_too():
    with LocalCluster(n_workers=2, processes=False) as own, Client(own) as c:
        assert own.scheduler_address.startswith("inproc://")
        assert c.submit(pid, pure=False).result(timeout=20) == os.getpid()
        c.restart(timeout=20)
        c.wait_for_workers(2, timeout=20)
        assert c.submit(pid, pure=False).result(timeout=20) == os.getpid()


def test_a_cluster_cleans_up_behind_itself(tmp_path):
    with LocalCluster(n_workers=1, threads_per_worker=1, local_directory=str(tmp_path)) as own:
        worker = next(iter(own.workers.values())).pid
        assert list(tmp_path.iterdir())
    assert not list(tmp_path.iterdir())
    with pytest.raises(ProcessLookupError):
        os.kill(worker, 0)
    dead = subprocess.run(["true"], check=True) and tmp_path / "dusk-cluster-999999999-x"
    dead.mkdir()
    with LocalCluster(n_workers=0, local_directory=str(tmp_path)):
        assert not dead.exists()


def test_workers_go_with_the_process_that_started_them(tmp_path):
    code = (
        "from dusk.distributed import LocalCluster; import time\n"
        "if __name__ == '__main__':\n"
        "    c = LocalCluster(n_workers=1, threads_per_worker=1)\n"
        "    print(c.workers[0].pid, flush=True); time.sleep(60)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=os.environ
    )
    worker = int(parent.stdout.readline())
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    for _ in range(500):
        if not _runs(worker):
            break
        time.sleep(0.01)
    assert not _runs(worker)


def _runs(pid: int) -> bool:
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except OSError:
        return False


def test_defaults_follow_dask():
    assert workers_and_threads(3, 2, True) == (3, 2)
    assert workers_and_threads(None, None, False)[0] == 1
    assert memory_limit_of("2 GiB", 1, 2) == 2**31
    assert memory_limit_of(None, 1, 2) == 0
    assert memory_limit_of("auto", 1, 2) * 2 == pytest.approx(memory_limit_of(1.0, 1, 1), abs=2)


def test_wrong_arguments_are_refused():
    with pytest.raises(ValueError, match="protocol"):
        LocalCluster(n_workers=0, protocol="smoke")
    with pytest.raises(ValueError, match="inproc"):
        LocalCluster(n_workers=0, processes=True, protocol="inproc://")
    with pytest.raises(TypeError, match="unknown"):
        LocalCluster(n_workers=0, n_wrokers=2)
    with LocalCluster(n_workers=0) as own, pytest.raises(NotImplementedError):
        own.adapt(maximum=3)
