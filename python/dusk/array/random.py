"""Random arrays that depend on seed and position only, never on chunks, threads or order.

Numbers come from a counter-based generator (Philox), so they differ from NumPy's and Dask's for a
seed, and are equal for every chunking.
"""

# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import hashlib
import os
from functools import partial
from typing import Any

import numpy as np

from dusk import _core
from dusk.array.chunks import normalize_chunks
from dusk.array.core import Array
from dusk.array.distributions import PARAMETERS, method
from dusk.names import missing_name

_MASK = (1 << 64) - 1


def _seed_of(seed: Any) -> int:
    """64 bits of what the user gave: an int, ints, a SeedSequence, or fresh ones for None."""
    if seed is None:
        return int.from_bytes(os.urandom(8), "little")
    if isinstance(seed, int | np.integer):
        if seed < 0:
            raise ValueError("expected non-negative integer")
        return int(seed) & _MASK
    if isinstance(seed, np.random.SeedSequence):
        return int(seed.generate_state(1, np.uint64)[0])
    if isinstance(seed, np.random.Generator | np.random.BitGenerator):
        bits = seed.bit_generator if isinstance(seed, np.random.Generator) else seed
        return int(np.random.Generator(bits).integers(0, 1 << 63))
    np.random.SeedSequence(seed)  # raises TypeError for what is no seed
    digest = hashlib.blake2b(np.asarray(seed).tobytes(), digest_size=8).digest()
    return int.from_bytes(digest, "little")


def _size(size: Any) -> tuple[int, ...]:
    if size is None:
        return ()
    if isinstance(size, int | np.integer):
        return (int(size),)
    return tuple(int(n) for n in size)


