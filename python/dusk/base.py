"""What every collection shares: compute, persist, optimize, visualize, explain."""

from __future__ import annotations

import copy
import dataclasses
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Self

from dusk import _core, config
from dusk.annotations import annotated
from dusk.tokens import tokenize

__all__ = [
    "CollectionMixin",
    "compute",
    "explain",
    "is_dask_collection",
    "optimize",
    "persist",
    "tokenize",
    "visualize",
]

SYNCHRONOUS = ("sync", "synchronous", "single-threaded")
THREADS = ("threads", "threading", "threaded")
PROCESSES = ("processes", "multiprocessing")


class CollectionMixin:
    """The methods of a lazy collection.

    A collection sets ``expr`` in its constructor, and says how the engine's result becomes the
    user's (``_dusk_finalize``) and how an expression of the same kind becomes a collection
    (``_dusk_rebuild``).
    """

    __slots__ = ()
    _expr: Any

    @property
    def expr(self) -> Any:
        """The engine's expression."""
        return self._expr

    @expr.setter
    def expr(self, value: Any) -> None:
        self._expr = annotated(value)

    def _dusk_finalize(self, result: Any) -> Any:
        return result

    def _dusk_rebuild(self, expr: Any) -> Any:
        raise NotImplementedError

    def __dask_tokenize__(self) -> Any:
        return (type(self).__name__, self.expr.token)

    def __dusk_futures__(self) -> list[Any]:
        """The futures of the blocks on a cluster that the collection needs."""
        link = _core.expr_link(self.expr)
        if link is None:
            return []
        from dusk.distributed.registry import client_of_link

        client = client_of_link(link)
        return [] if client is None else client._core.futures_of(self.expr)

    def __dask_keys__(self) -> list[str]:
        """The keys of the collection's blocks."""
        return _core.keys(self.expr)

    def compute(self, **kwargs: Any) -> Any:
        """The result, in memory.

        Parameters
        ----------
        scheduler : str or Client, optional
            "threads", "synchronous", "processes", or a client of a cluster; the current client
            by default, and "threads" without one. What was persisted on a cluster is computed
            there, whatever string is given.
        optimize_graph : bool, default True
            Whether to run the optimiser first.
        num_workers : int, optional
            Threads; as many as processors by default.
        memory_limit : int or str, optional
            Bytes that results and running tasks may take together.

        Raises
        ------
        MemoryError
            When the plan cannot fit `memory_limit`; nothing has run then.
        """
        (result,) = compute(self, traverse=False, **kwargs)
        return result

    def persist(self, **kwargs: Any) -> Self:
        """The same collection with its blocks computed and held in memory."""
        (result,) = persist(self, traverse=False, **kwargs)
        kept: Self = result
        return kept

    def optimize(self, **kwargs: Any) -> Self:
        """The same collection with the optimised expression."""
        (result,) = optimize(self, traverse=False, **kwargs)
        kept: Self = result
        return kept

    def visualize(
        self, filename: str | None = "mydusk", format: str | None = None, **kwargs: Any
    ) -> Any:
        """Draws the graph as SVG; see :func:`dusk.visualize`."""
        return visualize(self, filename=filename, format=format, **kwargs)

    def explain(self, optimized: bool = True) -> Plan:
        """The plan as text: layers, tasks, bytes, what runs natively and what does not."""
        return explain(self, optimized=optimized)


class Plan(str):
    """Text that shows itself unquoted."""

    def __repr__(self) -> str:
        return str(self)


class Drawing:
    """An SVG document that notebooks display."""

    def __init__(self, svg: str, filename: str | None) -> None:
        self.svg = svg
        self.filename = filename

    def _repr_svg_(self) -> str:
        return self.svg

    def __repr__(self) -> str:
        return f"<graph drawn in {self.filename}>" if self.filename else "<graph>"


def is_dask_collection(x: Any) -> bool:
    """Whether `x` is a lazy collection of Dusk."""
    return isinstance(x, CollectionMixin)


def unpack(
    args: Sequence[Any], traverse: bool = True
) -> tuple[list[CollectionMixin], Callable[[Sequence[Any]], list[Any]]]:
    """The collections inside `args`, and a function that puts results in their places."""
    if args and all(isinstance(arg, CollectionMixin) for arg in args):
        return list(args), list
    found: list[CollectionMixin] = []
    places: dict[str, int] = {}

    def plan(obj: Any) -> Callable[[Sequence[Any]], Any]:
        if isinstance(obj, CollectionMixin):
            key = f"{type(obj).__name__}-{obj.expr.token}"
            place = places.setdefault(key, len(found))
            if place == len(found):
                found.append(obj)
            return lambda results: results[place]
        if traverse:
            nested = _plan_container(obj, plan)
            if nested is not None:
                return nested
        return lambda results: obj

    plans = [plan(arg) for arg in args]
    return found, lambda results: [p(results) for p in plans]


