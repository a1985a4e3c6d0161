"""The ``dusk`` command of a Python installation: scheduler and workers of clusters.

Options are Dask's. Underscores are read as dashes; spellings that older texts print are accepted
with a warning.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import warnings
from collections.abc import Sequence

__all__ = ["main"]

_COMMANDS = {
    "scheduler": "start a scheduler",
    "worker": "start workers that join a scheduler",
}
_OLD = {"--nprocs": "--nworkers", "--n-workers": "--nworkers", "--num-workers": "--nworkers"}


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs a command; ends with its exit status."""
    words = _modern(list(sys.argv[1:] if arguments is None else arguments))
    parser = argparse.ArgumentParser("dusk", description="Clusters of Dusk.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, text in _COMMANDS.items():
        command = commands.add_parser(name, help=text, description=text.capitalize() + ".")
        importlib.import_module(f"dusk.cli.{name}").add_options(command)
    given, unknown = parser.parse_known_args(words)
    module = importlib.import_module(f"dusk.cli.{given.command}")
    if unknown:
        commands.choices[given.command].error(f"unknown options: {' '.join(unknown)}")
    try:
        sys.exit(module.run(given, words[1:]))
    except (ValueError, OSError, RuntimeError, NotImplementedError) as error:
        sys.exit(f"dusk {given.command}: {error}")


def _modern(words: list[str]) -> list[str]:
    """The words with today's names of options."""
    modern = []
    for word in words:
        if word.startswith("--"):
            name, equals, value = word.partition("=")
            name = name.replace("_", "-")
            if name in _OLD:
                warnings.warn(f"{name} is called {_OLD[name]} now", DeprecationWarning)
                name = _OLD[name]
            word = f"{name}{equals}{value}"
        modern.append(word)
    return modern
