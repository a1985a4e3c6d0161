"""Lazy pandas: frames in partitions, computed by the engine.

``import dusk.dataframe as dd``. Names, arguments and errors are Dask's; dtypes and labels are what
pandas would give.
"""

from __future__ import annotations

from typing import Any

from dusk.base import compute
from dusk.dataframe.collection import Scalar
from dusk.dataframe.frames import DataFrame
from dusk.dataframe.functions import map_partitions
from dusk.dataframe.io.csv import read_csv, read_table
from dusk.dataframe.io.memory import from_delayed, from_dict, from_map, from_pandas
from dusk.dataframe.io.output import to_csv, to_parquet
from dusk.dataframe.io.parquet import read_parquet
from dusk.dataframe.joining import concat, merge
from dusk.dataframe.missing import missing_module_name
from dusk.dataframe.nearest import add_notes
from dusk.dataframe.series import Index, Series
from dusk.dataframe.toplevel import (
    get_dummies,
    isna,
    melt,
    repartition,
    to_datetime,
    to_numeric,
    to_timedelta,
)

__all__ = [
    "DataFrame",
    "Index",
    "Scalar",
    "Series",
    "compute",
    "concat",
    "from_delayed",
    "from_dict",
    "from_map",
    "from_pandas",
    "get_dummies",
    "isna",
    "map_partitions",
    "melt",
    "merge",
    "read_csv",
    "read_parquet",
    "read_table",
    "repartition",
    "to_csv",
    "to_datetime",
    "to_numeric",
    "to_parquet",
    "to_timedelta",
]

add_notes(DataFrame)


def __getattr__(name: str) -> Any:
    raise missing_module_name(name)
