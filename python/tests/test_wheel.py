"""The wheel builds, carries its own Arrow, and runs in an empty environment."""

from __future__ import annotations

import os
import subprocess
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.environ.get("DUSK_LONG") != "1", reason="builds everything again"),
]


@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13"])
def test_a_wheel_runs_in_an_empty_environment(version):
    made = subprocess.run(
        ["tools/wheel.sh", version], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stdout + made.stderr
    if f"no Python {version} here" in made.stdout:
        pytest.skip(f"no Python {version} here")
    assert "fine" in made.stdout
    short = version.replace(".", "")
    (wheel,) = (ROOT / "dist").glob(f"dusk-*-cp{short}-*manylinux*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert any(n.startswith("dusk.libs/libarrow") for n in names)
    assert any(n.startswith("dusk.libs/libparquet") for n in names)
    assert not any(n.endswith((".cc", ".h", "CMakeLists.txt")) for n in names)
    assert "dusk/_core.pyi" in names and "dusk/py.typed" in names
