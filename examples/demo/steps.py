"""Delayed steps: ordinary functions that run when their inputs are there."""

from __future__ import annotations

from typing import Any

import pandas as pd
from data import Data

from dusk import delayed

ORIGINS = ["EWR", "JFK", "LGA"]


def load(path: str, origin: str) -> pd.DataFrame:
    """One month's flights of one airport."""
    return pd.read_parquet(path, filters=[("origin", "==", origin)])


def farthest(flights: pd.DataFrame) -> tuple[int, str]:
    """The longest distance and where it leads."""
    row = flights.loc[flights["distance"].idxmax()]
    return int(row["distance"]), str(row["dest"])


def farthest_of_all(data: Data) -> Any:
    """The farthest destination of each airport, as one delayed dictionary."""
    paths = sorted(str(p) for p in (data.folder / "flights").glob("*.parquet"))
    read, reduce = delayed(load), delayed(farthest)
    return {o: delayed(max)([reduce(read(p, o)) for p in paths]) for o in ORIGINS}


def reference(data: Data) -> dict[str, tuple[int, str]]:
    """The same with pandas alone."""
    found = {}
    for origin in ORIGINS:
        part = data.flights[data.flights["origin"] == origin]
        distance = int(part["distance"].max())
        found[origin] = (distance, max(part.loc[part["distance"] == distance, "dest"]))
    return found
