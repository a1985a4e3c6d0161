#!/usr/bin/env bash
# Configures (once) and builds the preset; several callers queue up.
set -euo pipefail
preset=${DUSK_PRESET:-dev}
mkdir -p build
exec 9>build/.lock
flock 9
if [ ! -f "build/$preset/build.ninja" ]; then
  rm -rf "build/$preset"
  cmake --preset "$preset" >"build/configure-$preset.log" 2>&1 || { cat "build/configure-$preset.log"; exit 1; }
fi
ninja -C "build/$preset" "$@"
