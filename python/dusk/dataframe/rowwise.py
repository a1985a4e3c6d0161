"""Native row-wise work: columns computed by the engine from columns of corresponding rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from dusk import _core
from dusk.dataframe import exchange
from dusk.dataframe.collection import FrameBase, Scalar, fields, new_collection, schema_of_expr
from dusk.dataframe.partitionwise import _common_divisions

Column = _core.Column
REFUSED = (TypeError, ValueError, NotImplementedError, KeyError)


@cache
def native_functions() -> frozenset[str]:
    """The row-wise functions that the engine has."""
    return frozenset(_core.column_function_names())


def align(frames: Sequence[FrameBase]) -> tuple[Any, list[list[Any]]] | None:
    """One expression with the frames' columns, and each frame's columns in it."""
    if any(isinstance(f, Scalar) for f in frames):
        return None
    distinct: dict[str, FrameBase] = {f.expr.token: f for f in frames}
    if len(distinct) == 1:
        return frames[0].expr, [fields(f) for f in frames]
    base = _core.frame_align([f.expr for f in distinct.values()])
    if base is None:
        return None
    place = {token: i for i, token in enumerate(distinct)}
    return base, [
        [Column.field(f"{place[f.expr.token]}:{name}") for name in f.expr.columns] for f in frames
    ]


def literal(value: Any) -> Any:
    """A constant for the engine, or None when it has no such constant."""
    if isinstance(value, bool | int | float | str) or value is None:
        if isinstance(value, int) and not -(2**63) <= value < 2**63:
            return None
        return Column.literal(value)
    if isinstance(value, pd.Timestamp | pd.Timedelta):
        if getattr(value, "tz", None) is not None or value is pd.NaT:
            return None
        return Column.literal(value.to_numpy())
    if isinstance(value, np.generic) and value.dtype.kind in "biufmM":
        return Column.literal(value)
    return None


def same_type(found: pa.DataType, wanted: pa.DataType) -> bool:
    """Whether the engine's type shows as the wanted one without loss."""
    if found == wanted:
        return True
    texts = (pa.types.is_string, pa.types.is_large_string)
    return any(t(found) for t in texts) and any(t(wanted) for t in texts)


def project(
    base: Any, columns: Sequence[Any], meta: Any, divisions: Any, *, check: bool = True
) -> Any:
    """A collection of native columns over `base`, or None where the engine would differ.

    `meta` says labels and dtypes; the engine's types must be those of its dtypes.
    """
    names = exchange.column_names(exchange.as_frame(meta).columns)
    try:
        expr = _core.frame_project(base, list(zip(names, columns, strict=True)))
    except REFUSED:
        return None
    if check and not fits(expr, meta):
        return None
    return new_collection(expr, meta, divisions)


def fits(expr: Any, meta: Any) -> bool:
    """Whether the expression's types are those that `meta`'s dtypes are held in."""
    schema = schema_of_expr(expr)
    frame = exchange.as_frame(meta)
    for name, dtype in zip(expr.columns, frame.dtypes, strict=True):
        found = schema.field(name).type
        if isinstance(dtype, pd.CategoricalDtype) and pa.types.is_dictionary(found):
            continue
        if exchange.is_object(dtype):
            continue
        if not same_type(found, exchange.arrow_type(dtype)):
            return False
    return True


def is_nullable(dtype: Any) -> bool:
    """Whether the dtype's missing value is pandas.NA."""
    if isinstance(dtype, pd.StringDtype):
        return dtype.na_value is pd.NA
    if isinstance(dtype, pd.CategoricalDtype | pd.DatetimeTZDtype | pd.PeriodDtype):
        return False
    return isinstance(dtype, pd.api.extensions.ExtensionDtype)


def map_columns(
    frame: FrameBase,
    build: Callable[[Any, Any], Any],
    meta: Any,
) -> Any:
    """``build(column, dtype)`` for every column of `frame`, natively; None where it cannot."""
    dtypes = exchange.as_frame(frame._meta).dtypes
    try:
        columns = [build(c, d) for c, d in zip(fields(frame), dtypes, strict=True)]
    except REFUSED:
        return None
    if any(c is None for c in columns):
        return None
    return project(frame.expr, columns, meta, frame._divisions)


def divisions_of(frames: Sequence[FrameBase]) -> Any:
    """The divisions of aligned frames."""
    return _common_divisions([f for f in frames if not isinstance(f, Scalar)])
