#!/usr/bin/env bash
# The C++ tests under the address (with undefined behaviour) and the thread sanitizer.
set -euo pipefail
for preset in asan tsan; do
  DUSK_PRESET=$preset tools/build.sh
  ctest --test-dir "build/$preset" --output-on-failure -j2
done
