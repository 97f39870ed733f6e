# SPDX-License-Identifier: BSL-1.0
#
# What the end-to-end tests share; they read it in.

failures=0
# check <what> <command>...: the command must succeed.
check() {
    local what="$1"
    shift
    if "$@"; then
        echo "ok: $what"
    else
        echo "FAILED: $what"
        failures=$((failures + 1))
    fi
}
patience=60 # seconds that a condition may take to come true
# wait_until <command>...: until it succeeds. `work` has a pipe `never`, from which nothing comes.
wait_until() {
    local last=$((SECONDS + patience))
    until "$@"; do
        [ "$SECONDS" -lt "$last" ] || return 1
        read -rt 0.02 <>"$work/never"
    done
    return 0
}
has() { grep -qF -- "$2" "$1" || { echo "  no '$2' in:"; sed 's/^/  /; $a\' "$1" | tail -n 20; return 1; }; }
lacks() { ! grep -qF -- "$2" "$1"; }
lines() { [ "$(wc -l <"$1")" -eq "$2" ]; }
