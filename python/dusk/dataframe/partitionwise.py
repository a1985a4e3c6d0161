"""pandas functions on partitions: what the engine has no kernel for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from dusk import _core
from dusk.base import tokenize
from dusk.dataframe import exchange
from dusk.dataframe.collection import (
    FrameBase,
    Moved,
    Runs,
    Scalar,
    new_collection,
    schema_of_expr,
)
from dusk.dataframe.meta import empty, emulate, make_meta


class _Slot:
    """Where the pandas object of an input goes among the arguments."""

    def __init__(self, place: int) -> None:
        self.place = place

    def __dask_tokenize__(self) -> Any:
        return ("slot", self.place)


class PandasTask:
    """Calls a pandas function with partitions, and gives a table of a fixed schema."""

    def __init__(
        self,
        function: Callable[..., Any],
        args: Sequence[Any],
        kwargs: dict[str, Any],
        metas: Sequence[Any],
        forms: Sequence[Callable[[Any], Any]],
        result: Any,
        schema: Any,
        enforce: bool = True,
        info: tuple[str, list[Any]] | None = None,
    ) -> None:
        self.function = function
        self.args = args
        self.kwargs = kwargs
        self.metas = metas
        self.forms = forms
        self.result = result
        self.schema = schema
        self.enforce = enforce
        self.info = info

    def __call__(self, *tables: Any) -> Any:
        values: list[Any] = [
            form(exchange.to_pandas(table, meta))
            for table, meta, form in zip(tables, self.metas, self.forms, strict=False)
        ]
        kwargs = {k: _fill(v, values) for k, v in self.kwargs.items()}
        if self.info is not None:
            name, divisions = self.info
            number = int(tables[-1])
            kwargs[name] = {"number": number, "division": divisions[number]}
        found = self.function(*[_fill(a, values) for a in self.args], **kwargs)
        return exchange.to_table(conform(found, self.result, self.enforce), self.schema)


def _fill(arg: Any, values: list[Any]) -> Any:
    if isinstance(arg, _Slot):
        return values[arg.place]
    if type(arg) in (list, tuple):
        return type(arg)(_fill(a, values) for a in arg)
    return arg


def conform(found: Any, meta: Any, enforce: bool = True) -> Any:
    """`found` with `meta`'s kind and labels, ready to become a table.

    Raises
    ------
    ValueError
        When the columns are not the promised ones.
    """
    if isinstance(meta, pd.Series) and not isinstance(found, pd.Series):
        if isinstance(found, pd.Index):
            return pd.Series(found, name=meta.name)
        if isinstance(found, np.ndarray) and found.ndim == 1:
            return pd.Series(found, name=meta.name)
        if isinstance(found, pd.DataFrame):
            _mismatch(found, meta)
        return pd.Series([found], name=meta.name)
    if isinstance(meta, pd.DataFrame):
        if not isinstance(found, pd.DataFrame):
            _mismatch(found, meta)
        if list(found.columns) != list(meta.columns):
            if enforce and set(found.columns) != set(meta.columns):
                extra = [c for c in found.columns if c not in meta.columns]
                missing = [c for c in meta.columns if c not in found.columns]
                raise ValueError(
                    "The columns in the computed data do not match the columns in the "
                    f"provided metadata\nExtra:   {extra}\nMissing: {missing}"
                )
            found = found[list(meta.columns)]
    if isinstance(meta, pd.Index) and not isinstance(found, pd.Index):
        return pd.Index(found, name=meta.name)
    return found


def _mismatch(found: Any, meta: Any) -> None:
    raise ValueError(
        f"Metadata mismatch found: expected a {type(meta).__name__}, computed a "
        f"{type(found).__name__}; pass the right meta="
    )


def aligned_inputs(frames: Sequence[FrameBase]) -> tuple[list[FrameBase], Any]:
    """The frames with corresponding partitions, and the divisions of the result.

    Raises
    ------
    ValueError
        When the partitions do not correspond and divisions are unknown.
    """
    many = [f for f in frames if not isinstance(f, Scalar)]
    if not many:
        return list(frames), None
    if len({f.expr.token for f in many}) == 1 or _same_rows(many):
        return list(frames), _common_divisions(many)
    if any(isinstance(f._divisions, Moved) for f in many) and _same_source(many):
        return list(frames), _common_divisions(many)
    counts = {f.npartitions for f in many}
    if any(isinstance(f._divisions, Runs) for f in many) and not any(
        f.known_divisions for f in many
    ):
        return [f if isinstance(f, Scalar) else f._single() for f in frames], None
    if all(f.known_divisions for f in many):
        if len({f.divisions for f in many}) == 1:
            return list(frames), many[0].divisions
        from dusk.dataframe.repartition import to_common_divisions

        moved = iter(to_common_divisions(many))
        aligned = [f if isinstance(f, Scalar) else next(moved) for f in frames]
        return aligned, next(f for f in aligned if not isinstance(f, Scalar)).divisions
    if len(counts) == 1 and not any(f.known_divisions for f in many):
        return list(frames), None
    raise ValueError(
        "Not all divisions are known, can't align partitions. "
        "Please use `set_index` to set the index."
    )


def _same_rows(frames: Sequence[FrameBase]) -> bool:
    return _core.frame_align([f.expr for f in frames]) is not None


def _same_source(frames: Sequence[FrameBase]) -> bool:
    """Whether labels were computed from those of the other frames, or of a common one."""
    sources = [f._divisions.source if isinstance(f._divisions, Moved) else f for f in frames]
    found = [s._divisions if isinstance(s, FrameBase) else s for s in sources]
    first, *others = [d() if callable(d) else d for d in found]
    return all(d is first or (d == first and d is not None and d[0] is not None) for d in others)


def _common_divisions(frames: Sequence[FrameBase]) -> Any:
    found = [f._divisions for f in frames if f._divisions is not None]
    return next((d for d in found if not isinstance(d, Moved)), found[0] if found else None)


def partitionwise(
    function: Callable[..., Any],
    *args: Any,
    meta: Any = None,
    sample: Any = None,
    name: str | None = None,
    token: Any = None,
    divisions: Any = "keep",
    udf: bool = False,
    enforce: bool = True,
    align: bool = True,
    info: str | None = None,
    loose: bool = False,
    **kwargs: Any,
) -> Any:
    """A collection of ``function`` called on corresponding partitions of the collections in `args`.

    Parameters
    ----------
    function
        Takes pandas objects (values of :class:`Scalar` for scalars), gives a pandas object.
    meta
        The result's description; inferred on fake rows by default.
    sample
        With `meta`, rows that show what object columns and unknown categories hold.
    divisions
        Of the result; "keep" takes the inputs'.
    udf : bool
        Whether `function` is the user's: failing inference says how to pass ``meta``.
    info : str, optional
        A keyword under which `function` is told its partition's number and division.
    loose : bool
        Whether integers may turn out to be floats (missing or infinite values).
    """
    frames: list[FrameBase] = []
    places: dict[str, int] = {}

    def plan(x: Any) -> Any:
        if isinstance(x, FrameBase):
            key = f"{type(x).__name__}{x.expr.token}"
            place = places.setdefault(key, len(frames))
            if place == len(frames):
                frames.append(x)
            return _Slot(place)
        if type(x) in (list, tuple) and any(isinstance(i, FrameBase) for i in x):
            return type(x)(plan(i) for i in x)
        return x

    planned = [plan(a) for a in args]
    named = {k: plan(v) for k, v in kwargs.items()}
    if meta is None:
        told = {**kwargs, info: {"number": 0, "division": None}} if info else kwargs
        sample = emulate(function, *args, udf=udf, **told)
        meta = empty(sample)
        if not isinstance(sample, pd.DataFrame | pd.Series | pd.Index):
            sample = pd.Series([sample])
    else:
        meta = make_meta(meta)
    inputs, kept = aligned_inputs(frames) if align else (frames, None)
    schema = _result_schema(meta, sample, inputs)
    if loose:
        schema = _loosened(schema, exchange.as_frame(meta).index.nlevels)
    label = name or getattr(function, "__name__", type(function).__name__).strip("_<>")
    identity = tokenize(
        "partitionwise",
        token if token is not None else function,
        [(type(f).__name__, f.expr.token) for f in inputs],
        planned,
        named,
        repr(meta.dtypes) if isinstance(meta, pd.DataFrame) else (str(meta.dtype), meta.name),
        enforce,
    )
    starts = (
        list(kept or [None] * (inputs[0].npartitions + 1)) if info and not callable(kept) else []
    )
    if info and not starts:
        starts = list(inputs[0].divisions)
    task = PandasTask(
        function,
        planned,
        named,
        [f._meta for f in inputs],
        [f._given for f in inputs],
        meta,
        schema,
        enforce,
        (info, starts) if info else None,
    )
    expr = _core.frame_map_partitions(
        task,
        [f.expr for f in inputs],
        schema,
        exchange.index_names(exchange.as_frame(meta).index.nlevels),
        name=label,
        token=identity,
        partition_info=info is not None,
    )
    if divisions == "keep" and isinstance(meta, pd.Index) and len(inputs):
        relabelled = isinstance(inputs[0]._meta, pd.Index)
        kept = Moved.of(expr.npartitions, kept) if relabelled else kept
    return new_collection(expr, meta, kept if divisions == "keep" else divisions)


def _loosened(schema: Any, levels: int) -> Any:
    for place in range(levels, len(schema)):
        if pa.types.is_integer(schema.field(place).type):
            schema = schema.set(place, schema.field(place).with_type(pa.float64()))
    return schema


def _result_schema(meta: Any, sample: Any, inputs: Sequence[FrameBase]) -> Any:
    """The result's schema; object columns keep the type of an input's column of that name."""
    schema = exchange.schema_of(meta, sample, pickled=True)
    frame = exchange.as_frame(meta)
    for place, dtype in enumerate(frame.dtypes):
        if not exchange.is_object(dtype) and not exchange.is_unknown(dtype):
            continue
        if sample is not None and not exchange.is_unknown(
            exchange.as_frame(sample).dtypes.iloc[place]
        ):
            continue
        at = frame.index.nlevels + place
        for source in inputs:
            like = exchange.as_frame(source._meta)
            if frame.columns[place] in like.columns:
                where = like.columns.get_loc(frame.columns[place])
                if like.dtypes.iloc[where] == dtype:
                    kind = schema_of_expr(source.expr).field(source.expr.columns[where]).type
                    schema = schema.set(at, schema.field(at).with_type(kind))
    return schema
