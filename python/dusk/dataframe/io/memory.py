"""Frames from what is in memory: pandas objects, dictionaries, delayed values, functions."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from dusk import _core, config
from dusk.base import tokenize
from dusk.dataframe import exchange
from dusk.dataframe.collection import native, new_collection
from dusk.dataframe.meta import empty, make_meta, nonempty
from dusk.dataframe.partitionwise import conform

_no_default: Any = "__no_default__"


def convert_strings(data: Any) -> Any:
    """Object columns of strings in pandas' string dtype, as the configuration says.

    ``dataframe.convert-string``: None converts object columns that hold strings to ``str``; True
    converts every object and ``str`` column to ``string``; False converts nothing.
    """
    setting = config.get("dataframe.convert-string", None)
    if setting is False or isinstance(data, pd.Index):
        return data
    if isinstance(data, pd.Series):
        return _converted(data, setting)
    places = [i for i, d in enumerate(data.dtypes) if exchange.is_object(d) or setting is True]
    if not places:
        return data
    columns = {i: data.iloc[:, i] for i in range(data.shape[1])}
    for place in places:
        columns[place] = _converted(columns[place], setting)
    made = pd.DataFrame(columns, index=data.index)
    made.columns = data.columns
    return made


def _converted(column: pd.Series, setting: Any) -> pd.Series:
    if setting is True:
        if column.dtype == object or column.dtype == "str":
            return column.astype(pd.StringDtype("pyarrow"))
        return column
    if column.dtype != object or pd.api.types.infer_dtype(column, skipna=True) != "string":
        return column
    return column.astype("str")


@native(True)
def from_pandas(
    data: Any, npartitions: int | None = None, sort: bool = True, chunksize: int | None = None
) -> Any:
    """A lazy frame, series or index of a pandas object.

    Parameters
    ----------
    data : pandas.DataFrame, Series or Index
    npartitions : int, optional
        How many partitions of equal size; fewer where the index has too few labels.
    sort : bool, default True
        Whether to sort by the index, which makes the divisions known.
    chunksize : int, optional
        Rows a partition, instead of `npartitions`.

    Raises
    ------
    TypeError
        For anything but pandas objects.
    ValueError
        When both or neither of `npartitions` and `chunksize` are given.

    Examples
    --------
    >>> import pandas as pd, dusk.dataframe as dd
    >>> ddf = dd.from_pandas(pd.DataFrame({"x": range(10)}), npartitions=3)
    >>> ddf.divisions
    (0, 4, 7, 9)
    >>> int(ddf.x.sum().compute())
    45
    """
    if isinstance(getattr(data, "index", None), pd.MultiIndex):
        raise NotImplementedError("Dusk does not support MultiIndex Dataframes.")
    if not isinstance(data, pd.DataFrame | pd.Series | pd.Index):
        raise TypeError("Input must be a pandas DataFrame or Series.")
    if chunksize is None and npartitions is None:
        npartitions = 1
    elif chunksize is not None and npartitions is not None:
        raise ValueError("Exactly one of npartitions and chunksize must be specified.")
    for name, value in (("npartitions", npartitions), ("chunksize", chunksize)):
        if value is not None and not isinstance(value, int | np.integer):
            raise TypeError(f"Please provide {name} as an int, or possibly as None")
    data = convert_strings(data)
    index = data if isinstance(data, pd.Index) else data.index
    if not len(index):
        parts = npartitions or 1
        places, divisions = [0] * (parts + 1), None
    elif sort and index.hasnans:
        raise NotImplementedError("Index in passed data is non-numeric and contains nulls")
    elif sort:
        if not index.is_monotonic_increasing:
            data = data.sort_values() if isinstance(data, pd.Index) else data.sort_index()
            index = data if isinstance(data, pd.Index) else data.index
        divisions, places = sorted_divisions(index, npartitions, chunksize)
    else:
        step = chunksize or int(np.ceil(len(index) / max(1, npartitions or 1)))
        places = [*range(0, len(index), step), len(index)]
        divisions = None
    return _pieces(data, places, divisions)


def _pieces(data: Any, places: list[int], divisions: Any) -> Any:
    meta = empty(data)
    schema = exchange.schema_of(meta, data)
    whole = exchange.to_arrow(data, schema)
    hidden = exchange.index_names(exchange.as_frame(meta).index.nlevels)
    tables = [_core.table(whole.slice(a, b - a), hidden) for a, b in itertools.pairwise(places)]
    expr = _core.frame_from_tables(tables, tokenize(data, places), "from_pandas")
    return new_collection(expr, meta, divisions)


def sorted_divisions(
    index: pd.Index, npartitions: int | None, chunksize: int | None
) -> tuple[tuple[Any, ...], list[int]]:
    """Bounds and row numbers of partitions of a sorted index; equal labels stay together."""
    values = index
    changed = np.ones(len(values), dtype=bool)
    if not values.is_unique:
        changed[1:] = np.asarray(values[1:] != values[:-1])
    starts = np.flatnonzero(changed)  # the first row of every label
    if npartitions is not None:
        size, extra = divmod(len(values), max(1, npartitions))
        sizes = [size + (i < extra) for i in range(npartitions)]
        wanted = np.concatenate([[0], np.cumsum(sizes)[:-1]])
        if size == 0:
            wanted = np.arange(min(npartitions, len(values)))
    else:
        wanted = np.arange(0, len(values), chunksize)
    if npartitions is not None and len(starts) <= npartitions:
        moved = starts
    else:
        moved = starts[np.searchsorted(starts, wanted, side="right") - 1]
    places = sorted({int(p) for p in moved})
    labels = tuple(_label(values[p]) for p in places) + (_label(values[-1]),)
    return labels, [*places, len(values)]


def _label(value: Any) -> Any:
    return value.item() if isinstance(value, np.integer | np.floating | np.bool_) else value


@native(True)
def from_dict(
    data: dict[Any, Any],
    npartitions: int,
    orient: str = "columns",
    dtype: Any = None,
    columns: Any = None,
    constructor: Any = pd.DataFrame,
) -> Any:
    """A frame of a dictionary, as ``pandas.DataFrame.from_dict`` reads it.

    Examples
    --------
    >>> import dusk.dataframe as dd
    >>> dd.from_dict({"a": [1, 2, 3]}, npartitions=1).a.max().compute().item()
    3
    """
    made = constructor.from_dict(data, orient=orient, dtype=dtype, columns=columns)
    return from_pandas(made, npartitions=npartitions)


class _MakeTable:
    """Calls the user's function, and makes a table of what it gives."""

    def __init__(self, function: Any, meta: Any, schema: pa.Schema, enforce: bool) -> None:
        self.function, self.meta, self.schema, self.enforce = function, meta, schema, enforce

    def __call__(self, number: Any) -> Any:
        found = self.function(int(number))
        if self.enforce and type(found) is not type(self.meta):
            raise ValueError(
                f"Metadata mismatch found in `from_delayed`: expected a "
                f"{type(self.meta).__name__}, got a {type(found).__name__}"
            )
        found = convert_strings(found)
        return exchange.to_table(conform(found, self.meta), self.schema)


