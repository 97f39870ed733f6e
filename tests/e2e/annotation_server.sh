#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
#
# Runs the real annotation_server and talks to it by curl: jobs from start to end, keys, signals, and what it refuses.
# usage: annotation_server.sh ANNOTATION_SERVER [ANNOTATE_IMAGES_PICTURES]; the latter where it is built with ocr.
set -u
export LC_ALL=C
unset OMP_THREAD_LIMIT http_proxy HTTP_PROXY all_proxy ALL_PROXY
program="$(realpath "$1")"
make_pictures="${2:+$(realpath "$2")}"

. "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/checks.sh" || exit 1

work="$(mktemp -d)" || exit 1
server="" # its process
log_to=log
streams=()
tidy_up() {
    local process
    for process in $server "${streams[@]}"; do kill -KILL "$process" 2>/dev/null; done
    rm -rf "$work"
}
trap tidy_up EXIT
cd "$work" && mkfifo never || exit 1


# ---- the server ------------------------------------------------------------------------------------------------------

# serve <arguments>...: starts it on a free port and waits until it is ready; its lines go to ./out and ./log.
serve() {
    : >out
    "$program" --port 0 "$@" >out 2>"$log_to" </dev/null &
    server=$!
    requests=0
    is_ready() { grep -q ' ready at ' out || ! kill -0 "$server" 2>/dev/null; }
    wait_until is_ready
    url="$(sed -n 's/^annotation_server: ready at //p' out)"
    api="$url/api/batch/annotations"
    [ -n "$url" ] && return 0
    echo "FAILED: it did not start: $*"
    sed 's/^/  /' log
    exit 1
}
# stopped <exit code>: it has ended by itself, with that.
stopped() {
    local code
    has_ended() { ! kill -0 "$server" 2>/dev/null; }
    wait_until has_ended || { kill -KILL "$server"; echo "  it did not end"; }
    wait "$server"
    code=$?
    server=""
    [ "$code" -eq "$1" ] && return 0
    echo "  the exit code was $code"
    sed 's/^/  /' log | tail -n 20
    return 1
}

