"""What users say about connections and tasks, in the engine's terms."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dusk import _core, config
from dusk.utils import parse_timedelta

__all__ = ["Where", "connection_options", "default_timeout", "requirements"]


@dataclass(frozen=True)
class Where:
    """A scheduler's address, and the files of its certificates."""

    address: str
    tls: tuple[str, str, str] | None


def default_timeout() -> float:
    """Seconds that connecting may take."""
    found = parse_timedelta(config.get("distributed.comm.timeouts.connect", "30s"))
    assert found is not None
    return found


def connection_options(
    address: Any,
    scheduler_file: str | None,
    security: Any,
    kwargs: dict[str, Any],
) -> tuple[Any, Where, bool]:
    """The cluster (or None), where its scheduler is, and whether it was started here."""
    if scheduler_file is not None and address is None:
        address = json.loads(Path(scheduler_file).read_text())["address"]
    if address is None:
        address = config.get("scheduler-address", None)
    cluster, own = None, False
    if address is None:
        from dusk.distributed import LocalCluster

        if security is not None:
            kwargs["security"] = security
        cluster = LocalCluster(**kwargs)
        own = True
    elif isinstance(address, str):
        if kwargs:
            raise ValueError(f"Unexpected keyword arguments: {sorted(kwargs)}")
    elif hasattr(address, "scheduler_address"):
        cluster = address
    else:
        raise TypeError(
            "Scheduler address must be a string or a Cluster instance, got "
            f"{type(address).__name__}"
        )
    if cluster is not None:
        address = cluster.scheduler_address
        security = security if security is not None else getattr(cluster, "security", None)
    if "://" not in address:
        address = f"tcp://{address}"
    return cluster, Where(address, _tls(security)), own


def _tls(security: Any) -> tuple[str, str, str] | None:
    """The client's certificates, from a Security object, a dictionary or the configuration."""
    if security is None or security is False:
        found = config.get("distributed.comm.tls", None) or {}
        client = found.get("client") or {}
        chosen = (
            found.get("ca-file"),
            client.get("cert") or found.get("cert"),
            client.get("key") or found.get("key"),
        )
    else:
        chosen = tuple(_of(security, f"tls_{n}") for n in ("ca_file", "client_cert", "client_key"))
    if not any(chosen):
        return None
    authority, certificate, key = (str(file or "") for file in chosen)
    return authority, certificate, key


def _of(security: Any, name: str) -> Any:
    return security.get(name) if isinstance(security, dict) else getattr(security, name, None)


def requirements(
    workers: Any, resources: Any, retries: int | None, allow_other_workers: bool
) -> _core.ClusterRequirements | None:
    """Where and how often a task may run; None for anywhere and once."""
    if workers is None and allow_other_workers:
        raise ValueError("Only use allow_other_workers= if using workers=")
    if workers is None and not resources and not retries:
        return None
    if isinstance(workers, str | int):
        workers = [workers]
    elif hasattr(workers, "address"):
        workers = [workers.address]
    named = [str(getattr(w, "address", w)) for w in workers or ()]
    if resources is not None and not isinstance(resources, dict):
        raise TypeError(f"[submit] resources must be a dict, got {type(resources).__name__}")
    amounts = {str(name): float(amount) for name, amount in (resources or {}).items()}
    if not isinstance(retries or 0, int) or (retries or 0) < 0:
        raise ValueError(f"[submit] retries must be a number of times, got {retries!r}")
    return _core.ClusterRequirements(amounts, named, bool(allow_other_workers), retries or 0)
