"""Functions called later: single tasks with any Python arguments."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from dusk import _core
from dusk.annotations import annotated
from dusk.base import CollectionMixin, _plan_container, unrolled
from dusk.pickling import Finish
from dusk.tokens import tokenize, unique_token
from dusk.utils import funcname

__all__ = ["Delayed", "DelayedLeaf", "delayed"]


_Plan = Callable[[Sequence[Any]], Any]


class Call:
    """Calls `func` with arguments some of which are task results: `args` are a plan for each
    positional argument, and a plan for each named one."""

    __slots__ = ("args", "func")

    def __init__(
        self, func: Any, args: tuple[Sequence[_Plan], Sequence[tuple[str, _Plan]]]
    ) -> None:
        self.func = func
        self.args = args

    def __call__(self, *values: Any) -> Any:
        plans, named = self.args
        args = [plan(values) for plan in plans]
        return self.func(*args, **{name: plan(values) for name, plan in named})


class _Arguments:
    """Collects the expressions inside arguments and plans how results take their places."""

    def __init__(self, traverse: bool) -> None:
        self.exprs: list[Any] = []
        self._places: dict[str, int] = {}
        self._traverse = traverse

    def plan(self, obj: Any) -> _Plan:
        if isinstance(obj, CollectionMixin):
            place = self._places.setdefault(obj.expr.token, len(self.exprs))
            if place == len(self.exprs):
                self.exprs.append(obj.expr)
            if isinstance(obj, Delayed):
                return operator.itemgetter(place)
            return _Finished(place, Finish(obj))
        if self._traverse:
            nested = _plan_container(obj, self.plan)
            if nested is not None:
                return nested
        return _Given(obj)


# Plans are classes rather than functions, so that pickle names them.
class _Given:
    """An argument as it is."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __call__(self, values: Sequence[Any]) -> Any:
        return self.value


class _Finished:
    """The result of a collection."""

    __slots__ = ("finish", "place")

    def __init__(self, place: int, finish: Finish) -> None:
        self.place = place
        self.finish = finish

    def __call__(self, values: Sequence[Any]) -> Any:
        return self.finish(values[self.place])


# Types of arguments that hold nothing to be computed.
_PLAIN = frozenset({int, float, complex, bool, str, bytes, type(None)})


def _call(
    function: Any,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    *,
    name: str,
    token: str | None,
    keyed: bool = False,
    nout: int | None = None,
    traverse: bool = True,
) -> Delayed:
    if not kwargs and _PLAIN.issuperset(map(type, args)):
        whole = partial(function, *args) if args else function
        return Delayed(_core.object_call(whole, (), name, token, keyed), nout)
    if not kwargs and _TASKS.issuperset(map(type, args)):
        exprs = [a._expr for a in args]
        return Delayed(_core.object_call(function, exprs, name, token, keyed), nout)
    found = _Arguments(traverse)
    plans = [found.plan(a) for a in args]
    named = [(k, found.plan(v)) for k, v in kwargs.items()]
    call = Call(function, (plans, named))
    return Delayed(_core.object_call(call, found.exprs, name, token, keyed), nout)


class Delayed(CollectionMixin):
    """A value that will be computed: the result of a delayed call, or of an operation on one."""

    __slots__ = ("__weakref__", "_expr", "_length")
    _length: int | None

    def __init__(self, expr: Any, length: int | None = None) -> None:
        _set_expr(self, annotated(expr))
        _set_length(self, length)

    def _dusk_rebuild(self, expr: Any) -> Delayed:
        return Delayed(expr, self._length)

    @property
    def key(self) -> str:
        """The task's name."""
        name: str = self.expr.name
        return name

    @property
    def dask(self) -> dict[str, Any]:
        """The graph's layers by name."""
        info = _core.graph_info([self.expr], optimized=False)
        return {layer["name"]: layer for layer in info["layers"]}

    def __repr__(self) -> str:
        return f"Delayed({self.key!r})"

    def __hash__(self) -> int:
        return hash(self.expr.token)

    def __dir__(self) -> list[str]:
        return sorted(set(dir(type(self))))

    def __getattr__(self, attr: str) -> Delayed:
        if attr.startswith("_"):
            raise AttributeError(f"Attribute {attr} not found")
        return DelayedAttribute(self, attr)

    def __setattr__(self, attr: str, value: Any) -> None:
        if attr in ("expr", "_expr", "_length"):
            object.__setattr__(self, attr, value)
        else:
            raise TypeError("Delayed objects are immutable")

    def __setstate__(self, state: Any) -> None:
        for values in state:
            for name, value in (values or {}).items():
                object.__setattr__(self, name, value)

    def __setitem__(self, index: Any, value: Any) -> None:
        raise TypeError("Delayed objects are immutable")

    def __iter__(self) -> Iterator[Delayed]:
        if self._length is None:
            raise TypeError("Delayed objects of unspecified length are not iterable")
        return (self[i] for i in range(self._length))

    def __len__(self) -> int:
        if self._length is None:
            raise TypeError("Delayed objects of unspecified length have no len()")
        return self._length

    if TYPE_CHECKING:

        def __getitem__(self, index: Any) -> Delayed: ...

    def __bool__(self) -> bool:
        raise TypeError("Truth of Delayed objects is not supported")

    def __call__(
        self, *args: Any, pure: bool | None = None, dask_key_name: Any = None, **kwargs: Any
    ) -> Delayed:
        dask_key_name = _as_key(dask_key_name)
        token = _token(pure, dask_key_name, ("apply", self, args, kwargs))
        name = dask_key_name or "apply"
        keyed = dask_key_name is not None
        return _call(_apply, (self, *args), kwargs, name=name, token=token, keyed=keyed)


