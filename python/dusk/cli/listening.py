"""Options about addresses and certificates that both commands have."""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from pathlib import Path

__all__ = ["add_options", "listen_address", "tls_of", "write_file"]


def add_options(parser: argparse.ArgumentParser) -> None:
    """``--host``, ``--protocol``, ``--tls-*``, ``--pid-file``, ``--scheduler-file``..."""
    parser.add_argument("--host", help="name or number of this machine to listen on")
    parser.add_argument("--protocol", default="tcp", help="tcp, tls or unix (default: tcp)")
    parser.add_argument("--tls-ca-file", metavar="FILE", help="the cluster's authority (PEM)")
    parser.add_argument("--tls-cert", metavar="FILE", help="this process's certificate (PEM)")
    parser.add_argument("--tls-key", metavar="FILE", help="its key (PEM)")
    parser.add_argument("--pid-file", metavar="FILE", help="gets this process's number")
    parser.add_argument("--scheduler-file", metavar="FILE", help="JSON with the address")
    for ignored in ("--dashboard-address", "--dashboard-prefix", "--interface"):
        parser.add_argument(ignored, help=argparse.SUPPRESS)
    for ignored in ("--dashboard", "--no-dashboard"):
        parser.add_argument(ignored, action="store_true", help=argparse.SUPPRESS)


def tls_of(given: argparse.Namespace) -> tuple[str, str, str] | None:
    """The three files, or None.

    Raises
    ------
    ValueError
        Some are missing.
    """
    files = (given.tls_ca_file, given.tls_cert, given.tls_key)
    if all(files):
        return files
    if any(files) or given.protocol.startswith("tls"):
        raise ValueError("TLS needs --tls-ca-file, --tls-cert and --tls-key")
    return None


def listen_address(given: argparse.Namespace, port: int, name: str) -> str:
    """Where to listen. Only on this machine unless ``--host`` says otherwise."""
    if given.interface:
        raise NotImplementedError("--interface does not exist here; give the address by --host")
    scheme = given.protocol.removesuffix("://")
    if scheme == "unix":
        path = given.host or os.path.join(tempfile.gettempdir(), f"dusk-{os.getpid()}-{name}.sock")
        return f"unix://{path}"
    if scheme not in ("tcp", "tls"):
        raise ValueError(f"--protocol must be tcp, tls or unix, got {given.protocol!r}")
    host = given.host or "127.0.0.1"
    host = host.split("://")[-1]
    return f"{scheme}://{f'[{host}]' if ':' in host and '[' not in host else host}:{port}"


def write_file(path: str | None, text: str) -> None:
    """Writes a file whole or not at all; nothing without a path."""
    if path is None:
        return
    draft = Path(f"{path}.{os.getpid()}")
    draft.write_text(text)
    draft.replace(path)


def scheduler_json(address: str) -> str:
    """The contents of a scheduler file."""
    return json.dumps({"type": "Scheduler", "address": address, "pid": os.getpid()}, indent=2)
