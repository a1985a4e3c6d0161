"""The program ``dusk`` as users and clusters start it: real processes, real signals."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

PROGRAM = Path(importlib.util.find_spec("dusk").origin).parent / "bin" / "dusk"
PATIENCE = 30


@contextmanager
def running(*arguments: str, **options: object) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [PROGRAM, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        **options,  # type: ignore[call-overload]
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(PATIENCE)
        process.stdout.close()


def first_line(process: subprocess.Popen[str]) -> str:
    return process.stdout.readline().strip()


@contextmanager
def scheduler(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    with running("scheduler", "--port", "0", *arguments) as process:
        said, address = first_line(process).split(": ", 1)
        assert said == "Scheduler at"
        yield process, address


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_a_scheduler_says_where_it_is_and_ends_at_a_signal(sign: signal.Signals) -> None:
    with scheduler() as (process, address):
        assert address.startswith("tcp://127.0.0.1:")
        process.send_signal(sign)
        assert process.wait(PATIENCE) == 0
        assert process.stdout.read() == f"Stopped scheduler at {address}\n"


def test_there_is_no_python_in_the_program() -> None:
    with scheduler() as (process, _):
        maps = Path(f"/proc/{process.pid}/maps").read_text()
    assert "libdusk" in maps
    assert "libpython" not in maps


def test_a_parent_learns_the_address_from_a_descriptor_and_ends_it_by_going() -> None:
    ready, ready_writer = os.pipe()
    alive, alive_writer = os.pipe()
    descriptors = {"pass_fds": (ready_writer, alive)}
    with running(
        *("scheduler", "--port", "0", "--ready-fd", str(ready_writer), "--alive-fd", str(alive)),
        **descriptors,
    ) as process:
        os.close(ready_writer)
        os.close(alive)
        with os.fdopen(ready) as lines:
            assert lines.read() == first_line(process).removeprefix("Scheduler at: ") + "\n"
        assert process.poll() is None
        os.close(alive_writer)
        assert process.wait(PATIENCE) == 0


def test_files_name_the_process_and_the_address_while_it_runs(tmp_path: Path) -> None:
    place, number = tmp_path / "scheduler.json", tmp_path / "pid"
    with scheduler("--scheduler-file", str(place), "--pid-file", str(number)) as (process, address):
        with running(
            *("worker", "--no-python", "--scheduler-file", str(place), "--nthreads", "1"),
            *("--memory-target-fraction", "0.5", "--memory-pause-fraction=0"),
        ) as worker:
            assert first_line(worker).startswith("Start worker at: tcp://127.0.0.1:")
        assert json.loads(place.read_text())["address"] == address
        assert int(number.read_text()) == process.pid
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    assert not place.exists()
    assert not number.exists()


def test_a_worker_ends_at_a_signal_and_when_its_scheduler_goes() -> None:
    from dusk.distributed import Client

    with (
        scheduler() as (process, address),
        running("worker", address, "--no-python", "--nthreads", "2", "--name", "a") as first,
        running("worker", address, "--no-python", "--nworkers", "2") as second,
    ):
        assert first_line(first).startswith("Start worker at")
        assert first_line(second).startswith("Start worker at")
        with Client(address, timeout=PATIENCE) as client:
            client.wait_for_workers(3, timeout=PATIENCE)
        first.send_signal(signal.SIGINT)
        assert first.wait(PATIENCE) == 0
        process.send_signal(signal.SIGINT)
        assert second.wait(PATIENCE) == 0
        assert "the scheduler was stopped" in second.stdout.read()


def test_a_worker_whose_scheduler_dies_fails() -> None:
    with (
        scheduler() as (process, address),
        running("worker", address, "--no-python", "--nworkers", "2", "--death-timeout", "1s") as w,
    ):
        assert first_line(w).startswith("Start worker at")
        process.kill()
        assert w.wait(PATIENCE) == 1
        said = w.stdout.read()
        assert "the connection to the scheduler ended" in said or "no scheduler at" in said


def test_a_worker_gives_up_when_there_is_no_scheduler() -> None:
    begin = time.monotonic()
    with running(
        "worker", "tcp://127.0.0.1:1", "--no-python", "--death-timeout", "300ms"
    ) as worker:
        assert worker.wait(PATIENCE) == 1
        assert "no scheduler at tcp://127.0.0.1:1" in worker.stdout.read()
    assert time.monotonic() - begin < PATIENCE


def test_unix_sockets_serve_one_host(tmp_path: Path) -> None:
    place = tmp_path / "s"
    with scheduler("--protocol", "unix", "--host", str(place)) as (_, address):
        assert address == f"unix://{place}"
        with running("worker", address, "--no-python") as worker:
            assert first_line(worker).startswith("Start worker at: unix:///")


def test_an_idle_scheduler_ends_by_itself() -> None:
    with scheduler("--idle-timeout", "200ms") as (process, _):
        assert process.wait(PATIENCE) == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("", "subcommand is required"),
        ("schedule", "subcommand is required"),
        ("scheduler --port 70000", "0 to 65535"),
        ("scheduler --protocol carrier-pigeon", "tcp,tls,unix"),
        ("scheduler --protocol tls", "--tls-ca-file, --tls-cert and --tls-key"),
        ("scheduler --idle-timeout soon", "'soon' is not a duration: write it like"),
        ("scheduler --interface nope0", "'nope0' is no interface"),
        ("scheduler --ready-fd 77", "77 is no open descriptor"),
        ("worker", "--no-python"),
        ("worker --no-python", "give the scheduler's address"),
        ("worker --no-python pigeon://x:1", "unknown scheme"),
        ("worker --no-python tcp://127.0.0.1:1 --memory-limit lots", "'lots' is not a size"),
        ("worker --no-python tcp://127.0.0.1:1 --resources GPU", "write GPU=2"),
        ("worker --no-python tcp://127.0.0.1:1 --nthreads 0", "nthreads"),
    ],
)
def test_bad_options_are_told_and_end_with_code_2(arguments: str, words: str) -> None:
    done = subprocess.run([PROGRAM, *arguments.split()], capture_output=True, text=True, timeout=30)
    assert done.returncode == 2
    assert words in done.stderr + done.stdout


def test_a_port_that_is_taken_is_an_error() -> None:
    with scheduler() as (_, address):
        port = address.rsplit(":", 1)[1]
        done = subprocess.run(
            [PROGRAM, "scheduler", "--port", port], capture_output=True, text=True, timeout=30
        )
    assert done.returncode == 1
    assert port in done.stderr


def test_workers_without_python_compute_native_collections(tmp_path: Path) -> None:
    import dusk.array as da
    import dusk.dataframe as dd
    from dusk.distributed import Client

    rows = pd.DataFrame({"k": np.arange(90) % 7, "v": np.arange(90.0)})
    rows.to_parquet(tmp_path / "x.parquet", row_group_size=20)
    with (
        scheduler() as (_, address),
        running("worker", address, "--no-python", "--nworkers", "2"),
        Client(address, timeout=PATIENCE) as client,
    ):
        client.wait_for_workers(2, timeout=PATIENCE)
        x = da.random.default_rng(1).normal(size=(60, 50), chunks=20)
        y = ((x - x.mean(axis=0)) / x.std(axis=0))[::2].sum(axis=1)
        np.testing.assert_allclose(y.compute(), y.compute(scheduler="threads"))
        frame = dd.read_parquet(tmp_path, split_row_groups=True)
        sums = frame[frame.v > 10].groupby("k").v.sum().compute()
        pd.testing.assert_series_equal(sums, rows[rows.v > 10].groupby("k").v.sum())
        with pytest.raises(RuntimeError, match=r"no operations of the kind .python\.call"):
            x.map_blocks(lambda b: b).compute()


def test_python_tasks_go_to_workers_that_have_python(tmp_path: Path) -> None:
    import dusk.array as da
    import dusk.dataframe as dd
    from dusk.distributed import Client, Worker

    pd.DataFrame({"v": np.arange(100)}).to_parquet(tmp_path / "rows.parquet")
    with (
        scheduler() as (_, address),
        running("worker", address, "--no-python", "--nworkers", "2"),
        Worker(address, nthreads=1, name="with-python") as worker,
        Client(address, timeout=PATIENCE) as client,
    ):
        client.wait_for_workers(3, timeout=PATIENCE)
        futures = client.map(lambda i: i * i, range(50), pure=False)
        assert client.gather(futures) == [i * i for i in range(50)]
        assert {w for found in client.who_has(futures).values() for w in found} == {worker.address}
        x = da.arange(60, chunks=5).map_blocks(lambda block: block + 1)
        assert int(x.sum().compute()) == 60 * 61 // 2
        assert int((dd.read_parquet(tmp_path).v + 1).sum().compute()) == 50 * 101
