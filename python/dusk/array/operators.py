"""Gives Array its operators and methods."""

from __future__ import annotations

import inspect
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from dusk.array.core import Array
from dusk.array.ufuncs import elemwise

_BINARY = {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "truediv": np.true_divide,
    "floordiv": np.floor_divide, "mod": np.remainder, "pow": np.power, "and": np.bitwise_and,
    "or": np.bitwise_or, "xor": np.bitwise_xor, "lshift": np.left_shift, "rshift": np.right_shift,
}  # fmt: skip
_COMPARE = {
    "eq": np.equal, "ne": np.not_equal, "lt": np.less, "le": np.less_equal, "gt": np.greater,
    "ge": np.greater_equal,
}  # fmt: skip
_RECORDS = {np.equal: operator.eq, np.not_equal: operator.ne}
_UNARY: dict[str, np.ufunc] = {
    "neg": np.negative,
    "pos": np.positive,
    "abs": np.absolute,
    "invert": np.invert,
}


def _defers(other: Any) -> bool:
    """Whether the other operand's class handles us (labelled and frame types)."""
    module = type(other).__module__
    return module.startswith(("xarray", "dusk.dataframe", "pandas")) and not np.isscalar(other)


def _binary(function: np.ufunc, reflected: bool = False) -> Callable[[Array, Any], Any]:
    compares = function in _COMPARE.values()
    refused = (dict, set) if compares else (str, dict, set, type(None))

    def method(self: Array, other: Any) -> Any:
        if _defers(other) or isinstance(other, refused):
            return NotImplemented
        if function in _RECORDS and (self.dtype.names is not None or _is_no_number(self, other)):
            return elemwise(_RECORDS[function], self, other)
        if function is np.power and self.dtype == bool and not reflected and _is_two(other):
            return elemwise(np.square, self)  # as NumPy's operator: int8
        return elemwise(function, other, self) if reflected else elemwise(function, self, other)

    method.__dict__["__dusk_native__"] = True
    return method


def _is_no_number(self: Array, other: Any) -> bool:
    """Whether numbers are asked to equal text: they never do, but they may be asked."""
    return isinstance(other, str | bytes) and self.dtype.kind in "biufc"


def _is_two(x: Any) -> bool:
    return type(x) in (int, float) and x == 2


def _unary(function: np.ufunc) -> Callable[[Array], Any]:
    return lambda self: elemwise(function, self)


def _method(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    def method(self: Array, *args: Any, **kwargs: Any) -> Any:
        return function(self, *args, **kwargs)

    method.__name__ = name
    method.__dict__["__signature__"] = _of_self(inspect.signature(function))
    method.__doc__ = function.__doc__
    method.__dict__["__dusk_native__"] = getattr(function, "__dusk_native__", False)
    return method


def _of_self(signature: inspect.Signature) -> inspect.Signature:
    first, *others = signature.parameters.values()
    return signature.replace(parameters=[first.replace(name="self"), *others])


def install(methods: dict[str, Callable[..., Any]]) -> None:
    """Sets operators, and functions as methods under their names."""
    for name, function in _BINARY.items():
        setattr(Array, f"__{name}__", _binary(function))
        setattr(Array, f"__r{name}__", _binary(function, reflected=True))
    for name, function in _COMPARE.items():
        setattr(Array, f"__{name}__", _binary(function))
    for name, single in _UNARY.items():
        setattr(Array, f"__{name}__", _unary(single))
    for name, call in methods.items():
        if name not in Array.__dict__:
            setattr(Array, name, _method(call, name))
    derived: dict[str, Any] = {
        "__divmod__": lambda self, other: (self // other, self % other),
        "__rdivmod__": lambda self, other: (other // self, other % self),
        "real": property(lambda self: elemwise(np.real, self)),
        "imag": property(lambda self: elemwise(np.imag, self)),
    }
    for name, value in derived.items():
        setattr(Array, name, value)
