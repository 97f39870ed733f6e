# SPDX-License-Identifier: BSL-1.0
#
# What examples/demo.sh and examples/serve.sh share; they read it in. They set `root`, the repository, and `log`, a file.

build="$root/build/demo"
pictures="$build/pictures"

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

# install_packages <package>...: those that are missing.
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

    echo "Packages that are missing and will be installed: ${missing[*]}" >&2
    if ! may_be_root; then
        echo "Neither root nor sudo. Ask an administrator to run:  apt-get install ${missing[*]}" >&2
        return 1
    fi
    # Where the lists cannot be fetched, those already there may do.
    step "fetching apt's lists" apt update
    step "installing ${#missing[@]} packages" apt install -y --no-install-recommends "${missing[@]}"
}

# ---- programs --------------------------------------------------------------------------------------------------------

# build_program <target>
build_program() {
    local fresh=() home
    # A build folder that was copied or moved with its tree is of no use to CMake.
    home="$(sed -n 's/^CMAKE_HOME_DIRECTORY:INTERNAL=//p' "$build/CMakeCache.txt" 2>/dev/null)"
    if [ -n "$home" ] && ! [ "$home" -ef "$root" ]; then fresh=(--fresh); fi
    # ccache, where there is one, fails where it cannot write, and then so does the compiler behind it.
    if [ -z "${CCACHE_DIR:-}" ] && ! [ -w "${HOME:-/nonexistent}" ]; then export CCACHE_DIR="$build/ccache"; fi
    cmake -S "$root" -B "$build" -G Ninja "${fresh[@]}" -DCMAKE_BUILD_TYPE=Release \
        -DBATCHPACE_BUILD_EXAMPLES=ON -DBATCHPACE_BUILD_TESTS=OFF -DBATCHPACE_BUILD_BENCHMARKS=OFF &&
        cmake --build "$build" --target "$1"
}

# ---- pictures --------------------------------------------------------------------------------------------------------

# Pages and photographs, and one file that is broken: it shows what becomes of such.
examples=(page.png bw_text.png text.png
    astronaut.png brick.png camera.png chelsea.png clock_motion.png coffee.png coins.png grass.png gravel.png
    hubble_deep_field.jpg moon.png motorcycle_left.png motorcycle_right.png retina.jpg rocket.jpg
    truncated.jpg)

# Into a folder of its own first: one that was interrupted must not pass for a whole one.
download_pictures() (
    local fetched="$build/fetching" picture
    rm -rf "$fetched" && mkdir -p "$fetched/pictures" && cd "$fetched" || return 1
    apt-get -q -o APT::Sandbox::User=root download python3-skimage || return 1
    dpkg -x python3-skimage_*.deb unpacked || return 1
    for picture in "${examples[@]}"; do
        cp "unpacked/usr/lib/python3/dist-packages/skimage/data/$picture" pictures || return 1
    done
    rm -rf "$pictures" && mv pictures "$pictures" && cd "$root" && rm -rf "$fetched"
)

have_package_list() { apt-cache show --no-all-versions python3-skimage >/dev/null 2>&1; }

get_pictures() {
    [ -d "$pictures" ] && return 0
    if ! command -v apt-get >/dev/null || ! command -v dpkg >/dev/null; then
        echo "No Debian here to take pictures from. Name some of your own, see --help." >&2
        return 1
    fi
    if ! have_package_list; then
        may_be_root && step "fetching apt's lists" apt update || return 1
    fi
    step "downloading pictures (package python3-skimage)" download_pictures
}

# ---- the page ----------------------------------------------------------------------------------------------------------

web_source="$root/examples/annotation_server/web"
web_copy="$build/web-src" # as deep as the original: its build names docs/openapi.yaml relative to itself
web="$build/web"          # what is served

# install_node: Node.js and npm, unless they are there. Elsewhere than on Debian, npm comes with Node.js: then Debian's
# package of npm, which wants Debian's Node.js, is not to be asked for.
install_node() {
    if ! command -v npm >/dev/null; then install_packages nodejs npm || return 1; fi
    if ! command -v npm >/dev/null; then
        echo "The page needs Node.js 18 or newer, and npm. Without it: --no-page" >&2
        return 1
    fi
    local version
    version="$(node --version 2>/dev/null)" && version="${version#v}"
    [ "${version%%.*}" -ge 18 ] 2>/dev/null && return 0
    echo "The page needs Node.js 18 or newer; this is ${version:-none}. Without it: --no-page" >&2
    return 1
}

# digest_of <file or folder>...: another one where a file has been changed, added or removed.
digest_of() {
    find "$@" \( -name node_modules -o -name dist -o -name generated \) -prune -o -type f -print0 | LC_ALL=C sort -z |
        xargs -0 sha256sum | sha256sum
}

# In a copy, so that the sources stay as they are. Packages that were installed there before stay.
copy_web_sources() {
    mkdir -p "$web_copy" &&
        find "$web_copy" -mindepth 1 -maxdepth 1 ! -name node_modules -exec rm -rf {} + &&
        tar -C "$web_source" --exclude=node_modules --exclude=dist --exclude=./client/src/generated -cf - . |
        tar -C "$web_copy" -xf -
}

install_web_packages() { (cd "$web_copy" && npm ci --no-progress); }
build_web() { (cd "$web_copy" && npm run build -- --outDir "$web" --emptyOutDir); }

# get_page: builds it, where it has not been built of these very sources.
get_page() {
    local sources packages
    sources="$(digest_of "$web_source" "$root/docs/openapi.yaml")" || return 1
    [ "$sources" = "$(cat "$build/web.built" 2>/dev/null)" ] && [ -f "$web/index.html" ] && return 0
    install_node || return 1
    # As ccache, npm keeps things at home.
    if [ -z "${npm_config_cache:-}" ] && ! [ -w "${HOME:-/nonexistent}" ]; then export npm_config_cache="$build/npm"; fi
    rm -f "$build/web.built"
    copy_web_sources || return 1
    packages="$(node --version; digest_of "$web_source"/{package-lock,package,client/package}.json)"
    if [ "$packages" != "$(cat "$build/web.packages" 2>/dev/null)" ] || ! [ -d "$web_copy/node_modules" ]; then
        rm -f "$build/web.packages"
        step "installing the page's packages (npm ci)" install_web_packages || return 1
        echo "$packages" >"$build/web.packages"
    fi
    step "building the page" build_web || return 1
    echo "$sources" >"$build/web.built"
}
