#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
#
# Runs the real annotate_images on real files, good and broken ones, and looks at what it prints, writes and returns.
# usage: annotate_images.sh ANNOTATE_IMAGES ANNOTATE_IMAGES_PICTURES
set -u
export LC_ALL=C
unset OMP_THREAD_LIMIT
program="$(realpath "$1")" make_pictures="$(realpath "$2")"

. "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/checks.sh" || exit 1

work="$(mktemp -d)" || exit 1
running=""
tidy_up() {
    [ -n "$running" ] && kill -KILL "$running" 2>/dev/null
    rm -rf "$work"
}
trap tidy_up EXIT
cd "$work" && mkfifo never || exit 1

# run <expected exit code> <arguments>...: standard output goes to ./out, standard error to ./err.
run() {
    local expected="$1" code
    shift
    "$program" "$@" >out 2>err </dev/null
    code=$?
    check "exit code $expected of: annotate_images $(printf '%q ' "$@")" [ "$code" -eq "$expected" ]
    if [ "$code" -ne "$expected" ]; then
        echo "  it was $code"
        sed 's/^/  /' err
    fi
}
# line_of <item as in JSON>: its line in ./out.
line_of() { grep -F "{\"itemId\":\"$1\"," out; }
# failed_with <item> <text>: one line, failed at the first attempt for good, with this text.
failed_with() {
    local line
    line="$(line_of "$1")"
    [[ "$line" == *'"status":"failed","error":"'*"$2"*'","kind":"permanent","attempts":1,"durationMs":'*',"finishedAt":"20'*'Z"}' ]] &&
        [ "$(wc -l <<<"$line")" -eq 1 ] && return 0
    echo "  it was: $line"
    return 1
}

mkdir good bad turned && "$make_pictures" good && mv good/bomb.png bad && mv good/dense.png good/plain.bmp . &&
    mv good/turned-*.jpg turned || exit 1

echo "--- good pictures"
run 0 good
check "six lines" lines out 6
for page in 1 2 3 4 5 6; do
    check "the text of page $page" grep -qE '"itemId":"good/page-'$page'.png","status":"successful".*"text":"Invoice number '$page'04"' out