def _plan_container(obj: Any, plan: Callable[[Any], Any]) -> Callable[[Sequence[Any]], Any] | None:
    obj = unrolled(obj)
    kind = type(obj)
    if kind in (list, tuple, set, frozenset):
        return partial(_fill_sequence, kind, [plan(item) for item in obj])
    if kind is dict:
        return partial(_fill_dict, [(plan(k), plan(v)) for k, v in obj.items()])
    if kind is slice:
        return partial(_fill_slice, [plan(i) for i in (obj.start, obj.stop, obj.step)])
    if isinstance(obj, tuple) and hasattr(obj, "_fields"):
        return partial(_fill_named, kind, [plan(item) for item in obj])
    if dataclasses.is_dataclass(obj) and not isinstance(obj, type):
        fields = {f.name: plan(getattr(obj, f.name)) for f in dataclasses.fields(obj)}
        bare = copy.copy(obj)  # what was planned is not kept twice
        for name in fields:
            object.__setattr__(bare, name, None)
        return partial(_fill_dataclass, bare, fields)
    return None


_ITERATORS: dict[type, type] = {type(iter(kind())): kind for kind in (list, tuple, set)}


def unrolled(obj: Any) -> Any:
    """What an iterator of a list, tuple or set yields, as one; anything else as it is."""
    kind = _ITERATORS.get(type(obj))
    return kind(obj) if kind is not None else obj


def _fill_slice(parts: list[Any], results: Sequence[Any]) -> slice:
    return slice(*(p(results) for p in parts))


def _fill_sequence(kind: Any, parts: list[Any], results: Sequence[Any]) -> Any:
    return kind(p(results) for p in parts)


def _fill_dict(pairs: list[Any], results: Sequence[Any]) -> Any:
    return {k(results): v(results) for k, v in pairs}


def _fill_named(kind: Any, parts: list[Any], results: Sequence[Any]) -> Any:
    return kind(*(p(results) for p in parts))


def _fill_dataclass(bare: Any, fields: dict[str, Any], results: Sequence[Any]) -> Any:
    return dataclasses.replace(bare, **{name: p(results) for name, p in fields.items()})


def run_options(
    scheduler: Any = None,
    num_workers: int | None = None,
    memory_limit: int | str | None = None,
    optimize_graph: bool = True,
    **kwargs: Any,
) -> dict[str, Any]:
    """The engine's options from the user's arguments and the configuration.

    "client" is that of a cluster, or None; "wishes" are the annotations of all its tasks.
    """
    from dusk.utils import parse_bytes

    kwargs.pop("get", None)
    for ignored in ("pool", "chunksize", "sync"):
        kwargs.pop(ignored, None)
    names = ("retries", "priority", "resources", "workers", "allow_other_workers")
    wishes = {name: kwargs.pop(name) for name in names if name in kwargs}
    if kwargs:
        name = next(iter(kwargs))
        raise TypeError(f"[compute] got an unexpected keyword argument {name!r}")
    scheduler = scheduler if scheduler is not None else config.get("scheduler", None)
    limit = memory_limit if memory_limit is not None else config.get("memory-limit", None)
    workers = num_workers if num_workers is not None else config.get("num-workers", None)
    if workers is not None and (not isinstance(workers, int) or workers < 1):
        raise ValueError(f"[compute] num_workers must be a positive integer, got {workers!r}")
    name, client = _scheduler_of(scheduler, workers)
    return {
        "scheduler": name,
        "num_workers": workers or 0,
        "memory_limit": parse_bytes(limit) if limit is not None else 0,
        "optimize": bool(optimize_graph),
        "client": client,
        "wishes": wishes,
    }


def _scheduler_of(scheduler: Any, workers: int | None) -> tuple[str, Any]:
    """The name of an executor of this process, or "client" and a client."""
    if scheduler is None:
        client = _default_client()
        return ("threads", None) if client is None else ("client", client)
    if isinstance(scheduler, str):
        name = scheduler.lower()
        if name in THREADS:
            return "threads", None
        if name in SYNCHRONOUS:
            return "synchronous", None
        if name in PROCESSES:
            from dusk.distributed.processes import client_of_processes

            return "client", client_of_processes(workers)
        if name in ("distributed", "dask.distributed", "dusk.distributed"):
            from dusk.distributed import default_client

            return "client", default_client()
    elif hasattr(scheduler, "_compute_one"):
        return "client", scheduler
    elif hasattr(scheduler, "get_client"):
        return "client", scheduler.get_client()
    raise ValueError(
        f"Expected one of [distributed, multiprocessing, processes, single-threaded, sync, "
        f"synchronous, threading, threads], got {scheduler!r}"
    )


def _client(client: Any, scheduler: Any, collections: Sequence[CollectionMixin]) -> Any:
    """Blocks on a cluster are nowhere else: their client computes, unless another one is named."""
    named = client is not None and scheduler is not None and not isinstance(scheduler, str)
    return client if named else _holder(collections) or client


def _holder(collections: Sequence[CollectionMixin]) -> Any:
    """The client that has persisted what the collections need, if any has."""
    registry = sys.modules.get("dusk.distributed.registry")
    if registry is not None:
        for collection in collections:
            link = _core.expr_link(collection.expr)
            if link is not None:
                return registry.client_of_link(link)
    return None


