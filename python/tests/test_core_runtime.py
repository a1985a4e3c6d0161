"""The engine as Python sees it: tasks, errors, interruption, memory, conversions."""

from __future__ import annotations

import gc
import itertools
import os
import subprocess
import sys
import textwrap
import threading
import traceback
import weakref
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from dusk import _core

_numbers = itertools.count(1)
SCHEDULERS = ["synchronous", "threads"]


def token() -> str:
    return f"{next(_numbers):032x}"


def value(obj: Any) -> Any:
    return _core.object_value(obj, token())


def call(function: Any, *inputs: Any, name: str = "call") -> Any:
    return _core.object_call(function, list(inputs), name=name, token=token())


def compute(*exprs: Any, **options: Any) -> list[Any]:
    return _core.compute(list(exprs), **options)


@pytest.mark.parametrize("scheduler", SCHEDULERS)
def test_calls_get_the_very_objects_and_return_them(scheduler: str) -> None:
    thing = object()
    array = np.arange(3)
    same, result = compute(
        call(lambda x: x, value(thing)), call(lambda a: a, value(array)), scheduler=scheduler
    )
    assert same is thing
    assert result is array


@pytest.mark.parametrize("scheduler", SCHEDULERS)
def test_one_token_is_computed_once(scheduler: str) -> None:
    count = itertools.count()
    name = token()
    exprs = [
        _core.object_call(lambda: next(count), [], name="n", token=name),
        _core.object_call(lambda: next(count), [], name="n", token=name),
    ]
    assert compute(*exprs, scheduler=scheduler) == [0, 0]


@pytest.mark.parametrize("scheduler", SCHEDULERS)
def test_none_is_a_result(scheduler: str) -> None:
    assert compute(call(lambda x: x, value(None)), scheduler=scheduler) == [None]


def test_keys_and_names_are_dasks() -> None:
    e = _core.object_call(len, [value([])], name="len", token="ab" * 16)
    assert e.name == "len-" + "ab" * 16
    assert _core.keys(e) == [e.name]
    assert e.block_count == 1
    assert [i.kind for i in e.inputs] == ["ObjectValue"]


def test_what_is_no_expression_is_refused() -> None:
    with pytest.raises(TypeError, match="got a int"):
        _core.compute([3])
    with pytest.raises(TypeError, match="not callable"):
        call(3)
    with pytest.raises(ValueError, match="scheduler must be"):
        compute(value(1), scheduler="bogus")
    with pytest.raises(ValueError, match="num_workers"):
        compute(value(1), num_workers=-1)


class Special(Exception):
    def __init__(self, number: int) -> None:
        super().__init__(f"special {number}")
        self.number = number


def fail_at(wanted: int) -> Any:
    def deep(i: int) -> int:
        try:
            return {}[i]
        except KeyError as cause:
            raise Special(i) from cause

    def function(i: int) -> int:
        return deep(i) if i == wanted else i

    return function


