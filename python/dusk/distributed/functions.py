"""Functions that tasks call: their pickles, and what tells that a pickle is still right."""

from __future__ import annotations

import builtins
import inspect
import sys
import types
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NoReturn

import cloudpickle

__all__ = ["call", "run_with_worker", "raise_unpicklable", "variables"]

# A variable that a function's pickle contains: (dictionary or cell, name or None, what it held).
Seen = tuple[Any, str | None, Any]

_CONSTANT = (
    type(None),
    bool,
    int,
    float,
    complex,
    str,
    bytes,
    types.ModuleType,
    type,
    types.BuiltinFunctionType,
)


def call(function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    """``function(*args, **kwargs)``: the task of objects that are callable but no functions."""
    return function(*args, **kwargs)


def run_with_worker(function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    """The task of :meth:`Client.run`."""
    if "dask_worker" in _argument_names(function):
        from dusk.distributed import get_worker

        kwargs["dask_worker"] = get_worker()
    return function(*args, **kwargs)


def _argument_names(function: Callable[..., Any]) -> Iterable[str]:
    try:
        return inspect.signature(function).parameters
    except (TypeError, ValueError):  # builtin functions without one
        return ()


def variables(function: Any) -> list[Seen] | None:
    """The variables inside the pickle of a function, by which one sees whether it is still right.

    None: they cannot be watched, and the pickle is good for one use.
    """
    seen: list[Seen] = []
    return seen if _collect(function, seen, set()) else None


def raise_unpicklable(
    function: str, args: tuple[Any, ...] | None, kwargs: dict[str, Any] | None, error: Exception
) -> NoReturn:
    """The TypeError for a function (no `args`) or an argument that cannot be pickled."""
    if args is None:
        raise TypeError(f"[submit] the function {function} cannot be pickled: {error}") from error
    for name, value in [*enumerate(args), *(kwargs or {}).items()]:
        try:
            cloudpickle.dumps(value)
        except Exception as why:
            place = f"argument {name}" if isinstance(name, int) else f"argument {name!r}"
            kind = type(value).__name__
            text = f"[submit] {place} of {function}, of type {kind}, cannot be pickled: {why}"
            raise TypeError(text) from why
    text = f"[submit] the arguments of {function} cannot be pickled: {error}"
    raise TypeError(text) from error


def _importable(obj: Any) -> bool:
    module = sys.modules.get(getattr(obj, "__module__", None) or "")
    if module is None or module.__name__ == "__main__":
        return False
    found: Any = module
    for part in getattr(obj, "__qualname__", "").split("."):
        found = getattr(found, part, None)
    return found is obj


def _collect(obj: Any, seen: list[Seen], done: set[int]) -> bool:
    """Adds the variables that the pickle of `obj` contains; False when one may change inside."""
    if isinstance(obj, _CONSTANT) or id(obj) in done:
        return True
    if not isinstance(obj, types.FunctionType):
        return type(obj) is tuple and all(_collect(item, seen, done) for item in obj)
    if _importable(obj):
        return True
    done.add(id(obj))
    parts = [*(obj.__defaults__ or ()), *(obj.__kwdefaults__ or {}).values()]
    parts += obj.__dict__.values()
    for cell in obj.__closure__ or ():
        try:
            value = cell.cell_contents
        except ValueError:
            return False
        seen.append((cell, None, value))
        parts.append(value)
    for name in _names(obj.__code__):
        if name in obj.__globals__:
            value = obj.__globals__[name]
            seen.append((obj.__globals__, name, value))
            parts.append(value)
        elif not hasattr(builtins, name):
            seen.append((obj.__globals__, name, None))
    return all(_collect(part, seen, done) for part in parts)


def _names(code: types.CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _names(constant)
