#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
#
# Runs the real annotation_server with its annotator vision against a stand-in of the service: a process of its own, on a
# real socket, which counts what it sees. usage: vision.sh ANNOTATION_SERVER
set -u
export LC_ALL=C
unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY BATCHPACE_VISION_KEY
program="$(realpath "$1")"
here="$(dirname "$(realpath "${BASH_SOURCE[0]}")")"
stand_in_program="$here/vision_stand_in.py"
key=key-of-the-test.0123456789

. "$here/checks.sh" || exit 1

work="$(mktemp -d)" || exit 1
processes=()
tidy_up() {
    local process
    for process in "${processes[@]}"; do disown "$process" 2>/dev/null; kill -KILL "$process" 2>/dev/null; done
    rm -rf "$work"
}
trap tidy_up EXIT
cd "$work" && mkfifo never || exit 1

# ---- servers ---------------------------------------------------------------------------------------------------------

# run <file for its lines> <command>...: in the background, until it says where it is ready; sets $process and $url.
run() {
    local lines="$1"
    shift
    : >"$lines"
    "$@" >"$lines" 2>"$lines.log" </dev/null &
    process=$!
    processes+=("$process")
    is_ready() { grep -q 'ready at ' "$lines" || ! kill -0 "$process" 2>/dev/null; }
    wait_until is_ready
    url="$(sed -n 's/^.*ready at //p' "$lines")"
    [ -n "$url" ] && return 0
    echo "FAILED: it did not start: $*"
    sed 's/^/  /' "$lines.log"
    exit 1
}
# service <name> <arguments>...: a stand-in; sets $service, its address.
service() {
    local name="$1"
    shift
    run "$name.service" python3 "$stand_in_program" "$@"
    service="$url"
}
# serve <name> <arguments>...: an annotation server before $service; sets $server and $api.
serve() {
    local name="$1"
    shift
    run "$name.server" env BATCHPACE_VISION_KEY="$key" "$program" --port 0 --annotator vision --vision-url "$service" "$@"
    server="$process"
    api="$url/api/batch/annotations"
}
# ended <process> <exit code>
ended() {
    local process="$1" code
    has_ended() { ! kill -0 "$process" 2>/dev/null; }
    wait_until has_ended || { kill -KILL "$process"; echo "  it did not end"; }
    wait "$process"
    code=$?
    [ "$code" -eq "$2" ] || { echo "  the exit code was $code"; return 1; }
}

# ---- jobs ------------------------------------------------------------------------------------------------------------

