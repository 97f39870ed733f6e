#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
#
# From a fresh Debian 12 to a running annotation server in one command; see --help.
set -u

usage() {
    cat <<'END'
usage: examples/serve.sh [OPTION...]

Installs what is missing (Debian packages, as root or with sudo), builds
examples/annotation_server and its page, starts it and prints the page's address
and three lines to try. Ctrl-C ends it, when the jobs are done; twice: at once.

OPTIONs are those of annotation_server, and --no-page, which leaves the page out
(it needs Node.js, and packages of npm). For instance:

  examples/serve.sh --images ~/Pictures
  examples/serve.sh --annotator synthetic --port 9000
  BATCHPACE_VISION_KEY=... examples/serve.sh --annotator vision
  examples/serve.sh --address 0.0.0.0 --host annotations.lan --keys keys.jsonl
  examples/serve.sh --no-page

Without --images it annotates the photographs and pages of Debian's package
python3-skimage, which is downloaded (21 MB) and unpacked into build/demo, not
installed. The second time nothing is installed, built or downloaded again.
docs/annotation_server.md has the whole story.
END
}

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)" || exit 1
. "$root/examples/setup.sh" || exit 1

# What the user gave that matters here.
annotator=ocr images="" keys=no page=yes value_of=""
arguments=()
for argument in "$@"; do
    case "$value_of" in
        annotator) annotator="$argument" ;;
        images) images="$argument" ;;
    esac
    value_of=""
    case "$argument" in
        -h | --help) usage; exit 0 ;;
        --no-page) page=no; continue ;;
        --web | --web=*) page=given ;;
        --annotator=*) annotator="${argument#*=}" ;;
        --images=*) images="${argument#*=}" ;;
        --annotator | --images) value_of="${argument#--}" ;;
        --keys | --keys=*) keys=yes ;;
    esac
    arguments+=("$argument")
done

mkdir -p "$build" || exit 1
log="$build/serve.log"
: >"$log" || exit 1

install_packages g++ cmake ninja-build pkg-config libboost1.81-dev nlohmann-json3-dev prometheus-cpp-dev libcli11-dev \
    libssl-dev libcurl4-openssl-dev libtesseract-dev tesseract-ocr-eng libleptonica-dev libstb-dev curl || exit 1
if ! step "building annotation_server" build_program annotation_server; then
    grep 'annotation_server left out' "$log" >&2 # where it is no Debian: what is not installed
    exit 1
fi

own=()
if [ "$page" = yes ]; then
    get_page || exit 1
    own+=(--web "$web")
fi
names=(cat dog bad-picture) # what the synthetic annotator is asked for
if [ "$annotator" = ocr ] || [ "$annotator" = vision ]; then
    names=(page.png coffee.png truncated.jpg)
    if [ -z "$images" ]; then
        get_pictures || exit 1
        own+=(--images "$pictures")
    else
        mapfile -t names < <(cd "$images" 2>/dev/null && ls | grep -iE '^[a-z0-9._ -]+\.(png|jpe?g|gif|bmp|p[gpn]m)$' | head -n 3)
        [ "${#names[@]}" -gt 0 ] || names=(some-picture.png)
    fi
fi

# try <url>: what to type next.
try() {
    local api="$1/api/batch/annotations" ids key=""
    ids="$(printf '"%s", ' "${names[@]}")"
    [ "$keys" = yes ] && key=" -H 'Authorization: Bearer YOUR-KEY'"
    [ "$page" = no ] || printf '\n    The page:  %s/\n' "$1"
    cat <<END

Try, in another terminal:

  job=\$(curl -s$key $api/start -H 'Content-Type: application/json' -d '{"imageIds": [${ids%, }]}' | grep -o '[0-9a-f-]\{36\}' | head -n 1)
  curl -sN$key $api/\$job/events
  curl -s$key $api/\$job/results

END
}
# What the server says on standard output, and after its last line how to use it.
announce() {
    trap '' INT TERM HUP # it ends when the server does
    local line
    while IFS= read -r line; do
        printf '%s\n' "$line"
        case "$line" in *' ready at '*) try "${line##* ready at }" ;; esac
    done
}

exec "$build/examples/annotation_server/annotation_server" "${own[@]}" "${arguments[@]}" > >(announce)
