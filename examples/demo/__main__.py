"""The main job: a year of real flights through Dusk, every answer compared with pandas or NumPy.

Run with ``./dev demo``, or with ``./dev demo --cluster`` on a local cluster of worker processes.
Writes ``demo-output/demo.html``; exits with 1 when an answer differs.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parent))

import arrays
import report
import steps
from data import prepare
from frames import STEPS, Frames, Tables

import dusk
from dusk.diagnostics import ProgressBar, Timeline

OUTPUT = Path(__file__).parent.parent.parent / "demo-output"


class Demo:
    """Runs the steps, keeps times and differences, and fills the report."""

    def __init__(self, page: report.Report, timeline: Timeline) -> None:
        self.page = page
        self.timeline = timeline
        self.rows: list[tuple[str, float, float]] = []
        self.wrong: list[str] = []

    def step(self, name: str, dusk_run: Callable[[], Any], reference: Callable[[], Any]) -> Any:
        """Runs both, compares, and returns Dusk's answer."""
        start = time.perf_counter()
        with ProgressBar(minimum=0.05):
            result = dusk_run()
        middle = time.perf_counter()
        wanted = reference()
        end = time.perf_counter()
        self.rows.append((name, middle - start, end - middle))
        try:
            compare(result, wanted)
            verdict = "equal"
        except AssertionError as error:
            self.wrong.append(name)
            verdict = f"DIFFERENT: {error}"
        print(f"{name}: Dusk {middle - start:.3f} s, reference {end - middle:.3f} s, {verdict}")
        return result

    def times(self) -> pd.DataFrame:
        frame = pd.DataFrame(self.rows, columns=["step", "Dusk [s]", "reference [s]"])
        return frame.set_index("step")


def compare(result: Any, wanted: Any) -> None:
    """Raises AssertionError unless both are equal (floats to 1e-9, rows in any order)."""
    if isinstance(wanted, pd.DataFrame):
        pd.testing.assert_frame_equal(
            _ordered(result), _ordered(wanted), check_dtype=False, rtol=1e-9
        )
    elif isinstance(wanted, np.ndarray):
        np.testing.assert_allclose(result, wanted, rtol=1e-9)
    else:
        assert result == wanted, f"{result!r} is not {wanted!r}"


def _ordered(frame: pd.DataFrame) -> pd.DataFrame:
    if frame.index.name is not None:
        return frame.sort_index()
    return frame.sort_values(list(frame.columns)).reset_index(drop=True)


def run_frames(demo: Demo, data: Any) -> dict[str, pd.DataFrame]:
    results = {}
    # Both sides read their files inside the step: that is part of the work.
    for name, function in STEPS.items():
        results[name] = demo.step(
            name,
            lambda f=function: f(Frames(data)).compute(),
            lambda f=function: f(Tables(data)),
        )
    print(dusk.explain(STEPS["delays by carrier"](Frames(data))))
    return results


def run_arrays(demo: Demo, data: Any) -> np.ndarray:
    weather, delay = arrays.grid(data)
    lazy = arrays.correlate(None, *arrays.chunked(weather, delay))
    print(lazy.explain())
    result: np.ndarray = demo.step(
        "weather and delay correlated",
        lazy.compute,
        lambda: arrays.correlate(np, weather, delay),
    )
    return result


def run_delayed(demo: Demo, data: Any) -> dict[str, tuple[int, str]]:
    lazy = steps.farthest_of_all(data)
    result: dict[str, tuple[int, str]] = demo.step(
        "farthest destinations (delayed)",
        lambda: dusk.compute(lazy)[0],
        lambda: steps.reference(data),
    )
    return result


def main() -> int:
    parser = argparse.ArgumentParser(description="A year of flights through Dusk.")
    parser.add_argument("--cluster", action="store_true", help="on processes instead of threads")
    parser.add_argument("--workers", type=int, help="processes; as many as processors by default")
    given = parser.parse_args()
    if not given.cluster:
        return run()
    from dusk.distributed import Client, LocalCluster

    begin = time.perf_counter()
    with LocalCluster(n_workers=given.workers, threads_per_worker=1) as cluster, Client(cluster):
        started = time.perf_counter() - begin
        print(f"{len(cluster.workers)} workers at {cluster.scheduler_address}: {started:.2f} s")
        return run()


def run() -> int:
    begin = time.perf_counter()
    OUTPUT.mkdir(exist_ok=True)
    data = prepare(OUTPUT / "data")
    page = report.Report("Dusk: a year of flights from New York City")
    with Timeline() as timeline:
        demo = Demo(page, timeline)
        tables = run_frames(demo, data)
        correlation = run_arrays(demo, data)
        farthest = run_delayed(demo, data)
    for name, frame in tables.items():
        print(f"\n{name}\n{frame.head(12).to_string()}")
    print("\ncorrelation of delay with weather")
    for variable, value in zip(arrays.VARIABLES, correlation, strict=True):
        print(f"  {variable:<12}{value:+.3f}")
    print(f"farthest destinations: {farthest}\n\n{demo.times().round(3).to_string()}")
    fill(page, demo, data, tables, correlation, farthest)
    page.write(OUTPUT / "demo.html")
    print(f"\nwrote {OUTPUT / 'demo.html'} after {time.perf_counter() - begin:.1f} s")
    if demo.wrong:
        print(f"answers differ from the reference: {', '.join(demo.wrong)}")
    return bool(demo.wrong)


def fill(
    page: report.Report,
    demo: Demo,
    data: Any,
    tables: dict[str, pd.DataFrame],
    correlation: np.ndarray,
    farthest: dict[str, tuple[int, str]],
) -> None:
    carriers = tables["delays by carrier"].sort_values("mean_delay", ascending=False)
    hours = tables["late share by hour"].sort_index()
    page.add(
        "Time of every step",
        report.table(demo.times()),
        report.note(
            "Dusk and pandas or NumPy on the same files, reading included; all answers compared."
        ),
    )
    page.add(
        "Mean departure delay by carrier",
        report.bars(list(carriers["name"]), list(carriers["mean_delay"]), "min"),
    )
    page.add(
        "Share of flights more than 15 minutes late, by hour",
        report.bars(list(hours.index), list(100 * hours["late"]), "%"),
    )
    page.add(
        "Correlation of departure delay with the weather",
        report.bars(arrays.VARIABLES, [float(c) for c in correlation], ""),
    )
    for name, frame in tables.items():
        page.add(name.capitalize(), report.table(frame))
    page.add(
        "Farthest destinations", report.text("\n".join(f"{k}: {v}" for k, v in farthest.items()))
    )
    plan = dusk.explain(STEPS["delays by carrier"](Frames(data)))
    page.add("Plan of the first step", report.text(str(plan)))
    page.add("Task timeline", report.timeline(demo.timeline.tasks))


if __name__ == "__main__":
    sys.exit(main())
