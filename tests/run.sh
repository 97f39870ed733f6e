#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
#
# Builds batchpace and runs its tests on Debian 12; see --help.
set -u

usage() {
    cat <<'END'
usage: tests/run.sh [--quick] [<preset>...] [-- <arguments for ctest>...]

Installs what is missing (Debian packages, as root or with sudo), builds and runs:

  release   most tests, the examples, the page in a browser, the benchmarks for a moment, every header alone,
            what must not compile, six projects that use the library, and the library
            broken on purpose in many ways, each of which the simulation must notice
  asan      the tests under AddressSanitizer and UndefinedBehaviorSanitizer
  tsan      the tests with threads, on both Asios, and those of the web server under ThreadSanitizer
  clang     the tests on Boost.Asio and with threads, the large examples and the fuzzers with clang++-16, under its
            UndefinedBehaviorSanitizer

Names of presets choose among them; `debug` is there too, but not run by itself.
--quick runs the tests of the library itself (without threads, JSON, HTTP, examples) in debug only (or in the preset
named), with fewer seeds: for work on the library.

  tests/run.sh --quick -- -R window      the tests with "window" in their names

Environment:
  BATCHPACE_SEEDS   seeds of each simulated property (release 5000, asan 40, clang 40, debug 30)
  BATCHPACE_JOBS    how many compilers and tests run at once (all cores, fewer where memory is short)

Logs are in build/<preset>/*.log. The last line is `N passed, N failed`; exit code 0 means that all passed.
END
}

quick=no
presets=()
ctest_arguments=()
while [ $# -gt 0 ]; do
    case "$1" in
        --quick) quick=yes ;;
        -h | --help) usage; exit 0 ;;
        release | debug | asan | tsan | clang) presets+=("$1") ;;
        --) shift; ctest_arguments=("$@"); break ;;
        *) usage >&2; exit 2 ;;
    esac
    shift
done
if [ "${#presets[@]}" -eq 0 ]; then
    presets=(release asan tsan clang)
    [ "$quick" = yes ] && presets=(debug)
fi

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
started=$SECONDS
passed=0 failed=0 skipped=0

finish() {
    printf '\n%s\n' "took $((SECONDS - started)) s"
    if [ "$skipped" -gt 0 ]; then
        echo "$passed passed, $failed failed, $skipped skipped"
    else
        echo "$passed passed, $failed failed"
    fi
    [ "$failed" -eq 0 ]
    exit
}

# complain <log>: what failed in it. Of ctest's log the failed tests, up to 40 lines each; of others the end.
complain() {
    if grep -q 'tests passed, ' "$1"; then
        awk '/^ *[0-9]+\/[0-9]+ Test / {lines = /\*\*\*/ ? 40 : 0} /^ +Start +[0-9]+: / {next}
             /tests passed, / {lines = 100} lines-- > 0' "$1" | head -n 400
    else
        tail -n 60 "$1"
    fi | sed 's/^/    /'
}

# step <name> <log> <command>...: one line with the duration, and what went wrong where the command failed.
step() {
    local name="$1" log="$2" begin=$SECONDS result
    shift 2
    printf '%-44s' "$name"
    "$@" >"$log" 2>&1 </dev/null
    result=$?
    if [ "$result" -eq 0 ]; then
        printf '%5d s\n' $((SECONDS - begin))
    else
        printf '%5d s  FAILED, see %s\n' $((SECONDS - begin)) "$log"
        complain "$log"
    fi
    return "$result"
}

# ---- packages --------------------------------------------------------------------------------------------------------

install_packages() {
    local wanted=(g++ g++-12 cmake ninja-build ccache libasio-dev nlohmann-json3-dev catch2 librapidcheck-dev
        prometheus-cpp-dev libboost1.81-dev)
    if [ "$quick" = no ]; then
        wanted+=(pkg-config libtesseract-dev tesseract-ocr-eng libleptonica-dev libstb-dev libcpp-httplib-dev
            libcli11-dev libssl-dev libcurl4-openssl-dev openssl curl python3 python3-yaml python3-jsonschema)
    fi
    case "$quick ${presets[*]} " in
        "no "*"release "*)
            wanted+=(chromium)
            # Elsewhere than on Debian it comes with Node.js, and then Debian's, which wants Debian's Node.js, does not fit.
            command -v npm >/dev/null || wanted+=(nodejs npm)
            ;;
    esac
    case " ${presets[*]} " in *" clang "*) wanted+=(clang-16 libclang-rt-16-dev) ;; esac

    if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
        echo "No Debian here: taking the tools as they are."
        return 0
    fi
    local missing=() package
    for package in "${wanted[@]}"; do
        [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
    done
    [ "${#missing[@]}" -eq 0 ] && return 0

    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null; then
            echo "Missing: ${missing[*]}. Install them as root:  apt-get install ${missing[*]}"
            return 1
        fi
        as_root=(sudo)
    fi
    echo "Installing with apt: ${missing[*]}"
    local begin=$SECONDS log
    log="$(mktemp)" || return 1
    # sudo may ask for a password, on the terminal and not in the log.
    if [ "${#as_root[@]}" -gt 0 ] && ! sudo -v; then return 1; fi
    local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300)
    # Where the lists cannot be fetched, those already there may do.
    "${apt[@]}" update >"$log" 2>&1 </dev/null || echo "apt-get update failed, going on with the lists there are"
    if ! "${apt[@]}" install -y --no-install-recommends "${missing[@]}" >>"$log" 2>&1 </dev/null; then
        tail -n 30 "$log" | sed 's/^/    /'
        rm -f "$log"
        return 1
    fi
    rm -f "$log"
    printf '%-44s%5d s\n' "packages" $((SECONDS - begin))
}

