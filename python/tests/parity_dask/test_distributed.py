"""Functions and methods of dusk.distributed take what Dask's take."""

from __future__ import annotations

import inspect
import json
from pathlib import Path

import pytest

import dusk.distributed

RECORDED = json.loads((Path(__file__).parent / "distributed_signatures.json").read_text())
# What Dask's own takes and nobody passes.
LEFT_OUT = {"Future.__init__": {"_id"}}


def existing():
    for name in RECORDED:
        owner, _, method = name.partition(".")
        try:
            found = getattr(dusk.distributed, owner)
        except NotImplementedError:
            continue
        found = inspect.getattr_static(found, method, None) if method else found
        if isinstance(found, classmethod | staticmethod):
            found = found.__func__
        if inspect.isfunction(found):
            yield pytest.param(name, found, id=name)


@pytest.mark.parametrize(("name", "function"), list(existing()))
def test_parameters_are_those_of_dask(name, function):
    own = inspect.signature(function).parameters
    names = list(own)
    takes_any = any(p.kind is p.VAR_KEYWORD for p in own.values())
    position = 0
    for parameter, kind, default in RECORDED[name]:
        if parameter in {"self", *LEFT_OUT.get(name, ())} or kind in (
            "VAR_POSITIONAL",
            "VAR_KEYWORD",
        ):
            continue
        if parameter not in own:
            assert takes_any and default, f"{name} has no parameter {parameter}"
            continue
        if default and default not in ("'__no_default__'", "<no_default>", "{}"):
            assert repr(own[parameter].default) == default, f"{name}({parameter}=...)"
        at = names.index(parameter)
        assert at >= position or kind == "KEYWORD_ONLY", f"{name}: the place of {parameter}"
        position = at
