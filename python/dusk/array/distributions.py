"""Distributions without a native kernel: NumPy's generators, one stream a chunk.

Numbers depend on seed, stream and the chunk's place, hence on the chunks' sizes too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dusk import _core
from dusk.array.chunks import normalize_chunks
from dusk.array.core import Array, asarray
from dusk.array.shaping import broadcast_to
from dusk.tokens import tokenize

# Name to its parameters, as NumPy calls them.
PARAMETERS: dict[str, tuple[str, ...]] = {
    "beta": ("a", "b"),
    "binomial": ("n", "p"),
    "chisquare": ("df",),
    "f": ("dfnum", "dfden"),
    "gamma": ("shape", "scale"),
    "geometric": ("p",),
    "gumbel": ("loc", "scale"),
    "hypergeometric": ("ngood", "nbad", "nsample"),
    "laplace": ("loc", "scale"),
    "logistic": ("loc", "scale"),
    "logseries": ("p",),
    "negative_binomial": ("n", "p"),
    "noncentral_chisquare": ("df", "nonc"),
    "noncentral_f": ("dfnum", "dfden", "nonc"),
    "pareto": ("a",),
    "poisson": ("lam",),
    "power": ("a",),
    "rayleigh": ("scale",),
    "standard_cauchy": (),
    "standard_gamma": ("shape",),
    "standard_t": ("df",),
    "triangular": ("left", "mode", "right"),
    "vonmises": ("mu", "kappa"),
    "wald": ("mean", "scale"),
    "weibull": ("a",),
    "zipf": ("a",),
}
DEFAULTS: dict[str, tuple[Any, ...]] = {
    "gamma": (None, 1.0), "gumbel": (0.0, 1.0), "laplace": (0.0, 1.0), "logistic": (0.0, 1.0),
    "poisson": (1.0,), "rayleigh": (1.0,),
}  # fmt: skip


class _Draw:
    """Fills one chunk from the stream that belongs to its place."""

    def __init__(
        self, function: Callable[..., Any], key: tuple[int, int], chunks: Any, literals: list[Any]
    ) -> None:
        self.function, self.key, self.chunks, self.literals = function, key, chunks, literals

    def __call__(self, *blocks: Any, block_id: tuple[int, ...] = ()) -> Any:
        left = iter(blocks)
        args = [next(left) if isinstance(a, Array) else a for a in self.literals]
        shape = tuple(int(c[i]) for c, i in zip(self.chunks, block_id, strict=True))
        place = int(np.ravel_multi_index(block_id, [len(c) for c in self.chunks])) if shape else 0
        bits = np.random.Philox(key=list(self.key), counter=[0, 0, 0, place])
        return np.asarray(self.function(np.random.Generator(bits), *args, size=shape))


def draw(
    function: Callable[..., Any],
    key: tuple[int, int],
    args: list[Any],
    size: Any,
    chunks: Any,
    name: str,
) -> Array:
    """An array of ``function(generator, *args, size=)`` by chunks.

    Parameters
    ----------
    key : pair of ints
        Seed and stream.
    args : list
        Parameters; arrays are broadcast to the result.
    """
    args = [asarray(a) if isinstance(a, list | np.ndarray) and np.ndim(a) else a for a in args]
    arrays = [a for a in args if isinstance(a, Array)]
    shape = np.broadcast_shapes(*[a.shape for a in arrays]) if size is None else size
    shape = tuple(int(n) for n in np.atleast_1d(shape)) if np.ndim(shape) == 0 else tuple(shape)
    ones = [np.ones(1, a.dtype) if isinstance(a, Array) else a for a in args]
    kind = np.asarray(function(np.random.default_rng(0), *ones, size=1)).dtype
    cut = normalize_chunks(chunks, shape, dtype=kind)
    pieces = [broadcast_to(a, shape).rechunk(cut) for a in arrays]
    literals: list[Any] = list(args)
    expr = _core.array_map_blocks(
        _Draw(function, key, cut, literals),
        [(p.expr, list(range(p.ndim))) for p in pieces],
        cut,
        kind.str,
        name=name,
        token=tokenize(name, key, cut, list(args)),
        block_info=(),
    )
    return Array(expr)


def method(name: str) -> Callable[..., Any]:
    """The generator's method for NumPy's distribution `name`."""
    names = PARAMETERS[name]
    count = len(names)
    function = getattr(np.random.Generator, name)

    def sample(self: Any, *args: Any, size: Any = None, chunks: Any = "auto", **kwargs: Any) -> Any:
        if len(args) > count:
            size, *rest = args[count:]
            chunks = rest[0] if rest else chunks
            args = args[:count]
        defaults = DEFAULTS.get(name, (None,) * count)
        others = zip(names[len(args) :], defaults[len(args) :], strict=True)
        given = [*args, *(kwargs.pop(k, default) for k, default in others)]
        if kwargs or any(g is None for g in given):
            raise TypeError(f"{name}() takes the parameters {', '.join(names)}")
        shape = size
        if size is None and not any(np.ndim(a) or isinstance(a, Array) for a in given):
            shape = ()
        return draw(function, (self._seed, self._next()), given, shape, chunks, name)

    sample.__name__ = name
    sample.__doc__ = (
        f"Numbers of NumPy's ``{name}`` distribution, drawn by NumPy chunk by chunk.\n\n"
        "Parameters\n----------\n"
        f"{', '.join(names)} : numbers or arrays\n    As for ``numpy.random.Generator.{name}``.\n"
        "size : int or tuple of ints, optional\n"
        'chunks : int, tuple or str, default "auto"\n    Numbers depend on them.\n'
    )
    return sample
