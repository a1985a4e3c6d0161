"""Names that Dask has and Dusk does not have yet."""

from __future__ import annotations

MISSING: dict[str, frozenset[str]] = {
    "dusk": frozenset(
        {"Expr", "HLGExpr", "LLGExpr", "SingletonExpr", "bag", "datasets", "distributed"}
        | {"get", "istask", "threaded", "multiprocessing", "graph_manipulation", "cache"}
    ),
    "dusk.diagnostics": frozenset(
        {"Profiler", "ResourceProfiler", "CacheProfiler", "Callback", "visualize"}
    ),
}


def missing_name(module: str, name: str) -> Exception:
    """The error for ``module.name``: NotImplementedError for Dask's names, else AttributeError."""
    if name in MISSING.get(module, frozenset()):
        return NotImplementedError(
            f"{module}.{name} does not exist in Dusk yet; docs/status.md lists what does"
        )
    return AttributeError(f"module {module!r} has no attribute {name!r}")
