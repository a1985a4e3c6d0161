"""What frames, series, indexes and scalars share: an expression, a meta, divisions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa

from dusk import _core
from dusk.base import CollectionMixin
from dusk.dataframe import exchange
from dusk.dataframe.meta import empty, make_meta, nonempty
from dusk.pickling import Finish

Column = _core.Column
Function = TypeVar("Function", bound=Callable[..., Any])


def native(flag: bool) -> Callable[[Function], Function]:
    """Marks a public function: whether its work runs in the engine."""

    def mark(function: Function) -> Function:
        function.__dusk_native__ = flag  # type: ignore[attr-defined]
        return function

    return mark


class Runs(tuple[None, ...]):
    """The unknown divisions of partitions that are runs of the rows of one.

    Partitions of two such collections do not correspond: each puts the same keys elsewhere.
    """


class Moved(tuple[None, ...]):
    """The unknown divisions of labels that were computed, row for row, from other labels.

    Attributes
    ----------
    source
        The divisions of those others: rows of equal sources correspond.
    """

    source: Any

    @classmethod
    def of(cls, count: int, source: Any) -> Any:
        """For `count` partitions of labels computed from labels with the divisions `source`."""
        if source is None or isinstance(source, Moved):
            return source
        made = cls((None,) * (count + 1))
        made.source = source
        return made


class FrameBase(CollectionMixin):
    """A lazy pandas object.

    Attributes
    ----------
    expr : FrameExpr
        The engine's expression; its columns are the labels' columns, by position.
    _meta : pandas object
        The result without rows: labels, dtypes, index.
    """

    _meta: Any
    _kind: type

    def __init__(self, expr: Any, meta: Any, divisions: Any = None) -> None:
        self.expr = expr
        self._meta = meta
        self._divisions = divisions

    # -- the engine's hooks --------------------------------------------------------------------

    def _dusk_finalize(self, result: Any) -> Any:
        return exchange.to_pandas(result, self._meta)

    def _dusk_rebuild(self, expr: Any) -> Any:
        known = self._divisions if expr.npartitions == self.npartitions else None
        return type(self)(expr, self._meta, known)

    # -- shape ---------------------------------------------------------------------------------

    @property
    def npartitions(self) -> int:
        """The number of partitions."""
        count: int = self.expr.npartitions
        return count

    @property
    def divisions(self) -> tuple[Any, ...]:
        """The index's bounds: ``npartitions + 1`` values, or None where they are unknown."""
        if callable(self._divisions):
            self._divisions = self._divisions()
        if self._divisions is None:
            return (None,) * (self.npartitions + 1)
        return tuple(self._divisions)

    @property
    def known_divisions(self) -> bool:
        """Whether the divisions are known."""
        return self._divisions is not None and self.divisions[0] is not None

    def clear_divisions(self) -> Any:
        """The same collection without divisions."""
        return type(self)(self.expr, self._meta, None)

    @staticmethod
    def _given(found: Any) -> Any:
        """What pandas functions are given for a partition."""
        return found

    def _fake(self) -> Any:
        return self._given(nonempty(self._meta))

    # -- pieces --------------------------------------------------------------------------------

    def __len__(self) -> int:
        rows = self.expr.rows
        if rows is None:
            counted = _core.frame_reduce(self.expr, [("rows", "", "size", {})])
            rows = Scalar(counted, pd.Series([], dtype="int64")).compute()
        return int(rows)

    def get_partition(self, n: int) -> Any:
        """Partition `n` as a collection of one.

        Raises
        ------
        ValueError
            When there is no such partition.
        """
        if not 0 <= n < self.npartitions:
            raise ValueError(f"n must be 0 <= n < {self.npartitions}")
        return self._take_partitions([n])

    @property
    def partitions(self) -> Any:
        """Partitions by number: ``df.partitions[0]``, slices and lists of numbers."""
        return PartitionIndexer(self)

    def _take_partitions(self, numbers: Sequence[int]) -> Any:
        divisions = None
        if self.known_divisions and list(numbers) == list(
            range(numbers[0], numbers[0] + len(numbers))
        ):
            divisions = self.divisions[numbers[0] : numbers[-1] + 2]
        expr = _core.frame_partitions(self.expr, list(numbers))
        return type(self)(expr, self._meta, divisions)

    def to_delayed(self, optimize_graph: bool = True) -> list[Any]:
        """One :class:`dusk.delayed.Delayed` a partition; each computes to a pandas object."""
        from dusk.delayed import Delayed

        finish = _Finish(self._meta)
        token = _core.tokenize_bytes(b"to-delayed", self.expr.token.encode())
        parts = _core.frame_map_to_objects(finish, [self.expr], name="to-delayed", token=token)
        return [Delayed(p) for p in parts]

    # -- same for all --------------------------------------------------------------------------

    def copy(self, deep: bool = False) -> Any:
        """A new collection of the same data.

        Raises
        ------
        ValueError
            With `deep`: a lazy collection holds nothing to copy.
        """
        if deep is not False:
            raise ValueError(
                "The `deep` value must be False. This is strictly a shallow copy "
                "of the underlying computational graph."
            )
        return type(self)(self.expr, self._meta, self._divisions)

    def pipe(self, func: Any, *args: Any, **kwargs: Any) -> Any:
        """``func(self, *args, **kwargs)``; `func` may be (function, keyword for self)."""
        if isinstance(func, tuple):
            function, name = func
            if name in kwargs:
                raise ValueError(f"{name} is both the pipe target and a keyword argument")
            return function(*args, **{**kwargs, name: self})
        return func(self, *args, **kwargs)

    @property
    def dask(self) -> dict[str, Any]:
        """The graph's layers by name."""
        info = _core.graph_info([self.expr], optimized=False)
        return {layer["name"]: layer for layer in info["layers"]}

    def __hash__(self) -> int:
        return hash(self.expr.token)

    def __bool__(self) -> bool:
        name = type(self).__name__
        raise ValueError(f"The truth value of a {name} is ambiguous. Use a.any() or a.all().")

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.asarray(self.compute(), dtype=dtype)

    def _single(self) -> Any:
        """The same rows in one partition."""
        if self.npartitions == 1:
            return self
        everything = [list(range(self.npartitions))]
        known = self.divisions
        divisions = (known[0], known[-1]) if known[0] is not None else None
        return type(self)(_core.frame_repartition(self.expr, everything), self._meta, divisions)

    def _in_runs(self, count: int) -> Any:
        """One partition's rows in `count` partitions, in their order."""
        if count < 2 or self.npartitions != 1:
            return self
        expr = _core.frame_split(self.expr, [count])
        return type(self)(expr, self._meta, Runs((None,) * (count + 1)))