def _from_calls(
    function: Callable[[int], Any],
    count: int,
    sample: Any,
    divisions: Any,
    name: str,
    token: str,
    enforce: bool = False,
) -> Any:
    """A frame whose partition i is ``function(i)``."""
    meta = empty(sample)
    schema = exchange.schema_of(meta, sample)
    seed = _core.table(pa.table({"__index__": pa.array([0], type=pa.int64())}), ["__index__"])
    seeds = _core.frame_from_tables([seed] * count, tokenize("seeds", count), "seeds")
    made = _core.frame_map_partitions(
        _Seeded(_MakeTable(function, meta, schema, enforce)),
        [seeds],
        schema,
        exchange.index_names(exchange.as_frame(meta).index.nlevels),
        name=name,
        token=token,
        partition_info=True,
    )
    return new_collection(made, meta, divisions)


class _Seeded:
    def __init__(self, make: _MakeTable) -> None:
        self.make = make

    def __call__(self, seed: Any, number: Any) -> Any:
        return self.make(number)


@native(False)
def from_map(
    func: Callable[..., Any],
    *iterables: Iterable[Any],
    args: Any = None,
    meta: Any = _no_default,
    divisions: Any = None,
    label: str | None = None,
    enforce_metadata: bool = False,
    **kwargs: Any,
) -> Any:
    """A frame whose partition i is ``func(*(items i of iterables), *args, **kwargs)``.

    Parameters
    ----------
    func
        Gives a pandas object.
    *iterables
        Of equal length: the number of partitions.
    meta : optional
        The result's description; the first call is made to find out by default.

    Raises
    ------
    ValueError
        Without iterables, or when their lengths differ.

    Examples
    --------
    >>> import pandas as pd, dusk.dataframe as dd
    >>> dd.from_map(lambda n: pd.DataFrame({"x": [n]}), [1, 2, 3]).x.sum().compute().item()
    6
    """
    if not callable(func):
        raise ValueError("`func` argument must be `callable`")
    lists = []
    for _i, iterable in enumerate(iterables):
        if not isinstance(iterable, Iterable):
            raise ValueError(f"All elements of `iterables` must be Iterable, got {type(iterable)}")
        lists.append(list(iterable))
    lengths = {len(x) for x in lists}
    if not lists or len(lengths) != 1:
        raise ValueError(
            "`from_map` requires at least one Iterable input"
            if not lists
            else "All `iterables` must have the same length"
        )
    (count,) = lengths
    if count == 0:
        raise ValueError("All `iterables` must have a non-zero length")
    extra = tuple(args or ())

    def call(number: int) -> Any:
        return func(*(x[number] for x in lists), *extra, **kwargs)

    sample = convert_strings(call(0)) if meta is _no_default else nonempty(make_meta(meta))
    token = tokenize("from_map", func, lists, extra, kwargs)
    divisions = tuple(divisions) if divisions is not None else None
    return _from_calls(call, count, sample, divisions, label or "from_map", token, enforce_metadata)


