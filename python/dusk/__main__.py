"""``python -m dusk``: the same as the ``dusk`` command."""

from dusk.cli import main

if __name__ == "__main__":
    main()
