#!/usr/bin/env bash
# All tests and checks; --long adds the slow ones (the wheel in empty environments).
set -euo pipefail
long=0
[ "${1:-}" = --long ] && long=1

tools/build.sh
tools/check.sh
[ "$long" = 1 ] && export DUSK_SIM_MINUTES=10
ctest --test-dir "build/${DUSK_PRESET:-dev}" --output-on-failure -j2
tools/sim_compilers.sh
tools/cpp_package.sh
DUSK_LONG=$long .venv/bin/python -m pytest -q -n 2 python/tests
if [ "$long" = 1 ]; then
  tools/wheel.sh
fi
