"""The readers and writers that callers may name; the work is the engine's own in each case."""

from __future__ import annotations

from typing import Any


def require_engine(function: str, engine: Any) -> None:
    """Refuses what is no Parquet engine of Dask's, and the one that it has given up.

    Raises
    ------
    ValueError
        For an unknown name.
    NotImplementedError
        For "fastparquet".
    """
    if engine in (None, "auto", "pyarrow", "arrow") or not isinstance(engine, str):
        return
    if engine == "fastparquet":
        raise NotImplementedError("Fastparquet engine is not supported (docs/status.md)")
    raise ValueError(
        f'[{function}] Unsupported engine: "{engine}". Valid choices are "pyarrow" and "auto"'
    )
