"""The user's Python functions on partitions, rows and values; conversions to arrays."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from dusk import _core
from dusk.dataframe import exchange
from dusk.dataframe.collection import FrameBase, native
from dusk.dataframe.meta import emulate, make_meta
from dusk.dataframe.partitionwise import partitionwise

_no_default: Any = "__no_default__"


class _Apply:
    """``x.apply(function, ...)``."""

    def __init__(self, function: Any, args: tuple[Any, ...], options: dict[str, Any]) -> None:
        self.function, self.args, self.options = function, args, options

    def __call__(self, x: Any) -> Any:
        return x.apply(self.function, args=self.args, **self.options)


class _Map:
    """``x.map(function)``."""

    def __init__(self, function: Any, na_action: Any) -> None:
        self.function, self.na_action = function, na_action

    def __call__(self, x: Any) -> Any:
        return x.map(self.function, na_action=self.na_action)


class FunctionsMixin(FrameBase):
    """``map_partitions``, ``map``, ``apply``, ``to_dask_array``."""

    @native(False)
    def map_partitions(
        self,
        func: Callable[..., Any],
        *args: Any,
        meta: Any = _no_default,
        enforce_metadata: bool = True,
        transform_divisions: bool = True,
        clear_divisions: bool = False,
        align_dataframes: bool = False,
        parent_meta: Any = None,
        required_columns: Any = None,
        **kwargs: Any,
    ) -> Any:
        """``func`` called on every partition; see :func:`dusk.dataframe.map_partitions`."""
        return map_partitions(
            func,
            self,
            *args,
            meta=meta,
            enforce_metadata=enforce_metadata,
            clear_divisions=clear_divisions,
            align_dataframes=align_dataframes,
            **kwargs,
        )

    @native(False)
    def map(self, func: Any, na_action: Any = None, meta: Any = None) -> Any:
        """`func` (or a dictionary, or a series) applied to every value."""
        if isinstance(func, FrameBase):
            func = func.compute()
        given = None if meta is None else make_meta(meta)
        if given is None:
            _warn_inference(func, self, "map")
        return partitionwise(
            _Map(func, na_action), self, meta=given, name="map", udf=callable(func)
        )

    @native(False)
    def apply(
        self,
        function: Any,
        *args: Any,
        convert_dtype: Any = True,
        axis: Any = 0,
        meta: Any = _no_default,
        **kwargs: Any,
    ) -> Any:
        """`function` called on every row (frames, ``axis=1``) or value (series).

        Raises
        ------
        NotImplementedError
            For frames with ``axis=0``, as Dask.
        """
        options = dict(kwargs)
        given_args = args
        if isinstance(self._meta, pd.DataFrame):
            if axis in (0, "index"):
                raise NotImplementedError(
                    "dd.DataFrame.apply only supports axis=1\n  Try: df.apply(func, axis=1)"
                )
            options["axis"] = 1
        if "args" in options:
            given_args = (*given_args, *options.pop("args"))
        given = None if meta is _no_default or meta is None else make_meta(meta)
        task = _Apply(function, given_args, options)
        if given is None:
            sample = emulate(task, self, udf=True)
            _warn_meta("apply", sample)
        return partitionwise(task, self, meta=given, name="apply", udf=True)

    @native(False)
    def memory_usage(self, deep: bool = False, index: bool = True) -> Any:
        """Bytes by column, as pandas counts them."""
        parts = partitionwise(_Memory(index, deep), self, name="memory-usage", divisions=None)
        return parts.sum() if isinstance(self._meta, pd.DataFrame) else _only(parts.sum())

    @native(False)
    def memory_usage_per_partition(self, index: bool = True, deep: bool = False) -> Any:
        """Bytes by partition, as pandas counts them."""
        return partitionwise(
            _PartitionMemory(index, deep),
            self,
            meta=pd.Series([], dtype="int64"),
            name="memory-usage",
            divisions=None,
        )

    def to_dask_array(
        self, lengths: Any = None, meta: Any = None, optimize: bool = True, **kwargs: Any
    ) -> Any:
        """The values as a :class:`dusk.array.Array`, a chunk a partition.

        Parameters
        ----------
        lengths : True or sequence of int, optional
            Rows by partition; True computes them. They are nan otherwise.
        """
        from dusk.array.core import Array

        frame: Any = self
        if isinstance(self._meta, pd.Index):
            frame = frame._series()
        if lengths is True:
            lengths = frame.map_partitions(len, meta=("n", "int64"), enforce_metadata=False)
            lengths = [int(n) for n in lengths.compute()]
        if lengths is not None and len(lengths) != frame.npartitions:
            raise ValueError(
                "The number of items in 'lengths' does not match the number of partitions. "
                f"{len(lengths)} != {frame.npartitions}"
            )
        dtypes = list(exchange.as_frame(frame._meta).dtypes)
        common = np.asarray(exchange.as_frame(frame._meta)).dtype
        if any(not isinstance(d, np.dtype) for d in dtypes) or common.kind not in "iufbmM":
            raise NotImplementedError(
                f"columns of dtypes {[str(d) for d in dtypes]} have no array in Dusk yet "
                "(docs/status.md); select numeric columns or cast them with astype"
            )
        rows = [int(n) for n in lengths] if lengths is not None else None
        expr = _core.frame_to_array(frame.expr, frame.expr.columns, common.str, rows)
        array = Array(expr)
        return array[:, 0] if isinstance(frame._meta, pd.Series) and array.ndim == 2 else array

    @property
    def values(self) -> Any:
        """As :meth:`to_dask_array`."""
        return self.to_dask_array()

    def __dask_array__(self) -> Any:
        return self.to_dask_array()


def _only(x: Any) -> Any:
    return x


class _Memory:
    def __init__(self, index: bool, deep: bool) -> None:
        self.index, self.deep = index, deep

    def __call__(self, x: Any) -> Any:
        if isinstance(x, pd.DataFrame):
            return x.memory_usage(index=self.index, deep=self.deep).to_frame().T
        if isinstance(x, pd.Index):
            return pd.Series([x.memory_usage(deep=self.deep)])
        return pd.Series([x.memory_usage(index=self.index, deep=self.deep)])


class _PartitionMemory(_Memory):
    def __call__(self, x: Any) -> Any:
        if isinstance(x, pd.Index):
            return pd.Series([x.memory_usage(deep=self.deep)])
        return pd.Series([int(np.sum(x.memory_usage(index=self.index, deep=self.deep)))])


def _warn_meta(name: str, sample: Any) -> None:
    text = repr(dict(sample.dtypes.astype(str)) if isinstance(sample, pd.DataFrame)
                else (sample.name, str(sample.dtype)) if isinstance(sample, pd.Series)
                else str(type(sample).__name__))  # fmt: skip
    warnings.warn(
        "\nYou did not provide metadata, so Dusk is running your function on a small dataset to "
        "guess output types. It is possible that Dusk will guess incorrectly.\n"
        "To provide an explicit output types or to silence this message, please provide the "
        "`meta=` keyword, as described in the map or apply function that you are using.\n"
        f"  Before: .{name}(func)\n  After:  .{name}(func, meta={text})\n",
        stacklevel=4,
    )


def _warn_inference(func: Any, frame: Any, name: str) -> None:
    if callable(func) and not isinstance(func, pd.Series):
        _warn_meta(name, emulate(_Map(func, None), frame, udf=True))


@native(False)
def map_partitions(
    func: Callable[..., Any],
    *args: Any,
    meta: Any = _no_default,
    enforce_metadata: bool = True,
    transform_divisions: bool = True,
    clear_divisions: bool = False,
    align_dataframes: bool = False,
    parent_meta: Any = None,
    required_columns: Any = None,
    **kwargs: Any,
) -> Any:
    """A collection whose partition i is ``func`` of the partitions i of the arguments.

    Parameters
    ----------
    func
        Takes pandas objects and the other arguments; gives a pandas object or a scalar. With a
        keyword ``partition_info`` it is told its partition's number and division.
    *args, **kwargs
        Collections of Dusk (corresponding partitions) and other objects (as they are).
    meta : optional
        The result: a pandas object, a dictionary of dtypes, a pair (name, dtype). By default
        `func` is tried on fake rows.
    enforce_metadata : bool, default True
        Whether columns that differ from `meta` are an error.
    clear_divisions : bool, default False
        Whether the result's divisions are unknown.

    Raises
    ------
    ValueError
        When `func` fails on fake rows and there is no `meta`.

    Examples
    --------
    >>> import pandas as pd, dusk.dataframe as dd
    >>> ddf = dd.from_pandas(pd.DataFrame({"x": [1, 2, 3]}), npartitions=2)
    >>> ddf.map_partitions(lambda part: part * 10).x.compute().tolist()
    [10, 20, 30]
    """
    import inspect

    if not callable(func):
        raise TypeError(f"`func` must be callable, got {type(func).__name__}")
    if not any(isinstance(a, FrameBase) for a in (*args, *kwargs.values())):
        raise ValueError("map_partitions needs at least one Dusk collection")
    try:
        told = "partition_info" in inspect.signature(func).parameters
    except (TypeError, ValueError):
        told = False
    given = None if meta is _no_default or meta is None else make_meta(meta)
    args = tuple(_lazy(a) for a in args)
    return partitionwise(
        func,
        *args,
        meta=given,
        name=getattr(func, "__name__", type(func).__name__).strip("<>_"),
        udf=True,
        enforce=enforce_metadata,
        divisions=None if clear_divisions else "keep",
        info="partition_info" if told else None,
        **{k: _lazy(v) for k, v in kwargs.items()},
    )


def _lazy(x: Any) -> Any:
    from dusk.delayed import Delayed

    if isinstance(x, Delayed):
        return x.compute()
    return x
