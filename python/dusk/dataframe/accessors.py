"""``.str``, ``.dt`` and ``.cat``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from dusk import _core
from dusk.base import tokenize
from dusk.dataframe.collection import FrameBase, new_collection
from dusk.dataframe.exchange import UNKNOWN_CATEGORIES, to_pandas
from dusk.dataframe.meta import emulate
from dusk.dataframe.partitionwise import partitionwise
from dusk.dataframe.rowwise import map_columns, native_functions

Column = _core.Column

# Methods whose keyword options the engine knows under the same names, with pandas' positions.
STRING_OPTIONS: dict[str, tuple[str, ...]] = {
    "contains": ("pat", "case", "flags", "na", "regex"),
    "startswith": ("pat",),
    "endswith": ("pat",),
    "match": ("pat", "case"),
    "fullmatch": ("pat", "case"),
    "len": (),
    "upper": (),
    "lower": (),
    "title": (),
    "capitalize": (),
    "swapcase": (),
    "strip": ("to_strip",),
    "lstrip": ("to_strip",),
    "rstrip": ("to_strip",),
    "replace": ("pat", "repl", "n", "case", "flags", "regex"),
    "slice": ("start", "stop", "step"),
    "zfill": ("width",),
    "ljust": ("width", "fillchar"),
    "rjust": ("width", "fillchar"),
    "count": ("pat",),
    "find": ("sub",),
    "repeat": ("repeats",),
    "isalpha": (),
    "isdigit": (),
    "isnumeric": (),
    "isdecimal": (),
    "isalnum": (),
    "isspace": (),
    "islower": (),
    "isupper": (),
    "istitle": (),
}

TIME_FIELDS = frozenset(
    [
        "year",
        "month",
        "day",
        "hour",
        "minute",
        "second",
        "microsecond",
        "nanosecond",
        "dayofweek",
        "weekday",
        "dayofyear",
        "day_of_year",
        "quarter",
        "days_in_month",
        "daysinmonth",
        "is_month_start",
        "is_month_end",
        "is_quarter_start",
        "is_quarter_end",
        "is_year_start",
        "is_year_end",
        "is_leap_year",
        "days",
        "seconds",
        "microseconds",
        "nanoseconds",
    ]
)
# Not "round": pandas' goes to even multiples from halfway.
TIME_METHODS: dict[str, tuple[str, ...]] = {
    "normalize": (),
    "total_seconds": (),
    "floor": ("freq",),
    "ceil": ("freq",),
    "day_name": (),
    "month_name": (),
    "strftime": ("date_format",),
}


class CachedAccessor:
    """Gives an accessor of the instance; raises as pandas for dtypes that have none."""

    def __init__(self, name: str, kind: type) -> None:
        self._name, self._kind = name, kind

    def __get__(self, instance: Any, owner: Any) -> Any:
        return self._kind if instance is None else self._kind(instance)


class _Call:
    """``x.<accessor>.<name>(*args, **kwargs)``, or the attribute when it is no method."""

    def __init__(self, accessor: str, name: str) -> None:
        self.accessor, self.name = accessor, name
        self.__name__ = f"{accessor}-{name}"

    def __call__(self, x: Any, *args: Any, **kwargs: Any) -> Any:
        found = getattr(getattr(x, self.accessor), self.name)
        return found(*args, **kwargs) if callable(found) else found


class Accessor:
    """The pandas accessor of that name, lazily."""

    _accessor = ""

    def __init__(self, series: Any) -> None:
        meta = series._meta
        self._meta = getattr(meta, self._accessor)  # raises AttributeError as pandas
        self._series = series

    def __dir__(self) -> list[str]:
        return sorted({*object.__dir__(self), *(n for n in dir(self._meta) if n[0] != "_")})

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if isinstance(own := getattr(type(self), name, None), property) and own.fget:
            return own.fget(self)  # raises again what made Python look here
        found = getattr(self._meta, name)
        if callable(found):
            return _Bound(self, name)
        return self._run(name, (), {})

    def _run(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        native = self._native(name, args, kwargs)
        if native is not None:
            return native
        call = _Call(self._accessor, name)
        if isinstance(self._series._meta, pd.Index):
            from dusk.dataframe.labels import of_labels

            meta = emulate(call, self._series, *args, **kwargs)
            found = of_labels(
                self._series, lambda labels: type(self)(labels)._run(name, args, kwargs), meta
            )
            if found is not None:
                return found
        return partitionwise(
            call, self._series, *args, name=call.__name__, token=call.__name__, **kwargs
        )

    def _native(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        return None

    def _column(self, function: str, name: str, args: Any, kwargs: Any, options: Any) -> Any:
        if function not in native_functions() or not isinstance(self._series._meta, pd.Series):
            return None
        meta = emulate(_Call(self._accessor, name), self._series, *args, **kwargs)
        if not isinstance(meta, pd.Series):
            return None
        return map_columns(self._series, lambda c, d: Column.call(function, [c], options), meta)


class _Bound:
    """A method of an accessor."""

    def __init__(self, accessor: Accessor, name: str) -> None:
        self._accessor, self._name = accessor, name
        self.__doc__ = getattr(accessor._meta, name).__doc__

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._accessor._run(self._name, args, kwargs)


def _options(
    positions: tuple[str, ...], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> dict[str, Any] | None:
    """Arguments by name, None where the engine does not take one of them."""
    if len(args) > len(positions) or not set(kwargs) <= set(positions):
        return None
    given = {**dict(zip(positions, args, strict=False)), **kwargs}
    if given.pop("flags", 0) != 0:
        return None
    if not all(v is None or isinstance(v, bool | int | str) for v in given.values()):
        return None
    return {k: v for k, v in given.items() if v is not None}


class StringAccessor(Accessor):
    """Text methods: ``s.str.contains("a")``. What the engine lacks runs as pandas."""

    _accessor = "str"

    def _native(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        positions = STRING_OPTIONS.get(name)
        dtype = getattr(self._series._meta, "dtype", None)
        if positions is None or not isinstance(dtype, pd.StringDtype) or dtype.na_value is pd.NA:
            return None
        options = _options(positions, args, kwargs)
        if options is None or not _plain_text(name, options):
            return None
        return self._column(f"str_{name}", name, args, kwargs, options)

    def __getitem__(self, key: Any) -> Any:
        return partitionwise(_str_item, self._series, key, name="str-getitem")

    def cat(self, others: Any = None, sep: Any = None, na_rep: Any = None) -> Any:
        """Texts joined with those of other series, row for row."""
        if others is None:
            raise NotImplementedError("x.str.cat() with `others == None`")
        items = others if isinstance(others, list) else [others]
        if not all(isinstance(i, FrameBase) for i in items):
            raise TypeError("others must be Series/Index")
        return partitionwise(_str_cat, self._series, *items, sep=sep, na_rep=na_rep, name="str-cat")

    def split(self, pat: Any = None, n: int = -1, expand: bool = False, regex: Any = None) -> Any:
        """Texts split into lists; `expand` needs `n` to know the number of columns."""
        return self._split("split", pat, n, expand)

    def rsplit(self, pat: Any = None, n: int = -1, expand: bool = False) -> Any:
        """As split, from the right."""
        return self._split("rsplit", pat, n, expand)

    def _split(self, name: str, pat: Any, n: int, expand: bool) -> Any:
        if expand and n == -1:
            raise NotImplementedError("To use the expand parameter you must specify the number of "
                                      "expected splits with the n= parameter. Usually n splits "
                                      "result in n+1 output columns.")  # fmt: skip
        task = _Split(name, pat, n, expand)
        if expand:
            text = (pat or " ").join(["a"] * (n + 1))
            fake = pd.Series([text, text], dtype=self._series._meta.dtype)
            meta = task(fake).iloc[:0]
            meta.index = self._series._meta.index[:0]
            return partitionwise(task, self._series, meta=meta, name=f"str-{name}")
        fake = self._series._fake()
        listed = task(fake)
        return _with_sample(task, self._series, listed, f"str-{name}")


def _with_sample(task: Callable[..., Any], series: Any, sample: Any, name: str) -> Any:
    del sample
    return partitionwise(task, series, name=name)


class _Split:
    def __init__(self, name: str, pat: Any, n: int, expand: bool) -> None:
        self.name, self.pat, self.n, self.expand = name, pat, n, expand

    def __call__(self, x: Any) -> Any:
        found = getattr(x.str, self.name)(self.pat, n=self.n, expand=self.expand)
        if self.expand:
            found = found.reindex(columns=range(self.n + 1))
        return found


def _plain_text(name: str, options: dict[str, Any]) -> bool:
    """Whether the pattern means the same to the engine and to Python's re."""
    if name in ("startswith", "endswith"):
        return isinstance(options.get("pat"), str)
    if name in ("match", "fullmatch", "count"):
        return _simple_pattern(options.get("pat"))
    if name == "contains":
        literal = options.get("regex", True) is False
        return literal or _simple_pattern(options.get("pat"))
    if name == "replace":
        if not isinstance(options.get("repl"), str):
            return False
        if options.get("regex", False):
            return _simple_pattern(options.get("pat")) and "\\" not in options["repl"]
        return options.get("case", True) is True
    return True


