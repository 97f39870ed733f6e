# SPDX-License-Identifier: BSL-1.0
#
# What benchmarks/run.sh and benchmarks/rest.sh share; they read it in.

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

# install_packages <package>...: those that are missing, as in tests/run.sh.
install_packages() {
    if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
        echo "No Debian here: taking the tools as they are." >&2
        return 0
    fi
    local missing=() package
    for package in "$@"; do
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

# build <target>: as the preset `release` does.
build() (
    cd "$root" || return 1
    # A build folder that was copied or moved with its tree is of no use to CMake.
    local home fresh=()
    home="$(sed -n 's/^CMAKE_HOME_DIRECTORY:INTERNAL=//p' build/release/CMakeCache.txt 2>/dev/null)"
    if [ -n "$home" ] && ! [ "$home" -ef . ]; then fresh=(--fresh); fi
    # ccache fails where it cannot write, and then so does the compiler behind it.
    if [ -z "${CCACHE_DIR:-}" ] && ! [ -w "${HOME:-/nonexistent}" ]; then export CCACHE_DIR="$root/build/ccache"; fi
    logged configure cmake --preset release "${fresh[@]}" &&
        logged build cmake --build --preset release --target "$1"
)
