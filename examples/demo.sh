#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
#
# From a fresh Debian 12 to annotated pictures in one command; see --help.
set -u

usage() {
    cat <<'END'
usage: examples/demo.sh [OPTION...] [PATH...]

Installs what is missing (Debian packages, as root or with sudo), builds
examples/annotate_images, annotates pictures with it (text, size, colours,
perceptual hash; all on this machine) and shows the result as a table.

PATH is a picture or a folder of pictures. Without one, the photographs and
pages of Debian's package python3-skimage are taken: it is downloaded (21 MB)
and unpacked into build/demo, not installed.

Options are those of annotate_images, for instance:

  examples/demo.sh ~/Pictures
  examples/demo.sh --concurrency 1 --rate-per-minute 30
  examples/demo.sh --lang deu scans/       needs the package tesseract-ocr-deu

The annotations themselves, one line of JSON a picture, are written to
build/demo/annotations.jsonl (--out FILE: elsewhere). The second time nothing
is installed, built or downloaded again.

Exit code: 0 all annotated, 1 some failed, 2 wrong use, 130 stopped by Ctrl-C.
END
}

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)" || exit 1
build="$root/build/demo"
pictures="$build/pictures"

# What the user gave: is there a PATH among it, and an --out?
own_paths=no own_out=no value_follows=no
for argument in "$@"; do
    if [ "$value_follows" = yes ]; then
        value_follows=no
        continue
    fi
    case "$argument" in
        -h | --help) usage; exit 0 ;;
        --) own_paths=yes; break ;;
        -o | --out) own_out=yes value_follows=yes ;;
        --out=*) own_out=yes ;;
        --concurrency | --rate-per-minute | --attempts | --timeout | --tier | --lang) value_follows=yes ;;
        -?*) ;;
        *) own_paths=yes ;;
    esac
done

mkdir -p "$build" || exit 1
log="$build/demo.log"
: >"$log" || exit 1

# step <what> <command>...: one line with the duration, and the end of the log where the command failed.
step() {
    local what="$1" begin=$SECONDS
    shift
    printf '%-52s' "$what" >&2
    if ! "$@" >>"$log" 2>&1 </dev/null; then
        printf ' failed, see %s\n' "$log" >&2
        tail -n 30 "$log" | sed 's/^/    /' >&2
        return 1
    fi
    printf '%4d s\n' $((SECONDS - begin)) >&2
}

# ---- packages --------------------------------------------------------------------------------------------------------

needed=(g++ cmake ninja-build pkg-config libasio-dev nlohmann-json3-dev
    libtesseract-dev tesseract-ocr-eng libleptonica-dev libstb-dev)

# apt as root: as it is where we are root already, else by sudo.
apt() {
    # The lock is waited for: a fresh machine often updates itself. As root, apt would complain that its own user
    # cannot write where we download to.
    local command=(env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 -o APT::Sandbox::User=root)
    [ "$(id -u)" -eq 0 ] || command=(sudo "${command[@]}")
    "${command[@]}" "$@"
}

may_be_root() {
    [ "$(id -u)" -eq 0 ] && return 0
    # sudo may ask for a password, on the terminal and not in the log.
    command -v sudo >/dev/null && sudo -v
}

