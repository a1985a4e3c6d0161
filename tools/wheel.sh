#!/usr/bin/env bash
# Builds the wheel for 3.11 and, where they are found, 3.12 and 3.13; lets it carry its own Arrow;
# installs it into an empty environment and runs it there.
set -euo pipefail
mkdir -p dist build/wheels

# find_python 3.12: an interpreter of that version that can make environments and has headers
find_python() {
  local candidate
  for candidate in "python$1" "${PYENV_ROOT:-$HOME/.pyenv}"/versions/"$1".*/bin/python; do
    if "$candidate" -c 'import os, sysconfig, venv, ensurepip
raise SystemExit(not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")))' 2>/dev/null; then
      echo "$candidate"
      return
    fi
  done
}

# quietly LOG command...: shows what a command printed only when it fails
quietly() {
  local log=$1
  shift
  "$@" >"$log" 2>&1 || { tail -n 40 "$log"; echo "failed: $* (whole output in $log)"; exit 1; }
}

# The environment to build in stays where it is, so that compiler caches know its headers again.
wheel_for() {
  local version=$1 python=$2 folder=$PWD/build/wheels/$1 build empty arrow
  build=$folder/build empty=$folder/empty
  [ -x "$build/bin/python" ] || "$python" -m venv "$build"
  "$build/bin/pip" install -q --disable-pip-version-check -r requirements/wheel.txt
  PATH="$build/bin:$PATH" quietly "$folder/build.log" \
    "$build/bin/python" -m build --wheel --no-isolation -o "$folder/raw" .
  arrow=$("$build/bin/python" -c 'import os, pyarrow; print(os.path.dirname(pyarrow.__file__))')
  PATH="$build/bin:$PATH" LD_LIBRARY_PATH=$arrow quietly "$folder/repair.log" \
    "$build/bin/auditwheel" repair -w dist "$folder"/raw/*.whl
  "$python" -m venv --clear "$empty"
  "$empty/bin/pip" install -q --disable-pip-version-check dist/dusk-*"cp${version/./}"*.whl
  (cd "$folder" && "$empty/bin/python" "$OLDPWD/tools/wheel_smoke.py")
}

for version in ${*:-3.11 3.12 3.13}; do
  python=$(find_python "$version")
  if [ -z "$python" ]; then
    echo "no Python $version here"
    continue
  fi
  echo "wheel for Python $version"
  wheel_for "$version" "$python"
done
ls -l dist
