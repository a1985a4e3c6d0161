#!/usr/bin/env bash
# Installs the C++ library into an empty prefix, builds examples/cpp against the installed package
# alone, and runs the programs.
set -euo pipefail
DUSK_PRESET=release tools/build.sh dusk _core
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cmake --install build/release --prefix "$scratch/prefix" >/dev/null
cmake -S examples/cpp -B "$scratch/build" -G Ninja -DCMAKE_BUILD_TYPE=Release \
  -DCMAKE_PREFIX_PATH="$scratch/prefix" >/dev/null
cmake --build "$scratch/build"
for program in arrays frames; do "$scratch/build/$program" "${1:-demo-output/data}"; done
