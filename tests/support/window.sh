# SPDX-License-Identifier: PostgreSQL
# shellcheck shell=bash
#
# A maintenance window for shell tests; to be sourced. Starts a throw-away PostgreSQL
# beside the script (tests/support/with-server) when there is none, and gives each test
# a database of its own, a plan folder of its own, a walk of the real program, and the
# eyes to judge it: exit code, stdout, stderr, report.json, and the database, asked as
# superuser apart from the program. JSON is read by PostgreSQL, the one reader that is
# always there.
#
#   small_world           one table, one migration, one check: half a second a walk
#   week1_world           a copy of the week-1 database and of its plan, trimmed
#   walk ARGUMENT...      `gonogo run` headless with the answers: $code $out $err, $report
#   db SQL, number SQL    what the world's database says
#   json PATH             a value of the last report.json, as jsonpath
#
# Prints TAP; finish() prints the plan and decides the exit code.

set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
if [ -z "${GONOGO_TEST_SOCKET_DIR:-}" ]; then
    exec "$here/with-server" bash "$0" "$@"
fi
GONOGO=${GONOGO:-$root/build/release/gonogo}
case $GONOGO in
/*) ;;
*) GONOGO=$PWD/$GONOGO ;;
esac
if [ ! -x "$GONOGO" ]; then
    echo "Bail out! no program at $GONOGO"
    exit 99
fi
export LC_ALL=C.UTF-8
PATH=$GONOGO_TEST_BINDIR:$PATH
work=$(mktemp -d "${TMPDIR:-/tmp}/gonogo-window.XXXXXX")
database=w$$
template=week1_template
children=()
window_end() {
    local child
    for child in "${children[@]:-}"; do
        [ -z "$child" ] || kill -KILL "$child" 2>/dev/null
    done
    # Whoever is still inside must not keep the server's shutdown waiting.
    drop_database "$database"
    rm -rf "$work"
}
trap window_end EXIT
trap 'exit 130' INT TERM HUP
cd "$work" || exit 99
export XDG_STATE_HOME=$work/state XDG_CACHE_HOME=$work/cache HOME=$work/home
mkdir -p "$HOME"
folder=$work/plan
report=$work/report

# ---------------------------------------------------------------- TAP

tests=0
failures=0

ok() { # NAME: a test that passed
    tests=$((tests + 1))
    echo "ok $tests - $1"
}

not_ok() { # NAME DETAIL
    tests=$((tests + 1))
    failures=$((failures + 1))
    echo "not ok $tests - $1"
    printf '%s\n' "${2:-}" | tail -n 12 | sed 's/^/# /'
}

says() { # NAME TEXT WORD
    case $2 in
    *"$3"*) ok "$1" ;;
    *) not_ok "$1" "\"$3\" is not in: $2" ;;
    esac
}

lacks() { # NAME TEXT WORD
    case $2 in
    *"$3"*) not_ok "$1" "\"$3\" is in: $2" ;;
    *) ok "$1" ;;
    esac
}

same() { # NAME GOT WANTED
    if [ "$2" = "$3" ]; then
        ok "$1"
    else
        not_ok "$1" "got:    $2
wanted: $3"
    fi
}

# exits NAME WANTED: the last walk's exit code
exits() {
    if [ "$code" = "$2" ]; then
        ok "$1"
    else
        not_ok "$1" "exit code $code, wanted $2
$err"
    fi
}

finish() {
    echo "1..$tests"
    [ "$failures" -eq 0 ]
    exit
}

# ---------------------------------------------------------------- databases

super() { psql -X -q -At -v ON_ERROR_STOP=1 "$@"; }

drop_database() { super -d postgres -c "drop database if exists \"$1\" with (force)" 2>/dev/null; }

db() { super -d "$database" -c "$1"; }

owner() { super -d "$database" -U app_owner -c "$1"; }

# becomes SQL WANTED: asks for up to ten seconds; for what the server does on its own time
becomes() {
    local try
    for ((try = 0; try < 500; try++)); do
        [ "$(db "$1")" = "$2" ] && return 0
        sleep 0.02
    done
    return 1
}

ours="from pg_stat_activity where application_name like 'gonogo%' and datname = current_database()"

# nothing_left NAME: F20, no session and no lock of the program
nothing_left() {
    if becomes "select count(*) $ours" 0 &&
        [ "$(db "select count(*) from pg_locks where locktype = 'advisory'")" = 0 ]; then
        ok "$1"
    else
        not_ok "$1" "$(db "select pid, state, application_name, query $ours")"
    fi
}

# ---------------------------------------------------------------- worlds

new_folder() {
    rm -rf "$folder" "$report"
    mkdir "$folder"
    answers=$folder/answers.yaml
}

# small_plan [TARGET KEYS] [STEP KEYS] [WHOLE BLOCKS]: the small plan, with more keys
small_plan() {
    cat >"$folder/plan.yaml" <<PLAN
version: 1
name: small plan
ledger: { table: schema_migrations, style: plain, create: true }
targets: [{ id: only, environment: test${1:-} }]
state:
  count: [{ what: tables, before: 2, after: 3 }]
  changes: [{ what: tables, new: [orders] }]
steps:
  - migration: "001"
    file: 001.sql
    undo: 001_down.sql
${2:-}
verification:
  sets: [{ name: rows, checks: [{ id: Q1, sql: select count(*) from orders, equals: 2 }] }]
rollback: [{ id: undo, title: Undo, kind: down, takes: 1m, to: "000" }]
${3:-}
PLAN
}

small_answers() { # [MORE]
    printf 'version: 1\nas: { name: anna }\ndatabase: %s\ncheckpoints: continue\non_failure: hold\n%s\n' \
        "$database" "${1:-}" >"$answers"
}

small_world() {
    new_folder
    small_plan "" "" ""
    small_answers
    echo 'create table orders (id int primary key); insert into orders values (1), (2);' >"$folder/001.sql"
    echo 'drop table orders;' >"$folder/001_down.sql"
    drop_database "$database"
    super -d postgres -c "create database $database owner app_owner"
    owner "create table customers (id int primary key, name text);
        insert into customers values (1, 'a'), (2, 'b');
        create table schema_migrations (version text primary key, description text,
            applied_at timestamptz, checksum text, duration_ms bigint, applied_by text,
            run_id text, journal_head text)"
}

# The week-1 database is loaded once a server; each world is a copy of its files.
week1_template() {
    [ "$(super -d postgres -c "select count(*) from pg_database where datname = '$template'")" = 0 ] || return 0
    super -d postgres -c "create database $template owner app_owner"
    super -d "$template" -U app_owner -f "$root/plans/week1-wednesday/seed.sql" >/dev/null
    super -d "$template" -c 'vacuum analyze'
}

# week1_plan: the plan without the dump, with probes that need no web server
week1_plan() {
    rm -rf "$folder"
    cp -R "$root/plans/week1-wednesday" "$folder"
    answers=$folder/answers.yaml
    : >"$work/app.log"
    sed -i -e '/^    values:$/d' -e '/{ name: app_/d' \
        -e '/^  - id: staging/,/^  - id: scratch/{/^  - id: scratch/!d}' \
        -e "s|^    seed: seed.sql|    values: [{ name: app_log, value: $work/app.log }]|" \
        -e '/{ id: dump,  *kind: pg_dump/d' -e '/{ id: dump,  *title: Restore/d' \
        -e '/http: /d' -e '/probe: \(health\|campaigns\|moves\) }/d' -e '/id: a2,/d' \
        -e 's|^  slot: "10:00 + 2h"|  slot: "10:00 + 2m"|' -e '/^notify:/d' \
        -e 's|^  every: 10s|  every: 1s|' "$folder/plan.yaml"
    sed -i -e "s|^database: app|database: $database|" "$answers"
}

week1_world() {
    week1_template
    week1_plan
    rm -rf "$report"
    drop_database "$database"
    # from 15 on files are only copied when it is asked for
    super -d postgres <<SQL
select 'create database $database owner app_owner template $template' ||
    case when current_setting('server_version_num')::int >= 150000 then ' strategy file_copy' else '' end \gexec
SQL
}

# edit SED: changes the plan
edit() { sed -i -e "$1" "$folder/plan.yaml"; }

# ---------------------------------------------------------------- walks

go() { # ARGUMENT...: the program, as the owner of the database
    env PGUSER=app_owner PGDATABASE="$database" timeout 120 "$GONOGO" "$@" >"$work/.out" 2>"$work/.err" </dev/null
    code=$?
    out=$(tr -d '\0' <"$work/.out")
    err=$(tr -d '\0' <"$work/.err")
}

walk() { # ARGUMENT...: one headless run
    rm -rf "$report"
    go run "$folder/plan.yaml" --headless --as anna --answers "$answers" --report "$report" "$@"
}

# timed_walk ARGUMENT...: with the clock of the week-1 window, monitoring compressed
timed_walk() { walk --clock-at 2024-01-31T08:00Z --time-scale 720 "$@"; }

# json JSONPATH: from the last report; more than one value comes as lines
json() {
    super -d postgres -v path="$1" -v file="$report/report.json" <<'SQL'
\set text `cat :'file'`
select v #>> '{}' from jsonb_path_query(:'text'::jsonb, :'path') as v;
SQL
}

# the newest run directory
run_directory() { ls -1d "$XDG_STATE_HOME"/gonogo/runs/*/ 2>/dev/null | sort | tail -n 1; }

# raw_bytes FILE...: lines of files with a byte that only a terminal's commander sends:
# C0 but newline and tab, DEL, C1, bidirectional and zero-width controls
raw_bytes() {
    LC_ALL=C grep -aHnP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\x8b-\x8f\xaa-\xae]|\xe2\x81[\xa0\xa6-\xa9]|\xef\xbb\xbf' "$@"
}

# walk_start ARGUMENT...: a headless run in the background; its process is $walker
walk_start() {
    rm -rf "$report"
    PGUSER=app_owner PGDATABASE=$database "$GONOGO" run "$folder/plan.yaml" --headless --as anna \
        --answers "$answers" --report "$report" "$@" >"$work/.out" 2>"$work/.err" </dev/null &
    walker=$!
    children+=("$walker")
}

walk_wait() {
    wait "$walker" 2>/dev/null
    code=$?
    children=()
    out=$(tr -d '\0' <"$work/.out")
    err=$(tr -d '\0' <"$work/.err")
}

# meets SQL WANTED: becomes(), or the test says so
meets() {
    becomes "$1" "$2" || not_ok "waited in vain for $2" "$1"
}

# table NAME: 1 when it is there
table() { db "select count(*) from pg_class where relname = '$1' and relkind = 'r'"; }