# ---- presets ---------------------------------------------------------------------------------------------------------

# jobs_for <GB>: how many compilers that take so much at once; fewer where memory is short.
jobs_for() {
    if [ -n "${BATCHPACE_JOBS:-}" ]; then echo "$BATCHPACE_JOBS"; return; fi
    local most fit
    most="$(nproc)"
    fit=$(($(awk '/^MemAvailable/ {print $2}' /proc/meminfo 2>/dev/null || echo 0) / 1000000 / $1))
    [ "$fit" -ge 1 ] || fit=1
    echo $((most < fit ? most : fit))
}

# ccache fails where it cannot write, and then so does the compiler behind it.
if [ -z "${CCACHE_DIR:-}" ] && ! [ -w "${HOME:-/nonexistent}" ]; then
    export CCACHE_DIR="$PWD/build/ccache"
fi

# count <junit file> <ctest's exit code>: adds up what ctest did.
count() {
    local suite tests=0 bad=0 left_out=0
    suite="$(grep -m1 -A8 '<testsuite' "$1" 2>/dev/null | tr '\n\t' '  ')"
    number() { sed -n "s/.*[ ]$1=\"\([0-9]*\)\".*/\1/p" <<<"${suite%%>*}"; }
    tests="$(number tests)" bad="$(number failures)"
    left_out=$(($(number skipped) + $(number disabled)))
    : "${tests:=0}" "${bad:=0}"
    # A test whose program is missing counts as skipped for JUnit; for ctest, and for us, it has failed.
    if [ "$2" -ne 0 ] && [ "$bad" -eq 0 ]; then
        if [ "$left_out" -gt 0 ]; then bad=$left_out left_out=0; else bad=1 tests=$((tests + 1)); fi
    fi
    # Unless somebody asked for that, no tests are no success.
    if [ "$tests" -eq 0 ] && [ "${#ctest_arguments[@]}" -eq 0 ]; then bad=1 tests=1; fi
    passed=$((passed + tests - bad - left_out))
    failed=$((failed + bad))
    skipped=$((skipped + left_out))
}

# g++-12's ThreadSanitizer needs its shadow memory at fixed places, where newer kernels may put something else:
# "unexpected memory mapping", at random. Without address randomisation it works.
tsan_prefix=()
tsan_works() {
    local program="build/tsan/probe" i
    echo 'int main() {}' >"$program.cpp"
    g++-12 -fsanitize=thread "$program.cpp" -o "$program" || return 1
    for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        if ! "${tsan_prefix[@]}" "$program"; then
            [ "${#tsan_prefix[@]}" -eq 0 ] || return 1
            tsan_prefix=(setarch -R)
            "${tsan_prefix[@]}" "$program" || return 1
        fi
    done
}

# run_preset <preset> <seeds>
run_preset() {
    local preset="$1" seeds="${BATCHPACE_SEEDS:-$2}" logs="build/$1" fresh=() prefix=() target=() labels=() jobs result
    # Three test files in one, under a sanitizer: up to 3.5 GB.
    case "$preset" in release | debug) jobs="$(jobs_for 3)" ;; *) jobs="$(jobs_for 4)" ;; esac
    mkdir -p "$logs" || { failed=$((failed + 1)); return; }
    # A build folder that was copied or moved with its tree is of no use to CMake.
    local home
    home="$(sed -n 's/^CMAKE_HOME_DIRECTORY:INTERNAL=//p' "$logs/CMakeCache.txt" 2>/dev/null)"
    if [ -n "$home" ] && ! [ "$home" -ef . ]; then fresh=(--fresh); fi

    if [ "$preset" = tsan ]; then
        if ! tsan_works >"$logs/probe.log" 2>&1; then
            # Seen in containers that forbid setarch on kernels that need it. Nothing was tested, so nothing passed.
            echo "tsan: ThreadSanitizer does not run on this kernel, not even under setarch -R ($logs/probe.log)."
            echo "      On the host, as root: sysctl vm.mmap_rnd_bits=28"
            failed=$((failed + 1))
            return
        fi
        prefix=("${tsan_prefix[@]}")
    fi
    if [ "$quick" = yes ]; then
        target=(--target batchpace_quick_tests)
        labels=(-L '^(unit|driver|simulation|boost)$')
    fi

    step "$preset: configure" "$logs/configure.log" \
        cmake --preset "$preset" "${fresh[@]}" || { failed=$((failed + 1)); return; }
    grep -h 'batchpace: .* left out' "$logs/configure.log"
    # The build runs the test programs too, to ask them for their test cases.
    step "$preset: build" "$logs/build.log" \
        "${prefix[@]}" cmake --build --preset "$preset" -j "$jobs" "${target[@]}" || { failed=$((failed + 1)); return; }
    if [ "$preset" = release ] && [ "$quick" = no ]; then
        step "$preset: every header alone" "$logs/headers.log" \
            cmake --build --preset "$preset" -j "$jobs" --target all_verify_interface_header_sets ||
            failed=$((failed + 1))
    fi
    rm -f "$logs/junit.xml"
    BATCHPACE_SEEDS="$seeds" step "$preset: tests, $seeds seeds" "$logs/tests.log" \
        "${prefix[@]}" ctest --preset "$preset" -j "$jobs" --output-junit "$PWD/$logs/junit.xml" \
        "${labels[@]}" "${ctest_arguments[@]}"
    result=$?
    count "$logs/junit.xml" "$result"
}

install_packages || { failed=1; finish; }
for preset in "${presets[@]}"; do
    case "$preset" in
        release) if [ "$quick" = yes ]; then run_preset release 200; else run_preset release 5000; fi ;;
        debug) run_preset debug 30 ;;
        *) run_preset "$preset" 40 ;;
    esac
done
finish
