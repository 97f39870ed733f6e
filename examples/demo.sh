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
. "$root/examples/setup.sh" || exit 1

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

# ---- all of it -------------------------------------------------------------------------------------------------------

install_packages g++ cmake ninja-build pkg-config libasio-dev nlohmann-json3-dev \
    libtesseract-dev tesseract-ocr-eng libleptonica-dev libstb-dev || exit 1
if ! step "building annotate_images" build_program annotate_images; then
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
