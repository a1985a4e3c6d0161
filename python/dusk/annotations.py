"""Annotations: what the user says about tasks (priority, resources, workers, retries...)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType
from typing import Any

from dusk import _core

_NONE: Mapping[str, Any] = MappingProxyType({})
_active: ContextVar[Mapping[str, Any]] = ContextVar("dusk_annotations", default=_NONE)


def get_annotations() -> dict[str, Any]:
    """The annotations in force here, outermost first."""
    return dict(_active.get())


@contextmanager
def annotate(**annotations: Any) -> Iterator[None]:
    """Attaches annotations to every collection made inside the ``with`` block.

    Parameters
    ----------
    **annotations
        ``priority`` (int), ``retries`` (int), ``resources`` (dict), ``workers`` (str or list),
        ``allow_other_workers`` (bool), or names of your own; values must be JSON.

    Raises
    ------
    TypeError
        A known annotation of the wrong type, or a value that JSON cannot hold.

    Examples
    --------
    >>> import dusk
    >>> with dusk.annotate(priority=10):
    ...     dusk.get_annotations()
    {'priority': 10}
    """
    _check(annotations)
    token = _active.set(MappingProxyType({**_active.get(), **annotations}))
    try:
        yield
    finally:
        _active.reset(token)


_TYPES: dict[str, tuple[type, ...]] = {
    "priority": (int, float),
    "retries": (int,),
    "resources": (dict,),
    "workers": (str, list, tuple, set),
    "allow_other_workers": (bool, list, tuple, set, str),
}


def _check(annotations: dict[str, Any]) -> None:
    for name, value in annotations.items():
        types = _TYPES.get(name)
        if types and not isinstance(value, types):
            wanted = " or ".join(t.__name__ for t in types)
            raise TypeError(f"{name!r} annotation should be {wanted}, got {type(value).__name__}")
        _encode(name, value)


def _encode(name: str, value: Any) -> str:
    try:
        return json.dumps(sorted(value) if isinstance(value, set) else value)
    except TypeError as error:
        raise TypeError(f"{name!r} annotation cannot be written as JSON: {error}") from error


def annotated(expr: Any) -> Any:
    """`expr` with the annotations in force, or itself."""
    active = _active.get()
    if not active:
        return expr
    return _core.set_annotations(expr, {k: _encode(k, v) for k, v in active.items()})
