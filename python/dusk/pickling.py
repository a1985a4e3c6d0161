"""How expressions are pickled: as the layers that make their blocks."""

from __future__ import annotations

from typing import Any

from dusk import _core

__all__ = ["Finish", "load", "reduce"]


def reduce(expr: _core.Expr) -> tuple[Any, ...]:
    """What ``Expr.__reduce__`` returns.

    Blocks that are on a cluster stay there: the pickle names them by their keys, and the address
    of the scheduler.
    """
    link = _core.expr_link(expr)
    address = None
    if link is not None:
        from dusk.distributed.registry import client_of_link

        client = client_of_link(link)
        if client is None:
            raise TypeError(
                "[pickle] the client that has persisted this collection is gone, and its blocks "
                "with it"
            )
        address = client.scheduler_address
    return (load, (*_core.dump_expr(expr), address))


def load(header: bytes, buffers: list[Any], description: bytes, address: str | None) -> Any:
    """The expression of a pickle."""
    client = None
    if address is not None:
        from dusk.distributed.registry import client_for

        client = client_for(address)._core
    return _core.load_expr(header, buffers, description, client)


class Finish:
    """Makes the engine's result the user's, as a collection does; pickled without its graph."""

    __slots__ = ("collection",)

    def __init__(self, collection: Any) -> None:
        self.collection = collection

    def __call__(self, result: Any) -> Any:
        return self.collection._dusk_finalize(result)

    def __reduce__(self) -> tuple[Any, ...]:
        expr = _core.description_only(self.collection.expr)
        return (Finish, (self.collection._dusk_rebuild(expr),))
