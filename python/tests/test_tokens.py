"""Tokens are equal for equal things only, in every process."""

from __future__ import annotations

import subprocess
import sys
from functools import partial

import numpy as np
import pandas as pd
import pytest

from dusk import tokenize

THINGS = [
    None,
    True,
    1,
    1.0,
    "1",
    b"1",
    (1,),
    [1],
    [1, [2]],
    [[1], 2],
    {1},
    {"a": 1},
    {"a": 2},
    np.int64(1),
    np.float32(1),
    np.arange(3),
    np.arange(3.0),
    np.arange(4).reshape(2, 2),
    np.dtype("f4"),
    np.array(["a"]),
    np.array([None, "x"], dtype=object),
    pd.DataFrame({"a": [1]}),
    pd.Series([1], name="a"),
    pd.Index([1]),
    len,
    np.add,
    int,
    partial(max, 1),
    slice(1, 2),
    lambda x: x + 1,
    lambda x: x + 2,
]


def test_different_things_have_different_tokens():
    tokens = [tokenize(thing) for thing in THINGS]
    assert len(set(tokens)) == len(THINGS)


@pytest.mark.parametrize("i", range(len(THINGS)))
def test_a_thing_has_one_token(i):
    assert tokenize(THINGS[i]) == tokenize(THINGS[i])


def test_tokens_are_the_same_in_another_process():
    code = "from dusk import tokenize; print(tokenize([1, 'a', {'b': 2.5}, {3, 4}], k=len))"
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert other.stdout.strip() == tokenize([1, "a", {"b": 2.5}, {3, 4}], k=len)


def test_strictness_refuses_what_has_no_deterministic_token():
    class Unpicklable:
        def __reduce__(self):
            raise TypeError("no")

    assert tokenize(Unpicklable()) != tokenize(Unpicklable())
    with pytest.raises(RuntimeError, match="deterministically"):
        tokenize(Unpicklable(), ensure_deterministic=True)
