#!/usr/bin/env bash
# Installs the C++ library into an empty prefix, builds examples/cpp against the installed package
# alone, and runs the programs on the demo's data.
set -euo pipefail
preset=${DUSK_PRESET:-dev}
tools/build.sh
.venv/bin/python -c 'import sys; sys.path.insert(0, "examples/demo"); import data, pathlib
data.prepare(pathlib.Path("demo-output/data"))'
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cmake --install "build/$preset" --prefix "$scratch/prefix" >/dev/null
cmake -S examples/cpp -B "$scratch/build" -G Ninja -DCMAKE_BUILD_TYPE=Release \
  -DCMAKE_PREFIX_PATH="$scratch/prefix" >/dev/null
cmake --build "$scratch/build" >/dev/null
for program in arrays frames cluster; do "$scratch/build/$program" demo-output/data; done
