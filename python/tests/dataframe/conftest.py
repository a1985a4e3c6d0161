"""Fixtures of the dataframe tests."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

_here = Path(__file__).parent
_spec = importlib.util.spec_from_file_location("dataframe_frames", _here / "frames.py")
assert _spec is not None and _spec.loader is not None
frames = importlib.util.module_from_spec(_spec)
sys.modules["dataframe_frames"] = frames
_spec.loader.exec_module(frames)


@pytest.fixture(params=frames.COUNTS)
def count(request):
    """Partition counts."""
    return request.param


@pytest.fixture
def pdf():
    """A plain frame."""
    return frames.plain()


@pytest.fixture
def ddf(pdf, count):
    """The plain frame in `count` partitions."""
    import dusk.dataframe as dd

    return dd.from_pandas(pdf, npartitions=count)


@pytest.fixture
def pef():
    """A frame of extension dtypes."""
    return frames.exotic()


@pytest.fixture
def def_(pef, count):
    """The frame of extension dtypes in `count` partitions."""
    import dusk.dataframe as dd

    return dd.from_pandas(pef, npartitions=count)
