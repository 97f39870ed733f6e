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

. "$(dirname "${BASH_SOURCE[0]}")/setup.sh" || exit 3

node=()
command -v node >/dev/null || node=(nodejs)
install_packages g++ g++-12 cmake ninja-build libasio-dev libboost1.81-dev nlohmann-json3-dev prometheus-cpp-dev \
    libcli11-dev libssl-dev wrk "${node[@]}" || exit 3
build annotation_server || exit 3
ulimit -n "$(ulimit -Hn)" 2>/dev/null
exec node "$root/benchmarks/rest/load.mjs" --server "$logs/examples/annotation_server/annotation_server" "$@"