class _Source:
    """Makes arrays, each from a stream of its own."""

    def __init__(self, seed: Any = None) -> None:
        self._seed = _seed_of(seed)
        self._stream = 0

    def _next(self) -> int:
        self._stream += 1
        return self._stream

    def _draw(self, distribution: str, size: Any, chunks: Any, dtype: Any, **options: Any) -> Any:
        shape = _size(size)
        kind = np.dtype(dtype)
        cut = normalize_chunks(chunks, shape, dtype=kind)
        expr = _core.array_random(
            distribution, shape, cut, kind.str, self._seed, self._next(), **options
        )
        return Array(expr)

    def _scaled(self, distribution: str, a: Any, b: Any, size: Any, chunks: Any) -> Any:
        """Standard values scaled by array parameters: a + b * standard."""
        if np.ndim(a) == 0 and np.ndim(b) == 0 and not isinstance(a, Array | np.ndarray):
            low, high = float(a), float(b)
            return self._draw(distribution, size, chunks, "f8", a=low, b=high)
        shape = np.broadcast_shapes(np.shape(a), np.shape(b)) if size is None else _size(size)
        standard = self._draw(distribution, shape, chunks, "f8")
        if distribution == "uniform":
            return a + (b - a) * standard
        return a + b * standard

    def random(
        self,
        size: Any = None,
        dtype: Any = np.float64,
        out: Any = None,
        chunks: Any = "auto",
        **kwargs: Any,
    ) -> Any:
        """Uniform numbers in [0, 1).

        Parameters
        ----------
        size : int or tuple of ints, optional
        dtype : float64 or float32
        chunks : int, tuple or str, default "auto"
        """
        if np.dtype(dtype) not in (np.dtype("f4"), np.dtype("f8")):
            raise TypeError(f"Unsupported dtype {np.dtype(dtype)!r} for random")
        return self._draw("random", size, chunks, dtype)

    def uniform(
        self, low: Any = 0.0, high: Any = 1.0, size: Any = None, chunks: Any = "auto", **kwargs: Any
    ) -> Any:
        """Uniform numbers in [low, high)."""
        return self._scaled("uniform", low, high, size, chunks)

    def normal(
        self,
        loc: Any = 0.0,
        scale: Any = 1.0,
        size: Any = None,
        chunks: Any = "auto",
        **kwargs: Any,
    ) -> Any:
        """Normal numbers of mean `loc` and standard deviation `scale`."""
        if np.ndim(scale) == 0 and not isinstance(scale, Array) and scale < 0:
            raise ValueError("scale < 0")
        return self._scaled("normal", loc, scale, size, chunks)

    def standard_normal(
        self, size: Any = None, dtype: Any = np.float64, chunks: Any = "auto", **kwargs: Any
    ) -> Any:
        """Normal numbers of mean 0 and standard deviation 1."""
        return self._draw("normal", size, chunks, dtype)

    def exponential(
        self, scale: Any = 1.0, size: Any = None, chunks: Any = "auto", **kwargs: Any
    ) -> Any:
        """Exponential numbers of mean `scale`."""
        return self._draw("exponential", size, chunks, "f8", a=1.0) * scale

    def standard_exponential(self, size: Any = None, chunks: Any = "auto", **kwargs: Any) -> Any:
        """Exponential numbers of mean 1."""
        return self._draw("exponential", size, chunks, "f8", a=1.0)

    def lognormal(
        self,
        mean: Any = 0.0,
        sigma: Any = 1.0,
        size: Any = None,
        chunks: Any = "auto",
        **kwargs: Any,
    ) -> Any:
        """Numbers whose logarithms are normal."""
        return np.exp(self.normal(mean, sigma, size, chunks))

    def _integers(
        self, low: Any, high: Any, size: Any, dtype: Any, inclusive: bool, chunks: Any
    ) -> Any:
        if high is None:
            low, high = 0, low
        kind = np.dtype(dtype)
        if kind.kind not in "iub":
            raise TypeError(f"Unsupported dtype {kind!r} for integers")
        last = int(high) - (0 if inclusive else 1)
        if kind.kind == "b":
            return self._draw("integers", size, chunks, "u1", low=int(low), high=last).astype(bool)
        info = np.iinfo(kind)
        if int(low) < info.min:
            raise ValueError(f"low is out of bounds for {kind}")
        if last > info.max:
            raise ValueError(f"high is out of bounds for {kind}")
        if last < int(low):
            raise ValueError("low >= high")
        return self._draw("integers", size, chunks, kind, low=int(low), high=last)

    def permutation(self, x: Any) -> Any:
        """`x` (or ``arange(x)``) in random order."""
        from dusk.array.core import asarray
        from dusk.array.creation import arange

        array = arange(x, chunks="auto") if isinstance(x, int | np.integer) else asarray(x)
        order = np.random.Generator(
            np.random.Philox(key=self._seed, counter=self._next())
        ).permutation(len(array))
        return array[order]

    def choice(
        self,
        a: Any,
        size: Any = None,
        replace: bool = True,
        p: Any = None,
        axis: int = 0,
        shuffle: bool = True,
        chunks: Any = "auto",
    ) -> Any:
        """Random elements of `a` (or ``arange(a)``), with equal chances or those of `p`."""
        values = np.arange(a) if isinstance(a, int | np.integer) else np.asarray(a)
        if values.size == 0:
            raise ValueError("a must be a positive integer unless no samples are taken")
        if p is not None or not replace:
            return self._choice(values, size, replace, p, chunks)
        places = self._integers(0, len(values), size, np.int64, False, chunks)
        return places.map_blocks(_pick, values, dtype=values.dtype)

    def _choice(self, values: np.ndarray, size: Any, replace: bool, p: Any, chunks: Any) -> Any:
        from dusk.array.distributions import draw

        chances = None if p is None else np.asarray(p, dtype=float)
        if chances is not None and abs(chances.sum() - 1) > 1e-8:
            raise ValueError("probabilities do not sum to 1")
        if chances is not None and len(chances) != len(values):
            raise ValueError("a and p must have the same size")
        result = draw(
            partial(_choose, values=values, replace=replace, p=chances),
            (self._seed, self._next()),
            [],
            _size(size),
            chunks,
            "choice",
        )
        if not replace and result.npartitions > 1:
            raise NotImplementedError(
                "replace=False is not currently supported for dask.array.choice with multi-chunk "
                "output arrays"
            )
        return result

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        raise missing_name("dusk.array.random", name)


