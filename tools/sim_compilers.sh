#!/usr/bin/env bash
# Builds the simulator with both compilers and compares the traces of a few hundred seeds.
set -euo pipefail
preset=${DUSK_PRESET:-dev}
tools/build.sh dusk_sim_program
DUSK_PRESET=clang tools/build.sh dusk_sim_program
first=$(mktemp) second=$(mktemp)
trap 'rm -f "$first" "$second"' EXIT
"build/$preset/sim/dusk_sim" --seed 1 --count 300 --hash >"$first"
build/clang/sim/dusk_sim --seed 1 --count 300 --hash >"$second"
cmp "$first" "$second"
[ "$(wc -l <"$first")" = 300 ]
echo "sim: 300 seeds have one trace with both compilers"
