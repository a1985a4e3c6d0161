"""Certificates that the processes of a cluster show each other."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import weakref
from pathlib import Path
from typing import Any

from dusk import config

__all__ = ["Security"]

_ROLES = ("scheduler", "worker", "client")


class Security:
    """TLS for a cluster: who shows a certificate of the authority belongs to it.

    Parameters
    ----------
    tls_ca_file : str, optional
        The authority's certificate (PEM file).
    tls_scheduler_cert, tls_worker_cert, tls_client_cert : str, optional
        Each role's certificate.
    tls_scheduler_key, tls_worker_key, tls_client_key : str, optional
        Each role's private key.
    require_encryption : bool, optional
        Whether only ``tls://`` is used.
    tls_ciphers, tls_min_version, tls_max_version, extra_conn_args
        Accepted, without effect: connections are TLS 1.3.

    What is left out comes from the configuration (``distributed.comm.tls``).

    Examples
    --------
    >>> from dusk.distributed import Security
    >>> Security(tls_ca_file="ca.pem").tls_ca_file
    'ca.pem'
    """

    def __init__(self, require_encryption: bool | None = None, **files: Any) -> None:
        self.require_encryption = require_encryption
        for ignored in ("tls_ciphers", "tls_min_version", "tls_max_version", "extra_conn_args"):
            files.pop(ignored, None)
        self.tls_ca_file = files.pop(
            "tls_ca_file", config.get("distributed.comm.tls.ca-file", None)
        )
        for role in _ROLES:
            for kind in ("cert", "key"):
                name = f"tls_{role}_{kind}"
                default = config.get(f"distributed.comm.tls.{role}.{kind}", None)
                setattr(self, name, files.pop(name, default))
        if files:
            raise TypeError(f"Invalid keyword arguments: {', '.join(sorted(files))}")

    @classmethod
    def temporary(cls, **kwargs: Any) -> Security:
        """A new authority and one certificate for all roles, in files that go with the object.

        Raises
        ------
        NotImplementedError
            There is no ``openssl`` program on this machine.
        """
        program = shutil.which("openssl")
        if program is None:
            raise NotImplementedError(
                "[Security.temporary] it needs the openssl program; give certificates of your own"
            )
        directory = Path(tempfile.mkdtemp(prefix="dusk-tls-"))
        try:
            _make_certificates(program, directory)
        except BaseException:
            shutil.rmtree(directory, ignore_errors=True)
            raise
        files = {f"tls_{role}_cert": str(directory / "own.pem") for role in _ROLES}
        files |= {f"tls_{role}_key": str(directory / "own.key") for role in _ROLES}
        made = cls(
            **{"require_encryption": True, **kwargs, **files}, tls_ca_file=str(directory / "ca.pem")
        )
        weakref.finalize(made, shutil.rmtree, directory, ignore_errors=True)
        return made

    def tls(self, role: str) -> tuple[str, str, str] | None:
        """The files of a role (authority, certificate, key); None when there are none.

        Raises
        ------
        ValueError
            Some of them are missing.
        """
        names = ("tls_ca_file", f"tls_{role}_cert", f"tls_{role}_key")
        files = tuple(getattr(self, name) for name in names)
        if not any(files):
            return None
        missing = [name for name, file in zip(names, files, strict=True) if not file]
        if missing:
            raise ValueError(f"[Security] {', '.join(missing)} must be given too")
        authority, certificate, key = (str(file) for file in files)
        return authority, certificate, key

    def __repr__(self) -> str:
        given = ", ".join(f"{k}={v!r}" for k, v in vars(self).items() if v is not None)
        return f"Security({given})"


def _make_certificates(program: str, directory: Path) -> None:
    """``ca.pem``, and ``own.pem`` with ``own.key``, valid for a year."""
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "365"]

    def run(*words: str) -> None:
        done = subprocess.run([program, *words], cwd=directory, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"[Security.temporary] openssl failed: {done.stderr.strip()}")

    run("req", "-x509", *curve, "-subj", "/CN=dusk-ca", "-keyout", "ca.key", "-out", "ca.pem")
    run("req", "-new", *curve[:-2], "-subj", "/CN=dusk", "-keyout", "own.key", "-out", "own.csr")
    signed = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "365"]
    run("x509", "-req", "-in", "own.csr", *signed, "-out", "own.pem")
    for name in ("ca.key", "own.csr"):
        (directory / name).unlink()
