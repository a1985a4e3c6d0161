"""compute, annotate, visualize, explain and the diagnostics."""

from __future__ import annotations

import io
import xml.dom.minidom

import numpy as np
import pytest

import dusk
import dusk.array as da
from dusk import _core
from dusk.diagnostics import ProgressBar, Timeline
from dusk.utils import format_bytes, format_time, parse_bytes, parse_timedelta


def test_several_collections_share_work():
    calls = []

    def count(block):
        calls.append(1)
        return block

    x = da.ones(6, chunks=3).map_blocks(count, dtype="f8")
    total, top = dusk.compute(x.sum(), x.max())
    assert (float(total), float(top)) == (6.0, 1.0)
    assert len(calls) == 2


def test_annotations_stay_on_the_graph():
    with dusk.annotate(priority=5, resources={"GPU": 1}):
        x = da.ones(4, chunks=2)
    y = da.zeros(4, chunks=2)
    assert _core.annotations(x.expr) == {"priority": "5", "resources": '{"GPU": 1}'}
    assert _core.annotations(y.expr) == {}


def test_annotations_are_shown_and_survive_the_optimiser():
    with dusk.annotate(priority=5):
        x = da.ones(4, chunks=2) + 1
    total = x.sum()
    (layer,) = [
        found
        for found in _core.graph_info([total.expr], optimized=True)["layers"]
        if found["annotations"]
    ]
    assert layer["annotations"] == {"priority": "5"}
    assert "priority=5" in str(total.explain())


def test_annotations_are_checked():
    with pytest.raises(TypeError, match="priority"), dusk.annotate(priority="high"):
        pass
    with pytest.raises(TypeError, match="JSON"), dusk.annotate(mine=object()):
        pass


def test_annotations_nest():
    with dusk.annotate(priority=1), dusk.annotate(retries=2):
        assert dusk.get_annotations() == {"priority": 1, "retries": 2}
    assert dusk.get_annotations() == {}


def test_drawings_are_well_formed(tmp_path):
    x = (da.ones(4, chunks=2) + 1).sum()
    drawing = x.visualize(filename=str(tmp_path / "graph"))
    assert drawing.filename == str(tmp_path / "graph.svg")
    document = xml.dom.minidom.parse(drawing.filename)
    assert document.documentElement.tagName == "svg"
    with pytest.raises(ValueError, match="svg"):
        x.visualize(filename=str(tmp_path / "graph.png"))


def test_explain_says_what_is_native_and_what_is_not():
    x = da.ones(4, chunks=2)
    text = str((x.map_blocks(lambda b: b) + 1).sum().explain())
    assert "lambda" in text or "map" in text
    assert "ython" in text


def test_the_progress_bar_reaches_its_end():
    out = io.StringIO()
    with ProgressBar(out=out, dt=0.01):
        da.ones(10, chunks=2).sum().compute()
    assert "[########################################] | 100% Completed" in out.getvalue()
    assert out.getvalue().endswith("\n")


def test_a_quick_computation_shows_no_bar_below_the_minimum():
    out = io.StringIO()
    with ProgressBar(out=out, minimum=60):
        da.ones(10, chunks=2).sum().compute()
    assert out.getvalue() == ""


def test_timelines_have_every_task():
    x = da.ones(10, chunks=2).map_blocks(lambda b: b + 1)
    with Timeline() as timeline:
        x.compute()
    assert len(timeline.tasks) >= 5
    assert all(t.end >= t.start >= 0 for t in timeline.tasks)


def test_memory_that_can_never_fit_is_refused_before_the_start():
    x = da.random.random((1000, 1000), chunks=(500, 500))
    with pytest.raises(MemoryError, match=r"\d"):
        (x + 1).compute(memory_limit="1 KiB")


def test_bad_options_are_refused():
    with pytest.raises(TypeError, match="colour"):
        da.ones(3).compute(colour="red")
    with pytest.raises(ValueError, match="num_workers"):
        da.ones(3).compute(num_workers=0)


def test_names_that_do_not_exist_yet_say_so():
    with pytest.raises(NotImplementedError, match=r"status\.md"):
        _ = dusk.bag
    with pytest.raises(AttributeError):
        _ = dusk.no_such_name


def test_sizes_and_times_are_read_and_written():
    assert parse_bytes("128MiB") == 2**27
    assert parse_bytes("5 kB") == 5000
    assert parse_bytes("1e6") == 1_000_000
    assert parse_bytes("MB") == 1_000_000
    assert parse_bytes(12.7) == 12
    with pytest.raises(ValueError, match="foos"):
        parse_bytes("5 foos")
    assert format_bytes(2**27) == "128.00 MiB"
    assert format_time(0.25) == "250.00 ms"
    assert parse_timedelta("500ms") == 0.5


def test_the_package_pickles_by_name_and_keeps_its_functions():
    import pickle

    import dusk
    import dusk.delayed

    assert pickle.loads(pickle.dumps(dusk)) is dusk
    assert callable(dusk.delayed) and dusk.delayed.__name__ == "delayed"


def test_equal_collections_are_computed_once_and_all_get_the_result():
    def arrays() -> list[da.Array]:
        x = da.from_array(np.arange(6.0), chunks=2)
        return [x, x, x + 1, da.from_array(np.arange(6.0), chunks=2) + 1]

    for found, wanted in zip(dusk.compute(*arrays()), [0, 0, 1, 1], strict=True):
        np.testing.assert_array_equal(found, np.arange(6.0) + wanted)
    for kept, wanted in zip(dusk.persist(*arrays()), [0, 0, 1, 1], strict=True):
        np.testing.assert_array_equal(kept.compute(), np.arange(6.0) + wanted)