@pytest.mark.parametrize("scheduler", SCHEDULERS)
def test_an_exception_in_the_middle_of_many_tasks_comes_back_as_itself(scheduler: str) -> None:
    number = 100_000 if scheduler == "threads" else 20_000
    function = fail_at(number // 2)
    calls = [call(function, value(i), name="work") for i in range(number)]
    before = _core.ledger()["live"]
    with pytest.raises(Special) as info:
        compute(call(lambda *xs: sum(xs), *calls), scheduler=scheduler)
    error = info.value
    assert error.number == number // 2
    assert isinstance(error.__cause__, KeyError)
    frames = [f.name for f in traceback.extract_tb(error.__traceback__)]
    assert frames[-1] == "deep"
    assert "function" in frames
    assert error.__notes__ == [f"in Dusk task {_core.keys(calls[number // 2])[0]}"]
    assert _core.ledger()["live"] == before


@pytest.mark.parametrize("scheduler", SCHEDULERS)
def test_a_base_exception_passes_too(scheduler: str) -> None:
    def leave() -> None:
        raise SystemExit(3)

    with pytest.raises(SystemExit) as info:
        compute(call(leave), scheduler=scheduler)
    assert info.value.code == 3


def test_a_failed_run_lets_everything_go() -> None:
    class Big:
        alive = 0

        def __init__(self) -> None:
            Big.alive += 1

        def __del__(self) -> None:
            Big.alive -= 1

    def bad(*_: Any) -> None:
        raise ValueError("bad")

    parts = [call(Big) for _ in range(50)]
    with pytest.raises(ValueError, match="bad"):
        compute(call(bad, *parts))
    gc.collect()
    assert Big.alive == 0


def test_cycles_through_expressions_are_collected() -> None:
    class Owner:
        def __init__(self) -> None:
            self.direct = call(self.method)
            self.above = call(len, call(self.method, value(self)))

        def method(self, *_: Any) -> int:
            return 1

    owner = Owner()
    watch = weakref.ref(owner)
    assert compute(owner.direct) == [1]
    del owner
    gc.collect()
    assert watch() is None


def test_collecting_while_expressions_are_shared_keeps_them() -> None:
    class Keeper:
        pass

    keeper = Keeper()
    shared = call(lambda k: k, value(keeper))
    watch = weakref.ref(keeper)
    del keeper
    tops = [call(id, shared) for _ in range(10)]
    del shared
    for _ in range(3):
        gc.collect()
    assert watch() is not None
    assert compute(*tops) == [id(watch())] * 10


def test_thread_locals_survive_from_task_to_task() -> None:
    local = threading.local()

    def function(_: int) -> tuple[int, int]:
        local.count = getattr(local, "count", 0) + 1
        return threading.get_ident(), local.count

    seen: dict[int, int] = {}
    for _ in range(3):
        results = compute(*[call(function, value(i)) for i in range(200)], num_workers=1)
        for thread, count in results:
            seen[thread] = max(seen.get(thread, 0), count)
    assert threading.get_ident() not in seen
    assert sum(seen.values()) == 600


def test_a_task_may_compute() -> None:
    def inner(n: int) -> int:
        return sum(compute(*[call(lambda i=i: i) for i in range(n)]))

    outer = [call(inner, value(10)) for _ in range(20)]
    for workers in (1, 2, 4):
        assert compute(*outer, num_workers=workers) == [45] * 20


def test_python_threads_may_compute_at_once() -> None:
    results: list[Any] = []

    def work() -> None:
        results.append(sum(compute(*[call(lambda i=i: i) for i in range(100)], num_workers=2)))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert results == [4950] * 8


def test_a_chain_of_many_calls_needs_no_stack() -> None:
    e = value(0)
    for _ in range(200_000):
        e = call(lambda x: x + 1, e)
    assert compute(e) == [200_000]
    del e


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_computes() -> None:
    code = """
        import os
        from dusk import _core
        e = [_core.object_call(lambda i=i: i, [], name="n", token=f"{i:032x}") for i in range(100)]
        assert sum(_core.compute(e)) == 4950
        child = os.fork()
        if child == 0:
            os._exit(0 if sum(_core.compute(e)) == 4950 else 1)
        assert os.waitpid(child, 0)[1] == 0
        print("both")
    """
    assert run_python(code).stdout == "both\n"


def run_python(code: str, **kwargs: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        **kwargs,
    )


INTERRUPTED = """
    import os, signal, sys, threading, time
    from dusk import _core

    # A shell that starts jobs in the background makes them ignore Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)

    def napping(i):
        time.sleep({nap})

    e = [
        _core.object_call(napping, [_core.object_value(i, f"{{i:032x}}")], name="nap",
                          token=f"{{i + 10**6:032x}}")
        for i in range(10_000)
    ]
    sent = []

    def interrupt():
        time.sleep(0.5)
        sent.append(time.perf_counter())
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt, daemon=True).start()
    try:
        _core.compute(e, scheduler="{scheduler}")
    except KeyboardInterrupt:
        late = time.perf_counter() - sent[0]
        print(late)
    # The engine still works.
    assert _core.compute([_core.object_call(lambda: 7, [], name="n", token="f" * 32)]) == [7]
    {leave}
"""


@pytest.mark.parametrize(
    ("scheduler", "nap"), [("threads", 0.001), ("threads", 2.0), ("synchronous", 0.001)]
)
def test_ctrl_c_interrupts_at_once(scheduler: str, nap: float) -> None:
    leave = "os._exit(0)" if nap > 1 else ""
    leave = "sys.stdout.flush(); " + leave
    result = run_python(INTERRUPTED.format(scheduler=scheduler, nap=nap, leave=leave))
    late = float(result.stdout)
    assert late < 1.0  # 0.1 s when nothing else runs on the machine


def test_the_process_ends_while_results_are_alive() -> None:
    code = """
        import numpy as np
        from dusk import _core
        kept = _core.persist([_core.object_call(lambda: np.ones(5), [], name="n", token="a" * 32)])
        array = _core.compute(kept)[0]
        print(array.sum())
    """
    assert run_python(code).stdout == "5.0\n"


def test_persist_keeps_the_result_and_the_key() -> None:
    count = itertools.count()
    e = call(lambda: next(count))
    (kept,) = _core.persist([e])
    assert kept.name == e.name
    assert compute(kept) == compute(kept) == [0]


def test_an_observer_sees_every_task() -> None:
    observer = _core.Observer()
    parts = [call(lambda i=i: i, name="part") for i in range(50)]
    compute(call(lambda *xs: sum(xs), *parts, name="total"), observer=observer)
    assert observer.progress() == (51, 51)
    assert {n: (d, a) for n, d, a in observer.prefixes()} == {
        "part": (50, 50),
        "total": (1, 1),
    }
    timeline = observer.timeline()
    assert len(timeline) == 51
    key, name, thread, start, end, size = timeline[-1]
    assert key.startswith("total-") and name == "total"
    assert 0 <= start <= end < 60
    assert thread in (0, 1, 2, 3, 4, 5, 6, 7) or thread >= 0
    assert size > 0


def test_annotations_stay_with_the_expression() -> None:
    e = call(lambda: 1)
    marked = _core.set_annotations(e, {"priority": "3"})
    assert marked.token == e.token
    assert _core.annotations(marked) == {"priority": "3"}
    assert _core.annotations(e) == {}
    assert compute(marked) == [1]


def test_the_plan_can_be_read_and_drawn() -> None:
    e = call(len, call(lambda: "<abc>", name="text<>"), name="length")
    plan = _core.explain([e])
    assert "2 tasks" in plan and "Python" in plan
    info = _core.graph_info([e])
    assert info["tasks"] == 2
    assert sum(layer["tasks"] for layer in info["layers"]) == 2
    svg = _core.visualize_svg([e])
    assert svg.startswith("<svg") and "text&lt;&gt;" in svg and svg.count("<rect") == 3


# -------------------------------------------------------------------------------------------------
# Conversions
# -------------------------------------------------------------------------------------------------

DTYPES = [
    "?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "c8", "c16",
    "M8[ns]", "M8[us]", "M8[s]", "M8[D]", "M8[M]", "M8[Y]", "M8[W]", "M8[h]", "M8[25s]",
    "m8[ns]", "m8[ms]", "m8[D]", "m8", "S5", "U3",
]  # fmt: skip


def roundtrip(array: np.ndarray) -> np.ndarray:
    result: np.ndarray = _core.testing.array_roundtrip(array)
    return result


def sample(dtype: str, shape: tuple[int, ...] = (4, 3)) -> np.ndarray:
    n = int(np.prod(shape))
    if dtype[0] in "SU":
        return np.array([f"t{i % 100}" for i in range(n)], dtype=dtype).reshape(shape)
    return np.arange(n).astype("i8").astype(dtype).reshape(shape)


@pytest.mark.parametrize("dtype", DTYPES)
def test_arrays_cross_unchanged_and_uncopied(dtype: str) -> None:
    array = sample(dtype)
    for view in (
        array,
        array.T,
        array[::-1],
        array[:, ::2],
        array[1:1],
        array[0],
        array[2, 1, ...],
    ):
        view = np.asarray(view)
        back = roundtrip(view)
        assert back.dtype == view.dtype
        assert back.shape == view.shape
        assert back.tobytes() == view.tobytes()
        if view.size:
            assert back.__array_interface__["data"][0] == view.__array_interface__["data"][0]
        else:
            assert back.strides == view.strides


def test_read_only_and_shared_memory_stays_protected() -> None:
    array = np.arange(5)
    array.flags.writeable = False
    assert not roundtrip(array).flags.writeable
    shared = np.arange(5)
    assert not roundtrip(shared).flags.writeable, "the caller still holds the memory"


def test_foreign_byte_order_is_copied() -> None:
    array = np.arange(5, dtype=">i4")
    back = roundtrip(array)
    assert back.dtype == np.dtype("<i4")
    np.testing.assert_array_equal(back, array)


def test_misaligned_memory_is_copied() -> None:
    raw = np.zeros(41, dtype="u1")
    array = raw[1:].view("f8")
    assert not array.flags.aligned
    back = roundtrip(array)
    assert back.flags.aligned
    np.testing.assert_array_equal(back, array)


def test_memory_lives_as_long_as_anybody_uses_it() -> None:
    array = np.arange(1000)
    back = roundtrip(array[10:])
    del array
    gc.collect()
    np.testing.assert_array_equal(back, np.arange(10, 1000))


def test_other_arrays_come_by_their_protocols() -> None:
    class Lender:
        def __init__(self, array: np.ndarray) -> None:
            self.array = array

        def __dlpack__(self, **kwargs: Any) -> Any:
            return self.array.__dlpack__(**kwargs)

        def __dlpack_device__(self) -> Any:
            return self.array.__dlpack_device__()

    array = np.arange(6.0)
    np.testing.assert_array_equal(roundtrip(Lender(array)), array)
    np.testing.assert_array_equal(roundtrip(memoryview(array)), array)
    np.testing.assert_array_equal(roundtrip([1, 2, 3]), [1, 2, 3])
    np.testing.assert_array_equal(np.from_dlpack(roundtrip(np.arange(4).copy())), np.arange(4))


def test_dtypes_without_a_native_form_are_refused() -> None:
    for array in (np.array([object()]), np.zeros(2, "i4,f8"), np.zeros(2, "g")):
        with pytest.raises(TypeError, match="no native form"):
            roundtrip(array)


FRAMES = {
    "numbers": pd.DataFrame({"a": [1, 2, 3], "b": [1.5, np.nan, 3.0]}),
    "index": pd.DataFrame({"a": [1, 2]}, index=pd.Index(["x", "y"], name="key")),
    "multi": pd.DataFrame(
        {"a": [1, 2]}, index=pd.MultiIndex.from_tuples([(1, "a"), (2, "b")], names=["n", "m"])
    ),
    "strings": pd.DataFrame({"s": pd.Series(["a", None, "ccc"], dtype="str")}),
    "categories": pd.DataFrame(
        {"c": pd.Categorical(["x", None, "y"], categories=["y", "x", "z"], ordered=True)}
    ),
    "nullable": pd.DataFrame(
        {"i": pd.array([1, None], dtype="Int64"), "b": pd.array([True, None], dtype="boolean")}
    ),
    "arrow": pd.DataFrame({"i": pd.array([1, None], dtype="int64[pyarrow]")}),
    "zones": pd.DataFrame(
        {"t": pd.to_datetime(["2024-03-31 01:00", "2024-07-01 00:00"]).tz_localize("Europe/Paris")}
    ),
    "times": pd.DataFrame({"t": pd.to_timedelta([1, 2], unit="s")}),
    "empty": pd.DataFrame({"a": pd.Series([], dtype="int64")}),
}


@pytest.mark.parametrize("name", FRAMES)
def test_tables_cross_by_capsules(name: str) -> None:
    frame = FRAMES[name]
    table = pa.Table.from_pandas(frame)
    crossed = _core.table(table)
    assert crossed.num_rows == len(frame)
    assert crossed.nbytes == table.nbytes
    (again,) = compute(call(lambda t: t, value(crossed)))
    back = pa.table(again)
    assert back.equals(table)
    assert back.schema.metadata == table.schema.metadata
    pd.testing.assert_frame_equal(back.to_pandas(), table.to_pandas())


def test_a_tables_memory_is_not_copied() -> None:
    table = pa.table({"a": np.arange(1000)})
    back = pa.table(_core.table(table))
    assert back["a"].chunk(0).buffers()[1].address == table["a"].chunk(0).buffers()[1].address


def test_a_table_knows_its_index() -> None:
    table = pa.table({"k": [1], "a": [2]})
    assert _core.table(table, index=["k"]).index == ["k"]
    with pytest.raises(KeyError, match="nope"):
        _core.table(table, index=["nope"])
    with pytest.raises(TypeError, match="__arrow_c_stream__"):
        _core.table(3)


def test_the_ledger_counts_and_forgets() -> None:
    ledger = _core.ledger()
    assert set(ledger) == {"live", "peak", "pooled"}
    assert ledger["peak"] >= ledger["live"] >= 0
    _core.reset_peak()
    _core.trim_pool()
    assert _core.ledger()["pooled"] == 0


def test_threads_can_be_stopped_and_come_back() -> None:
    assert compute(call(lambda: 1)) == [1]
    _core.stop_threads()
    assert compute(call(lambda: 2)) == [2]
    assert _core.cpu_count() >= 1


def test_values_pickle_through_frames() -> None:
    assert _core.testing.frames_roundtrip([1, "a", np.arange(3)])[1] == "a"
    array = np.arange(1000.0)
    np.testing.assert_array_equal(_core.testing.frames_roundtrip(array), array)
    frame = FRAMES["numbers"]
    pd.testing.assert_frame_equal(_core.testing.frames_roundtrip(frame), frame)
    assert _core.testing.frames_roundtrip(lambda x: x + 1)(2) == 3, "cloudpickle takes over"
    with pytest.raises(TypeError, match="cannot be pickled"):
        _core.testing.frames_roundtrip(threading.Lock())
