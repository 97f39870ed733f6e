#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
#
# Compares the benchmarks of the working tree with those of another commit; see --help.
set -u

usage() {
    cat <<'END'
usage: benchmarks/compare.sh <commit> [--pairs N] [--rounds N] [--only NAME,...]

Builds benchmarks/hot_paths of the working tree and of <commit> (in build/compare), runs them in turn, and prints for
each row the ratio of the two figures, working tree / commit: median and quartiles over the pairs. A difference smaller
than the quartiles' distance is not resolved.

  --pairs N         how many pairs of runs (default 21)
  --rounds N        counted rounds of each row in a run (default 3)
  --only NAME,...   these rows (default: what an item, a start and a job cost where nothing is limited)

Exit code 0: no row's median is more than 3 % above the commit's; 1: one is.
END
}

commit="" pairs=21 rounds=3
only=sync_item,ready_awaitable_item,suspending_item,start_item,empty_job,progress_snapshot
while [ $# -gt 0 ]; do
    case "$1" in
        -h | --help) usage; exit 0 ;;
        --pairs | --rounds | --only)
            [ $# -ge 2 ] || { echo "$1 needs a value" >&2; exit 2; }
            declare "${1#--}=$2"
            shift ;;
        -*) usage >&2; exit 2 ;;
        *) commit="$1" ;;
    esac
    shift
done
[ -n "$commit" ] || { usage >&2; exit 2; }

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)" || exit 3
cd "$root" || exit 3
revision="$(git rev-parse --verify --quiet "$commit^{commit}")" || { echo "no commit $commit" >&2; exit 2; }
work="$root/build/compare"
mkdir -p "$work" || exit 3

# build <source folder> <build folder>
build() {
    cmake -S "$1" -B "$2" -G Ninja -DCMAKE_CXX_COMPILER=g++-12 -DCMAKE_BUILD_TYPE=Release \
        -DCMAKE_CXX_FLAGS_RELEASE="-O2 -DNDEBUG" -DBATCHPACE_BUILD_TESTS=OFF -DBATCHPACE_BUILD_EXAMPLES=OFF \
        >"$2.log" 2>&1 && cmake --build "$2" --target hot_paths >>"$2.log" 2>&1 || { tail -n 40 "$2.log" >&2; exit 3; }
}
source="$work/$revision"
if ! [ -d "$source" ]; then
    mkdir -p "$source" && git archive "$revision" | tar -x -C "$source" || exit 3
fi
echo "building both" >&2
build "$root" "$work/now" && build "$source" "$work/then"

# figure <build> <json>: "name measured" a row.
figures() {
    "$work/$1/benchmarks/hot_paths" --only "$only" --rounds "$rounds" --json "$work/$1.json" >/dev/null || exit 3
    sed 's/.*"name": "\([^"]*\)", "measured": \([^,]*\),.*/\1 \2/' "$work/$1.json"
}
: >"$work/ratios"
for pair in $(seq "$pairs"); do
    # Who goes first changes, so that a drift of the machine's speed favours nobody.
    if [ $((pair % 2)) -eq 0 ]; then
        now="$(figures now)" then="$(figures then)"
    else
        then="$(figures then)" now="$(figures now)"
    fi
    paste -d ' ' <(echo "$now") <(echo "$then") | awk '{print $1, $2 / $4}' >>"$work/ratios"
    printf '\r%d of %d pairs' "$pair" "$pairs" >&2
done
printf '\r' >&2

printf '%-31s %7s %9s %9s  %s\n' row median "lower qu." "upper qu." "working tree / $commit, $pairs pairs"
sort -k1,1 -k2,2g "$work/ratios" | awk '
    function row() {
        if (n == 0) return
        median = n % 2 ? r[(n + 1) / 2] : (r[n / 2] + r[n / 2 + 1]) / 2
        low = r[int((n + 3) / 4)]; high = r[int((3 * n + 1) / 4)]
        verdict = median > 1.03 ? (high - low > median - 1 ? "above 3 %, not resolved" : "WORSE") : "within 3 % or better"
        printf "%-31s %7.3f %9.3f %9.3f  %s\n", name, median, low, high, verdict
        if (verdict == "WORSE") worse = 1
    }
    $1 != name { row(); name = $1; n = 0 }
    { r[++n] = $2 }
    END { row(); exit worse }'
