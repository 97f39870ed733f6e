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

. "$(dirname "${BASH_SOURCE[0]}")/setup.sh" || exit 3

install_packages g++ g++-12 cmake ninja-build libasio-dev || exit 3
build hot_paths || exit 3
exec "$logs/benchmarks/hot_paths" "$@"