def _default_client() -> Any:
    """The current client of a cluster, if this process has any."""
    registry = sys.modules.get("dusk.distributed.registry")
    return None if registry is None else registry.current_client()


def _run(function: Callable[..., Any], exprs: list[Any], options: dict[str, Any]) -> Any:
    """Calls the engine while the registered diagnostics watch."""
    from dusk.diagnostics.watching import watching

    with watching() as observer:
        return function(exprs, observer=observer, **options)


def compute(
    *args: Any,
    traverse: bool = True,
    optimize_graph: bool = True,
    scheduler: Any = None,
    get: Any = None,
    **kwargs: Any,
) -> tuple[Any, ...]:
    """Computes several collections at once; work that they share is done once.

    Parameters
    ----------
    *args
        Collections, containers that hold collections, or anything else (returned as it is).
    traverse : bool, default True
        Whether to look inside lists, tuples, sets, dictionaries and dataclasses.
    optimize_graph, scheduler, **kwargs
        As :meth:`CollectionMixin.compute`.

    Returns
    -------
    tuple
        One result an argument.

    Examples
    --------
    >>> import dusk, dusk.array as da
    >>> x = da.arange(6, chunks=3)
    >>> total, mean = dusk.compute(x.sum(), x.mean())
    >>> int(total), float(mean)
    (15, 2.5)
    """
    collections, repack = unpack(args, traverse)
    options = run_options(scheduler=scheduler, optimize_graph=optimize_graph, **kwargs)
    if not collections:
        return tuple(args)
    client, wishes = _client(options.pop("client"), scheduler, collections), options.pop("wishes")
    if client is not None:
        from dusk.distributed.client_collections import annotations_of, compute_on

        wishes = annotations_of(**wishes)
        return tuple(repack(compute_on(client, collections, options["optimize"], wishes)))
    results = _run(_core.compute, [c.expr for c in collections], options)
    return tuple(repack([c._dusk_finalize(r) for c, r in zip(collections, results, strict=True)]))


def persist(
    *args: Any,
    traverse: bool = True,
    optimize_graph: bool = True,
    scheduler: Any = None,
    **kwargs: Any,
) -> tuple[Any, ...]:
    """Computes several collections at once and keeps their blocks in memory.

    Returns the arguments with every collection replaced by one of the same kind that starts from
    the computed blocks. Parameters as :func:`compute`.
    """
    collections, repack = unpack(args, traverse)
    options = run_options(scheduler=scheduler, optimize_graph=optimize_graph, **kwargs)
    if not collections:
        return tuple(args)
    client, wishes = _client(options.pop("client"), scheduler, collections), options.pop("wishes")
    if client is not None:
        from dusk.distributed.client_collections import annotations_of, persist_on

        wishes = annotations_of(**wishes)
        return tuple(repack(persist_on(client, collections, options["optimize"], wishes)))
    exprs = _run(_core.persist, [c.expr for c in collections], options)
    return tuple(repack([c._dusk_rebuild(e) for c, e in zip(collections, exprs, strict=True)]))


def optimize(*args: Any, traverse: bool = True, **kwargs: Any) -> tuple[Any, ...]:
    """Optimises several collections at once; results are equal, plans are shared and smaller."""
    collections, repack = unpack(args, traverse)
    if not collections:
        return tuple(args)
    exprs = _core.optimize([c.expr for c in collections])
    return tuple(repack([c._dusk_rebuild(e) for c, e in zip(collections, exprs, strict=True)]))


def explain(*args: Any, traverse: bool = True, optimized: bool = True) -> Plan:
    """The plan of several collections together, as text."""
    collections, _ = unpack(args, traverse)
    return Plan(_core.explain([c.expr for c in collections], optimized=optimized))


def visualize(
    *args: Any,
    filename: str | None = "mydusk",
    traverse: bool = True,
    optimize_graph: bool = False,
    format: str | None = None,
    tasks: bool = True,
    **kwargs: Any,
) -> Drawing:
    """Draws the graph of several collections as SVG, without an outside program.

    Parameters
    ----------
    filename : str or None, default "mydusk"
        Written with the suffix ``.svg`` when it has none; None writes nothing.
    optimize_graph : bool, default False
        Whether to draw the optimised graph.
    format : {"svg"}, optional
    tasks : bool, default True
        Draw every task (layers are drawn above 500 tasks).

    Raises
    ------
    ValueError
        For a format other than SVG.
    """
    path = None if filename is None else Path(filename)
    suffix = path.suffix.lstrip(".") if path is not None else ""
    wanted = (format or suffix or "svg").lower()
    if wanted != "svg":
        raise ValueError(f"[visualize] Dusk draws 'svg', not {wanted!r}")
    collections, _ = unpack(args, traverse)
    svg = _core.visualize_svg([c.expr for c in collections], optimized=optimize_graph, tasks=tasks)
    if path is None:
        return Drawing(svg, None)
    path = path if suffix else path.with_name(path.name + ".svg")
    path.write_text(svg)
    return Drawing(svg, str(path))