def _choose(rng: np.random.Generator, size: Any, values: Any, replace: bool, p: Any) -> Any:
    return rng.choice(values, size=size, replace=replace, p=p)


def _pick(places: np.ndarray, values: np.ndarray) -> np.ndarray:
    return values[places]


for _name in PARAMETERS:
    setattr(_Source, _name, method(_name))


class Generator(_Source):
    """Random arrays in NumPy's newer interface; made by :func:`default_rng`."""

    def __init__(self, bit_generator: Any = None) -> None:
        super().__init__(bit_generator)

    def __repr__(self) -> str:
        return "Generator(Philox)"

    def integers(
        self,
        low: Any,
        high: Any = None,
        size: Any = None,
        dtype: Any = np.int64,
        endpoint: bool = False,
        chunks: Any = "auto",
        **kwargs: Any,
    ) -> Any:
        """Integers in [low, high), or [low, high] with `endpoint`."""
        return self._integers(low, high, size, dtype, endpoint, chunks)


class RandomState(_Source):
    """Random arrays in NumPy's older interface."""

    def __init__(self, seed: Any = None, RandomState: Any = None) -> None:
        super().__init__(seed)

    def seed(self, seed: Any = None) -> None:
        """Starts again from `seed`."""
        self._seed = _seed_of(seed)
        self._stream = 0

    def random_sample(self, size: Any = None, chunks: Any = "auto", **kwargs: Any) -> Any:
        """Uniform numbers in [0, 1)."""
        return self._draw("random", size, chunks, "f8")

    def randint(
        self,
        low: Any,
        high: Any = None,
        size: Any = None,
        chunks: Any = "auto",
        dtype: Any = "l",
        **kwargs: Any,
    ) -> Any:
        """Integers in [low, high)."""
        return self._integers(low, high, size, dtype, False, chunks)

    def random_integers(
        self, low: Any, high: Any = None, size: Any = None, chunks: Any = "auto", **kwargs: Any
    ) -> Any:
        """Integers in [low, high]; in [1, low] with one bound."""
        if high is None:
            low, high = 1, low
        return self._integers(low, high, size, "l", True, chunks)


def default_rng(seed: Any = None) -> Generator:
    """A generator of random arrays.

    Parameters
    ----------
    seed : int, sequence of ints, SeedSequence or Generator, optional
        Equal seeds give equal arrays, whatever their chunks.

    Examples
    --------
    >>> import dusk.array as da
    >>> a = da.random.default_rng(0).random(5, chunks=2)
    >>> b = da.random.default_rng(0).random(5, chunks=5)
    >>> bool((a == b).all())
    True
    """
    return seed if isinstance(seed, Generator) else Generator(seed)


_state = RandomState()
seed = _state.seed
random = _state.random
random_sample = _state.random_sample
randint = _state.randint
random_integers = _state.random_integers
uniform = _state.uniform
normal = _state.normal
standard_normal = _state.standard_normal
exponential = _state.exponential
standard_exponential = _state.standard_exponential
lognormal = _state.lognormal
permutation = _state.permutation
choice = _state.choice
globals().update({_name: getattr(_state, _name) for _name in PARAMETERS})

for _name in ("random", "uniform", "normal", "standard_normal", "exponential"):
    getattr(_Source, _name).__dusk_native__ = True
Generator.integers.__dict__["__dusk_native__"] = True
RandomState.randint.__dict__["__dusk_native__"] = True
RandomState.random_sample.__dict__["__dusk_native__"] = True


def __getattr__(name: str) -> Any:
    raise missing_name("dusk.array.random", name)
