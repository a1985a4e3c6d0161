"""Products of matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

from dusk.array.core import Array, asarray
from dusk.array.mapping import blockwise


def tensordot(lhs: Any, rhs: Any, axes: Any = 2) -> Array:
    """The product summed over pairs of axes, by NumPy block by block.

    Parameters
    ----------
    axes : int or pair of sequences
        Last axes of `lhs` with first of `rhs`, or the axes of each.
    """
    lhs, rhs = asarray(lhs), asarray(rhs)
    if isinstance(axes, int | np.integer):
        left = tuple(range(lhs.ndim - axes, lhs.ndim))
        right = tuple(range(axes))
    else:
        left, right = axes
        left = (left,) if isinstance(left, int) else tuple(left)
        right = (right,) if isinstance(right, int) else tuple(right)
    left = tuple(a % lhs.ndim for a in left)
    right = tuple(a % rhs.ndim for a in right)
    if len(left) != len(right) or any(
        lhs.shape[a] != rhs.shape[b] for a, b in zip(left, right, strict=True)
    ):
        raise ValueError("shape-mismatch for sum")
    dtype = np.promote_types(lhs.dtype, rhs.dtype)
    left_labels = [f"l{d}" for d in range(lhs.ndim)]
    right_labels = [f"r{d}" for d in range(rhs.ndim)]
    for a, b in zip(left, right, strict=True):
        right_labels[b] = left_labels[a]
    summed = {left_labels[a] for a in left}
    out = [label for label in [*left_labels, *right_labels] if label not in summed]
    return blockwise(
        np.tensordot,
        out,
        lhs,
        left_labels,
        rhs,
        right_labels,
        dtype=dtype,
        concatenate=True,
        axes=(left, right),
    )


def dot(a: Any, b: Any) -> Any:
    """NumPy's ``dot``: the last axis of `a` with the second last of `b`."""
    a, b = asarray(a), asarray(b)
    if a.ndim == 0 or b.ndim == 0:
        return a * b
    return tensordot(a, b, axes=((a.ndim - 1,), (max(b.ndim - 2, 0),)))


def vdot(a: Any, b: Any) -> Any:
    """The product of the flattened arrays, `a` conjugated."""
    return dot(asarray(a).conj().ravel(), asarray(b).ravel())


def outer(a: Any, b: Any) -> Array:
    """All products of an element of `a` and one of `b`."""
    a, b = asarray(a).ravel(), asarray(b).ravel()
    result: Array = a[:, None] * b[None, :]
    return result


def matmul(a: Any, b: Any) -> Any:
    """The matrix product of the last two axes, the others broadcast."""
    a, b = asarray(a), asarray(b)
    if a.ndim == 0 or b.ndim == 0:
        raise ValueError("`matmul` does not support scalars.")
    if a.ndim <= 2 and b.ndim <= 2:
        return dot(a, b)
    first, second = a.ndim == 1, b.ndim == 1
    a = a[None, :] if first else a
    b = b[:, None] if second else b
    if a.shape[-1] != b.shape[-2]:
        raise ValueError(f"matmul: dimensions {a.shape[-1]} and {b.shape[-2]} differ")
    extra = max(a.ndim, b.ndim) - 2
    a = a[(None,) * (extra + 2 - a.ndim)]
    b = b[(None,) * (extra + 2 - b.ndim)]
    a, b = a.rechunk({-1: -1}), b.rechunk({-2: -1})
    batch = [f"b{d}" for d in range(extra)]
    result = blockwise(
        np.matmul, [*batch, "i", "k"], a, [*batch, "i", "j"], b, [*batch, "j", "k"],
        dtype=np.promote_types(a.dtype, b.dtype), concatenate=True,
    )  # fmt: skip
    if first:
        result = result[..., 0, :]
    return result[..., 0] if second else result


def einsum(
    *operands: Any, dtype: Any = None, optimize: Any = False, split_every: Any = None, **kwargs: Any
) -> Array:
    """NumPy's ``einsum``, with its subscripts as text: products of blocks, then a sum.

    Examples
    --------
    >>> import dusk.array as da
    >>> da.einsum("ij,j->i", da.ones((2, 3), chunks=2), da.ones(3, chunks=2)).compute()
    array([3., 3.])
    """
    if not operands or not isinstance(operands[0], str):
        raise NotImplementedError("einsum takes its subscripts as text (docs/status.md)")
    text, *given = operands
    arrays = [asarray(a) for a in given]
    tiny = [np.broadcast_to(np.ones((), dtype=a.dtype), (1,) * a.ndim) for a in arrays]
    kind = np.dtype(dtype) if dtype is not None else np.asarray(np.einsum(text, *tiny)).dtype
    inputs, output = _subscripts(text, arrays)
    if any(len(set(labels)) < len(labels) for labels in inputs):  # diagonals need whole axes
        arrays = [
            a.rechunk({d: -1 for d, c in enumerate(labels) if labels.count(c) > 1})
            for a, labels in zip(arrays, inputs, strict=True)
        ]
    spec = f"{','.join(inputs)}->{output}"
    pairs = [item for a, labels in zip(arrays, inputs, strict=True) for item in (a, labels)]
    return blockwise(
        _Einsum(spec, kwargs), output, *pairs, dtype=kind, concatenate=True, token="einsum"
    )


class _Einsum:
    def __init__(self, spec: str, kwargs: dict[str, Any]) -> None:
        self.spec, self.kwargs = spec, kwargs

    def __call__(self, *blocks: np.ndarray) -> Any:
        return np.asarray(np.einsum(self.spec, *blocks, **self.kwargs))

    def __dask_tokenize__(self) -> Any:
        return (self.spec, sorted(self.kwargs))


def _subscripts(text: str, arrays: list[Array]) -> tuple[list[str], str]:
    """Labels of inputs and output, the ellipsis written out."""
    text = text.replace(" ", "")
    left, arrow, output = text.partition("->")
    inputs = left.split(",")
    if len(inputs) != len(arrays):
        raise ValueError("Number of einsum subscripts must be equal to the number of operands.")
    spare = [c for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" if c not in text]
    most = max(
        (a.ndim - len(i.replace("...", "")) for i, a in zip(inputs, arrays, strict=True)
         if "..." in i), default=0,
    )  # fmt: skip
    extra = "".join(spare[:most])
    inputs = [
        i.replace("...", extra[most - (a.ndim - len(i.replace("...", ""))) :])
        for i, a in zip(inputs, arrays, strict=True)
    ]
    if not arrow:
        every = "".join(inputs)
        once = sorted(c for c in set(every) if every.count(c) == 1 and c not in extra)
        return inputs, extra + "".join(once)
    return inputs, output.replace("...", extra)