def _simple_pattern(pattern: Any) -> bool:
    """No look-around, back-reference or named group: RE2 and re agree on the rest."""
    if not isinstance(pattern, str):
        return False
    return "(?" not in pattern and "\\" not in pattern and "$" not in pattern


def _str_item(x: Any, key: Any) -> Any:
    return x.str[key]


def _str_cat(x: Any, *others: Any, sep: Any, na_rep: Any) -> Any:
    return x.str.cat(list(others), sep=sep, na_rep=na_rep)


class DatetimeAccessor(Accessor):
    """Parts of times: ``s.dt.year``."""

    _accessor = "dt"

    def _native(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        dtype = getattr(self._series._meta, "dtype", None)
        if getattr(dtype, "kind", "") not in "mM" or isinstance(dtype, pd.DatetimeTZDtype):
            return None
        if name in TIME_FIELDS:
            return self._column(f"dt_{name}", name, (), {}, {})
        positions = TIME_METHODS.get(name)
        options = _options(positions, args, kwargs) if positions is not None else None
        if options is None:
            return None
        return self._column(f"dt_{name}", name, args, kwargs, options)


class _Words:
    """The categories that a partition's values have."""

    def __init__(self, meta: Any) -> None:
        self.meta = meta

    def __call__(self, table: Any) -> list[Any]:
        values = to_pandas(table, self.meta)
        return list(values.cat.remove_unused_categories().cat.categories)


def _categories(series: Any) -> pd.Index:
    """All partitions' categories, sorted where they can be; computes them."""
    from dusk.base import compute
    from dusk.delayed import Delayed

    token = tokenize("categories", series.expr.token)
    task = _Words(series._meta)
    parts = _core.frame_map_to_objects(task, [series.expr], name="categories", token=token)
    found = {word for words in compute(*(Delayed(p) for p in parts)) for word in words}
    try:
        return pd.Index(sorted(found))
    except TypeError:
        return pd.Index(list(found))


class CategoricalAccessor(Accessor):
    """Categories: ``s.cat.codes``, ``s.cat.categories``."""

    _accessor = "cat"

    @property
    def known(self) -> bool:
        """Whether the categories are known without computing."""
        return UNKNOWN_CATEGORIES not in self._meta.categories

    @property
    def categories(self) -> pd.Index:
        """The categories.

        Raises
        ------
        AttributeError
            When they are unknown; ``as_known`` computes them.
        """
        if not self.known:
            raise AttributeError(
                "`df.column.cat.categories` with unknown categories is not supported.  Please "
                "use `column.cat.as_known()` or `df.categorize()` beforehand to ensure known "
                "categories"
            )
        found: pd.Index = self._meta.categories
        return found

    @property
    def ordered(self) -> bool:
        """Whether the categories have an order."""
        return bool(self._meta.ordered)

    @property
    def codes(self) -> Any:
        """The categories' numbers; -1 where missing."""
        if not self.known:
            raise AttributeError(
                "`df.column.cat.codes` with unknown categories is not supported.  Please use "
                "`column.cat.as_known()` or `df.categorize()` beforehand to ensure known "
                "categories"
            )
        meta = self._series._meta.cat.codes
        call = _Call("cat", "codes")
        return partitionwise(call, self._series, meta=meta, name="cat-codes", token="cat-codes")

    def as_known(self) -> Any:
        """The series with known categories; computes them when they are unknown."""
        if self.known:
            return self._series
        words = _categories(self._series)
        meta = self._series._meta.cat.set_categories(words)
        call = _Call("cat", "set_categories")
        return partitionwise(
            call, self._series, list(words), meta=meta, name="cat-as_known", token="as_known"
        )

    def as_unknown(self) -> Any:
        """The series with its categories forgotten."""
        if not self.known:
            return self._series
        series = self._series
        words = pd.Categorical([], categories=[UNKNOWN_CATEGORIES], ordered=self.ordered)
        meta = pd.Series(words, index=series._meta.index, name=series._meta.name)
        return new_collection(series.expr, meta, series._divisions)

    def set_categories(self, new_categories: Any, ordered: Any = None, rename: bool = False) -> Any:
        """Other categories; values that are none of them become missing."""
        call = _Call("cat", "set_categories")
        return partitionwise(
            call,
            self._series,
            list(new_categories),
            ordered=ordered,
            rename=rename,
            name="cat-set_categories",
        )
