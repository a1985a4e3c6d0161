"""Which clients this process has, and which of them is meant when none is named."""

from __future__ import annotations

import atexit
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dusk.distributed.client import Client

__all__ = ["client_for", "client_of", "current_client", "default_client"]

_lock = threading.Lock()
_by_link: weakref.WeakValueDictionary[int, Client] = weakref.WeakValueDictionary()
_defaults: list[weakref.ref[Client]] = []  # the newest is last
_current: ContextVar[Client | None] = ContextVar("dusk_client", default=None)
_by_address: dict[str, Client] = {}  # those that client_for() made


def register(client: Client, as_default: bool) -> None:
    """Makes a new client known."""
    with _lock:
        _by_link[client._core.link] = client
        if as_default:
            _defaults.append(weakref.ref(client))


def forget(client: Client) -> None:
    """Undoes `register`; the default is the one before again."""
    with _lock:
        _defaults[:] = [r for r in _defaults if r() is not None and r() is not client]
        for address in [a for a, c in _by_address.items() if c is client]:
            del _by_address[address]


def client_of(future: Any) -> Client | None:
    """The client that made a future, while it exists."""
    return client_of_link(future.link)


def client_of_link(link: int) -> Client | None:
    """The client of a connection, while it exists."""
    return _by_link.get(link)


@contextmanager
def as_current(client: Client) -> Iterator[Client]:
    """Makes `client` the current one of this thread and its coroutines."""
    token = _current.set(client)
    try:
        yield client
    finally:
        _current.reset(token)


def current_client(allow_global: bool = True) -> Client | None:
    """The client of the innermost ``as_current``, else the default one."""
    client = _current.get()
    if client is not None:
        return client
    if allow_global:
        with _lock:
            for reference in reversed(_defaults):
                client = reference()
                if client is not None and client.status == "running":
                    return client
    return None


def default_client(c: Client | None = None) -> Client:
    """`c`, or the current client.

    Raises
    ------
    ValueError
        When there is none.
    """
    c = c or current_client()
    if c is None:
        raise ValueError(
            "No clients found\n"
            "Start a client and point it to the scheduler address\n"
            "  from dusk.distributed import Client\n"
            "  client = Client('ip-addr-of-scheduler:8786')\n"
        )
    return c


def client_for(address: str) -> Client:
    """A client of the scheduler at `address`: the task's, the current one, or one of its own."""
    from dusk import _core
    from dusk.distributed.client import Client

    if _core.running_task() is not None:
        from dusk.distributed.worker import get_worker

        worker = get_worker()
        if address == worker.scheduler_address:
            found: Client = worker._get_client()
            return found
    client = current_client()
    if client is not None and address == client.scheduler_address:
        return client
    with _lock:
        client = _by_address.get(address)
    if client is not None and client.status == "running":
        return client
    client = Client(address, set_as_default=False)
    with _lock:
        return _by_address.setdefault(address, client)


@atexit.register
def _close_all() -> None:
    for client in list(_by_link.values()):
        client._end()
