"""Arrays whose chunks travel as Python objects: object dtype, records, other array classes.

The engine cannot look inside such chunks. What moves elements without computing runs for them as
one NumPy call on the joined array, cut again afterwards; everything else runs chunk by chunk.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dusk import _core
from dusk.array.core import Array


def is_foreign(x: Array) -> bool:
    """Whether the engine sees x's chunks as opaque objects."""
    return x._meta_given is not None or x.dtype.hasobject


def moved(expr: Any, arrays: Sequence[Array], function: Callable[..., Any]) -> Array:
    """The engine's `expr`, or for foreign arrays what `function` makes of them, cut like `expr`."""
    if not any(is_foreign(a) for a in arrays):
        return Array(expr)
    whole = _core.object_call(
        function, [a.expr for a in arrays], name=expr.kind.lower(), token=f"whole-{expr.token}"
    )
    starts = [np.concatenate([[0], np.cumsum(c)]).astype(int).tolist() for c in expr.chunks]

    def pick(values: Any, block_id: tuple[int, ...]) -> Any:
        place = tuple(slice(s[i], s[i + 1]) for s, i in zip(starts, block_id, strict=True))
        return np.asanyarray(values)[place] if place else values

    cut = _core.array_map_blocks(
        pick,
        [(whole, [])],
        expr.chunks,
        expr.dtype,
        name=expr.kind.lower(),
        token=f"cut-{expr.token}",
        block_info=(),
    )
    return Array(cut, arrays[0]._meta_given)