# The slots' own setters: __setattr__ is for users.
_set_expr = vars(Delayed)["_expr"].__set__
_set_length = vars(Delayed)["_length"].__set__
_TASKS = frozenset({Delayed})


class DelayedAttribute(Delayed):
    """An attribute of a delayed value; calling it is a method call."""

    __slots__ = ("_attr", "_obj")
    _attr: str
    _obj: Delayed

    def __init__(self, obj: Delayed, attr: str) -> None:
        object.__setattr__(self, "_obj", obj)
        object.__setattr__(self, "_attr", attr)
        object.__setattr__(self, "_length", None)
        object.__setattr__(self, "_expr", None)

    @property
    def expr(self) -> Any:
        if self._expr is None:
            get = operator.attrgetter(self._attr)
            token = tokenize("getattr", self._obj.expr.token, self._attr)
            expr = _core.object_call(get, [self._obj.expr], f"getattr-{self._attr}", token)
            object.__setattr__(self, "_expr", expr)
        return self._expr

    @expr.setter
    def expr(self, value: Any) -> None:
        object.__setattr__(self, "_expr", value)

    def __call__(
        self, *args: Any, pure: bool | None = None, dask_key_name: Any = None, **kwargs: Any
    ) -> Delayed:
        dask_key_name = _as_key(dask_key_name)
        token = _token(pure, dask_key_name, ("method", self._attr, self._obj, args, kwargs))
        method = _Method(self._attr)
        name = dask_key_name or self._attr
        keyed = dask_key_name is not None
        return _call(method, (self._obj, *args), kwargs, name=name, token=token, keyed=keyed)


class _Method:
    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, obj: Any, *args: Any, **kwargs: Any) -> Any:
        return getattr(obj, self.name)(*args, **kwargs)


def _apply(function: Any, *args: Any, **kwargs: Any) -> Any:
    return function(*args, **kwargs)


def _as_key(name: Any) -> str | None:
    """A key that users gave as the engine has it: tuples as their text, as of arrays' blocks."""
    return name if name is None or isinstance(name, str) else str(name)


def _prefix(obj: Any) -> str:
    """What the key of a wrapped object starts with."""
    named = getattr(obj, "__name__", None)
    return named if isinstance(named, str) else type(obj).__name__


def _token(pure: bool | None, key: str | None, identity: Any) -> str | None:
    """What names a call; None: the engine makes a token that no other call has."""
    if key is not None:
        return tokenize("dask_key_name", key)
    return tokenize(identity) if pure else None


