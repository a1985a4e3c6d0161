"""Operators and their methods: arithmetic, comparisons, logic."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from dusk import _core
from dusk.dataframe import exchange
from dusk.dataframe.collection import FrameBase, Scalar
from dusk.dataframe.meta import emulate
from dusk.dataframe.partitionwise import partitionwise
from dusk.dataframe.rowwise import (
    REFUSED,
    align,
    divisions_of,
    is_nullable,
    literal,
    map_columns,
    project,
)

Column = _core.Column

ARITHMETIC = {
    "add": "add",
    "sub": "subtract",
    "mul": "multiply",
    "truediv": "divide",
    "floordiv": "floordiv",
    "mod": "mod",
    "pow": "pow",
}
COMPARISONS = ("eq", "ne", "lt", "le", "gt", "ge")
LOGICAL = ("and", "or", "xor")


def _function(name: str, reflected: bool) -> Callable[[Any, Any], Any]:
    plain = getattr(operator, name + "_" if name in ("and", "or") else name)
    if not reflected:
        return plain  # type: ignore[no-any-return]

    def turned(x: Any, y: Any) -> Any:
        return plain(y, x)

    turned.__name__ = f"r{name}"
    return turned


def binary(name: str, left: Any, right: Any, reflected: bool = False) -> Any:
    """``left <name> right`` (turned around when `reflected`)."""
    function = _function(name, reflected)
    if isinstance(right, np.ndarray | list | dict | tuple):
        kind = type(right).__name__
        raise NotImplementedError(
            f"[{name}] a lazy {type(left).__name__} and a {kind} have no corresponding "
            "partitions; make it a Dusk collection first"
        )
    if isinstance(right, pd.Series | pd.DataFrame):
        from dusk.dataframe.io.memory import from_pandas

        right = from_pandas(right, npartitions=1)
    if isinstance(left, Scalar) and isinstance(right, FrameBase) and not isinstance(right, Scalar):
        return partitionwise(function, left, right, name=name)
    meta = emulate(function, left, right)
    if isinstance(left._meta, pd.Index):
        from dusk.dataframe.labels import of_labels, operand

        other = operand(right)
        found = of_labels(left, lambda labels: binary(name, labels, other, reflected), meta)
        if found is not None:
            return found
    if isinstance(left, Scalar):
        return Scalar(partitionwise(function, left, right, name=name).expr, _scalar_meta(meta))
    found = _native(name, left, right, meta, reflected)
    if found is not None:
        return found
    return partitionwise(function, left, right, name=name, loose=name in ("floordiv", "mod"))


def _scalar_meta(value: Any) -> Any:
    from dusk.dataframe.meta import empty

    return empty(value)


def _native(name: str, left: Any, right: Any, meta: Any, reflected: bool) -> Any:
    if isinstance(left._meta, pd.Index) or not isinstance(meta, pd.Series | pd.DataFrame):
        return None
    if isinstance(right, FrameBase):
        return _native_pair(name, left, right, meta, reflected)
    value = literal(right)
    if value is None or right is None or (isinstance(right, float) and np.isnan(right)):
        return None

    def build(column: Any, dtype: Any) -> Any:
        if not _allowed(name, dtype, np.asarray(right).dtype, right, reflected):
            return None
        return call(name, column, value, reflected, (dtype,))

    return map_columns(left, build, meta)


def _native_pair(name: str, left: Any, right: Any, meta: Any, reflected: bool) -> Any:
    if isinstance(left._meta, pd.DataFrame) != isinstance(right._meta, pd.DataFrame):
        return None
    a, b = exchange.as_frame(left._meta), exchange.as_frame(right._meta)
    if isinstance(left._meta, pd.DataFrame) and list(a.columns) != list(b.columns):
        return None
    if not all(
        _allowed(name, x, y, None, reflected) for x, y in zip(a.dtypes, b.dtypes, strict=True)
    ):
        return None
    together = align([left, right])
    if together is None:
        return None
    base, (mine, theirs) = together
    try:
        columns = [
            call(name, x, y, reflected, (p, q))
            for x, y, p, q in zip(mine, theirs, a.dtypes, b.dtypes, strict=True)
        ]
    except REFUSED:
        return None
    return project(base, columns, meta, divisions_of([left, right]))


def call(name: str, x: Any, y: Any, reflected: bool, dtypes: tuple[Any, ...]) -> Any:
    """The engine's column for ``x <name> y``, with pandas.NA kept by comparisons."""
    pair = [y, x] if reflected else [x, y]
    found = Column.call(ARITHMETIC.get(name, name), pair)
    nullable = [c for c, d in zip((x, y), dtypes, strict=False) if is_nullable(d)]
    if name in COMPARISONS and nullable:
        there = Column.call("notna", [nullable[0]])
        for other in nullable[1:]:
            there = Column.call("and", [there, Column.call("notna", [other])])
        return Column.call("where", [found, there])
    return found


def _kind(dtype: Any) -> str:
    if isinstance(dtype, pd.StringDtype):
        return "U"
    if isinstance(dtype, pd.CategoricalDtype):
        return "C"
    if isinstance(dtype, pd.DatetimeTZDtype):
        return "Z"
    if isinstance(dtype, pd.ArrowDtype):
        kind: str = dtype.kind
        return kind if kind in "iufbM" else "?"
    return str(getattr(dtype, "kind", "?"))


