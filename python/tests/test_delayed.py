"""Delayed functions behave as Dask's."""

from __future__ import annotations

import dataclasses
import operator
import threading

import numpy as np
import pytest

import dusk
import dusk.array as da
from dusk import delayed
from dusk.delayed import Delayed

SCHEDULERS = ["synchronous", "threads"]


@delayed
def add(a, b=0):
    return a + b


@pytest.mark.parametrize("scheduler", SCHEDULERS)
def test_calls_nest(scheduler):
    total = add(1, add(2, b=add(3, 4)))
    assert isinstance(total, Delayed)
    assert total.compute(scheduler=scheduler) == 10


def test_arguments_are_found_inside_containers():
    @dataclasses.dataclass
    class Pair:
        first: object
        second: object

    one, two = delayed(1), add(1, 1)
    gather = delayed(lambda *args, **kwargs: (args, kwargs))
    args, kwargs = gather([one, (two, {"k": one})], {two}, pair=Pair(one, [two])).compute()
    assert args == ([1, (2, {"k": 1})], {2})
    assert (kwargs["pair"].first, kwargs["pair"].second) == (1, [2])


def test_containers_stay_closed_without_traverse():
    inner = delayed(1)
    (found,) = delayed(lambda x: x, traverse=False)([inner]).compute()
    assert found is inner


@pytest.mark.parametrize(
    ("function", "args"),
    [
        (operator.add, (3,)),
        (operator.sub, (3,)),
        (operator.mul, (3,)),
        (operator.truediv, (3,)),
        (operator.floordiv, (3,)),
        (operator.mod, (3,)),
        (operator.pow, (3,)),
        (operator.and_, (3,)),
        (operator.or_, (3,)),
        (operator.xor, (3,)),
        (operator.lshift, (3,)),
        (operator.rshift, (3,)),
        (operator.lt, (3,)),
        (operator.ge, (3,)),
        (operator.eq, (3,)),
        (operator.ne, (3,)),
        (operator.neg, ()),
        (operator.abs, ()),
        (operator.invert, ()),
        (divmod, (3,)),
    ],
)
def test_operators(function, args):
    assert function(delayed(-7), *args).compute() == function(-7, *args)
    if args:
        assert function(100, delayed(7)).compute() == function(100, 7)


def test_attributes_items_and_methods():
    text = delayed("a,b")
    assert text.split(",")[1].compute() == "b"
    assert delayed(3 + 4j).imag.compute() == 4.0
    assert text.upper().lower().compute() == "a,b"


def test_nout_lets_results_be_unpacked():
    quotient, rest = delayed(divmod, nout=2)(17, 5)
    assert dusk.compute(quotient, rest) == (3, 2)
    assert len(delayed(divmod, nout=2)(1, 1)) == 2
    with pytest.raises(TypeError, match="unspecified length"):
        list(add(1, 2))
    with pytest.raises(ValueError, match="nout"):
        delayed(divmod, nout=-1)


def test_truth_and_assignment_are_refused():
    value = delayed([1])
    with pytest.raises(TypeError, match="Truth of Delayed objects is not supported"):
        bool(value)
    with pytest.raises(TypeError, match="immutable"):
        value[0] = 2
    with pytest.raises(TypeError, match="immutable"):
        value.name = 2


def test_pure_calls_with_equal_arguments_are_one_task():
    calls = []

    def count(x):
        calls.append(x)
        return x

    pure = delayed(count, pure=True)
    assert pure(1).key == pure(1).key != pure(2).key
    assert dusk.compute(pure(1), pure(1)) == (1, 1)
    assert calls == [1]
    impure = delayed(count)
    assert impure(1).key != impure(1).key


def test_shared_work_is_done_once():
    calls = []

    @delayed
    def load():
        calls.append(threading.get_ident())
        return 5

    value = load()
    assert dusk.compute(value + 1, value * 2, [value]) == (6, 10, [5])
    assert len(calls) == 1


@pytest.mark.parametrize("scheduler", SCHEDULERS)
def test_exceptions_come_back_as_they_are(scheduler):
    class Broken(Exception):
        pass

    @delayed
    def fail(x):
        try:
            return 1 / x
        except ZeroDivisionError as error:
            raise Broken("this one") from error

    with pytest.raises(Broken, match="this one") as caught:
        add(fail(0), 1).compute(scheduler=scheduler)
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    names = [entry.name for entry in caught.traceback]
    assert "fail" in names
    assert any("fail-" in note for note in caught.value.__notes__)


