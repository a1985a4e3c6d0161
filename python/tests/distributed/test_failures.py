"""What a cluster of real processes survives, and how it says what it does not."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

import dusk
from dusk.distributed import Client, KilledWorker, LocalCluster, wait
from dusk.distributed.worker_processes import WorkerProcesses

LONG = bool(os.environ.get("DUSK_LONG"))


def until(condition, timeout=20.0):
    """Waits until `condition()` is true."""
    end = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)


@pytest.fixture
def cluster(request):
    options = getattr(request, "param", {})
    with LocalCluster(n_workers=2, threads_per_worker=1, silence_logs=50, **options) as made:
        yield made


@pytest.fixture
def client(cluster):
    with Client(cluster, timeout=20) as made:
        yield made


def kill(cluster, address):
    worker = next(w for w in cluster.workers.values() if w.address == address)
    os.kill(worker.pid, signal.SIGKILL)
    return worker


def holder(client, future):
    return client.who_has([future])[future.key][0]


def running_on(client, key):
    found = {}

    def there():
        for address, keys in client.processing().items():
            if key in keys:
                found["address"] = address
        return found

    until(there)
    return found["address"]


def test_a_worker_killed_while_it_runs_a_task(cluster, client):
    future = client.submit(lambda: time.sleep(0.3) or 7, key="slow")
    worker = kill(cluster, running_on(client, "slow"))
    assert future.result(timeout=20) == 7
    until(lambda: worker.restarts == 1 and worker.status == "running")
    assert "signal 9" in worker.last_end
    client.wait_for_workers(2, timeout=20)


def test_a_worker_killed_while_it_holds_results(cluster, client):
    futures = client.map(lambda i: np.full(1000, i), range(20), pure=False)
    wait(futures, timeout=20)
    kill(cluster, holder(client, futures[0]))
    assert [int(a[0]) for a in client.gather(futures)] == list(range(20))


def test_a_worker_killed_while_it_sends(cluster, client):
    large = client.submit(np.ones, 8_000_000)
    wait([large], timeout=20)
    owner = holder(client, large)
    others = [w.address for w in cluster.workers.values() if w.address != owner]
    total = client.submit(lambda a: float(a.sum()), large, workers=others)
    kill(cluster, owner)
    assert total.result(timeout=30) == 8_000_000


@pytest.mark.parametrize("cluster", [{"scheduler_kwargs": {"worker_ttl": 1.0}}], indirect=True)
def test_a_worker_that_is_stopped_and_goes_on(cluster, client):
    future = client.submit(lambda: time.sleep(0.5) or 3, key="stopped")
    address = running_on(client, "stopped")
    worker = next(w for w in cluster.workers.values() if w.address == address)
    os.kill(worker.pid, signal.SIGSTOP)
    assert future.result(timeout=30) == 3
    if LONG:
        time.sleep(30)
    os.kill(worker.pid, signal.SIGCONT)
    until(lambda: len(client.scheduler_info()["workers"]) == 2)
    assert sum(client.gather(client.map(lambda x: x, range(10), pure=False))) == 45


class Proxy:
    """Passes bytes on until it is told to cut."""

    def __init__(self, host, port):
        self.target = (host, port)
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        self.sockets = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                near, _ = self.server.accept()
            except OSError:
                return
            far = socket.create_connection(self.target)
            self.sockets += [near, far]
            for pair in ((near, far), (far, near)):
                threading.Thread(target=self._pass, args=pair, daemon=True).start()

    def _pass(self, source, sink):
        try:
            while data := source.recv(1 << 16):
                sink.sendall(data)
        except OSError:
            pass

    def cut(self):
        for one in self.sockets:
            one.shutdown(socket.SHUT_RDWR)
            one.close()
        self.sockets = []

    def close(self):
        self.server.close()
        self.cut()


def test_a_connection_that_is_cut(tmp_path):
    been_here = tmp_path / "been here"

    def slow_at_first():
        if not been_here.exists():
            been_here.touch()
            time.sleep(60)
        return 5

    with LocalCluster(n_workers=0, protocol="tcp") as cluster, Client(cluster) as client:
        host, port = cluster.scheduler_address.removeprefix("tcp://").split(":")
        proxy = Proxy(host, int(port))
        processes = WorkerProcesses(
            f"tcp://127.0.0.1:{proxy.port}", "tcp://127.0.0.1:0", quiet=True
        )
        try:
            worker = processes.start("cut", nthreads=1, memory_limit=0)
            client.wait_for_workers(1, timeout=20)
            future = client.submit(slow_at_first, key="cut off")
            until(been_here.exists)
            proxy.cut()
            assert future.result(timeout=30) == 5
            assert worker.restarts >= 1
        finally:
            processes.core.close()
            proxy.close()


@pytest.mark.parametrize("cluster", [{"scheduler_kwargs": {"allowed_failures": 1}}], indirect=True)
def test_a_task_that_kills_its_workers(cluster, client):
    def poison():
        print("these are my last words", file=sys.stderr, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)

    future = client.submit(poison, key="poison", pure=False)
    with pytest.raises(KilledWorker) as raised:
        future.result(timeout=30)
    said = str(raised.value)
    assert "poison" in said
    assert said.count("unix://") >= 2
    assert "these are my last words" in said
    client.wait_for_workers(2, timeout=20)
    assert client.submit(sum, [1, 2]).result(timeout=20) == 3


@pytest.mark.parametrize(
    "cluster",
    [{"memory_limit": "300 MiB", "scheduler_kwargs": {"allowed_failures": 0}}],
    indirect=True,
)
def test_a_worker_that_outgrows_its_memory(cluster, client):
    def grow():
        held = []
        for _ in range(100):
            held.append(bytearray(b"x") * 20_000_000)
            time.sleep(0.02)

    with pytest.raises(KilledWorker, match="memory limit"):
        client.submit(grow, pure=False).result(timeout=30)


def test_a_client_that_is_gone(cluster, client):
    code = (
        "import os, sys, time\n"
        "from dusk.distributed import Client\n"
        "c = Client(sys.argv[1])\n"
        "fs = c.map(lambda i: time.sleep(0.2), range(100), pure=False)\n"
        "time.sleep(0.3)\n"
        "os._exit(0)\n"
    )
    subprocess.run([sys.executable, "-c", code, cluster.scheduler_address], check=True)
    until(lambda: client.scheduler_info()["tasks"] == 0)


def test_a_scheduler_that_is_killed(tmp_path):
    file = tmp_path / "scheduler.json"
    dusk_ = [sys.executable, "-m", "dusk"]
    scheduler = subprocess.Popen([*dusk_, "scheduler", "--port=0", f"--scheduler-file={file}"])
    worker = subprocess.Popen(
        [*dusk_, "worker", f"--scheduler-file={file}", "--nthreads=1", "--death-timeout=1s"]
    )
    try:
        until(file.exists)
        with Client(scheduler_file=str(file), timeout=20) as client:
            client.wait_for_workers(1, timeout=20)
            future = client.submit(time.sleep, 100, pure=False)
            scheduler.kill()
            with pytest.raises(Exception, match="scheduler"):
                future.result(timeout=20)
            with pytest.raises(Exception, match="closed|scheduler"):
                client.submit(sum, [1]).result(timeout=20)
        assert worker.wait(timeout=20) == 0
    finally:
        for process in (scheduler, worker):
            process.kill()
            process.wait()


@pytest.mark.parametrize("cluster", [{"scheduler_kwargs": {"worker_ttl": 1.5}}], indirect=True)
def test_a_task_that_holds_the_gil_stops_nothing_else(cluster, client):
    seconds = 10 if LONG else 3

    def hold(n):
        ctypes.PyDLL(None).sleep(n)
        return "held"

    workers = [w.address for w in cluster.workers.values()]
    kept = client.submit(np.arange, 1_000_000, workers=workers[:1])
    wait([kept], timeout=20)
    begin = time.monotonic()
    held = client.submit(hold, seconds, workers=workers[:1], key="hold")
    running_on(client, "hold")
    total = client.submit(lambda a: int(a.sum()), kept, workers=workers[1:])
    assert total.result(timeout=20) == 499999500000
    assert int(client.submit(len, kept, workers=workers[1:]).result(timeout=20)) == 1_000_000
    assert time.monotonic() - begin < seconds
    assert held.result(timeout=30) == "held"
    assert next(iter(cluster.workers.values())).restarts == 0


def test_a_worker_that_does_not_start_says_why(monkeypatch):
    with pytest.raises(RuntimeError, match=r"(?s)does not start.*no_such_module"):
        LocalCluster(n_workers=1, preload="no_such_module", silence_logs=50)


def test_the_configuration_reaches_the_workers():
    with (
        dusk.config.set({"my.own.key": 5}),
        LocalCluster(n_workers=1, threads_per_worker=1) as own,
        Client(own) as client,
    ):
        assert client.submit(lambda: dusk.config.get("my.own.key")).result(timeout=20) == 5
