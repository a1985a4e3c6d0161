"""Collections on a cluster."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from dusk import _core
from dusk.base import CollectionMixin, unpack

if TYPE_CHECKING:
    from dusk.distributed.future import Future

__all__ = ["CollectionMethods"]


class CollectionMethods:
    """The part of :class:`Client` that computes collections."""

    if TYPE_CHECKING:
        _core: _core.ClusterClient
        _asynchronous: bool
        _retries: int

        def _call(self, function: Any, *args: Any, asynchronous: bool | None = None) -> Any: ...

    def compute(
        self,
        collections: Any,
        sync: bool = False,
        optimize_graph: bool = True,
        workers: Any = None,
        allow_other_workers: bool = False,
        resources: dict[str, float] | None = None,
        retries: int = 0,
        priority: float = 0,
        fifo_timeout: Any = "60s",
        actors: Any = None,
        traverse: bool = True,
        **kwargs: Any,
    ) -> Any:
        """Starts to compute collections.

        Parameters
        ----------
        collections
            A collection, or a list, tuple or dictionary of collections and other objects.
        sync : bool, default False
            Wait, and return the results themselves.
        optimize_graph : bool, default True
        workers, allow_other_workers, resources, retries, priority
            For all tasks, as :meth:`submit`.

        Returns
        -------
        A future of each collection's result; other objects as they are.
        """
        single = not isinstance(collections, list | tuple | set | frozenset)
        args = [collections] if single else list(collections)
        wishes = annotations_of(
            workers=workers,
            allow_other_workers=allow_other_workers,
            resources=resources,
            retries=retries or self._retries,
            priority=priority,
        )
        found, repack = unpack(args, traverse)
        made = list(repack(self._futures(found, optimize_graph, wishes))) if found else args
        result = made[0] if single else made
        return self.gather(result) if sync else result  # type: ignore[attr-defined]

    def _futures(
        self, collections: Sequence[CollectionMixin], optimize: bool, wishes: dict[str, str]
    ) -> list[Future[Any]]:
        """One future for each collection."""
        exprs = [c.expr for c in collections]
        return self._core.compute(exprs, [c._dusk_finalize for c in collections], optimize, wishes)

    def persist(
        self,
        collections: Any,
        optimize_graph: bool = True,
        workers: Any = None,
        allow_other_workers: bool | None = None,
        resources: dict[str, float] | None = None,
        retries: int | None = None,
        priority: float = 0,
        fifo_timeout: Any = "60s",
        actors: Any = None,
        **kwargs: Any,
    ) -> Any:
        """Starts to compute collections whose blocks stay on the cluster.

        Parameters
        ----------
        collections
            A collection, or a list of them.
        optimize_graph, workers, allow_other_workers, resources, retries, priority
            As :meth:`compute`.

        Returns
        -------
        The same collections, over blocks that are, or will be, on the cluster.
        """
        single = not isinstance(collections, list | tuple | set | frozenset)
        found = [collections] if single else list(collections)
        for collection in found:
            if not isinstance(collection, CollectionMixin):
                kind = type(collection).__name__
                raise TypeError(f"[persist] expected a collection, got a {kind}")
        wishes = annotations_of(
            workers=workers,
            allow_other_workers=allow_other_workers,
            resources=resources,
            retries=retries or self._retries,
            priority=priority,
        )
        kept = self._persist(found, optimize_graph, wishes)
        return kept[0] if single else kept

    def _persist(
        self, collections: Sequence[CollectionMixin], optimize: bool, wishes: dict[str, str]
    ) -> list[Any]:
        exprs = self._core.persist([c.expr for c in collections], optimize, wishes)
        return [c._dusk_rebuild(e) for c, e in zip(collections, exprs, strict=True)]

    def normalize_collection(self, collection: Any) -> Any:
        """The collection itself: expressions know what was computed before."""
        return collection


def annotations_of(**options: Any) -> dict[str, str]:
    """What was given, as the scheduler reads annotations."""
    given = {name: value for name, value in options.items() if value}
    if "allow_other_workers" in given and "workers" not in given:
        raise ValueError("Only use allow_other_workers= if using workers=")
    if isinstance(given.get("workers"), set | tuple):
        given["workers"] = list(given["workers"])
    return {name: json.dumps(value) for name, value in given.items()}


@contextmanager
def outside_of_tasks() -> Iterator[None]:
    """A task that waits for others gives its thread to them meanwhile."""
    if _core.running_task() is None:
        yield
        return
    _core.secede()
    try:
        yield
    finally:
        _core.rejoin()


def compute_on(
    client: Any, collections: Sequence[CollectionMixin], optimize: bool, wishes: dict[str, str]
) -> list[Any]:
    """The collections' results."""
    return _waiting(lambda: client._gather(client._futures(collections, optimize, wishes), "raise"))


def persist_on(
    client: Any, collections: Sequence[CollectionMixin], optimize: bool, wishes: dict[str, str]
) -> list[Any]:
    """The collections, with their blocks on the cluster."""
    kept: list[Any] = client._persist(collections, optimize, wishes)
    return kept


def _waiting(function: Callable[[], list[Any]]) -> list[Any]:
    with outside_of_tasks():
        return function()
