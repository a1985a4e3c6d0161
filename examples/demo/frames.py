"""The frame steps: each says the same thing to Dusk and to pandas."""

from __future__ import annotations

from typing import Any

import pandas as pd
from data import Data

import dusk.dataframe as dd


class Frames:
    """Lazy frames over the demo's files."""

    def __init__(self, data: Data) -> None:
        self.flights = dd.read_parquet(data.flights_parquet)
        self.weather = dd.read_parquet(data.weather_parquet)
        self.flights_csv = dd.read_csv(
            data.flights_csv, dtype={"tailnum": "str", "air_time": "float64"}
        )
        self.airlines = dd.from_pandas(data.airlines, npartitions=1)


class Tables:
    """The same tables as pandas objects, read from the same files."""

    def __init__(self, data: Data) -> None:
        folder = data.folder
        self.flights = _read(sorted((folder / "flights").glob("*.parquet")), pd.read_parquet)
        self.weather = _read(sorted((folder / "weather").glob("*.parquet")), pd.read_parquet)
        self.flights_csv = _read(
            sorted((folder / "flights-csv").glob("*.csv")),
            lambda p: pd.read_csv(p, dtype={"tailnum": "str", "air_time": "float64"}),
        )
        self.airlines = data.airlines


def _read(paths: list[Any], read: Any) -> pd.DataFrame:
    return pd.concat([read(p) for p in paths], ignore_index=True)


def by_carrier(t: Any) -> Any:
    """Flights, mean and worst delay by airline, joined with the airlines' names."""
    flown = t.flights[t.flights.dep_delay.notnull()]
    delays = flown.groupby("carrier").agg(
        flights=("flight", "count"),
        mean_delay=("dep_delay", "mean"),
        spread=("dep_delay", "std"),
        worst=("dep_delay", "max"),
    )
    return delays.reset_index().merge(t.airlines, on="carrier", how="left")


def by_route(t: Any) -> Any:
    """The twelve busiest long routes and how late they arrive."""
    long = t.flights[t.flights.distance > 1000]
    routes = long.groupby(["origin", "dest"]).agg(
        flights=("flight", "count"), mean_arrival_delay=("arr_delay", "mean")
    )
    return routes.reset_index().nlargest(12, "flights")


def by_month(t: Any) -> Any:
    """Distance flown and delay by month, from CSV."""
    return t.flights_csv.groupby("month").agg(
        flights=("flight", "count"), miles=("distance", "sum"), mean_delay=("dep_delay", "mean")
    )


def by_hour(t: Any) -> Any:
    """The share of flights more than a quarter of an hour late, by scheduled hour."""
    flown = t.flights[t.flights.dep_delay.notnull()]
    late = flown.assign(late=(flown.dep_delay > 15).astype("float64"))
    return late.groupby("hour").agg(flights=("late", "count"), late=("late", "mean"))


def by_visibility(t: Any) -> Any:
    """Delay by visibility: flights joined with the weather of their origin and hour."""
    flown = t.flights[t.flights.dep_delay.notnull()]
    joined = flown[["origin", "time_hour", "dep_delay"]].merge(
        t.weather[["origin", "time_hour", "visib", "wind_speed"]],
        on=["origin", "time_hour"],
        how="inner",
    )
    return joined.groupby("visib").agg(
        flights=("dep_delay", "count"),
        mean_delay=("dep_delay", "mean"),
        wind=("wind_speed", "mean"),
    )


STEPS = {
    "delays by carrier": by_carrier,
    "busiest long routes": by_route,
    "by month, from CSV": by_month,
    "late share by hour": by_hour,
    "delays by visibility": by_visibility,
}
