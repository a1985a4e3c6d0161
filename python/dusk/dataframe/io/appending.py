"""Whether a frame may be added to the Parquet files of a directory."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def require_appendable(folder: Path, frame: Any, any_index: bool) -> None:
    """Compares columns, dtypes and, unless `any_index`, the order of the index.

    Raises
    ------
    ValueError
        When `frame` does not go on where the files end.
    """
    from dusk.dataframe.io.parquet import read_parquet

    there = read_parquet(str(folder), calculate_divisions=not any_index)
    if set(there.columns) != set(frame.columns):
        raise ValueError(
            "Appended columns not the same.\n"
            f"Previous: {list(there.columns)} | New: {list(frame.columns)}"
        )
    old, new = there.dtypes, frame.dtypes
    other = [c for c in frame.columns if _kind(old[c]) != _kind(new[c])]
    if other:
        raise ValueError(
            f"Appended dtypes differ.\nPrevious: {old[other].to_dict()} | "
            f"New: {new[other].to_dict()}"
        )
    if any_index or not there.known_divisions or not frame.known_divisions:
        return
    last, first = there.divisions[-1], frame.divisions[0]
    if first <= last:
        raise ValueError(
            "The divisions of the appended dataframe overlap with previously written divisions. "
            "If this is desired, set ``ignore_divisions=True`` to append anyway.\n"
            f"- End of last written partition: {last}\n- Start of first new partition: {first}"
        )


def _kind(dtype: Any) -> str:
    """Categories may differ from file to file."""
    return "category" if str(dtype) == "category" else str(dtype)
