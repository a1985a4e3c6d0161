#!/usr/bin/env bash
# The C++ tests under the address (with undefined behaviour) and the thread sanitizer; with --long
# also many runs of every fuzz target from fresh seeds.
set -euo pipefail
export TSAN_OPTIONS="suppressions=$PWD/tools/tsan.supp"
for preset in asan tsan; do
  DUSK_PRESET=$preset tools/build.sh
  ctest --test-dir "build/$preset" --output-on-failure -j2
  if [ "${1:-}" = --long ]; then
    for target in build/"$preset"/fuzz/dusk_fuzz_*; do "$target" 200000 "$RANDOM"; done
  fi
done
