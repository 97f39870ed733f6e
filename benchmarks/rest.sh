#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
#
# Builds examples/annotation_server on Debian 12 and measures its API under load; see --help.
set -u

usage() {
    cat <<'END'
usage: benchmarks/rest.sh [--json FILE] [--rounds N] [--seconds N] [--streams N]

Installs what is missing (Debian packages, as root or with sudo), builds examples/annotation_server as the preset
`release` does (g++-12 -O2) and loads it, on one thread, from this machine:

  status_requests      requests a second for a running job's status (wrk, 64 connections)
  status_against_node  the same against a bare node:http server that answers with the same bytes, in turns
  status_p99           99 of 100 of those requests are answered within
  start_100k           a start of 100,000 ids is answered within
  start_100k_memory    what the process grew by at the most meanwhile, in sizes of the body
  event_streams_wrong  of 1,000 event streams of one job, those that did not hear every milestone and the finish once
  event_streams_idle   processor time while 1,000 streams hear nothing

It takes about two minutes and wants two cores that do nothing else. Exit code: 0 all budgets met, 1 one missed,
3 it could not be measured.
END
}

for argument in "$@"; do
    case "$argument" in -h | --help) usage; exit 0 ;; esac
done

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)" || exit 3
logs="$root/build/release"
mkdir -p "$logs" || exit 3

# logged <log> <command>...: shows the log's end where the command fails.
logged() {
    local log="$logs/benchmarks-$1.log"
    shift
    "$@" >"$log" 2>&1 </dev/null && return 0
    tail -n 40 "$log" >&2
    echo "FAILED: $*, see $log" >&2
    return 1
}

install_packages() {
    if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
        echo "No Debian here: taking the tools as they are." >&2
        return 0
    fi
    local missing=() package
    for package in g++ g++-12 cmake ninja-build libasio-dev libboost1.81-dev nlohmann-json3-dev prometheus-cpp-dev \
        libcli11-dev libssl-dev wrk; do
        [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
    done
    command -v node >/dev/null || missing+=(nodejs)
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
        logged build cmake --build --preset release --target annotation_server
}

install_packages || exit 3
(build) || exit 3
ulimit -n "$(ulimit -Hn)" 2>/dev/null
exec node "$root/benchmarks/rest/load.mjs" --server "$logs/examples/annotation_server/annotation_server" "$@"