def test_long_chains_need_no_deep_stack():
    value = delayed(0)
    for _ in range(20_000):
        value = add(value, 1)
    assert value.compute() == 20_000


def test_wide_fans_are_gathered():
    parts = [add(i, 1) for i in range(5_000)]
    assert delayed(sum)(parts).compute() == sum(range(1, 5_001))


def test_arrays_may_be_arguments():
    import dusk.array as da

    x = da.arange(10, chunks=3)
    assert delayed(np.sum)(x).compute() == 45
    assert delayed(lambda d: d["x"].tolist())({"x": x}).compute() == list(range(10))


def test_compute_leaves_other_arguments_alone():
    assert dusk.compute(1, "a", [2]) == (1, "a", [2])
    assert dusk.compute(add(1, 2), {"k": add(3, 4)}) == (3, {"k": 7})


def test_persist_keeps_values():
    calls = []

    @delayed
    def slow():
        calls.append(1)
        return 3

    kept = slow().persist()
    assert (kept + 1).compute() == 4
    assert (kept + 2).compute() == 5
    assert len(calls) == 1


def test_methods_can_be_decorated():
    class Model:
        factor = 3

        @delayed
        def scale(self, x):
            return self.factor * x

    assert Model().scale(delayed(2)).compute() == 6


def test_keys_can_be_chosen():
    assert add(1, 2, dask_key_name="mine").compute() == 3
    assert delayed(1, name="one").compute() == 1


def test_repr_names_the_key():
    assert repr(add(1, 2)).startswith("Delayed('add-")


def test_a_given_key_is_the_key() -> None:
    add = dusk.delayed(operator.add)
    assert add(1, 2, dask_key_name="three").key == "three"
    assert add(1, 2, dask_key_name="three").persist().key == "three"
    assert dusk.delayed(5, name="five").key == "five"
    assert dusk.delayed([add(1, 2)], name="list").key == "list"
    assert add(add(1, 2, dask_key_name="a"), 3, dask_key_name="b").compute() == 6


def test_a_failure_names_the_task_and_its_step() -> None:
    def bad(block: np.ndarray) -> np.ndarray:
        raise ValueError("boom")

    x = da.ones((4, 4), chunks=2).map_blocks(bad, dtype=float)
    with pytest.raises(ValueError, match="boom") as caught:
        (x + 1).sum().compute()
    assert "in its step bad" in caught.value.__notes__[0]
    with pytest.raises(ZeroDivisionError) as failed:
        dusk.delayed(operator.truediv)(1, 0, dask_key_name="mine").compute()
    assert failed.value.__notes__ == ["in Dusk task mine"]


def test_options_make_a_decorator() -> None:
    @delayed(pure=True, nout=2)
    def both(x):
        return x, -x

    assert both(1).key == both(1).key
    one, other = both(3)
    assert dusk.compute(one, other) == (3, -3)
    named = delayed(name="mine")
    assert named(5).key == "mine"


def test_slices_and_iterators_are_searched() -> None:
    given = delayed(lambda x: x)
    assert given(slice(delayed(1), 5, delayed(2))).compute() == slice(1, 5, 2)
    assert delayed(list(range(9)))[slice(delayed(2), delayed(5))].compute() == [2, 3, 4]
    assert given(iter([1, delayed(2)])).compute() == [1, 2]
    assert given(iter((1, delayed(2)))).compute() == (1, 2)
    assert delayed(iter([1, 2])).compute() == [1, 2]
    assert dusk.compute(iter([delayed(1), 2])) == ([1, 2],)


def test_keys_start_with_what_was_wrapped() -> None:
    for wrapped, start in (
        (delayed([1]), "list-"),
        (delayed(3), "int-"),
        (add, "add-"),
        (delayed(operator.add, pure=True), "add-"),
        (delayed(np.arange(3)), "ndarray-"),
    ):
        assert wrapped.key.startswith(start) and wrapped.persist().compute() is not None
    assert delayed(1).key != delayed(1).key
    assert delayed(1, pure=True).key == delayed(1, pure=True).key


def test_a_tuple_can_be_the_key() -> None:
    assert add(1, 2, dask_key_name=("mine", 3)).key == "('mine', 3)"
    assert delayed("x").upper(dask_key_name=("up", 0)).compute() == "X"
    assert delayed(7, name=("seven", 0)).key == "('seven', 0)"
