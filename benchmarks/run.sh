#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
#
# Builds the benchmarks on Debian 12 and runs them; see --help.
set -u

usage() {
    cat <<'END'
usage: benchmarks/run.sh [<argument for hot_paths>...]

Installs what is missing (Debian packages, as root or with sudo), builds benchmarks/hot_paths as the preset `release`
does (g++-12 -O2) and runs it: a table of what was measured against its budget. It takes about a minute, and wants two
cores that do nothing else.

  --json FILE       one line a row: name, measured, budget, unit, met, median, min, rounds
  --only NAME,...   these rows only
  --rounds N        counted rounds of each row
  --strict          exit code 1 where a budget is missed
  --long            10^9 items beside the host's timer
  --list            the rows and what they measure
  --smoke           a moment, to see that every row gives a figure

Logs are in build/release/benchmarks-*.log.
END
}

for argument in "$@"; do
    case "$argument" in -h | --help) usage; exit 0 ;; esac
done

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)" || exit 3
logs="$root/build/release"

# logged <log> <command>...: shows the log's end where the command fails.
logged() {
    local log="$logs/benchmarks-$1.log"
    shift
    "$@" >"$log" 2>&1 </dev/null && return 0
    tail -n 40 "$log" >&2
    echo "FAILED: $*, see $log" >&2
    return 1
}

# As in tests/run.sh, of whose packages this needs only a few.
install_packages() {
    if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
        echo "No Debian here: taking the tools as they are." >&2
        return 0
    fi
    local missing=() package
    for package in g++ g++-12 cmake ninja-build libasio-dev; do
        [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
    done
    [ "${#missing[@]}" -eq 0 ] && return 0

    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null; then
            echo "Missing: ${missing[*]}. Install them as root:  apt-get install ${missing[*]}" >&2
            return 1
        fi
        # It may ask for a password, on the terminal and not in the log.
        sudo -v || return 1
        as_root=(sudo)
    fi
    echo "Installing with apt: ${missing[*]}" >&2
    local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300)
    # Where the lists cannot be fetched, those already there may do.
    logged packages "${apt[@]}" update || echo "Going on with the lists there are." >&2
    logged packages "${apt[@]}" install -y --no-install-recommends "${missing[@]}"
}

build() {
    cd "$root" || return 1
    # A build folder that was copied or moved with its tree is of no use to CMake.
    local home fresh=()
    home="$(sed -n 's/^CMAKE_HOME_DIRECTORY:INTERNAL=//p' build/release/CMakeCache.txt 2>/dev/null)"
    if [ -n "$home" ] && ! [ "$home" -ef . ]; then fresh=(--fresh); fi
    # ccache fails where it cannot write, and then so does the compiler behind it.
    if [ -z "${CCACHE_DIR:-}" ] && ! [ -w "${HOME:-/nonexistent}" ]; then export CCACHE_DIR="$root/build/ccache"; fi
    logged configure cmake --preset release "${fresh[@]}" &&
        logged build cmake --build --preset release --target hot_paths
}

mkdir -p "$logs" || exit 3
install_packages || exit 3
(build) || exit 3
exec "$logs/benchmarks/hot_paths" "$@"
