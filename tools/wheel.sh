#!/usr/bin/env bash
# Builds the wheel for 3.11 and, where they are found, 3.12 and 3.13; lets it carry its own Arrow;
# installs it into an empty environment and runs it there.
set -euo pipefail
mkdir -p dist
for version in 3.11 3.12 3.13; do
  python=$(command -v "python$version" || true)
  [ -n "$python" ] && "$python" -c 'import venv, ensurepip' 2>/dev/null || continue
  scratch=$(mktemp -d)
  trap 'rm -rf "$scratch"' EXIT
  echo "wheel for Python $version"
  "$python" -m venv "$scratch/build"
  "$scratch/build/bin/pip" install -q --disable-pip-version-check -r requirements/wheel.txt
  PATH="$scratch/build/bin:$PATH" "$scratch/build/bin/python" -m build -q --wheel --no-isolation -o "$scratch/raw" .
  arrow=$("$scratch/build/bin/python" -c 'import os, pyarrow; print(os.path.dirname(pyarrow.__file__))')
  PATH="$scratch/build/bin:$PATH" LD_LIBRARY_PATH=$arrow "$scratch/build/bin/auditwheel" repair \
    -w dist "$scratch"/raw/*.whl >/dev/null
  "$python" -m venv "$scratch/empty"
  "$scratch/empty/bin/pip" install -q --disable-pip-version-check dist/dusk-*"cp${version/./}"*.whl
  (cd "$scratch" && "$scratch/empty/bin/python" "$OLDPWD/tools/wheel_smoke.py")
  rm -rf "$scratch"
done
ls -l dist
