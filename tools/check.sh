#!/usr/bin/env bash
# Format, lint, types, layers, headers that compile alone; then the largest files and functions.
set -euo pipefail
mapfile -t cxx < <(git ls-files 'src/*.h' 'src/*.cc' 'python/bindings/*.h' 'python/bindings/*.cc' 'examples/*.cc' 'tests/*.h' 'tests/*.cc' \
  'fuzz/*.h' 'fuzz/*.cc' 'sim/*.h' 'sim/*.cc')
clang-format --dry-run -Werror "${cxx[@]}"
.venv/bin/ruff check python tools benchmarks examples
.venv/bin/ruff format --check python tools benchmarks examples
.venv/bin/mypy
.venv/bin/python tools/check_layers.py
.venv/bin/python tools/check_text.py
.venv/bin/python tools/check_headers.py
if [ "${1:-}" = --tidy ]; then
  # Not kernels/array: it is written in vector extensions and types that this clang does not know.
  git ls-files 'src/*.cc' | grep -v -e _bench.cc -e kernels/array/ |
    xargs -P "$(nproc)" -n 4 clang-tidy -p "build/${DUSK_PRESET:-dev}" --quiet --extra-arg=-w
fi
if [ -e python/dusk/dataframe ]; then .venv/bin/python tools/status.py --check; fi
.venv/bin/python tools/largest.py
