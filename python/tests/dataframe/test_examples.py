"""The docstrings' examples run."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import dusk.dataframe


def modules():
    """Every module of the package."""
    found = pkgutil.walk_packages(dusk.dataframe.__path__, "dusk.dataframe.")
    return ["dusk.dataframe", *(m.name for m in found)]


@pytest.mark.parametrize("name", modules())
def test_examples_run(name):
    failures, _ = doctest.testmod(importlib.import_module(name))
    assert failures == 0