def _allowed(name: str, left: Any, right: Any, value: Any, reflected: bool) -> bool:
    """Whether the engine's meaning of the operation is pandas' for these dtypes."""
    a, b = _kind(left), _kind(right)
    if name in LOGICAL:
        return a == b == "b" and not is_nullable(left) and not is_nullable(right)
    if name in COMPARISONS:
        numbers = a in "iuf" and b in "iuf"
        return numbers or (a == b and a in "UMmb")
    if a not in "iuf" or b not in "iuf":
        return name == "add" and a == b == "U"
    integers = a in "iu" and b in "iu"
    if name in ("floordiv", "mod"):
        return integers and not reflected and bool(value)
    if name == "pow":
        plain = not integers or (value is not None and value >= 0 and not reflected)
        return plain and not is_nullable(left)
    return not (name == "truediv" and is_nullable(left))


def _operator(name: str, reflected: bool = False) -> Any:
    def method(self: Any, other: Any) -> Any:
        return binary(name, self, other, reflected)

    plain = name + "_" if False else name
    method.__name__ = f"__{'r' if reflected else ''}{plain}__"
    method.__dusk_native__ = True  # type: ignore[attr-defined]
    return method


class _Method:
    """``function(x, other, **options)`` as pandas' method."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.__name__ = name

    def __call__(self, x: Any, other: Any, **options: Any) -> Any:
        return getattr(x, self.name)(other, **options)


def _method(
    name: str, plain: str, reflected: bool, x: Any, other: Any, axis: Any, level: Any, fill: Any
) -> Any:
    """A flexible method: the operator, unless something needs pandas' alignment."""
    if level is not None:
        raise NotImplementedError("level must be None")
    beside = isinstance(x._meta, pd.DataFrame) and isinstance(
        getattr(other, "_meta", None), pd.Series
    )
    if fill is None and not beside:
        return binary(plain, x, other, reflected)
    options: dict[str, Any] = {"fill_value": fill} if plain not in COMPARISONS else {}
    if isinstance(x._meta, pd.DataFrame):
        options["axis"] = axis
    if beside and axis in (1, "columns"):
        raise ValueError(f"Unable to {name} dd.Series with axis=1")
    return partitionwise(_Method(name), x, other, name=name, token=name, **options)


def _flexible(name: str, plain: str, reflected: bool) -> Any:
    """The method of frames."""

    def arithmetic(
        self: Any, other: Any, axis: Any = "columns", level: Any = None, fill_value: Any = None
    ) -> Any:
        return _method(name, plain, reflected, self, other, axis, level, fill_value)

    def comparison(self: Any, other: Any, level: Any = None, axis: Any = 0) -> Any:
        return _method(name, plain, reflected, self, other, axis, level, None)

    return _named(comparison if plain in COMPARISONS else arithmetic, name)


def _flexible_series(name: str, plain: str, reflected: bool) -> Any:
    """The method of series and indexes."""

    def method(
        self: Any, other: Any, level: Any = None, fill_value: Any = None, axis: Any = 0
    ) -> Any:
        return _method(name, plain, reflected, self, other, axis, level, fill_value)

    return _named(method, name)


def _named(method: Any, name: str) -> Any:
    method.__name__ = name
    method.__doc__ = f"pandas' ``{name}``, row for row."
    method.__dusk_native__ = True
    return method


class ArithmeticMixin(FrameBase):
    """Operators of frames, series and scalars."""

    def __neg__(self) -> Any:
        return _unary(self, "neg", operator.neg)

    def __pos__(self) -> Any:
        return self

    def __abs__(self) -> Any:
        return _unary(self, "abs", abs)

    def __invert__(self) -> Any:
        return _unary(self, "invert", operator.invert)

    def abs(self) -> Any:
        """Absolute values."""
        return _unary(self, "abs", abs)


def _unary(x: Any, name: str, function: Callable[..., Any]) -> Any:
    meta = emulate(function, x)
    if isinstance(x._meta, pd.Index):
        from dusk.dataframe.labels import of_labels

        found = of_labels(x, function, meta)
        if found is not None:
            return found
    if isinstance(meta, pd.Series | pd.DataFrame) and not isinstance(x, Scalar):

        def build(column: Any, dtype: Any) -> Any:
            kind = _kind(dtype)
            fine = kind in "b" if name == "invert" else kind in ("if" if name == "neg" else "iuf")
            return Column.call(name, [column]) if fine else None

        found = map_columns(x, build, meta)
        if found is not None:
            return found
    result = partitionwise(function, x, name=name, token=name)
    return Scalar(result.expr, result._meta) if isinstance(x, Scalar) else result


for _name in (*ARITHMETIC, *LOGICAL):
    setattr(ArithmeticMixin, f"__{_name}__", _operator(_name))
    setattr(ArithmeticMixin, f"__r{_name}__", _operator(_name, reflected=True))


class SeriesArithmeticMixin(FrameBase):
    """The methods ``add``, ``eq``... of series and indexes."""


for _name in COMPARISONS:
    setattr(ArithmeticMixin, f"__{_name}__", _operator(_name))
_families: tuple[tuple[Any, Any], ...] = (
    (ArithmeticMixin, _flexible),
    (SeriesArithmeticMixin, _flexible_series),
)
for _kind_of, _make in _families:
    for _name in (*COMPARISONS, *ARITHMETIC):
        setattr(_kind_of, _name, _make(_name, _name, False))
        if _name in ARITHMETIC:
            setattr(_kind_of, f"r{_name}", _make(f"r{_name}", _name, True))
    for _name in ("div", "divide"):
        setattr(_kind_of, _name, _make(_name, "truediv", False))
    _kind_of.rdiv = _make("rdiv", "truediv", True)
for _name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", *COMPARISONS):
    setattr(Scalar, f"__{_name}__", _operator(_name))
    if _name not in COMPARISONS:
        setattr(Scalar, f"__r{_name}__", _operator(_name, reflected=True))
Scalar.__hash__ = FrameBase.__hash__  # type: ignore[method-assign]
ArithmeticMixin.__hash__ = FrameBase.__hash__  # type: ignore[method-assign]
