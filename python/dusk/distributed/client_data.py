"""What clients do with data: gather, scatter, replicate."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from dusk.distributed.future import Future, futures_of
from dusk.distributed.nested import SKIPPED, collect
from dusk.distributed.waiting import in_thread, settled
from dusk.tokens import tokenize

if TYPE_CHECKING:
    from dusk import _core

__all__ = ["DataMethods"]

_turns = itertools.count()


class DataMethods:
    """The part of :class:`Client` that moves data."""

    if TYPE_CHECKING:
        _core: _core.ClusterClient
        _asynchronous: bool

        def _call(self, function: Any, *args: Any, asynchronous: bool | None = None) -> Any: ...
        def _facts(self) -> dict[str, Any]: ...

    def gather(
        self,
        futures: Any,
        errors: str = "raise",
        direct: bool | None = None,
        asynchronous: bool | None = None,
    ) -> Any:
        """The results of futures, in the containers in which they are.

        Parameters
        ----------
        futures
            A future, or lists, tuples, sets and dictionaries with futures; an iterator of futures
            gives an iterator.
        errors : {"raise", "skip"}
            Raise the first error, or leave out what failed.
        direct
            Accepted: results always come from the workers that hold them.

        Examples
        --------
        >>> client.gather(client.map(len, ["a", "bb"]))  # doctest: +SKIP
        [1, 2]
        """
        if errors not in ("raise", "skip"):
            raise ValueError(f"[gather] errors must be 'raise' or 'skip', not {errors!r}")
        if isinstance(futures, Iterator):
            return (self.gather(f, errors=errors) for f in futures)
        if self._asynchronous if asynchronous is None else asynchronous:
            return self._gather_async(futures, errors)
        return self._gather(futures, errors)

    def _gather(self, futures: Any, errors: str) -> Any:
        skip = errors == "skip"
        if type(futures) is list and not skip and set(map(type, futures)) == {Future}:
            return self._core.gather(futures, None, False, None)
        found, fill = collect(futures)
        return fill(self._core.gather(found, None, skip, SKIPPED) or [])

    async def _gather_async(self, futures: Any, errors: str) -> Any:
        found, _ = collect(futures)
        await settled(found, stop_at_failure=errors == "raise")
        return await in_thread(self._gather, futures, errors)

    def scatter(
        self,
        data: Any,
        workers: Any = None,
        broadcast: bool = False,
        direct: bool | None = None,
        hash: bool = True,
        timeout: Any = None,
        asynchronous: bool | None = None,
    ) -> Any:
        """Puts data on workers.

        Arrays, pandas objects and Arrow tables leave from where they are, without a second copy;
        do not change them before this returns.

        Parameters
        ----------
        data
            A list, tuple or set of values, a dictionary of names and values, or one value.
        workers : str or list of str, optional
            Where to; all workers take turns by default.
        broadcast : bool, default False
            Put each value on all of them.
        hash : bool, default True
            Whether equal values get one key.

        Returns
        -------
        Futures in a container like `data`, or one future.
        """
        return self._call(
            self._scatter, data, workers, broadcast, hash, timeout, asynchronous=asynchronous
        )

    def _scatter(self, data: Any, workers: Any, broadcast: bool, hash: bool, timeout: Any) -> Any:
        chosen = self._workers(workers, timeout)
        if isinstance(data, dict):
            return {name: self._put(str(name), v, chosen, broadcast) for name, v in data.items()}
        if isinstance(data, Iterator):
            return (self._put(_key(v, hash), v, chosen, broadcast) for v in data)
        if type(data) in (list, tuple, set, frozenset):
            return type(data)([self._put(_key(v, hash), v, chosen, broadcast) for v in data])
        if isinstance(data, range):
            return [self._put(_key(v, hash), v, chosen, broadcast) for v in data]
        return self._put(_key(data, hash), data, chosen, broadcast)

    def _put(
        self, key: str, value: Any, workers: list[tuple[int, str]], broadcast: bool
    ) -> Future[Any]:
        where = workers if broadcast else [workers[next(_turns) % len(workers)]]
        made: Future[Any] = self._core.scatter(key, value, where)
        return made

    def _workers(self, wanted: Any = None, timeout: Any = None) -> list[tuple[int, str]]:
        """(id, address) of workers; waits for the first when the cluster has none yet."""
        if not self._facts()["workers"]:
            from dusk.distributed.options import default_timeout
            from dusk.utils import parse_timedelta

            seconds = default_timeout() if timeout is None else parse_timedelta(timeout)
            self._wait_for_workers(1, seconds)  # type: ignore[attr-defined]
        found = self._facts()["workers"]
        if wanted is None:
            return [(facts["id"], address) for address, facts in found.items()]
        names = [wanted] if isinstance(wanted, str | int) else list(wanted)
        chosen = []
        for name in map(str, names):
            matching = [
                (facts["id"], address)
                for address, facts in found.items()
                if name in (address, str(facts["name"]), facts["host"])
            ]
            if not matching:
                raise ValueError(
                    f"No valid workers found: there is no {name!r} among {list(found)}"
                )
            chosen += matching
        return chosen

    def replicate(
        self,
        futures: Any,
        n: int | None = None,
        workers: Any = None,
        branching_factor: int = 2,
        **kwargs: Any,
    ) -> Any:
        """Makes `n` copies of results (one on every worker by default)."""
        return self._call(self._replicate, futures, n, workers)

    def _replicate(self, futures: Any, n: int | None, workers: Any) -> None:
        found = futures_of(futures)
        if n is not None and n < 1:
            raise ValueError(f"Can not use replicate to delete data: n must be 1 or more, got {n}")
        chosen = self._workers(workers)
        self._core.wait(found, True, None)
        self._core.replicate(found, n or 0, [worker for worker, _ in chosen])
        wanted = min(n or len(chosen), len(chosen))
        self._until(lambda: all(len(h) >= wanted for h in self._holders(found).values()))

    def rebalance(self, futures: Any = None, workers: Any = None, **kwargs: Any) -> Any:
        """Moves results so that workers hold about as much each."""
        return self._call(self._rebalance, futures, workers)

    def _rebalance(self, futures: Any, workers: Any) -> None:
        found = [] if futures is None else futures_of(futures)
        if found:
            self._core.wait(found, True, None)
        ids = [] if workers is None else [worker for worker, _ in self._workers(workers)]
        self._core.rebalance(found, ids)

    def retire_workers(self, workers: Any = None, close_workers: bool = True, **kwargs: Any) -> Any:
        """Lets workers go after what they alone hold has been copied to others.

        Parameters
        ----------
        workers : str or list of str
            Addresses, names or hosts.

        Returns
        -------
        dict
            What was known about each, by address.
        """
        if workers is None:
            raise ValueError("[retire_workers] say which workers: addresses, names or hosts")
        return self._call(self._retire_workers, workers)

    def _retire_workers(self, workers: Any) -> dict[str, Any]:
        facts = self._facts()["workers"]
        chosen = self._workers(workers)
        for worker, _ in chosen:
            self._core.retire(worker)
        ids = {worker for worker, _ in chosen}
        self._until(lambda: not ids & {w["id"] for w in self._facts()["workers"].values()})
        return {address: facts[address] for _, address in chosen}

    if TYPE_CHECKING:

        def _until(self, condition: Any, timeout: float | None = None) -> bool: ...
        def _holders(self, futures: list[Future[Any]]) -> dict[str, list[str]]: ...


def _key(value: Any, hashed: bool) -> str:
    name = type(value).__name__
    return f"{name}-{tokenize(value) if hashed else uuid.uuid4().hex}"
