"""Group-by over ten million rows of Parquet beside DuckDB, Polars and Dask."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

ROWS = 10_000_000
FILES = 8
FOLDER = Path(os.environ.get("DUSK_BENCH_DATA", tempfile.gettempdir())) / "dusk-bench-frames"


def prepare() -> str:
    """Eight Parquet files of a string key, two integer keys and two value columns."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    pattern = str(FOLDER / "*.parquet")
    if (FOLDER / "complete").exists():
        return pattern
    FOLDER.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(1)
    for i in range(FILES):
        n = ROWS // FILES
        table = pa.table(
            {
                "id1": pa.array(np.char.add("id", rng.integers(0, 100, n).astype(str))),
                "id2": pa.array(rng.integers(0, 100, n)),
                "id3": pa.array(rng.integers(0, 100_000, n)),
                "v1": pa.array(rng.random(n) * 100),
                "v2": pa.array(rng.integers(0, 1000, n)),
            }
        )
        pq.write_table(table, FOLDER / f"part-{i}.parquet", row_group_size=n // 2)
    (FOLDER / "complete").write_text("yes")
    return pattern


FRAME = {
    "sum by string key": lambda df: df.groupby("id1").v1.sum(),
    "sum by two keys": lambda df: df.groupby(["id1", "id2"]).v1.sum(),
    "sum and mean by 1e5 keys": lambda df: df.groupby("id3").agg({"v1": "sum", "v2": "mean"}),
    "filter then mean": lambda df: df[df.v2 > 500].groupby("id2").v1.mean(),
    "three means": lambda df: df.groupby("id2")[["v1", "v2", "id3"]].mean(),
}
SQL = {
    "sum by string key": "select id1, sum(v1) from t group by id1",
    "sum by two keys": "select id1, id2, sum(v1) from t group by id1, id2",
    "sum and mean by 1e5 keys": "select id3, sum(v1), avg(v2) from t group by id3",
    "filter then mean": "select id2, avg(v1) from t where v2 > 500 group by id2",
    "three means": "select id2, avg(v1), avg(v2), avg(id3) from t group by id2",
}


def dusk(name: str) -> Callable[[], Any]:
    import dusk.dataframe as dd

    pattern = prepare()
    return lambda: FRAME[name](dd.read_parquet(pattern)).compute()


def dask(name: str) -> Callable[[], Any]:
    import dask.dataframe as dd

    pattern = prepare()
    return lambda: FRAME[name](dd.read_parquet(pattern)).compute()


def duckdb(name: str) -> Callable[[], Any]:
    import duckdb as db

    pattern = prepare()
    connection = db.connect()
    connection.execute(f"create view t as select * from read_parquet('{pattern}')")
    return lambda: connection.execute(SQL[name]).to_arrow_table()


def polars(name: str) -> Callable[[], Any]:
    import polars as pl

    pattern = prepare()
    v1, v2, id3 = pl.col("v1"), pl.col("v2"), pl.col("id3")
    plans = {
        "sum by string key": lambda t: t.group_by("id1").agg(v1.sum()),
        "sum by two keys": lambda t: t.group_by("id1", "id2").agg(v1.sum()),
        "sum and mean by 1e5 keys": lambda t: t.group_by("id3").agg(v1.sum(), v2.mean()),
        "filter then mean": lambda t: t.filter(v2 > 500).group_by("id2").agg(v1.mean()),
        "three means": lambda t: t.group_by("id2").agg(v1.mean(), v2.mean(), id3.mean()),
    }
    return lambda: plans[name](pl.scan_parquet(pattern)).collect(engine="streaming")


def _workload(name: str) -> dict[str, Callable[[], Any]]:
    engines = {"dusk": dusk, "duckdb": duckdb, "polars": polars, "dask": dask}
    return {engine: lambda f=f: f(name) for engine, f in engines.items()}


WORKLOADS = {name: _workload(name) for name in FRAME}


def digest(workload: str, answer: Any) -> Any:
    """Rows, and the sum of the last column (Dask gives the three means in an order of its own)."""
    if workload == "three means" and hasattr(answer, "loc"):
        answer = answer[["v1", "v2", "id3"]]
    if hasattr(answer, "num_rows"):  # Arrow
        return [answer.num_rows, float(np.sum(answer.column(answer.num_columns - 1).to_numpy()))]
    if hasattr(answer, "get_columns"):  # Polars
        return [answer.height, float(answer.get_columns()[-1].sum())]
    values = answer.iloc[:, -1] if answer.ndim == 2 else answer
    return [len(answer), float(values.sum())]
