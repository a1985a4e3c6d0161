"""Writes distributed_signatures.json; run where Dask is installed and Dusk is not needed."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any


def signatures(module: Any) -> dict[str, list[list[str]]]:
    """Parameters as (name, kind, default) of the public functions and methods of a module."""
    found = {}
    for name in sorted(module.__all__):
        obj = getattr(module, name)
        if inspect.isfunction(obj):
            found[name] = parameters(obj)
        elif name in ("Client", "Future", "as_completed", "LocalCluster"):
            for method in ["__init__", *sorted(n for n in dir(obj) if not n.startswith("_"))]:
                function = inspect.getattr_static(obj, method)
                if isinstance(function, classmethod | staticmethod):
                    function = function.__func__
                if inspect.isfunction(function):
                    found[f"{name}.{method}"] = parameters(function)
    return found


def parameters(function: Any) -> list[list[str]]:
    """(name, kind, default as text) of each parameter."""
    return [
        [p.name, p.kind.name, "" if p.default is p.empty else repr(p.default)]
        for p in inspect.signature(function).parameters.values()
    ]


if __name__ == "__main__":
    import distributed

    path = Path(__file__).parent / "distributed_signatures.json"
    lines = [f'  "{k}": {json.dumps(v)}' for k, v in signatures(distributed).items()]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")
