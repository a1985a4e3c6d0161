"""A process that ends without closing anything ends well."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import dusk

PROGRAM = """
import time
from dusk import _core
from dusk.distributed import Client, Worker
scheduler = _core.ClusterScheduler(["inproc://end"])
worker = Worker(scheduler.addresses[0], listen="inproc://end-worker")
client = Client(scheduler.addresses[0])
done = client.submit(len, "abc")
done.add_done_callback(print)
assert done.result(timeout=10) == 3
open_still = client.submit(time.sleep, 0.2)
open_still.add_done_callback(print)
"""


@pytest.mark.parametrize("more", ["", "del client, done"])
def test_unclosed_clients_and_workers_do_not_disturb_the_end(more):
    path = os.pathsep.join([str(Path(dusk.__file__).parent.parent), *sys.path])
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM + more],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