install_packages() {
    if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
        echo "No Debian here: taking the tools as they are." >&2
        return 0
    fi
    local missing=() package
    for package in "${needed[@]}"; do
        [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
    done
    [ "${#missing[@]}" -eq 0 ] && return 0

    echo "Packages that are missing and will be installed: ${missing[*]}" >&2
    if ! may_be_root; then
        echo "Neither root nor sudo. Ask an administrator to run:  apt-get install ${missing[*]}" >&2
        return 1
    fi
    # Where the lists cannot be fetched, those already there may do.
    step "fetching apt's lists" apt update
    step "installing ${#missing[@]} packages" apt install -y --no-install-recommends "${missing[@]}"
}

# ---- the program -----------------------------------------------------------------------------------------------------

build_program() {
    local fresh=() home
    # A build folder that was copied or moved with its tree is of no use to CMake.
    home="$(sed -n 's/^CMAKE_HOME_DIRECTORY:INTERNAL=//p' "$build/CMakeCache.txt" 2>/dev/null)"
    if [ -n "$home" ] && ! [ "$home" -ef "$root" ]; then fresh=(--fresh); fi
    # ccache, where there is one, fails where it cannot write, and then so does the compiler behind it.
    if [ -z "${CCACHE_DIR:-}" ] && ! [ -w "${HOME:-/nonexistent}" ]; then export CCACHE_DIR="$build/ccache"; fi
    cmake -S "$root" -B "$build" -G Ninja "${fresh[@]}" -DCMAKE_BUILD_TYPE=Release \
        -DBATCHPACE_BUILD_EXAMPLES=ON -DBATCHPACE_BUILD_TESTS=OFF -DBATCHPACE_BUILD_BENCHMARKS=OFF &&
        cmake --build "$build" --target annotate_images
}

# ---- pictures --------------------------------------------------------------------------------------------------------

# Pages and photographs, and one file that is broken: it shows what becomes of such.
examples=(page.png bw_text.png text.png
    astronaut.png brick.png camera.png chelsea.png clock_motion.png coffee.png coins.png grass.png gravel.png
    hubble_deep_field.jpg moon.png motorcycle_left.png motorcycle_right.png retina.jpg rocket.jpg
    truncated.jpg)

# Into a folder of its own first: one that was interrupted must not pass for a whole one.
download_pictures() {
    local fetched="$build/fetching" picture
    rm -rf "$fetched" && mkdir -p "$fetched/pictures" && cd "$fetched" || return 1
    apt-get -q -o APT::Sandbox::User=root download python3-skimage || return 1
    dpkg -x python3-skimage_*.deb unpacked || return 1
    for picture in "${examples[@]}"; do
        cp "unpacked/usr/lib/python3/dist-packages/skimage/data/$picture" pictures || return 1
    done
    rm -rf "$pictures" && mv pictures "$pictures" && cd "$root" && rm -rf "$fetched"
}

have_package_list() { apt-cache show --no-all-versions python3-skimage >/dev/null 2>&1; }

get_pictures() {
    [ -d "$pictures" ] && return 0
    if ! command -v apt-get >/dev/null || ! command -v dpkg >/dev/null; then
        echo "No Debian here to take pictures from. Name some of your own: examples/demo.sh PATH..." >&2
        return 1
    fi
    if ! have_package_list; then
        may_be_root && step "fetching apt's lists" apt update || return 1
    fi
    step "downloading pictures (package python3-skimage)" download_pictures
}

# ---- all of it -------------------------------------------------------------------------------------------------------

install_packages || exit 1
if ! step "building annotate_images" build_program; then
    grep 'annotate_images left out' "$log" >&2  # where it is no Debian: what is not installed
    exit 1
fi
program="$build/examples/annotate_images/annotate_images"

arguments=(--table)
out="$build/annotations.jsonl"
if [ "$own_out" = no ]; then arguments+=(--out "$out"); fi
if [ "$own_paths" = no ]; then
    get_pictures || exit 1
    # Before the user's options: those end where the PATHs begin for who reads it, not for the program.
    arguments+=("$pictures")
fi
echo >&2
"$program" "${arguments[@]}" "$@"
code=$?
[ "$code" -ge 2 ] && exit "$code"

if [ "$own_out" = no ]; then
    echo "The annotations, a line of JSON each: ${out#"$PWD/"}" >&2
fi
# Of our own pictures one is broken on purpose; that it fails is as it should be.
if [ "$own_paths" = no ] && [ "$own_out" = no ] && [ "$code" -eq 1 ] &&
    [ "$(grep '"status":"failed"' "$out" | grep -cv '/truncated\.jpg"')" -eq 0 ]; then
    echo "truncated.jpg is broken on purpose: it fails, the others go on." >&2
    code=0
fi
exit "$code"
