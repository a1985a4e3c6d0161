"""Reductions by Python functions: chunk, combine, aggregate."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from dusk import _core
from dusk.array.core import Array
from dusk.delayed import Delayed
from dusk.tokens import tokenize


def reduction(
    x: Array, chunk: Callable[..., Any], aggregate: Callable[..., Any], axis: Any, keepdims: bool,
    dtype: Any, split_every: Any, combine: Any, name: Any, out: Any, concatenate: bool,
    output_size: int, meta: Any, weights: Any,
) -> Any:  # fmt: skip
    """See :func:`dusk.array.reduction`."""
    from dusk.array.reductions import _axes
    from dusk.array.ufuncs import _into

    axes = _axes(axis, x.ndim)
    if dtype is None and meta is not None and hasattr(meta, "dtype"):
        dtype = meta.dtype
    if not _takes_axis(chunk):
        return _by_tuples(x, chunk, combine or aggregate, aggregate, dtype)
    if dtype is None:
        raise ValueError("Must specify dtype")
    label = name or getattr(chunk, "__name__", "reduction")
    state = _chunk_states(x, chunk, axes, weights, label)
    rounds = combine or aggregate
    split = split_every if isinstance(split_every, int) and split_every > 1 else 4
    while len(state) > 1 and any(len(level) > split for level in _levels(state, x, axes)):
        state, x = _round(state, x, rounds, axes, split, concatenate, label)
    result = _finish(
        state, x, aggregate, axes, keepdims, np.dtype(dtype), concatenate, label, output_size
    )
    return _into(out, result)


def _takes_axis(chunk: Callable[..., Any]) -> bool:
    try:
        parameters = inspect.signature(chunk).parameters.values()
    except (TypeError, ValueError):
        return True
    return any(p.name == "axis" or p.kind is p.VAR_KEYWORD for p in parameters)


def _by_tuples(
    x: Array, chunk: Callable[..., Any], combine: Callable[..., Any],
    aggregate: Callable[..., Any], dtype: Any,
) -> Array:  # fmt: skip
    """The plain form: chunk(block) -> tuple, combine(tuple, tuple), aggregate(*tuple)."""
    blocks = _core.object_blocks(x.expr)
    token = tokenize(chunk, combine, aggregate, x)
    states = [
        _core.object_call(chunk, [b], name="chunk", token=tokenize(token, "chunk", i))
        for i, b in enumerate(blocks)
    ]
    depth = 0
    while len(states) > 1:
        depth += 1
        pairs = [states[i : i + 2] for i in range(0, len(states), 2)]
        states = [
            _core.object_call(combine, pair, name="combine", token=tokenize(token, depth, i))
            if len(pair) == 2
            else pair[0]
            for i, pair in enumerate(pairs)
        ]
    last = _core.object_call(
        partial(_spread, aggregate), states, name="aggregate", token=tokenize(token, "aggregate")
    )
    kind = np.dtype(dtype if dtype is not None else float)
    return Array(_core.array_from_objects([last], [], kind.str))


def _spread(aggregate: Callable[..., Any], state: Any) -> Any:
    return aggregate(*state) if isinstance(state, tuple) else aggregate(state)


# The state: expressions of one object each, in C order of a grid.
_Grid = dict[tuple[int, ...], Any]


def _chunk_states(x: Array, chunk: Any, axes: tuple[int, ...], weights: Any, label: str) -> _Grid:
    token = tokenize(chunk, axes, x, weights)
    blocks = _core.object_blocks(x.expr)
    extra: list[Any] = []
    if weights is not None:
        from dusk.array.core import asarray
        from dusk.array.shaping import broadcast_to

        cut = broadcast_to(asarray(weights), x.shape).rechunk(x.chunks)
        extra = list(_core.object_blocks(cut.expr))
    call = partial(chunk, axis=axes, keepdims=True)
    state = {}
    for i, at in enumerate(np.ndindex(x.numblocks)):
        inputs = [blocks[i], *([extra[i]] if extra else [])]
        state[at] = _core.object_call(call, inputs, name=label, token=tokenize(token, i))
    return state


def _levels(state: _Grid, x: Array, axes: tuple[int, ...]) -> list[set[int]]:
    return [{at[d] for at in state} for d in axes]


class _Join:
    """Puts partial results of a box of chunks together and calls a function on them."""

    def __init__(self, function: Any, shape: tuple[int, ...], axes: tuple[int, ...],
                 keepdims: bool, concatenate: bool) -> None:  # fmt: skip
        self.function = function
        self.shape = shape
        self.axes = axes
        self.keepdims = keepdims
        self.concatenate = concatenate

    def __call__(self, *parts: Any) -> Any:
        nested = _nest(list(parts), self.shape)
        joined = _concatenate(nested, 0) if self.concatenate else nested
        return self.function(joined, axis=self.axes, keepdims=self.keepdims)


def _nest(parts: list[Any], shape: tuple[int, ...]) -> Any:
    if not shape:
        return parts[0]
    step = len(parts) // shape[0]
    return [_nest(parts[i * step : (i + 1) * step], shape[1:]) for i in range(shape[0])]


def _concatenate(nested: Any, axis: int) -> Any:
    if not isinstance(nested, list):
        return nested
    parts = [_concatenate(n, axis + 1) for n in nested]
    if isinstance(parts[0], dict):
        return {k: np.concatenate([p[k] for p in parts], axis=axis) for k in parts[0]}
    return np.concatenate([np.asanyarray(p) for p in parts], axis=axis)


def _round(
    state: _Grid, x: Array, combine: Any, axes: tuple[int, ...], split: int, concatenate: bool,
    label: str,
) -> tuple[_Grid, Array]:  # fmt: skip
    groups: dict[tuple[int, ...], list[tuple[int, ...]]] = {}
    for at in state:
        target = tuple(c // split if d in axes else c for d, c in enumerate(at))
        groups.setdefault(target, []).append(at)
    token = tokenize(combine, axes, [state[at].token for at in state])
    return {
        target: _join(
            state,
            members,
            combine,
            axes,
            True,
            concatenate,
            f"{label}-combine",
            tokenize(token, target),
        )
        for target, members in groups.items()
    }, x


def _join(
    state: _Grid, members: list[tuple[int, ...]], function: Any, axes: tuple[int, ...],
    keepdims: bool, concatenate: bool, label: str, token: str,
) -> Any:  # fmt: skip
    members = sorted(members)
    shape = tuple(len({m[d] for m in members}) for d in range(len(members[0])))
    call = _Join(function, shape, axes, keepdims, concatenate)
    return _core.object_call(call, [state[m] for m in members], name=label, token=token)


def _finish(
    state: _Grid, x: Array, aggregate: Any, axes: tuple[int, ...], keepdims: bool,
    dtype: np.dtype[Any], concatenate: bool, label: str, output_size: int,
) -> Array:  # fmt: skip
    from dusk.array.joining import block

    groups: dict[tuple[int, ...], list[tuple[int, ...]]] = {}
    for at in state:
        target = tuple(0 if d in axes else c for d, c in enumerate(at))
        groups.setdefault(target, []).append(at)
    token = tokenize(aggregate, axes, keepdims, [state[at].token for at in state])
    kept = [d for d in range(x.ndim) if keepdims or d not in axes]
    arrays: dict[tuple[int, ...], Array] = {}
    for target, members in groups.items():
        expr = _join(
            state,
            members,
            aggregate,
            axes,
            keepdims,
            concatenate,
            f"{label}-aggregate",
            tokenize(token, target),
        )
        sizes = [[output_size if d in axes else x.chunks[d][target[d]]] for d in kept]
        arrays[tuple(target[d] for d in kept)] = Array(
            _core.array_from_objects([expr], sizes, dtype.str)
        )
    if len(arrays) == 1:
        return next(iter(arrays.values()))
    shape = tuple(len({at[i] for at in arrays}) for i in range(len(kept)))
    result: Array = block(_nest([arrays[at] for at in sorted(arrays)], shape))
    return result


__all__ = ["Delayed", "reduction"]
