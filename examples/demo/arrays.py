"""The array step: standardise the hourly weather grid and correlate it with delays (card 3)."""

from __future__ import annotations

from typing import Any

import numpy as np
from data import Data

import dusk.array as da

VARIABLES = ["temp", "dewp", "humid", "wind_speed", "precip", "pressure", "visib"]


def grid(data: Data) -> tuple[np.ndarray, np.ndarray]:
    """Weather (hours, variables) without gaps, and the mean departure delay of the same hours."""
    delays = data.flights.groupby(["origin", "time_hour"])["dep_delay"].mean().rename("delay")
    joined = data.weather.merge(delays.reset_index(), on=["origin", "time_hour"]).dropna(
        subset=[*VARIABLES, "delay"]
    )
    return joined[VARIABLES].to_numpy(dtype="float64"), joined["delay"].to_numpy()


def correlate(xp: Any, weather: Any, delay: Any) -> Any:
    """The correlation of every variable with the delay: one expression for NumPy and for Dusk."""
    z = (weather - weather.mean(axis=0)) / weather.std(axis=0)
    d = (delay - delay.mean()) / delay.std()
    return (z * d[:, None]).mean(axis=0)


def chunked(weather: np.ndarray, delay: np.ndarray) -> tuple[da.Array, da.Array]:
    """The grid in chunks of 2 000 hours."""
    return da.from_array(weather, chunks=(2000, -1)), da.from_array(delay, chunks=2000)