@native(False)
def from_delayed(
    dfs: Any,
    meta: Any = None,
    divisions: Any = None,
    prefix: str | None = None,
    verify_meta: bool = True,
) -> Any:
    """A frame whose partitions are delayed pandas objects.

    Parameters
    ----------
    dfs : Delayed or list of Delayed
    meta : optional
        The result's description; the first value is computed to find out by default.
    divisions : tuple, optional
        Bounds of the partitions' indexes.

    Raises
    ------
    TypeError
        For anything but delayed values.

    Examples
    --------
    >>> import pandas as pd, dusk.dataframe as dd
    >>> from dusk import delayed
    >>> make = delayed(lambda n: pd.DataFrame({"x": range(n)}))
    >>> len(dd.from_delayed([make(2), make(3)]))
    5
    """
    from dusk.delayed import Delayed

    if isinstance(dfs, Delayed):
        dfs = [dfs]
    dfs = list(dfs)
    if not dfs:
        raise TypeError("Must supply at least one delayed object")
    for item in dfs:
        if not isinstance(item, Delayed):
            raise TypeError(f"Expected Delayed object, got {type(item).__name__}")
    if divisions == "sorted":
        raise NotImplementedError(
            "from_delayed(divisions='sorted') does not exist in Dusk yet (docs/status.md)"
        )
    if divisions is not None and len(divisions) != len(dfs) + 1:
        raise ValueError("divisions should be a tuple of len(dfs) + 1")
    sample = convert_strings(dfs[0].compute()) if meta is None else nonempty(make_meta(meta))
    token = tokenize("from_delayed", [d.expr.token for d in dfs], verify_meta)
    call = partial(_computed, dfs=dfs, meta=empty(sample), verify=verify_meta)
    known = tuple(divisions) if divisions is not None else None
    return _from_calls(call, len(dfs), sample, known, prefix or "from-delayed", token)


def _computed(number: int, dfs: list[Any], meta: Any, verify: bool) -> Any:
    """A delayed partition, computed where it is needed."""
    return _delayed_table(dfs[number].compute(scheduler="synchronous"), meta, verify)


def _delayed_table(value: Any, meta: Any, verify: bool) -> Any:
    if verify and type(value) is not type(meta):
        raise ValueError(
            "Metadata mismatch found in `from_delayed`.\n\nPartition type: "
            f"`{type(value).__name__}`, expected `{type(meta).__name__}`"
        )
    return conform(convert_strings(value), meta, verify)