# start <ids as JSON> [<further members as JSON>]: sets $job.
start() {
    printf '{"imageIds": [%s]%s}' "$1" "${2:+, $2}" >start.json
    job="$(curl -sS --max-time "$patience" -H 'Content-Type: application/json' -d @start.json "$api/start" 2>&1 |
        sed -n 's/.*"jobId":"\([^"]*\)".*/\1/p')"
    [ -n "$job" ]
}
status() { curl -sS --max-time "$patience" "$api/$job/status" >status 2>&1; }
is() { status && grep -qF "\"status\":\"$1\"" status; }
is_over() { status && grep -qE '"status":"(completed|failed|cancelled)"' status; }
# finish: until the job has; its results go to ./results.
finish() {
    wait_until is_over || { cat status; return 1; }
    curl -sS --max-time "$patience" "$api/$job/results" >results
}
ids() { local i; printf '"%s1"' "$1"; for ((i = 2; i <= $2; ++i)); do printf ', "%s%d"' "$1" "$i"; done; }
# outcomes <number>: so many lines of results, and no item twice.
outcomes() {
    lines results "$1" && [ "$(grep -o '"itemId":"[^"]*"' results | sort -u | wc -l)" -eq "$1" ]
}
# of <item> <text>: the item's line has it.
of() { grep -F "\"itemId\":\"$1\"" results | grep -qF -- "$2" || { echo "  no '$2' in:"; grep -F "\"itemId\":\"$1\"" results; false; }; }

# count <name>: what the stand-in counted.
counts() { curl -sSk --max-time "$patience" "$service/counts" >counts; }
count() { counts; python3 -c 'import json, sys; print(json.load(open("counts"))[sys.argv[1]])' "$1"; }
# counted <name> <operator of test> <number>
counted() {
    local value
    value="$(count "$1")"
    [ "$value" "$2" "$3" ] || { echo "  $1 is $value:"; sed 's/^/  /; $a\' counts; false; }
}
# at_least <number> <number>
at_least() { python3 -c 'import sys; sys.exit(not float(sys.argv[1]) >= float(sys.argv[2]))' "$@"; }

# ---- what it refuses to start with ------------------------------------------------------------------------------------

# does_not_start <text> <arguments>...: exit code 2, and that text says why.
does_not_start() {
    local text="$1" code
    shift
    timeout "$patience" env ${given:+"BATCHPACE_VISION_KEY=$given"} "$program" --port 0 --annotator vision "$@" >wrong.out 2>wrong.err </dev/null
    code=$?
    check "exit code 2 of: $*" [ "$code" -eq 2 ]
    check "says '$text'" has wrong.err "$text"
    check "and does not tell the key" lacks wrong.err "0123456789"
}
echo "--- wrong use"
given=""
does_not_start "needs the service's key in the environment: BATCHPACE_VISION_KEY"
given="two words 0123456789"
does_not_start "has a character that no key has"
given="$key"
does_not_start "--vision-url takes an address like https://vision.googleapis.com, not nonsense" --vision-url nonsense
does_not_start "would travel unencrypted" --vision-url http://vision.example
does_not_start "FACE" --vision-features LABEL_DETECTION,FACE
does_not_start "--vision-batch" --vision-batch 17
does_not_start "whole number of calls" --rate-per-minute 7 --vision-window 10
does_not_start "the file no-such-file cannot be read" --vision-ca no-such-file
does_not_start "there is no folder no-such-folder" --images no-such-folder

# ---- the limit, under saturation and with faults: it goes on while the rest is tested ----------------------------------

limit=60 window=10 guard_ms=130 bursts=4
echo "--- $limit calls in any $window s, 5 % errors, 2 % drops, 1 % hangs"
service saturated --limit $limit --window $window --delay-ms 40 --errors 0.05 --drops 0.02 --hangs 0.01
serve saturated --rate-per-minute $((limit * 60 / window)) --vision-window $window --vision-guard-ms $guard_ms --log-level error
items=$((limit * 16 * bursts))
check "a start" start "$(ids https://pictures.example/cat- $items)" '"concurrency": 16, "maxAttempts": 8, "attemptTimeout": 2000'
saturated_service="$service" saturated_api="$api" saturated_job="$job" saturated_server="$server"

# ---- a service that says no ------------------------------------------------------------------------------------------

echo "--- a service that takes fewer calls than it gets"
service strict --limit 20 --window 3 --delay-ms 20 --unavailable-every 25 --unavailable-for 1
serve strict
check "a start" start "$(ids gs://pictures/dog- 800)" '"concurrency": 8'
waits() { status && grep -qF '"reason":"throttled"' status; }
check "it says that it was asked to wait" wait_until waits
check "and until when" grep -q '"waitingFor":{[^}]*"until":"' status
check "it ends" finish
check "every id has one outcome" outcomes 800
check "none has paid an attempt" [ "$(grep -c '"attempts":1,.*"status":"successful"' results)" -eq 800 ]
check "the service had to say no" counted throttled -ge 2
check "in both forms" counted dates -ge 1
check "and was not available now and then" counted unavailable -ge 1
check "nothing came before the time had passed" counted early -eq 0
check "every image was answered once" counted imagesAnswered -eq 800
check "the log tells" has strict.server.log '"event":"job.throttled"'
kill -TERM "$server"
check "exit code 0" ended "$server" 0

# ---- images, HTTPS, and what goes wrong with single ones ---------------------------------------------------------------

echo "--- files and addresses, over HTTPS, with several threads"
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=stand-in -addext subjectAltName=IP:127.0.0.1 \
    -keyout tls.key -out tls.crt 2>/dev/null || exit 1
cat tls.key tls.crt >tls.both
service files --certificate tls.both --delay-ms 20
mkdir pictures outside
for i in 1 2 3 4 5 6 7; do { echo "large $i"; head -c $((2900000 + i)) /dev/zero; } >"pictures/large-$i.png"; done
for i in 1 2 3 4 5; do echo "small $i" >"pictures/small-$i.png"; done
head -c 8000000 /dev/zero >pictures/too-large.png
echo "poison" >pictures/bad.png
: >pictures/empty.png
mkfifo pictures/pipe.png
echo "a secret" >outside/secret.png
ln -s ../outside/secret.png pictures/link-out.png
serve files --vision-ca tls.crt --images pictures --threads 4
check "a start" start "$(ids large- 7 | sed 's/\([0-9]\)"/\1.png"/g'), $(ids small- 5 | sed 's/\([0-9]\)"/\1.png"/g'),
    \"too-large.png\", \"empty.png\", \"pipe.png\", \"link-out.png\", \"../outside/secret.png\", \"missing.png\",
    \"https://pictures.example/one.png\", \"gs://pictures/no-picture.png\", \"http://pictures.example/flaky.png\""
check "it ends" finish
check "every id has one outcome" outcomes 21
check "a small file is sent" of small-1.png '"annotation":{"labels":[{"description":"picture","score":0.875},{"description":"8 bytes","score":0.5}],"text":"WAITING?\nPLEASE"}'
for i in 1 2 3 4 5 6 7; do check "so is large one $i, at no attempt more" of "large-$i.png" "\"attempts\":1,"; done
check "all of its bytes" of large-7.png '"description":"2900015 bytes"'
check "an address is passed on" of https://pictures.example/one.png '"description":"https://pictures.example/one.png"'
check "one too large for any request" of too-large.png "the image is too large for a request: 8000000 bytes"
check "an empty one" of empty.png "the file is empty"
check "a pipe" of pipe.png "not a regular file"
check "a link that leads out" of link-out.png "the name leads out of the folder of pictures"
check "dots that lead out" of ../outside/secret.png "the name leads out of the folder of pictures"
check "a missing one" of missing.png "no such file"
check "what the service says of one image is that one's" of gs://pictures/no-picture.png '"error":"Bad image data."'
check "for good" of gs://pictures/no-picture.png '"attempts":1,'
check "or not" of http://pictures.example/flaky.png '"attempts":2,'
check "no request was too large" counted mostBytes -le 10000000
check "nor misunderstood" counted malformed -eq 0
check "the connections are encrypted" bash -c '[ "$(grep -o "\"tlsConnections\": [0-9]*" counts | grep -o "[0-9]*")" -ge 1 ]'

echo "--- an image that spoils the whole request"
before="$(count requests)"
check "a start" start "$(ids https://pictures.example/poison-1-of- 1), $(ids https://pictures.example/fish- 15)"
check "it ends" finish
check "the others do not suffer" [ "$(grep -c '"status":"successful"' results)" -eq 15 ]
check "it is found" of https://pictures.example/poison-1-of-1 "the service answered 400 INVALID_ARGUMENT: Bad image data."
check "by halving" counted requests -le $((before + 9))
echo "one of 16: found by $(($(count requests) - before - 1)) calls more"

echo "--- connections are used again"
before="$(count tlsConnections)"
check "a start" start "$(ids https://pictures.example/bird- 1600)" '"concurrency": 4'
check "it ends" finish
check "a hundred calls" [ "$(grep -c '"status":"successful"' results)" -eq 1600 ]
check "on few connections" counted tlsConnections -le $((before + 4))
echo "4 calls at once: $(($(count tlsConnections) - before)) new connections"

echo "--- time-out and cancel"
check "a start" start '"https://pictures.example/hang"' '"maxAttempts": 1, "attemptTimeout": 500'
check "it ends" finish
check "as timed out" of https://pictures.example/hang '"kind":"timed_out"'
check "its connection was closed" counted closedWhileHanging -eq 1
check "a start" start "$(ids https://pictures.example/hang- 48)" '"concurrency": 3'
three_hang() { counted hung -eq 4 >/dev/null; }
check "three calls hang" wait_until three_hang
a_second_later="$(python3 -c 'import time; print(time.time() + 1)')"
check "cancel" curl -sS --max-time "$patience" -X POST "$api/$job/cancel" -o cancelled
three_are_closed() { counted closedWhileHanging -eq 4 >/dev/null; }
check "their connections are closed" wait_until three_are_closed
closed="$(count lastClosedWhileHanging)"
check "within 1 s" at_least "$a_second_later" "$closed"
echo "from the cancel to the last closed connection: $(python3 -c "print(round(1000 * ($closed + 1 - $a_second_later)))") ms, with curl's own start"
check "the job has ended" is cancelled
check "a start" start "$(ids https://pictures.example/hang- 16)"
one_hangs() { counted hung -eq 5 >/dev/null; }
check "a call hangs" wait_until one_hangs
kill -TERM "$server"
is_draining() { grep -qF '"event":"drain"' files.server.log; }
check "a signal lets it go on" wait_until is_draining
kill -TERM "$server"
check "a second one ends the server: exit code 143" ended "$server" 143
one_is_closed() { counted closedWhileHanging -eq 5 >/dev/null; }
check "and the call" wait_until one_is_closed
check "no key in the log" lacks files.server.log "0123456789"

echo "--- wrong keys and strangers"
before="$(count requests)"
key=another-key.0123456789
serve wrong_key --vision-ca tls.crt --vision-batch 8
check "a start" start "$(ids https://pictures.example/cow- 16)"
check "it ends" finish
check "all fail at once" [ "$(grep -c '"attempts":1,.*"error":"the service refuses the key: the service answered 403 PERMISSION_DENIED: API key not valid."' results)" -eq 16 ]
check "by one call for each eight, none halved" counted requests -eq $((before + 2))
kill -TERM "$server"
check "exit code 0" ended "$server" 0
check "no key in the log" lacks wrong_key.server.log "0123456789"
serve stranger
check "a start" start '"https://pictures.example/cow"' '"maxAttempts": 1'
check "it ends" finish
check "a certificate that nobody vouches for" of https://pictures.example/cow 'no answer: SSL certificate problem'
check "no folder, no files" start '"cow.png"'
check "it ends" finish
check "it says so" of cow.png "the server has no folder of pictures"
kill -TERM "$server"
check "exit code 0" ended "$server" 0

# ---- and back ----------------------------------------------------------------------------------------------------------

echo "--- $limit calls in any $window s, 5 % errors, 2 % drops, 1 % hangs: what came of it"
service="$saturated_service" api="$saturated_api" job="$saturated_job" server="$saturated_server"
last_burst_has_begun() { counted requests -gt $((limit * bursts)) >/dev/null; }
check "the limit was used up $bursts times" wait_until last_burst_has_begun
share="$(count shareUsed)"
reference="$(python3 -c "print(round($window / ($window + $guard_ms / 1000), 4))")"
echo "used: $share of the limit; a guard band of $guard_ms ms leaves $reference, and was not used up by $(count slackMs) ms"
check "at least 98 % of it" at_least "$share" 0.98
check "it ends" finish
check "every id has one outcome" outcomes $items
check "as its counts say" grep -qF "\"progress\":{\"total\":$items,\"processed\":$items,\"successful\":$items,\"failed\":0" status
check "no image was answered twice" counted imagesAnsweredTwice -eq 0
check "each was answered" counted imagesAnswered -eq $items
check "never more than the limit in any $window s" counted mostInAWindow -le $limit
check "but the limit" counted mostInAWindow -eq $limit
check "nobody was turned away" counted throttled -eq 0
check "it has failed" counted failed -ge 1
check "it has dropped connections" counted dropped -ge 1
check "it has hung" counted hung -ge 1
# Each drop and each hang costs one.
check "connections were used again" counted connections -lt $((limit * bursts / 4))
sed 's/^/counted: /; $a\' counts
kill -TERM "$server"
check "exit code 0" ended "$server" 0

echo
if [ "$failures" -gt 0 ]; then
    echo "$failures checks failed"
    exit 1
fi
echo "all checks passed"
