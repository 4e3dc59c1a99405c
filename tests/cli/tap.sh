# SPDX-License-Identifier: PostgreSQL
# shellcheck shell=bash
#
# What the tests of the command line share; to be sourced. Each test runs the program
# (GONOGO, by default the release build) in a folder of its own, with its own state
# folder, and prints TAP. Nothing here needs a server.

set -u
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
GONOGO=${GONOGO:-$root/build/release/gonogo}
case $GONOGO in
/*) ;;
*) GONOGO=$PWD/$GONOGO ;;
esac
if [ ! -x "$GONOGO" ]; then
    echo "Bail out! no program at $GONOGO"
    exit 99
fi
plan=$root/plans/week1-wednesday/plan.yaml
work=$(mktemp -d "${TMPDIR:-/tmp}/gonogo-cli.XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 99
export XDG_STATE_HOME=$work/state HOME=$work/home
unset XDG_CACHE_HOME PGHOST PGPORT PGUSER PGDATABASE PGSERVICE PGPASSWORD POSIXLY_CORRECT
mkdir -p "$HOME"

tests=0
failures=0

ok() { # NAME: the test before it succeeded
    tests=$((tests + 1))
    echo "ok $tests - $1"
}

not_ok() { # NAME DETAIL
    tests=$((tests + 1))
    failures=$((failures + 1))
    echo "not ok $tests - $1"
    printf '%s\n' "${2:-}" | sed 's/^/# /'
}

# run ARGUMENT...: stdout in $out, stderr in $err, exit code in $code
run() {
    "$GONOGO" "$@" >"$work/.out" 2>"$work/.err" </dev/null
    code=$?
    out=$(cat "$work/.out")
    err=$(cat "$work/.err")
}

# exits NAME CODE ARGUMENT...
exits() {
    local name=$1 wanted=$2
    shift 2
    run "$@"
    if [ "$code" -eq "$wanted" ]; then
        ok "$name"
    else
        not_ok "$name" "exit code $code, wanted $wanted: gonogo $*
$err"
    fi
}

# says NAME TEXT WORD: the text holds the word
says() {
    case $2 in
    *"$3"*) ok "$1" ;;
    *) not_ok "$1" "\"$3\" is not in: $2" ;;
    esac
}

# lacks NAME TEXT WORD
lacks() {
    case $2 in
    *"$3"*) not_ok "$1" "\"$3\" is in: $2" ;;
    *) ok "$1" ;;
    esac
}

# same NAME GOT WANTED
same() {
    if [ "$2" = "$3" ]; then
        ok "$1"
    else
        not_ok "$1" "got:    $2
wanted: $3"
    fi
}

finish() {
    echo "1..$tests"
    [ "$failures" -eq 0 ]
    exit
}