class DelayedLeaf(Delayed):
    """A function, or another object, that will be called."""

    __slots__ = ("_function_name", "_nout", "_obj", "_pure", "_traverse")
    _function_name: str
    _nout: int | None
    _obj: Any
    _pure: bool | None
    _traverse: bool

    def __init__(
        self, obj: Any, pure: bool | None, nout: int | None, traverse: bool, name: str | None
    ) -> None:
        token = tokenize(obj) if pure else unique_token()
        if name is not None:
            token = tokenize("dask_key_name", name)
        super().__init__(_core.object_value(obj, token, name or f"{_prefix(obj)}-{token}"))
        object.__setattr__(self, "_function_name", funcname(obj))
        object.__setattr__(self, "_obj", obj)
        object.__setattr__(self, "_pure", pure)
        object.__setattr__(self, "_nout", nout)
        object.__setattr__(self, "_traverse", traverse)

    @property
    def __name__(self) -> str:
        return str(getattr(self._obj, "__name__", "function"))

    @property
    def __doc__(self) -> str | None:  # type: ignore[override]
        return getattr(self._obj, "__doc__", None)

    @property
    def __wrapped__(self) -> Any:
        return self._obj

    def __get__(self, instance: Any, owner: Any) -> Any:
        if instance is None:
            return self
        return lambda *args, **kwargs: self(instance, *args, **kwargs)

    def __call__(
        self, *args: Any, pure: bool | None = None, dask_key_name: Any = None, **kwargs: Any
    ) -> Delayed:
        dask_key_name = _as_key(dask_key_name)
        pure = self._pure if pure is None else pure
        token = _token(pure, dask_key_name, (self._obj, args, kwargs) if pure else None)
        return _call(
            self._obj,
            args,
            kwargs,
            name=dask_key_name or self._function_name,
            token=token,
            keyed=dask_key_name is not None,
            nout=self._nout,
            traverse=self._traverse,
        )


_MISSING: Any = object()


def delayed(
    obj: Any = _MISSING,
    name: str | None = None,
    pure: bool | None = None,
    nout: int | None = None,
    traverse: bool = True,
) -> Any:
    """Makes a function lazy, or wraps a value.

    Parameters
    ----------
    obj
        A function (also as a decorator), or any object; lists, tuples, sets, dictionaries and
        dataclasses that hold delayed values become one delayed value. Without it the result is a
        decorator with the given options: ``@delayed(pure=True)``.
    name : str, optional
        The key of a wrapped object.
    pure : bool, optional
        Whether equal arguments mean one task. The default is False: every call is its own task.
    nout : int, optional
        How many values a call returns; the result can then be unpacked.
    traverse : bool, default True
        Whether arguments are searched for delayed values inside containers.

    Examples
    --------
    >>> from dusk import delayed
    >>> @delayed
    ... def add(a, b):
    ...     return a + b
    >>> add(1, add(2, 3)).compute()
    6
    """
    if obj is _MISSING:
        return partial(delayed, name=name, pure=pure, nout=nout, traverse=traverse)
    if nout is not None and (type(nout) is not int or nout < 0):
        raise ValueError(f"nout must be None or a non-negative integer, got {nout}")
    name = _as_key(name)
    if isinstance(obj, Delayed):
        return obj
    if isinstance(obj, CollectionMixin):
        return _call(_identity, (obj,), {}, name="finalize", token=tokenize("finalize", obj))
    if traverse:
        obj = unrolled(obj)
    found = _Arguments(traverse)
    plan = found.plan(obj)
    if not found.exprs:
        if callable(obj):
            return DelayedLeaf(obj, pure, nout, traverse, name)
        token = (
            tokenize("dask_key_name", name) if name else (tokenize(obj) if pure else unique_token())
        )
        return Delayed(_core.object_value(obj, token, name or f"{_prefix(obj)}-{token}"), nout)
    token = tokenize("dask_key_name", name) if name else tokenize("container", obj)
    call = Call(_identity, ([plan], []))
    kind = name or type(obj).__name__
    return Delayed(_core.object_call(call, found.exprs, kind, token, name is not None), nout)


def _identity(x: Any) -> Any:
    return x


def _bind_operator(function: Callable[..., Any], reflected: bool) -> Callable[..., Delayed]:
    name = function.__name__

    def method(self: Delayed, *others: Any) -> Delayed:
        args = (*others, self) if reflected else (self, *others)
        token = tokenize(name, *(_operand(a) for a in args))
        return _call(function, args, {}, name=name, token=token)

    return method


def _operand(x: Any) -> Any:
    return ("Delayed", x.expr.token) if isinstance(x, CollectionMixin) else x


for _name in ("add", "sub", "mul", "matmul", "truediv", "floordiv", "mod", "pow", "lshift",
              "rshift", "and_", "or_", "xor"):  # fmt: skip
    _plain = _name.rstrip("_")
    setattr(Delayed, f"__{_plain}__", _bind_operator(getattr(operator, _name), False))
    setattr(Delayed, f"__r{_plain}__", _bind_operator(getattr(operator, _name), True))
for _name in ("lt", "le", "eq", "ne", "gt", "ge", "neg", "pos", "invert", "abs", "getitem"):
    setattr(Delayed, f"__{_name}__", _bind_operator(getattr(operator, _name), False))
setattr(Delayed, "__divmod__", _bind_operator(divmod, False))  # noqa: B010
setattr(Delayed, "__rdivmod__", _bind_operator(divmod, True))  # noqa: B010