class _Finish:
    """Makes pandas objects of tables."""

    def __init__(self, meta: Any) -> None:
        self.meta = meta

    def __call__(self, table: Any) -> Any:
        return exchange.to_pandas(table, self.meta)


class PartitionIndexer:
    """``df.partitions[...]``."""

    def __init__(self, frame: FrameBase) -> None:
        self._frame = frame

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, tuple):
            raise TypeError("index must be a number, a slice or a list of numbers")
        numbers = np.arange(self._frame.npartitions)[index]
        chosen = [int(i) for i in np.atleast_1d(numbers)]
        if not chosen:
            raise ValueError("no partition is selected")
        return self._frame._take_partitions(chosen)

    def __len__(self) -> int:
        return self._frame.npartitions

    def __iter__(self) -> Any:
        return (self[i] for i in range(len(self)))


class Scalar(FrameBase):
    """One lazy value: a frame of one row and one column."""

    def _dusk_finalize(self, result: Any) -> Any:
        return exchange.to_pandas(result, self._meta).iloc[0]

    @staticmethod
    def _given(found: Any) -> Any:
        return found.iloc[0]

    @property
    def dtype(self) -> Any:
        """The dtype of the value."""
        return self._meta.dtype

    def __repr__(self) -> str:
        return f"<dusk_expr.Scalar: {self.expr.name.rsplit('-', 1)[0]}, dtype={self.dtype}>"

    def __len__(self) -> int:
        raise TypeError(f"object of type {type(self).__name__!r} has no len()")

    def __bool__(self) -> bool:
        raise TypeError(
            f"Trying to convert {self} to a boolean value. Because Dusk objects are lazily "
            "evaluated, they cannot be converted to a boolean value or used in boolean "
            "conditions like if statements. Try calling .compute() to force computation prior "
            "to converting to a boolean value or using in a conditional statement."
        )

    def __float__(self) -> float:
        return float(self.compute())

    def __int__(self) -> int:
        return int(self.compute())

    def __index__(self) -> int:
        return int(self.compute())

    def to_delayed(self, optimize_graph: bool = True) -> Any:
        """The value as :class:`dusk.delayed.Delayed`."""
        from dusk.delayed import Delayed

        token = _core.tokenize_bytes(b"scalar", self.expr.token.encode())
        value = _core.object_call(Finish(self), [self.expr], name="to-delayed", token=token)
        return Delayed(value)


def new_collection(expr: Any, meta: Any, divisions: Any = None) -> Any:
    """The collection that fits `meta`."""
    from dusk.dataframe.frames import DataFrame
    from dusk.dataframe.series import Index, Series

    meta = empty(meta)
    if isinstance(meta, pd.DataFrame):
        return DataFrame(expr, meta, divisions)
    if isinstance(meta, pd.Series):
        return Series(expr, meta, divisions)
    return Index(expr, meta, divisions)


def new_scalar(expr: Any, meta: Any) -> Scalar:
    """A one-row expression as a value."""
    return Scalar(expr, make_meta(empty(meta)))


def schema_of_expr(expr: Any) -> pa.Schema:
    """The Arrow schema of an expression: index columns, then data columns."""
    return pa.schema(expr.schema)


def fields(frame: FrameBase) -> list[Any]:
    """The frame's columns as engine columns."""
    return [Column.field(name) for name in frame.expr.columns]
