#!/usr/bin/env bash
# Everything Dusk needs on a bare Debian 12: system packages, then .venv from the lock file.
# A second run only compares stamps.
set -euo pipefail

packages=(g++ cmake ninja-build ccache mold libgtest-dev libbenchmark-dev libsleef-dev libxxhash-dev
          libssl-dev libcli11-dev nlohmann-json3-dev
          patchelf clang clang-format clang-tidy git)
missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q "install ok installed" || missing+=("$package")
done

find_python() {
  local candidate
  for candidate in python3.11 /usr/bin/python3.11 python3; do
    if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null \
        && "$candidate" -c 'import os, sysconfig, sys; sys.exit(not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")))'; then
      command -v "$candidate"
      return
    fi
  done
}
[ -n "$(find_python)" ] || missing+=(python3 python3-venv python3-dev)

if [ ${#missing[@]} -gt 0 ]; then
  as_root=()
  [ "$(id -u)" = 0 ] || as_root=(sudo)
  echo "installing ${missing[*]}"
  "${as_root[@]}" apt-get update -qq
  DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

# environment FOLDER LOCK: a virtual environment with just what LOCK pins
environment() {
  local stamp
  stamp=$(sha256sum "$2" | cut -d' ' -f1)
  [ "$(cat "$1/.stamp" 2>/dev/null)" = "$stamp" ] && return
  echo "installing $2 into $1"
  [ -x "$1/bin/python" ] || "$(find_python)" -m venv "$1"
  "$1/bin/python" -m pip install -q --disable-pip-version-check --no-deps -r "$2"
  echo "$stamp" >"$1/.stamp"
}
environment .venv requirements/dev.lock
printf '%s\n' "$PWD/python" >.venv/lib/python3.11/site-packages/dusk.pth
if [ "${1:-}" = --peers ]; then environment .venv-peers requirements/peers.lock; fi