done
check "every line has every field" [ "$(grep -cE '^\{"itemId":"[^"]+","status":"successful","annotation":\{"format":"PNG","width":900,"height":120,"text":"[^"]*","words":\[\{"text":"Invoice","confidence":[0-9.]+,"box":\{"x":[0-9]+,"y":[0-9]+,"width":[0-9]+,"height":[0-9]+\}\},.*\],"dominantColors":\[\{"color":"#ffffff","share":0\.9[0-9]*\}.*\],"perceptualHash":"[0-9a-f]{16}"\},"attempts":1,"durationMs":[0-9.]+,"finishedAt":"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]{3}Z"\}$' out)" -eq 6 ]
check "the summary counts them" has err "6 of 6 pictures annotated"
check "no bar outside a terminal" lacks err $'\r'
run 0 --table good
check "the table has a row with size and text" grep -qE '^page-3\.png +900x120 +#ffffff.* ms  Invoice number 304$' out
check "the table holds no JSON" lacks out '{'

echo "--- pictures as a camera holds them"
# camera <quarters> <EXIF block>: the JPEG with the note of how it lies, spliced in behind its first two bytes.
camera() {
    { head -c 2 "turned/turned-$1.jpg"; printf "\\377\\341\\0\\042Exif\\0\\0$2"; tail -c +3 "turned/turned-$1.jpg"; } >"turned/upright-$1.jpg"
}
camera 1 'II*\0\010\0\0\0\001\0\022\001\003\0\001\0\0\0\010\0\0\0\0\0\0\0' # orientation 8
camera 2 'MM\0*\0\0\0\010\0\001\001\022\0\003\0\0\0\001\0\003\0\0\0\0\0\0' # orientation 3
camera 3 'II*\0\010\0\0\0\001\0\022\001\003\0\001\0\0\0\006\0\0\0\0\0\0\0' # orientation 6
run 0 turned
for quarters in 1 2 3; do
    check "turned upright by $quarters" grep -qE '"itemId":"turned/upright-'$quarters'.jpg".*"format":"JPEG","width":900,"height":120,"text":"Turned upright"' out
done
check "left as it lies without a note" grep -qE '"itemId":"turned/turned-1.jpg".*"width":120,"height":900' out

echo "--- broken files, one among good ones each"
head -c 300 good/page-1.png >bad/cut.png
head -c 4000 turned/turned-2.jpg >bad/cut.jpg
head -c 50000 plain.bmp >bad/cut.bmp # stb_image alone would fill it up with black
printf 'This is a text.\n' >bad/text.jpg
: >bad/empty.png
ln -s nowhere bad/dangling.png
mkfifo bad/pipe.png
printf 'RIFF\0\0\0\0WEBPVP8 ' >bad/really-webp.png
printf '\211PNG\r\n\032\n\0\0\0\rIHDR\0\0\0\001\0\0\0\001\077\077\0\0\0\0\0\0\0' >bad/damaged.png
cp good/page-1.png $'bad/new\nline.png'
cp good/page-2.png $'bad/not-utf8-\377.png'
cp good/page-3.png 'bad/has "quotes" & blanks.PNG'
printf 'no picture' >bad/notes.txt
mkdir -p bad/deeper/still && cp good/page-4.png bad/deeper/still/page-4.png
ln -s .. bad/deeper/upwards
run 1 bad no-such-file.png bad/text.jpg ./bad/empty.png
check "one line each" lines out 15
check "cut off" failed_with bad/cut.png "cut off"
check "cut off JPEG" failed_with bad/cut.jpg "cut off"
check "cut off BMP" failed_with bad/cut.bmp "cut off"
check "text" failed_with bad/text.jpg "not a picture"
check "zero bytes" failed_with bad/empty.png "empty"
check "bomb" failed_with bad/bomb.png "too large: 30000 x 30000"
check "dangling link" failed_with bad/dangling.png "leads nowhere"
check "pipe" failed_with bad/pipe.png "not a regular file"
check "another format" failed_with bad/really-webp.png "WebP"
check "damaged" failed_with bad/damaged.png "damaged"
check "missing" failed_with no-such-file.png "no such file"
good_one() { line_of "$1" | grep -q "\"status\":\"successful\".*\"text\":\"$2\""; }
check "a newline in the name" good_one 'bad/new\nline.png' "Invoice number 104"
check "quotes in the name" good_one 'bad/has \"quotes\" & blanks.PNG' "Invoice number 304"
check "a name that is not UTF-8" grep -qF $'"itemId":"bad/not-utf8-\357\277\275.png","itemIdBytes":"6261642f6e6f742d757466382dff2e706e67","status":"successful"' out
check "deeper folders" good_one bad/deeper/still/page-4.png "Invoice number 404"
check "the summary counts" has err "4 of 15 pictures annotated"
check "the summary says why" has err "1 x the file is empty"
check "other files are left alone" has err "other files left alone: 1"
run 1 bad/notes.txt
check "a file that is named is taken whatever its name" failed_with bad/notes.txt "not a picture"

# A user who is not root meets files and folders that may not be read; root can put on another's shoes.
as_nobody=()
if [ "$(id -u)" -eq 0 ]; then as_nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups); fi
mkdir locked locked/folder && cp good/page-1.png locked/secret.png && cp good/page-2.png locked/open.png
cp good/page-3.png locked/folder/inside.png
chmod 755 "$work" && chmod 0 locked/secret.png locked/folder
if "${as_nobody[@]}" "$program" --help >/dev/null 2>&1; then
    "${as_nobody[@]}" "$program" locked >out 2>err
    check "exit code 1 with locked files" [ $? -eq 1 ]
    check "locked file" failed_with locked/secret.png "permission denied"
    check "locked folder" failed_with locked/folder "permission denied"
    check "the others go on" good_one locked/open.png "Invoice number 204"
else
    echo "skipped: another user cannot run the program here"
fi
chmod 755 locked/folder

echo "--- time-out"
run 1 --timeout 1 --attempts 2 --concurrency 1 dense.png good/page-1.png
check "the slow one is stopped and tried again" grep -qE '"itemId":"dense.png","status":"failed","error":".*","kind":"timed_out","attempts":2' out
check "the other one is done" good_one good/page-1.png "Invoice number 104"

echo "--- wrong use"
mkdir nothing
wrong() { # <text> <arguments>...
    local text="$1"
    shift
    run 2 "$@"
    check "says '$text'" has err "$text"
    check "nothing on standard output" lines out 0
}
wrong "no PATH"
wrong "--colour" --colour good
wrong "--concurrency takes a whole number" --concurrency 0 good
wrong "not '3x'" --attempts 3x good
wrong "--rate-per-minute needs a value" good --rate-per-minute
wrong "--timeout takes seconds" --timeout=-1 good
wrong "--tier takes free or paid" --tier gold good
wrong "--resume needs --out" --resume good
wrong "--table takes no value" --table=yes good
wrong "no data for the language" --lang zzz good
wrong "no pictures in nothing" nothing
wrong "cannot write" --out nothing/deeper/out.jsonl good
run 0 --help
check "the help names every option" bash -c 'for o in --out --concurrency --rate-per-minute --attempts --timeout --tier --lang --resume --table; do grep -q -- "$o" out || exit 1; done'
run 1 -o /dev/full good
check "a full disk is said" has err "No space left"

echo "--- resume"
cp good/page-1.png good/page-2.png nothing
printf 'not yet' >nothing/page-3.png
run 1 --out results.jsonl nothing
check "three lines in the file" lines results.jsonl 3
check "none on standard output" lines out 0
cp good/page-3.png nothing/page-3.png
cp good/page-4.png $'nothing/late\377.png'
first="$(grep page-1 results.jsonl)"
printf '%s' '{"itemId":"nothing/page-3.png","status":"succ' >>results.jsonl # as a kill leaves it
run 0 --resume --out results.jsonl ./nothing/
check "one line an item, the failed one replaced" lines results.jsonl 4
check "what was there is kept" grep -qF "$first" results.jsonl
check "all are successful now" [ "$(grep -c '"status":"successful"' results.jsonl)" -eq 4 ]
check "the others were skipped" has err "2 were done before"
run 0 --resume --out results.jsonl nothing
check "nothing is left" has err "nothing left to do"
check "nothing was added" lines results.jsonl 4
run 0 --resume --out fresh.jsonl nothing
check "resume without a file starts one" lines fresh.jsonl 4
run 2 --resume --out good/page-1.png nothing
check "a file that is not ours is refused" has err "not written by annotate_images"
check "and left as it is" cmp good/page-1.png nothing/page-1.png
run 0 --out results.jsonl nothing/page-1.png
check "without --resume it begins anew" lines results.jsonl 1
check "and keeps the earlier file" lines results.jsonl~ 4

echo "--- Ctrl-C"
# Two starts a minute: whatever the machine, most is left when the first two are done.
set -m # gives the program its own process group and its own handling of SIGINT
"$program" --rate-per-minute 2 --concurrency 1 --out stopped.jsonl good >out 2>err </dev/null &
running=$!
set +m
two_done() { [ -e stopped.jsonl ] && lines stopped.jsonl 2; }
check "two are done" wait_until two_done
check "Tesseract starts no threads of its own" grep -qz '^OMP_THREAD_LIMIT=1$' "/proc/$running/environ"
kill -INT "$running"
begin=$SECONDS
wait "$running"
code=$?
running=""
check "exit code 130" [ "$code" -eq 130 ]
check "at once, not a minute later" [ $((SECONDS - begin)) -lt 30 ]
check "what is done is kept" two_done
check "the summary is printed" has err "2 of 6 pictures annotated"
check "it counts what was left" has err "4 left undone"
run 0 --resume --out stopped.jsonl good
check "resume does the rest" lines stopped.jsonl 6

echo "--- kill -9"
set -m
"$program" --rate-per-minute 2 --concurrency 1 --out killed.jsonl good >out 2>err </dev/null &
running=$!
set +m
one_done() { [ -s killed.jsonl ]; }
check "one is done" wait_until one_done
kill -KILL "$running"
wait "$running" 2>/dev/null
running=""
run 0 --resume --out killed.jsonl good
check "resume does the rest" lines killed.jsonl 6

echo "--- a terminal"
if ! script -qec true /dev/null </dev/null >/dev/null 2>&1; then
    echo "left out: this machine gives no pseudo-terminal"
else
    script -qec "stty cols 90; $(printf '%q ' "$program" --table good); echo code \$?" /dev/null </dev/null >out 2>&1
    check "a bar" grep -qE '\] +[0-9]+ % [0-9]/6' out
    check "redrawn in place" has out $'\r\033[K'
    check "exit code 0" has out "code 0"
fi

echo
if [ "$failures" -gt 0 ]; then
    echo "$failures checks failed"
    exit 1
fi
echo "all checks passed"