# call <method> <path below the API, or URL> [<argument of curl>...]: sets $status, and the files ./head and ./body.
call() {
    local method="$1" target="$2"
    shift 2
    [[ "$target" == http* ]] || target="$api$target"
    [ "$method" = HEAD ] && set -- --head "$@"
    [ "$method" = HEAD ] || set -- -X "$method" "$@"
    status="$(curl -sS --max-time "$patience" -o body -D head -w '%{http_code}' "$@" "$target" 2>curl.err)"
    requests=$((requests + 1))
}
# answers <status> <method> <path> [<argument of curl>...]
answers() {
    local expected="$1"
    shift
    call "$@"
    [ "$status" = "$expected" ] && return 0
    echo "  the status was $status"
    sed 's/^/  /; $a\' body curl.err
    return 1
}
# refuses <status> <name of the problem> <method> <path> [<argument of curl>...]
refuses() {
    local expected="$1" name="$2"
    shift 2
    answers "$expected" "$@" && has head 'application/problem+json' && has body "\"type\":\"urn:batchpace:problem:$name\""
}
json=(-H 'Content-Type: application/json')
# start <ids as JSON> [<further members as JSON>] [<argument of curl>...]: sets $job.
start() {
    local ids="$1" more="${2:-}"
    shift; shift
    call POST /start "${json[@]}" -d "{\"imageIds\": [$ids]${more:+, $more}}" "$@"
    job="$(sed -n 's/.*"jobId":"\([^"]*\)".*/\1/p' body)"
    [ "$status" = 201 ]
}
# follow <file> [<argument of curl>...]: the job's events go there, in the background, until they end; sets $stream.
follow() {
    local file="$1"
    shift
    : >"$file"
    curl -sSN --max-time "$patience" "$@" "$api/$job/events" >"$file" 2>&1 &
    stream=$!
    streams+=("$stream")
    requests=$((requests + 1))
}
# ids <prefix> <count>: "prefix1", "prefix2", …
ids() { local i; printf '"%s1"' "$1"; for ((i = 2; i <= $2; ++i)); do printf ', "%s%d"' "$1" "$i"; done; }
last_event() { [ "$(grep '^event: ' "$1" | tail -n 1)" = "event: $2" ]; }
finished_as() { last_event "$1" finished && grep -A1 '^event: finished' "$1" | grep -qF "\"status\":\"$2\""; }

# ---- what it refuses to start with ------------------------------------------------------------------------------------

# does_not_start <text> <arguments>...: exit code 2, and that text says why.
does_not_start() {
    local text="$1" code
    shift
    timeout "$patience" "$program" "$@" >wrong.out 2>wrong.err </dev/null
    code=$?
    check "exit code 2 of: annotation_server $*" [ "$code" -eq 2 ]
    check "says '$text'" has wrong.err "$text"
    check "and is not ready" lines wrong.out 0
}
# wrong: the same, in one sentence.
wrong() {
    does_not_start "$@"
    check "in one line" lines wrong.err 1
}
# usage: the same, with a line more.
usage() {
    does_not_start "$@"
    check "and points at --help" has wrong.err 'Try: annotation_server --help'
}
echo "--- wrong use"
usage "--threads" --annotator synthetic --threads 0
usage "gold" --annotator synthetic --tier gold
usage "magic" --annotator magic
usage "--colour" --annotator synthetic --colour
usage "--images DIR" --annotator ocr
usage "takes an origin" --annotator synthetic --cors-origin '*'
usage "excludes" --annotator synthetic --keys keys --no-auth
wrong "takes an IP address, not nowhere.example" --annotator synthetic --address nowhere.example
wrong "the address 0.0.0.0 is not loopback: name a file of keys with --keys" --annotator synthetic --address 0.0.0.0
wrong "the address :: is not loopback" --annotator synthetic --address ::
wrong "the address 192.0.2.1 is not loopback" --annotator synthetic --address 192.0.2.1
wrong "cannot listen at 192.0.2.1:8080: " --annotator synthetic --address 192.0.2.1 --no-auth
wrong "there is no folder no-such-folder" --annotator synthetic --web no-such-folder
wrong "the file of keys no-such-file: it cannot be read" --annotator synthetic --keys no-such-file
bad_keys() { # <text> <line>...
    local text="$1"
    shift
    printf '%s\n' "$@" >bad.keys
    chmod 600 bad.keys
    wrong "the file of keys bad.keys: $text" --annotator synthetic --keys bad.keys --log-level none
}
good_line='{"key": "one", "tenant": "a", "tier": "free"}'
bad_keys "there is no key in it" ""
bad_keys "line 2: it must be a JSON object" "$good_line" 'key=two'
bad_keys "line 1: key is missing" '{"tenant": "a", "tier": "free"}'
bad_keys "line 3: tenant is missing" "$good_line" '' '{"key": "two"}'
bad_keys "line 2: tier must be free or paid, not gold" "$good_line" '{"key": "two", "tenant": "b", "tier": "gold"}'
bad_keys "line 1: tenant must be a text" '{"key": "two", "tenant": 7}'
bad_keys "line 1: key must not be empty" '{"key": "", "tenant": "a"}'
bad_keys "line 1: key may have letters" '{"key": "two words", "tenant": "a"}'
bad_keys "line 1: there is no field teir" '{"key": "one", "tenant": "a", "teir": "free"}'
bad_keys "line 2: key is that of an earlier line" "$good_line" '{"key": "one", "tenant": "b"}'
bad_keys "line 2: tier is another" "$good_line" '{"key": "two", "tenant": "a", "tier": "paid"}'
"$program" --help >wrong.out 2>wrong.err
check "exit code 0 of --help" [ $? -eq 0 ]
check "the help names every option" bash -c 'for o in address port threads annotator images lang latency-ms jitter-ms failure-rate tier max-concurrency rate-per-minute attempts attempt-timeout max-items max-jobs max-body-mib keys no-auth web cors-origin host drain-seconds log-level quiet; do grep -q -- "--$o" wrong.out || exit 1; done'

# ---- jobs -------------------------------------------------------------------------------------------------------------

echo "--- jobs"
mkdir -p web/assets && printf 'the page' >web/index.html && printf 'script' >web/assets/main-B7f3kQ_x.js && printf 'hidden' >web/.secret
quick=(--annotator synthetic --latency-ms 2 --jitter-ms 1 --failure-rate 0)
serve "${quick[@]}" --web web --cors-origin https://app.example --host batch.example --max-items 50 --rate-per-minute 0
check "the ready line is the only one on standard output" lines out 1
check "it listens on loopback" bash -c '[[ "$1" == http://127.0.0.1:* ]]' _ "$url"
port="${url##*:}"
wrong "cannot listen at 127.0.0.1:$port: Address already in use" --annotator synthetic --port "$port"

check "a start" start "$(ids cat 5), \"bad-1\", \"flaky-1\", \"throttled-1\"" '"concurrency": 4, "label": "first"'
check "it says where the status is" grep -qi "^location: /api/batch/annotations/$job/status" head
check "it counts the items" has body '"total":8'
follow events
wait "$stream"
check "the stream ends by itself" [ $? -eq 0 ]
check "its last event is the finish" finished_as events completed
check "milestones are told" has events '"percentage":100'
check "the status" answers 200 GET "/$job/status"
check "it adds up" has body '"progress":{"total":8,"processed":8,"successful":7,"failed":1,"percentage":100}'
check "the error is named" has body '"errorDistribution":{"Invalid image":1}'
check "the results" answers 200 GET "/$job/results"
check "a line an item" lines body 8
check "bad fails for good" grep -q '"attempts":1,.*"error":"Invalid image",.*"itemId":"bad-1","kind":"permanent"' body
check "flaky needs two attempts" grep -q '"attempts":2,.*"itemId":"flaky-1","status":"successful"' body
check "throttled needs one" grep -q '"attempts":1,.*"itemId":"throttled-1","status":"successful"' body
check "annotations have a label" grep -q '"annotation":{"confidence":0\.[0-9]*,"label":"[a-z]*","latencyMs":[0-9]*}' body
check "the job is listed" answers 200 GET '/jobs?limit=5&status=completed'
check "with its id" has body "$job"
check "retry" answers 201 POST "/$job/retry"
check "it names the first" has body "\"retryOf\":\"$job\""

check "a slow job starts" start '"slow-1", "slow-2", "slow-3"' '"concurrency": 2'
check "it is active" answers 200 GET /active
check "by its id" has body "$job"
follow events
begin=$SECONDS
check "cancel" answers 200 POST "/$job/cancel"
check "it says so" has body 'cancelled'
check "again is the same" answers 200 POST "/$job/cancel"
wait "$stream"
check "running attempts stop at once, not after 30 s" [ $((SECONDS - begin)) -lt 20 ]
check "the stream says cancelled" finished_as events cancelled

check "healthz" answers 200 GET "$url/healthz"
check "metrics" answers 200 GET "$url/metrics"
check "they count" has body 'batchpace_items_total{outcome="successful"} 7'
check "with their type" grep -qi '^content-type: text/plain; version=0.0.4' head
check "HEAD" answers 200 HEAD "/$job/status"
check "the page" answers 200 GET "$url/"
check "is the folder's" has body 'the page'
check "routes of the page too" answers 200 GET "$url/jobs/42"
policy() { grep -i ^content-security-policy: head; }
check "which may load what is its own, and pictures" bash -c '[[ "$1" == *"default-src '"'self'"'; img-src '"'self'"' data: blob: https:;"*"base-uri '"'none'"'"*"frame-ancestors '"'none'"'"* ]]' _ "$(policy)"
check "and be asked for anew" grep -qi '^cache-control: no-cache' head
check "what has a hash in its name is kept" answers 200 GET "$url/assets/main-B7f3kQ_x.js"
check "for good" grep -qi '^cache-control: .*immutable' head
check "nobody has to sign in" answers 200 GET "$url/session"
check "without keys" has body '{"annotator":"synthetic","pictures":false,"signInNeeded":false}'
check "nor does who tries get a cookie" answers 200 POST "$url/session" "${json[@]}" -d '{"key": "x"}'
check "really" bash -c '! grep -qi ^set-cookie head'
check "hidden files are not there" refuses 404 unknown-path GET "$url/.secret"
check "nor what lies outside" refuses 404 unknown-path GET "$url/../log" --path-as-is

echo "--- what is refused"
unknown=00000000-0000-7000-8000-000000000000
check "an unknown job" refuses 404 unknown-job GET "/$unknown/status"
check "an unknown path" refuses 404 unknown-path GET /nothing/here/at/all
check "another method" refuses 405 method-not-allowed DELETE /start
check "no JSON" refuses 400 malformed-request POST /start "${json[@]}" -d '{"imageIds": ['
check "another type" refuses 415 unsupported-media-type POST /start -H 'Content-Type: text/plain' -d '{"imageIds": ["a"]}'
check "a wrong field" refuses 422 invalid-request POST /start "${json[@]}" -d '{"imageIds": ["a"], "concurrency": 0}'
check "which is named" has body '"field":"concurrency"'
check "an item twice" refuses 422 duplicate-item POST /start "${json[@]}" -d '{"imageIds": ["a", "a"]}'
check "more items than --max-items" refuses 413 too-many-items POST /start "${json[@]}" -d "{\"imageIds\": [$(ids cat 51)]}"
check "another host's name" refuses 421 wrong-host GET /jobs -H 'Host: attacker.example'
check "the name of --host is fine" answers 200 GET /jobs -H 'Host: batch.example'
check "a page of a stranger" refuses 403 cross-origin POST "/$job/cancel" -H 'Origin: https://attacker.example'
check "that of --cors-origin is fine" answers 200 POST "/$job/cancel" -H 'Origin: https://app.example'
check "and may read the answer" grep -qi '^access-control-allow-origin: https://app.example' head
check "what nobody knows in a query does no harm" answers 200 GET '/jobs?api_key=abc123secret&limit=1'

# A line for each request, the streams' too; the one that was never finished would be missing.
request_lines() { [ "$(grep -c '"event":"request"' log)" -eq "$requests" ]; }
check "a line in the log for each request" wait_until request_lines
check "with everything" grep -qE '^\{"time":"20[0-9-]+T[0-9:.]+Z","level":"info","event":"request","peer":"127.0.0.1:[0-9]+","method":"GET","target":"/healthz","status":200,"bytes":15,"ms":[0-9.]+\}$' log
check "a secret in a URL is not in it" lacks log abc123secret
check "the rest of that URL is" has log '/jobs?api_key=…&limit=1'
check "job events" grep -qE "\"event\":\"job.finished\",\"jobId\":\"$job\",\"text\":\"cancelled" log
check "retries too" grep -q '"level":"warning","event":"job.retry".*"item":6,"text":"the connection was reset"' log
check "throttles too" grep -q '"level":"warning","event":"job.throttled".*"item":7,"text":"429 Too Many Requests"' log
kill -HUP "$server"
hup_was_seen() { grep -q '"event":"keys.none"' log; }
check "SIGHUP without --keys does no harm" wait_until hup_was_seen
kill -TERM "$server"
check "an idle server ends at once, with 0" stopped 0

# ---- keys -------------------------------------------------------------------------------------------------------------

echo "--- keys"
key_a=key-of-a.0123456789 key_b=key-of-b.0123456789 key_c=key-of-c.0123456789
keys_are() { printf '%s\n' "$@" >keys; }
keys_are "{\"key\": \"$key_a\", \"tenant\": \"a\", \"tier\": \"free\"}" "{\"key\": \"$key_b\", \"tenant\": \"b\"}"
chmod 644 keys
serve "${quick[@]}" --keys keys --address ::ffff:127.0.0.1
check "a file that everybody can read is warned of" has log '"event":"keys.readable"'
as_a=(-H "Authorization: Bearer $key_a") as_b=(-H "Authorization: bearer  $key_b") as_c=(-H "Authorization: Bearer $key_c")
check "without a key" refuses 401 unauthorized GET /jobs
check "it says what is wanted" grep -qi $'^www-authenticate: Bearer\r$' head
check "with a wrong one" refuses 401 unauthorized GET /jobs "${as_c[@]}"
check "it says so" grep -qi '^www-authenticate: Bearer error="invalid_token"' head
check "with another scheme" refuses 401 unauthorized GET /jobs -H "Authorization: Basic $key_a"
check "with two" refuses 401 unauthorized GET /jobs "${as_a[@]}" "${as_b[@]}"
check "with a part of one" refuses 401 unauthorized GET /jobs -H "Authorization: Bearer ${key_a%9}"
check "a start without" refuses 401 unauthorized POST /start "${json[@]}" -d '{"imageIds": ["a"]}'
check "healthz needs none" answers 200 GET "$url/healthz"
check "a starts" start "$(ids cat 30)" '' "${as_a[@]}"
of_a="$job"
check "b starts" start "$(ids dog 30)" '' "${as_b[@]}"
check "b does not see a's job" refuses 404 unknown-job GET "/$of_a/status" "${as_b[@]}"
check "nor ends it" refuses 404 unknown-job POST "/$of_a/cancel" "${as_b[@]}"
check "nor has it in the list" answers 200 GET /jobs "${as_b[@]}"
check "really" lacks body "$of_a"
follow events "${as_b[@]}"
wait "$stream"
check "b has no limit and finishes" finished_as events completed
processed_of_a() { call GET "/$of_a/status" "${as_a[@]}" && sed -n 's/.*"processed":\([0-9]*\),"successful".*/\1/p' body; }
ten_are_done() { [ "$(processed_of_a)" -eq 10 ]; }
check "a is free: ten a minute" wait_until ten_are_done
check "and says what it waits for" has body '"reason":"rate"'

echo "--- keys are read again"
keys_are "{\"key\": \"$key_c\", \"tenant\": \"c\", \"tier\": \"gold\"}"
kill -HUP "$server"
refused() { grep -q '"event":"keys.refused"' log; }
check "a bad file is refused" wait_until refused
check "and said why" has log 'line 1: tier must be free or paid, not gold'
check "the old keys stay" answers 200 GET /jobs "${as_a[@]}"
keys_are "{\"key\": \"$key_a\", \"tenant\": \"a\", \"tier\": \"paid\"}" "{\"key\": \"$key_c\", \"tenant\": \"c\"}"
kill -HUP "$server"
c_is_known() { call GET /jobs "${as_c[@]}"; [ "$status" = 200 ]; }
check "a good one counts" wait_until c_is_known
check "who is not in it is out" refuses 401 unauthorized GET /jobs "${as_b[@]}"
job="$of_a"
follow events "${as_a[@]}"
wait "$stream"
check "the paid tier lets the running job finish at once" finished_as events completed

echo "--- sessions"
# sign_in <key> [<argument of curl>...]: sets $status, and $cookie, what a browser would send from then on.
sign_in() {
    local key="$1"
    shift
    call POST "$url/session" "${json[@]}" -d "{\"key\": \"$key\"}" "$@"
    cookie="$(sed -n 's/^set-cookie: \(batchpace_session=[^;]*\);.*/\1/ip' head)"
    [ "$status" = 200 ] && [ -n "$cookie" ]
}
# has_line <pattern>: the head has such a line, from its beginning to its end.
has_line() { grep -qix "$1"$'\r' head || { sed 's/^/  /' head; return 1; }; }
tells() { answers 200 GET "$url/session" "$@"; }
needs_key() { tells "$@" && has body '"signInNeeded":true' && lacks body tenant; }
check "who has no key is told so" needs_key
check "and what there is" has body '{"annotator":"synthetic","pictures":false,"signInNeeded":true}'
check "who has one is told who they are" tells "${as_a[@]}"
check "with their tier" has body '{"annotator":"synthetic","pictures":false,"signInNeeded":false,"tenant":"a","tier":"paid"}'
check "no tier where there is none" tells "${as_c[@]}"
check "there" has body '"signInNeeded":false,"tenant":"c"}'
check "a wrong key" refuses 401 unauthorized POST "$url/session" "${json[@]}" -d '{"key": "no-such-key"}'
check "gets no cookie" bash -c '! grep -qi ^set-cookie head'
check "a body that is no JSON" refuses 400 malformed-request POST "$url/session" "${json[@]}" -d '{"key": '
check "one without a key" refuses 422 invalid-request POST "$url/session" "${json[@]}" -d '{"token": "x"}'
check "one of another type" refuses 415 unsupported-media-type POST "$url/session" -d "{\"key\": \"$key_a\"}"
printf '{"key": "%20000s"}' x >long.json
check "a long one" refuses 413 body-too-large POST "$url/session" "${json[@]}" -d @long.json
check "another method" refuses 405 method-not-allowed PUT "$url/session"
check "another host's name" refuses 421 wrong-host GET "$url/session" -H 'Host: attacker.example'
foreign=(-H 'Origin: https://attacker.example') same_site=(-H 'Sec-Fetch-Site: same-site')
check "a stranger's page cannot sign in" refuses 403 cross-origin POST "$url/session" "${json[@]}" "${foreign[@]}" -d "{\"key\": \"$key_a\"}"
check "nor can one of the same site" refuses 403 cross-origin POST "$url/session" "${json[@]}" "${same_site[@]}" -d "{\"key\": \"$key_a\"}"
check "our own can" sign_in "$key_a" -H "Origin: $url" -H 'Sec-Fetch-Site: same-origin'
check "the answer is that of GET" has body '"signInNeeded":false,"tenant":"a","tier":"paid"}'
check "the cookie is for us and the browser alone" has_line 'set-cookie: batchpace_session=v1\.[0-9a-f]\{16\}\.[0-9]*\.[0-9a-f]\{64\}; HttpOnly; SameSite=Strict; Path=/; Max-Age=43200'
check "behind a proxy that ends TLS" sign_in "$key_a" -H 'X-Forwarded-Proto: https'
check "it is never sent without" has_line 'set-cookie: .*; Max-Age=43200; Secure'
of_a="$cookie"
check "it does instead of a key" answers 200 GET /jobs -H "Cookie: $of_a"
check "among others" answers 200 GET /jobs -H "Cookie: theme=dark; batchpace_session=v1.x;  $of_a; last=1"
check "the tenant's jobs are there" has body "\"$job\""
check "and no others" lacks body dog1
check "GET tells who it is" tells -H "Cookie: $of_a"
check "by name" has body '"tenant":"a"'
check "a start by it" start '"cat-session"' '' -H "Cookie: $of_a" -H "Origin: $url"
check "not from a stranger's page" refuses 403 cross-origin POST "/$job/cancel" -H "Cookie: $of_a" "${foreign[@]}"
check "a key counts, though there is a cookie" answers 200 GET "/$job/status" -H "Cookie: $of_a" "${as_a[@]}"
check "so a wrong one is refused" refuses 401 unauthorized GET /jobs -H "Cookie: $of_a" "${as_b[@]}"
check "and one of another kind" refuses 401 unauthorized GET /jobs -H "Cookie: $of_a" -H 'Authorization: Basic abc'
check "another's key shows another's jobs" refuses 404 unknown-job GET "/$job/status" -H "Cookie: $of_a" "${as_c[@]}"

# What nobody can make who has not the key. The code of the real one is made here as well, by other means.
IFS=. read -r _ prefix_of_a expiry code <<<"$of_a"
digest_of() { printf %s "$1" | openssl dgst -sha256 -r | cut -d' ' -f1; }
code_of() { printf 'batchpace session v1.%s' "$2" | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$1" -r | cut -d' ' -f1; }
digest_of_a="$(digest_of "$key_a")"
later="$(($(date +%s) + 1000))"
made() { printf 'Cookie: batchpace_session=v1.%s.%s.%s' "$1" "$2" "$3"; }
has_ended() { refuses 401 unauthorized GET /jobs -H "$1" && has body 'sign in again' && needs_key -H "$1"; }
check "it is made as it is said to be" [ "$code" = "$(code_of "$digest_of_a" "$expiry")" ]
check "and lasts for twelve hours" [ $((expiry - $(date +%s) - 43200)) -ge -60 ]
check "one that is made so counts" answers 200 GET /jobs -H "$(made "$prefix_of_a" "$later" "$(code_of "$digest_of_a" "$later")")"
check "but not when it has expired" has_ended "$(made "$prefix_of_a" 1700000000 "$(code_of "$digest_of_a" 1700000000)")"
check "nor with a later end" has_ended "$(made "$prefix_of_a" "$later" "$code")"
check "nor with another code" has_ended "$(made "$prefix_of_a" "$expiry" "${code%?}$([[ $code == *0 ]] && echo 1 || echo 0)")"
check "nor for another's key" has_ended "$(made "$(digest_of "$key_c" | cut -c1-16)" "$expiry" "$code")"
check "nor for nobody's" has_ended "$(made 0000000000000000 "$expiry" "$code")"
check "nor without a number" has_ended "$(made "$prefix_of_a" '' "$(code_of "$digest_of_a" '')")"
for rubbish in "" v1 v1. v2.$prefix_of_a.$expiry.$code v1.$prefix_of_a.$expiry.$code.x v1.$prefix_of_a.$expiry "v1.$prefix_of_a.$expiry.${code^^}" v1..$expiry.$code; do
    check "what is no cookie of ours: '${rubbish:0:24}…'" refuses 401 unauthorized GET /jobs -H "Cookie: batchpace_session=$rubbish"
done

check "a stranger's page cannot sign out" refuses 403 cross-origin DELETE "$url/session" "${foreign[@]}"
check "signing out" answers 204 DELETE "$url/session" -H "Cookie: $of_a" -H "Origin: $url"
check "takes the cookie away" has_line 'set-cookie: batchpace_session=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0'
check "no pictures where there is no folder" refuses 404 no-pictures GET "$url/pictures" "${as_a[@]}"

check "c signs in" sign_in "$key_c"
keys_are "{\"key\": \"$key_c\", \"tenant\": \"c\"}"
kill -HUP "$server"
a_is_out() { call GET /jobs -H "Cookie: $of_a"; [ "$status" = 401 ]; }
check "the cookie dies with its key" wait_until a_is_out
check "others do not" answers 200 GET /jobs -H "Cookie: $cookie"
of_c="$cookie"
check "no key is in the log" lacks log "0123456789"
check "nor a cookie" lacks log "$code"
kill -INT "$server"
check "SIGINT ends it too" stopped 0
serve "${quick[@]}" --keys keys
check "a cookie outlives the server" answers 200 GET /jobs -H "Cookie: $of_c"
kill -TERM "$server"
check "exit code 0" stopped 0

# ---- the end ----------------------------------------------------------------------------------------------------------

echo "--- the end"
is_draining() { call GET "$url/healthz"; [ "$status" = 503 ]; }
serve --annotator synthetic --latency-ms 3000 --jitter-ms 0 --failure-rate 0
check "a job of 3 s" start '"cat"'
follow events
stream_has_begun() { [ -s events ]; }
check "is watched" wait_until stream_has_begun
kill -TERM "$server"
check "SIGTERM: the server is unhealthy" wait_until is_draining
check "no start" refuses 503 shutting-down POST /start "${json[@]}" -d '{"imageIds": ["a"]}'
check "that says when" grep -qi '^retry-after: [0-9]' head
check "but a status" answers 200 GET "/$job/status"
wait "$stream"
check "the stream ends with the finish" finished_as events completed
check "exit code 0" stopped 0
check "the log counts" has log '"jobsFinished":1,"jobsCancelled":0'

serve "${quick[@]}"
check "a job of 30 s" start '"slow"'
follow events
check "is watched" wait_until stream_has_begun
begin=$SECONDS
kill -TERM "$server"
check "SIGTERM waits for it" wait_until is_draining
kill -TERM "$server"
check "the second one cancels it: exit code 143" stopped 143
check "at once" [ $((SECONDS - begin)) -lt 20 ]
wait "$stream"
check "the stream ends with the finish" finished_as events cancelled

serve "${quick[@]}" --drain-seconds 1
check "a job of 30 s" start '"slow"'
begin=$SECONDS
kill -TERM "$server"
check "after the deadline it is cut off: exit code 1" stopped 1
check "in time" [ $((SECONDS - begin)) -lt 20 ]
check "the log says so" has log '"jobsCancelled":1,"itemsLeft":1,"abandoned":0,"deadlinePassed":true'

serve "${quick[@]}"
exec 9<>"/dev/tcp/127.0.0.1/${url##*:}"
printf 'GET /' >&9 # a request that has begun is waited for, for a while
check "it serves others" answers 200 GET /jobs
kill -TERM "$server"
jobs_have_ended() { grep -q '"event":"drained"' log; }
check "SIGTERM, but half a request is there" wait_until jobs_have_ended
kill -TERM "$server"
is_cancelling() { grep -q '"event":"cancel"' log; }
check "a second one" wait_until is_cancelling
kill -TERM "$server"
check "the third one ends it at once: exit code 143" stopped 143
exec 9<&-

echo "--- a client that leaves, and nobody who reads the log"
serve "${quick[@]}"
check "a job of 30 s" start '"slow"'
follow events
check "is watched" wait_until stream_has_begun
disown "$stream" # bash would report it
kill -KILL "$stream"
has_left() { grep -qF '"clientLeft":true' log; }
check "that the client has left is logged" wait_until has_left
check "the job goes on" answers 200 GET "/$job/status"
check "as before" has body '"status":"processing"'
kill -TERM "$server"
check "SIGTERM waits for it" wait_until is_draining
kill -INT "$server"
check "SIGINT cancels: exit code 130" stopped 130
mkfifo pipe
head -n 1 <pipe >first.line &
log_to=pipe
serve "${quick[@]}"
log_to=log
for _ in 1 2 3; do check "it serves" answers 200 GET /jobs; done
kill -TERM "$server"
check "exit code 0" stopped 0

echo "--- several threads"
serve --annotator synthetic --latency-ms 2 --jitter-ms 1 --threads 4 --failure-rate 0.05 --attempts 20 --max-concurrency 300 --quiet
printf '{"imageIds": [%s], "concurrency": 100}' "$(ids cat 2000)" >many.json
starts=()
for i in 1 2 3 4 5 6 7 8; do
    curl -sS --max-time "$patience" "${json[@]}" -d @many.json "$api/start" >"many.$i" 2>&1 &
    starts+=($!)
done
for i in "${starts[@]}"; do wait "$i"; done
check "eight starts at once" [ "$(cat many.? | grep -o '"jobId"' | wc -l)" -eq 8 ]
nothing_is_active() { call GET /active && [ "$(cat body)" = '{"jobs":[]}' ]; }
check "all end" wait_until nothing_is_active
check "with success" answers 200 GET '/jobs?status=completed'
check "each of them" [ "$(grep -o '"successful":2000,"total":2000' body | wc -l)" -eq 8 ]
check "only errors are logged" lines log 0
kill -TERM "$server"
check "exit code 0" stopped 0

# ---- pictures ---------------------------------------------------------------------------------------------------------

if [ -z "$make_pictures" ]; then
    echo "left out: the program is built without ocr"
else
    echo "--- pictures"
    mkdir pictures pictures/deeper outside && "$make_pictures" pictures >/dev/null || exit 1
    mv pictures/page-2.png pictures/deeper && mv pictures/page-3.png outside/secret.png
    ln -s ../outside/secret.png pictures/link-out.png
    ln -s ../outside pictures/folder-out
    ln -s page-1.png pictures/link-in.png
    ln -s nowhere pictures/dangling.png
    ln -s loop.png pictures/loop.png
    printf 'no picture' >pictures/text.png
    mkfifo pictures/pipe.png
    wrong "there is no folder no-such-folder" --images no-such-folder
    wrong "there is no folder $work/pictures/page-1.png" --images "$work/pictures/page-1.png"
    does_not_start "no data for the language zzz" --images pictures --lang zzz
    # What a browser is shown of them, where somebody must sign in first.
    printf 'GIF89a, hidden' >pictures/.hidden.gif
    printf 'GIF89a, called like a control character' >$'pictures/tab\t.gif'
    printf 'GIF89a, no UTF-8' >$'pictures/\xff.gif'
    printf 'GIF89a, and more' >'pictures/ä ?#%2e&+.gif'
    printf '<script>' >pictures/deeper/script.jpg
    printf 'GIF89a, another type than its name says' >pictures/deeper/wrong.PNG
    { printf 'GIF89a'; seq 100000; } >pictures/deeper/large.gif
    mkdir pictures/.thumbnails && cp pictures/page-1.png pictures/.thumbnails
    keys_are "{\"key\": \"$key_a\", \"tenant\": \"a\"}"
    chmod 600 keys
    serve --annotator synthetic --images pictures --keys keys
    ids_in_body() { grep -o '"id":"[^"]*"' body | cut -d'"' -f4 | paste -sd' '; }
    # lists <ids> <query>
    lists() {
        answers 200 GET "$url/pictures$2" "${as_a[@]}" || return 1
        [ "$(ids_in_body)" = "$1" ] && return 0
        echo "  it lists: $(ids_in_body)"
        return 1
    }
    fetch() { local name="$1"; shift; answers 200 GET "$url/pictures/$name" "${as_a[@]}" "$@"; }
    no_picture() { refuses 404 unknown-picture GET "$url/pictures/$1" --path-as-is "${as_a[@]}" && has body "$2"; }
    all='bomb.png deeper/large.gif deeper/page-2.png deeper/script.jpg deeper/wrong.PNG dense.png link-in.png page-1.png page-4.png page-5.png'
    all+=' page-6.png plain.bmp text.png turned-1.jpg turned-2.jpg turned-3.jpg ä ?#%2e&+.gif'
    check "the list needs a key" refuses 401 unauthorized GET "$url/pictures"
    check "and so does a picture" refuses 401 unauthorized GET "$url/pictures/page-1.png"
    check "a session knows of them" tells "${as_a[@]}"
    check "there" has body '"pictures":true'
    check "the list has all that could be one, and nothing that is hidden or leads out" lists "$all" ''
    check "with their sizes" has body "{\"bytes\":$(stat -c %s pictures/page-1.png),\"id\":\"page-1.png\"}"
    check "it is all of it" lacks body next
    check "a part of it" lists 'deeper/large.gif deeper/page-2.png deeper/script.jpg deeper/wrong.PNG' '?contains=DEEPER%2F'
    check "nothing" lists '' '?contains=no+such'
    check "a page of it" lists 'deeper/large.gif deeper/page-2.png' '?contains=deeper&limit=2'
    check "says where it goes on" has body '"next":"deeper/page-2.png"'
    check "the next one" lists 'deeper/script.jpg deeper/wrong.PNG' '?contains=deeper&limit=2&after=deeper/page-2.png'
    check "is the last" lacks body next
    check "behind what is not there" lists 'ä ?#%2e&+.gif' '?after=zzz'
    for limit in 0 1001 x -1 ''; do check "a limit of '$limit'" refuses 400 invalid-query GET "$url/pictures?limit=$limit" "${as_a[@]}"; done
    check "another method" refuses 405 method-not-allowed POST "$url/pictures" "${as_a[@]}"
    check "another host's name" refuses 421 wrong-host GET "$url/pictures/page-1.png" "${as_a[@]}" -H 'Host: attacker.example'

    check "a picture" fetch page-1.png
    check "is that" cmp body pictures/page-1.png
    check "of its type" has_line 'content-type: image/png'
    check "whatever a browser thinks" has_line 'x-content-type-options: nosniff'
    check "by itself it is nothing more" grep -qi '^content-security-policy: sandbox' head
    check "other pages cannot show it" has_line 'cross-origin-resource-policy: same-origin'
    check "others' caches do not keep it" has_line 'cache-control: private, no-cache'
    tag="$(sed -n 's/^etag: \(.*\)\r$/\1/ip' head)"
    check "it is not sent twice" answers 304 GET "$url/pictures/page-1.png" "${as_a[@]}" -H "If-None-Match: $tag"
    check "HEAD" answers 200 HEAD "$url/pictures/page-1.png" "${as_a[@]}"
    check "tells the length" has_line "content-length: $(stat -c %s pictures/page-1.png)"
    check "one in a folder" fetch deeper/page-2.png
    check "is that" cmp body pictures/deeper/page-2.png
    check "also with an escaped slash" fetch deeper%2Fpage-2.png
    check "one that is sent in pieces" fetch deeper/large.gif
    check "is that" cmp body pictures/deeper/large.gif
    check "any name" fetch '%C3%A4%20%3F%23%252e%26+.gif'
    check "is that" has body 'GIF89a, and more'
    check "even one that is no UTF-8" fetch '%ff.gif'
    check "is that" has body 'no UTF-8'
    check "the type is that of the first bytes" fetch deeper/wrong.PNG
    check "not of the name" has_line 'content-type: image/gif'
    check "a link that stays inside" fetch link-in.png
    check "by a cookie" sign_in "$key_a"
    check "too" answers 200 GET "$url/pictures/page-1.png" -H "Cookie: $cookie"
    leaves='the name leads out of the folder of pictures'
    check "a link that leads out" no_picture link-out.png "$leaves"
    check "a folder's link that leads out" no_picture folder-out/secret.png "$leaves"
    for out in ../outside/secret.png %2e%2e/outside/secret.png ..%2foutside%2fsecret.png deeper/../../outside/secret.png \
        "$work/outside/secret.png" "${work//\//%2F}%2Foutside%2Fsecret.png" /etc/passwd; do
        check "$out" no_picture "$out" "$leaves"
    done
    check "a double escape is a name" no_picture %252e%252e%252foutside%252fsecret.png 'no such file'
    check "an escape that is none" refuses 400 malformed-request GET "$url/pictures/%2" "${as_a[@]}"
    check "a zero byte" refuses 400 malformed-request GET "$url/pictures/page-1.png%00.png" "${as_a[@]}"
    check "a missing one" no_picture missing.png 'no such file'
    check "a link that leads nowhere" no_picture dangling.png 'no such file'
    check "what is no picture" no_picture text.png 'not a picture'
    check "a script" no_picture deeper/script.jpg 'not a picture'
    check "a pipe" no_picture pipe.png 'not a regular file'
    check "a folder" no_picture deeper 'not a regular file'
    check "the folder" no_picture '' 'not a regular file'
    kill -TERM "$server"
    check "exit code 0" stopped 0
    rm -r pictures/*' '* pictures/deeper/[lsw]* pictures/.[ht]* pictures/*$'\t'* pictures/$'\xff.gif'

    serve --images pictures
    check "Tesseract starts no threads of its own" grep -qz '^OMP_THREAD_LIMIT=1$' "/proc/$server/environ"
    check "a start" start '"page-1.png", "deeper/page-2.png", "./page-4.png", "link-in.png", "link-out.png",
        "folder-out/secret.png", "../outside/secret.png", "deeper/../page-1.png", "'"$work"'/pictures/page-1.png",
        "/etc/passwd", "missing.png", "page-1.png/x", "dangling.png", "loop.png", "text.png",
        "pipe.png", "deeper", "."'
    follow events
    wait "$stream"
    check "it completes" finished_as events completed
    check "the results" answers 200 GET "/$job/results"
    check "a line each" lines body 18
    reads() { grep -F "\"itemId\":\"$1\"," body | grep -q "\"status\":\"successful\"" && grep -F "\"itemId\":\"$1\"," body | grep -qF "\"text\":\"$2\""; }
    fails() { grep -F "\"itemId\":\"$1\"," body | grep -F '"attempts":1,' | grep -F '"kind":"permanent"' | grep -qF "\"error\":\"$2" || { grep -F "\"itemId\":\"$1\"" body; false; }; }
    check "the text of a page" reads page-1.png "Invoice number 104"
    check "of one in a folder" reads deeper/page-2.png "Invoice number 204"
    check "of one behind a dot" reads ./page-4.png "Invoice number 404"
    check "of one behind a link that stays inside" reads link-in.png "Invoice number 104"
    check "size, colours and hash are there" grep -qE '"dominantColors":\[\{"color":"#ffffff","share":0\.9[0-9]*\}.*"height":120,"perceptualHash":"[0-9a-f]{16}".*"width":900' body
    check "a link that leads out" fails link-out.png "$leaves"
    check "a folder's link that leads out" fails folder-out/secret.png "$leaves"
    check "dots that lead out" fails ../outside/secret.png "$leaves"
    check "dots that would not" fails deeper/../page-1.png "$leaves"
    check "an absolute path" fails "$work/pictures/page-1.png" "$leaves"
    check "another" fails /etc/passwd "$leaves"
    check "a missing one" fails missing.png "no such file"
    check "a file as a folder" fails page-1.png/x "no such file"
    check "a link that leads nowhere" fails dangling.png "no such file"
    check "a link that leads to itself" fails loop.png "a link that leads back to itself"
    check "what is no picture" fails text.png "not a picture"
    check "a pipe" fails pipe.png "not a regular file"
    check "a folder" fails deeper "a folder"
    check "nothing of what is outside is read" lacks body "Invoice number 304"
    kill -TERM "$server"
    check "exit code 0" stopped 0
fi

echo
if [ "$failures" -gt 0 ]; then
    echo "$failures checks failed"
    exit 1
fi
echo "all checks passed"
