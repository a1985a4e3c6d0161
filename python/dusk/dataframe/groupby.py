"""Grouped aggregation: ``df.groupby("k").x.mean()``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import is_scalar

from dusk import _core
from dusk.dataframe import exchange
from dusk.dataframe.collection import FrameBase, native, new_collection, schema_of_expr
from dusk.dataframe.distinct import split_count
from dusk.dataframe.meta import empty
from dusk.dataframe.missing import missing_attribute
from dusk.dataframe.partitionwise import partitionwise
from dusk.dataframe.rowwise import REFUSED, align, same_type

Column = _core.Column
NATIVE = frozenset(
    {"sum", "mean", "count", "size", "min", "max", "std", "var", "prod", "first", "last",
     "nunique", "median", "any", "all", "sem"}
)  # fmt: skip
BY_FUNCTION: dict[Any, str] = {
    sum: "sum", min: "min", max: "max", np.sum: "sum", np.mean: "mean", np.min: "min",
    np.max: "max", np.std: "std", np.var: "var", np.prod: "prod", np.median: "median",
    len: "size", any: "any", all: "all",
}  # fmt: skip


class GroupByMixin(FrameBase):
    """``groupby`` of frames."""

    @native(True)
    def groupby(
        self,
        by: Any,
        group_keys: bool = True,
        sort: Any = None,
        observed: Any = None,
        dropna: Any = None,
        **kwargs: Any,
    ) -> DataFrameGroupBy:
        """Groups of rows with equal keys.

        Parameters
        ----------
        by : label, Series, function of the index, or list of them
        sort : bool, default True
            Whether results are sorted by the keys.
        observed : bool, optional
            Whether only categories that occur make groups (pandas' default: they do).
        dropna : bool, default True
            Whether rows with missing keys are left out.

        Raises
        ------
        KeyError
            For labels that are not there.
        """
        if kwargs.pop("as_index", True) is not True:
            raise NotImplementedError("The keyword argument `as_index=False` is not supported")
        if kwargs:
            raise TypeError(f"groupby() got an unexpected keyword argument {min(kwargs)!r}")
        return DataFrameGroupBy(self, by, sort, observed, dropna, group_keys)


def series_groupby(
    series: Any,
    by: Any,
    group_keys: bool = True,
    sort: Any = None,
    observed: Any = None,
    dropna: Any = None,
) -> SeriesGroupBy:
    """Groups of a series' values."""
    return SeriesGroupBy(series, by, sort, observed, dropna, group_keys)


class _Grouped:
    """Runs a grouped pandas method: the fake rows' and the fallback's work."""

    def __init__(
        self,
        plan: list[Any],
        select: Any,
        method: str,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        options: dict[str, Any],
    ) -> None:
        self.plan, self.select, self.method = plan, select, method
        self.args, self.kwargs, self.options = args, kwargs, options

    def __call__(self, obj: Any, *keys: Any) -> Any:
        rest = iter(keys)
        by = [next(rest) if key is _SERIES else key for key in self.plan]
        grouped = obj.groupby(by[0] if len(by) == 1 else by, **self.options)
        if self.select is not None:
            grouped = grouped[self.select]
        return getattr(grouped, self.method)(*self.args, **self.kwargs)


_SERIES = "__series__"


class GroupBy:
    """A frame or series with keys, waiting for an aggregation."""

    _kind = "GroupBy"

    def __init__(
        self,
        obj: Any,
        by: Any,
        sort: Any,
        observed: Any,
        dropna: Any,
        group_keys: bool,
        select: Any = None,
    ) -> None:
        self.obj = obj
        self.by = list(by) if isinstance(by, list | tuple) else [by]
        self.sort, self.observed, self.dropna = sort, observed, dropna
        self.group_keys = group_keys
        self._select = select
        self._check()

    def _check(self) -> None:
        labels = self.obj._meta.columns if isinstance(self.obj._meta, pd.DataFrame) else []
        for key in self.by:
            if isinstance(key, FrameBase):
                if isinstance(key._meta, pd.DataFrame):
                    raise ValueError("Grouper for '<class DataFrame>' not 1-dimensional")
            elif isinstance(key, pd.Series | np.ndarray):
                raise NotImplementedError("group by a Dusk series, not by one of pandas or NumPy")
            elif callable(key):
                continue
            elif key not in labels and key not in self.obj._meta.index.names:
                raise KeyError(key)

    @property
    def index(self) -> Any:
        """As Dask: the keys."""
        return self.by

    def _options(self) -> dict[str, Any]:
        found = {"sort": self.sort, "observed": self.observed, "dropna": self.dropna}
        options = {k: v for k, v in found.items() if v is not None}
        return {**options, "group_keys": self.group_keys}

    def _plan(self) -> tuple[list[Any], list[Any]]:
        plan = [_SERIES if isinstance(k, FrameBase) else k for k in self.by]
        return plan, [k for k in self.by if isinstance(k, FrameBase)]

    def _task(self, method: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> _Grouped:
        plan, _ = self._plan()
        return _Grouped(plan, self._select, method, args, kwargs, self._options())

    def _try(self, method: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """What pandas gives on fake rows."""
        _, keys = self._plan()
        fakes = [k._fake() for k in keys]
        return self._task(method, args, kwargs)(self.obj._fake(), *fakes)

    # -- aggregation ---------------------------------------------------------------------------

    def _aggregate(
        self,
        method: str,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        wanted: Callable[[Any], list[tuple[Any, str, dict[str, Any]]] | None],
        split_out: Any = None,
    ) -> Any:
        """`wanted` gives (source label, function, options) for the columns of pandas' result."""
        sample = self._try(method, args, kwargs)
        found = None
        meta = empty(sample)
        specs = wanted(sample)
        if specs is not None:
            found = self._natively(specs, meta)
        if found is None:
            found = self._by_pandas(method, args, kwargs, meta, sample)
        ordered = self.sort is True and method != "median"
        return found._in_runs(1 if ordered else split_count(split_out, self.obj))

    def _natively(self, specs: Sequence[tuple[Any, str, dict[str, Any]]], meta: Any) -> Any:
        if self.observed is False and self._categorical_keys():
            return None
        if not all(f in NATIVE for _, f, _ in specs):
            return None
        base = self._base(specs)
        if base is None:
            return None
        expr, count = base
        keys = exchange.index_names(count)
        names = exchange.column_names(exchange.as_frame(meta).columns)
        wanted = [
            (f"r{i}", f"v{i}" if f != "size" else "", f, options)
            for i, (_, f, options) in enumerate(specs)
        ]
        try:
            grouped = _core.frame_groupby(
                expr,
                [f"k{i}" for i in range(count)],
                wanted,
                sort=self.sort is not False,
                dropna=self.dropna is not False,
            )
            hidden = [(k, Column.field(c)) for k, c in zip(keys, grouped.index, strict=True)]
            values = [(n, Column.field(f"r{i}")) for i, n in enumerate(names)]
            made = _core.frame_project(grouped, values, hidden)
        except REFUSED:
            return None
        if not _shows(made, meta):
            return None
        return new_collection(made, meta, None)

    def _categorical_keys(self) -> bool:
        return any(isinstance(d, pd.CategoricalDtype) for d in self._key_dtypes())

    def _key_dtypes(self) -> list[Any]:
        found = []
        for key in self.by:
            if isinstance(key, FrameBase):
                found.append(key._meta.dtype)
            elif isinstance(self.obj._meta, pd.DataFrame) and key in self.obj._meta.columns:
                found.append(self.obj._meta[key].dtype)
            elif not callable(key) and key in self.obj._meta.index.names:
                found.append(self.obj._meta.index.get_level_values(key).dtype)
        return found

    def _base(self, specs: Sequence[tuple[Any, str, dict[str, Any]]]) -> tuple[Any, int] | None:
        """One expression with the keys as k0, k1... and the sources as v0, v1..."""
        from dusk.dataframe.labels import operand

        frames = [self.obj, *(operand(k) for k in self.by if isinstance(k, FrameBase))]
        if any(not f.expr.columns for f in frames[1:]):
            return None
        together = align(frames)
        if together is None:
            return None
        base, columns = together
        own = columns[0]
        rest = iter(columns[1:])
        labels = list(exchange.as_frame(self.obj._meta).columns)
        keys = []
        for key in self.by:
            if isinstance(key, FrameBase):
                keys.append(next(rest)[0])
            elif callable(key):
                return None
            elif isinstance(self.obj._meta, pd.DataFrame) and key in labels:
                keys.append(own[labels.index(key)])
            else:
                if len(frames) > 1 or not self.obj.expr.index:
                    return None
                place = list(self.obj._meta.index.names).index(key)
                keys.append(Column.field(self.obj.expr.index[place]))
        source = [
            own[0] if isinstance(self.obj._meta, pd.Series)
            else own[labels.index(label)] if label is not None else None
            for label, _, _ in specs
        ]  # fmt: skip
        projected = [
            *((f"k{i}", c) for i, c in enumerate(keys)),
            *((f"v{i}", c) for i, c in enumerate(source) if c is not None),
        ]
        return _core.frame_project(base, projected, []), len(keys)

    def _by_pandas(self, method: str, args: Any, kwargs: Any, meta: Any, sample: Any) -> Any:
        _, keys = self._plan()
        obj = self.obj
        several = obj.npartitions > 1
        if several:
            if not _bounded(method):
                raise NotImplementedError(
                    f"groupby(...).{method} of several partitions does not exist in Dusk yet "
                    "(docs/status.md); repartition(npartitions=1) first, or use aggregations"
                )
            from dusk.dataframe.partitionwise import aligned_inputs

            aligned, _ = aligned_inputs([obj, *keys])
            obj, *keys = [f._single() for f in aligned]
        del sample
        return partitionwise(
            self._task(method, args, kwargs), obj, *keys, meta=meta, name=f"groupby-{method}",
            divisions=None, align=not several,
        )  # fmt: skip

    def _simple(
        self, name: str, numeric_only: bool = False, split_out: Any = None, **options: Any
    ) -> Any:
        kwargs = {k: v for k, v in options.items() if v is not None}
        if numeric_only:
            kwargs["numeric_only"] = True

        def wanted(sample: Any) -> Any:
            if name == "size":
                return [(None, "size", {})]
            if isinstance(sample, pd.Series):
                return [(sample.name if self._select is not None else None, name, kwargs)]
            passed = {k: v for k, v in kwargs.items() if k in ("ddof", "min_count")}
            return [(c, name, passed) for c in sample.columns]

        return self._aggregate(name, (), kwargs, wanted, split_out)

    @native(True)
    def sum(
        self, numeric_only: bool = False, min_count: Any = None, split_out: Any = None,
        **kwargs: Any,
    ) -> Any:  # fmt: skip
        """Sums by group."""
        return self._simple("sum", numeric_only, split_out, min_count=min_count)

    @native(True)
    def prod(
        self, numeric_only: bool = False, min_count: Any = None, split_out: Any = None,
        **kwargs: Any,
    ) -> Any:  # fmt: skip
        """Products by group."""
        return self._simple("prod", numeric_only, split_out, min_count=min_count)

    @native(True)
    def mean(self, numeric_only: bool = False, split_out: Any = None, **kwargs: Any) -> Any:
        """Means by group."""
        return self._simple("mean", numeric_only, split_out)

    @native(True)
    def count(self, split_out: Any = None, **kwargs: Any) -> Any:
        """Values that are not missing, by group."""
        return self._simple("count", split_out=split_out)

    @native(True)
    def size(self, split_out: Any = None, **kwargs: Any) -> Any:
        """Rows by group."""
        return self._simple("size", split_out=split_out)

    @native(True)
    def min(self, numeric_only: bool = False, split_out: Any = None, **kwargs: Any) -> Any:
        """Smallest values by group."""
        return self._simple("min", numeric_only, split_out)

    @native(True)
    def max(self, numeric_only: bool = False, split_out: Any = None, **kwargs: Any) -> Any:
        """Largest values by group."""
        return self._simple("max", numeric_only, split_out)

    @native(True)
    def first(
        self, numeric_only: bool = False, sort: Any = None, split_out: Any = None, **kwargs: Any
    ) -> Any:
        """First values by group."""
        return self._simple("first", numeric_only, split_out)

    @native(True)
    def last(
        self, numeric_only: bool = False, sort: Any = None, split_out: Any = None, **kwargs: Any
    ) -> Any:
        """Last values by group."""
        return self._simple("last", numeric_only, split_out)

    @native(True)
    def std(
        self, ddof: int = 1, split_every: Any = None, split_out: Any = None,
        numeric_only: bool = False, shuffle_method: Any = None,
    ) -> Any:  # fmt: skip
        """Standard deviations by group."""
        return self._simple("std", numeric_only, split_out, ddof=ddof)

    @native(True)
    def var(
        self, ddof: int = 1, split_every: Any = None, split_out: Any = None,
        numeric_only: bool = False, shuffle_method: Any = None,
    ) -> Any:  # fmt: skip
        """Variances by group."""
        return self._simple("var", numeric_only, split_out, ddof=ddof)

    @native(True)
    def median(
        self, split_every: Any = None, split_out: Any = True, shuffle_method: Any = None,
        numeric_only: bool = False,
    ) -> Any:  # fmt: skip
        """Exact medians by group."""
        return self._simple("median", numeric_only, split_out)

    @native(True)
    def aggregate(
        self,
        arg: Any = None,
        split_every: Any = 8,
        split_out: Any = None,
        shuffle_method: Any = None,
        **kwargs: Any,
    ) -> Any:
        """Several aggregations: a name, a list, a dictionary by column, or named pairs.

        Examples
        --------
        >>> import pandas as pd, dusk.dataframe as dd
        >>> pdf = pd.DataFrame({"k": list("aba"), "v": [1, 2, 3]})
        >>> ddf = dd.from_pandas(pdf, npartitions=2)
        >>> ddf.groupby("k").agg({"v": ["sum", "max"]}).compute().values.tolist()
        [[4, 3], [2, 2]]
        """
        if arg is None and not kwargs:
            raise TypeError("Must provide 'func' or tuples of 'column, aggfunc'.")
        pandas_arg = _named(arg)
        args = () if arg is None else (pandas_arg,)

        def wanted(sample: Any) -> Any:
            return self._specs(pandas_arg, kwargs, sample)

        return self._aggregate("agg", args, kwargs, wanted, split_out)

    def agg(self, *args: Any, **kwargs: Any) -> Any:
        """As :meth:`aggregate`."""
        return self.aggregate(*args, **kwargs)

    def _specs(self, arg: Any, named: dict[str, Any], sample: Any) -> Any:
        """(source, function, options) for the columns of the result, None where not plain."""
        lone = self.obj._meta.name if isinstance(self.obj._meta, pd.Series) else self._select
        if arg is None:
            pairs = [_pair(v, lone) for v in named.values()]
            specs = [(c, _function_name(f)) for c, f in pairs]
        elif isinstance(arg, dict):
            if not isinstance(sample, pd.DataFrame):
                return None
            specs = [
                (c, _function_name(f))
                for c, given in arg.items()
                for f in (given if isinstance(given, list | tuple) else [given])
            ]
            if isinstance(sample.columns, pd.MultiIndex):
                have = [c[0] for c in sample.columns]
            else:
                have = list(sample.columns)
            if have != [c for c, _ in specs]:
                return None
        elif isinstance(arg, list | tuple):
            if isinstance(sample.columns, pd.MultiIndex):
                specs = [
                    (c, _function_name(f))
                    for c in dict.fromkeys(x[0] for x in sample.columns)
                    for f in arg
                ]
            else:
                specs = [(lone, _function_name(f)) for f in arg]
        else:
            name = _function_name(arg)
            if isinstance(sample, pd.DataFrame):
                specs = [(c, name) for c in sample.columns]
            else:
                specs = [(sample.name, name)]
        if any(f not in NATIVE or isinstance(c, list) for c, f in specs):
            return None
        return [(c, f, {}) for c, f in specs]

    # -- what needs whole groups ---------------------------------------------------------------

    @native(False)
    def apply(
        self, func: Any, *args: Any, meta: Any = "__no_default__", shuffle_method: Any = None,
        **kwargs: Any,
    ) -> Any:  # fmt: skip
        """`func` called on every group; only for frames of one partition."""
        return self._whole("apply", func, args, kwargs, meta)

    @native(False)
    def transform(
        self, func: Any, meta: Any = "__no_default__", shuffle_method: Any = None, *args: Any,
        **kwargs: Any,
    ) -> Any:  # fmt: skip
        """`func` of every group, row for row; only for frames of one partition."""
        return self._whole("transform", func, args, kwargs, meta)

    def _whole(self, method: str, func: Any, args: Any, kwargs: Any, meta: Any) -> Any:
        from dusk.dataframe.meta import make_meta

        if isinstance(meta, str) and meta == "__no_default__":
            try:
                made = empty(self._try(method, (func, *args), kwargs))
            except Exception as error:
                raise ValueError(
                    f"Metadata inference failed in `groupby.{method}`.\n\nTo resolve this please "
                    f"provide a meta= keyword.\n\nOriginal error is below:\n{error!r}"
                ) from error
        else:
            made = make_meta(meta)
        return self._by_pandas(method, (func, *args), kwargs, made, None)

    @native(False)
    def cumsum(self, numeric_only: bool = False) -> Any:
        """Running sums by group; only for frames of one partition."""
        return self._by_pandas("cumsum", (), {}, empty(self._try("cumsum", (), {})), None)

    @native(False)
    def cumprod(self, numeric_only: bool = False) -> Any:
        """Running products by group; only for frames of one partition."""
        return self._by_pandas("cumprod", (), {}, empty(self._try("cumprod", (), {})), None)


class DataFrameGroupBy(GroupBy):
    """Groups of a frame's rows."""

    _kind = "DataFrameGroupBy"

    def __getitem__(self, key: Any) -> Any:
        labels = self.obj._meta.columns
        for label in key if isinstance(key, list) else [key]:
            if label not in labels:
                raise KeyError(f"Column not found: {label}")
        kind = DataFrameGroupBy if isinstance(key, list) else SeriesGroupBy
        return kind(self.obj, self.by, self.sort, self.observed, self.dropna, self.group_keys, key)

    def __getattr__(self, name: str) -> Any:
        obj = self.__dict__.get("obj")
        if not name.startswith("_") and obj is not None and name in obj._meta.columns:
            return self[name]
        if name.startswith("_"):
            raise AttributeError(name)
        raise missing_attribute(self._kind, name)

    def __dir__(self) -> list[str]:
        labels = [c for c in self.obj._meta.columns if isinstance(c, str) and c.isidentifier()]
        return sorted({*object.__dir__(self), *labels})


class SeriesGroupBy(GroupBy):
    """Groups of a series' values."""

    _kind = "SeriesGroupBy"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        raise missing_attribute(self._kind, name)

    @native(True)
    def nunique(self, split_every: Any = None, split_out: Any = True) -> Any:
        """Distinct values by group."""
        return self._simple("nunique", split_out=split_out)


def _named(arg: Any) -> Any:
    """Functions that pandas has names for, by name."""
    if isinstance(arg, dict):
        return {k: _named(v) for k, v in arg.items()}
    if isinstance(arg, list | tuple):
        return [_named(v) for v in arg]
    return arg if is_scalar(arg) else BY_FUNCTION.get(arg, arg)


def _function_name(function: Any) -> str:
    if isinstance(function, str):
        return function
    try:
        return BY_FUNCTION.get(function, "")
    except TypeError:
        return ""


def _pair(value: Any, lone: Any) -> tuple[Any, Any]:
    """(column, function) of a named aggregation."""
    if isinstance(value, pd.NamedAgg):
        return value.column, value.aggfunc
    return value if isinstance(value, tuple) else (lone, value)


def _bounded(method: str) -> bool:
    """Whether the result is no larger than the number of groups."""
    return method in NATIVE


def _shows(expr: Any, meta: Any) -> bool:
    """Whether the aggregates' types show as `meta`'s dtypes."""
    schema = schema_of_expr(expr)
    frame = exchange.as_frame(meta)
    for name, dtype in zip(expr.columns, frame.dtypes, strict=True):
        found = schema.field(name).type
        if exchange.is_object(dtype) or isinstance(dtype, pd.CategoricalDtype):
            continue
        wanted = exchange.arrow_type(dtype)
        numbers = not isinstance(dtype, pd.StringDtype) and dtype.kind in "iuf"
        if not same_type(found, wanted) and not numbers:
            return False
    return True
