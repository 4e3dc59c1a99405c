#!/bin/bash
# SPDX-License-Identifier: PostgreSQL
#
# The right database, once: F19 (a wrong target is refused, whatever its name says) and
# F47 (an approval is for one run of these bytes on this target). Two servers here carry
# a database of the same name, as a laptop and production do.
. "$(dirname "$0")/../support/window.sh"

# second_server: another cluster, by TCP too, without TLS; $other_host, $other_port
second_server() {
    local as='' user=postgres try
    other_host=$work/other
    mkdir -m 711 "$other_host"
    chmod 711 "$work"
    if [ "$(id -u)" = 0 ]; then
        id "$user" >/dev/null 2>&1 || user=nobody
        chown "$user" "$other_host"
        as="setpriv --reuid=$user --regid=$(id -g "$user") --clear-groups"
    fi
    # a copy would carry the same identity
    (cd "$other_host" && $as initdb -D data -U postgres -A trust --no-sync --locale=C -E UTF8 >"$work/other.log") || exit 99
    other_as=$as
    for ((try = 0; try < 20; try++)); do
        other_port=$((20000 + RANDOM % 20000))
        start_second && return 0
    done
    echo "Bail out! no second server"
    exit 99
}

start_second() {
    (cd "$other_host" && exec ${other_as:-setpriv} --pdeathsig KILL postgres -D data -c listen_addresses=127.0.0.1 \
        -c port="$other_port" -c unix_socket_directories="$other_host" -c fsync=off) >"$work/other.log" 2>&1 &
    other=$!
    children+=("$other")
    until pg_isready -q -h "$other_host" -p "$other_port"; do
        kill -0 "$other" 2>/dev/null || return 1
        sleep 0.02
    done
}

refused() { # NAME WANTED-WORDS: exit 4, told in words, and nothing done
    exits "$1: exit 4" 4
    says "$1: the message names what is wrong" "$err" "$2"
    says "$1: and that nothing was changed" "$err" "nothing was changed"
    says "$1: and a next step" "$err" "next: gonogo check"
    same "$1: the migration did not run" "$(table orders)" 0
}

small_world
system=$(db 'select system_identifier from pg_control_system()')
while IFS='|' read -r name keys words; do
    small_plan ", $keys" "" ""
    walk
    refused "fault_F19_$name" "$words"
done <<'PINS'
wrong_cluster|system_identifier: "1"|expects system identifier 1, the server says
wrong_database|expect_database: other|expects database other, the server says
wrong_role|expect_role: dba_anna|expects role dba_anna, the server says app_owner
wrong_major|expect_major: "9"|expects major version 9, the server says 15
wrong_kind|expect_primary: false|expects a standby, this is a primary
PINS
says "fault_F19: what the server said stands beside it" "$(
    small_plan ', expect_database: other' "" ""
    walk
    echo "$err"
)" "the server says $database"
nothing_left "fault_F19: a refused run leaves no session behind"

second_server
twin() { super -h "$other_host" -p "$other_port" "$@"; }
twin -d postgres -c 'create role app_owner login' -c "create database $database owner app_owner"
twin -d "$database" -U app_owner -c 'create table customers (id int primary key)' \
    -c 'create table schema_migrations (version text primary key)'
twin_tables() { twin -d "$database" -c "select count(*) from pg_class where relname = 'orders'"; }

small_plan ", system_identifier: \"$system\", expect_database: $database, expect_role: app_owner, expect_major: \"15\", expect_primary: true" "" ""
walk --host "$other_host" --port "$other_port"
exits "fault_F19: the database of the same name on another server is refused" 4
says "fault_F19: the cluster's identity tells them apart" "$err" "expects system identifier $system"
same "fault_F19: the twin is untouched" "$(twin_tables)" 0

small_plan ', sslmode: verify-full' "" ""
walk --host 127.0.0.1 --port "$other_port"
exits "fault_F19: no TLS where the plan wants verify-full is refused" 4
same "fault_F19: the server without TLS is untouched" "$(twin_tables)" 0
small_plan ', sslmode: require' "" ""
walk --host 127.0.0.1 --port "$other_port"
exits "fault_F19: no TLS where the plan wants require is refused" 4
same "fault_F19: and untouched" "$(twin_tables)" 0

# staging and production in one plan
small_plan
edit "s|^targets:.*|targets: [{ id: staging, environment: staging, system_identifier: \"$system\" }, { id: production, environment: production, guarded: true, host: $other_host, port: \"$other_port\", expect_database: $database, expect_primary: true }]|"
walk
exits "fault_F19: with two targets none is guessed" 2
says "fault_F19: and both are named" "$err" "production"
walk --target production
exits "fault_F19: production is never entered by a file of answers" 2
walk --target production --approve "$("$GONOGO" check "$folder/plan.yaml" --digest --target staging 2>/dev/null)"
exits "fault_F19: an approval of staging is none of production" 6
walk --target production --approve "$("$GONOGO" check "$folder/plan.yaml" --digest --target production 2>/dev/null)"
exits "fault_F19: even approved, unsigned answers stay outside" 6
walk --target staging --host "$other_host" --port "$other_port"
exits "fault_F19: staging's name with production's address is refused" 4
walk --target production --host "$GONOGO_TEST_SOCKET_DIR" --plain
exits "fault_F19: a flag that contradicts the plan is refused" 2
same "fault_F19: production is untouched by all of that" "$(twin_tables)" 0
same "fault_F19: so is staging" "$(table orders)" 0

# a primary is asked for what the plan says of it, before the window
small_plan ', expect_primary: false'
go check "$folder/plan.yaml" --db --target only
exits "fault_F18: check --db: a standby is expected, and this is a primary" 4
says "fault_F18: and says so" "$err" "the plan expects a standby, this is a primary"

# … and a standby
kill -INT "$other"
wait "$other" 2>/dev/null
: >"$other_host/data/standby.signal"
start_second || echo "Bail out! no standby"
for keys in ', expect_primary: true' ''; do
    small_plan "$keys"
    go check "$folder/plan.yaml" --db --target only --host "$other_host" --port "$other_port"
    exits "fault_F18: check --db${keys}: a standby is found" 4
    says "fault_F18: check --db${keys}: and nothing can be written to it" "$err" "standby (in recovery): nothing can be written to it"
done
small_plan ', expect_primary: false'
go check "$folder/plan.yaml" --db --target only --host "$other_host" --port "$other_port"
exits "fault_F18: check --db: the standby that the plan expects is a finding, too" 10
says "fault_F18: check --db: it says what a run would meet" "$out" "NOT OK  the server is the standby that the plan expects: nothing can be written to it, so a run is refused"
walk --host "$other_host" --port "$other_port"
exits "fault_F18: a run is refused there" 4
says "fault_F18: with the reason" "$err" "nothing can be written to it"

# F47: one approval, one run
small_world
approval=$("$GONOGO" check "$folder/plan.yaml" --digest --target only 2>/dev/null)
walk --approve "$(printf '0%.0s' {1..64})"
exits "fault_F47: another digest is refused" 6
says "fault_F47: the digest of what is here is told" "$err" "$approval"
same "fault_F47: no run was begun for it" "$(run_directory)" "$(ls -1d "$XDG_STATE_HOME"/gonogo/runs/*/ | sort | tail -n 1)"
walk --approve "$approval"
exits "fault_F47: the approved bytes run" 0
applied=$(db "select applied_at || run_id from schema_migrations where version = '001'")
walk --approve "$approval"
exits "fault_F47: yesterday's plan finds another database and stops" 5
says "fault_F47: it says what is applied already" "$err" "001 applied before"
small_answers "override: [{ id: before, reason: run it again, by: anna }]"
walk --approve "$approval"
same "fault_F47: even overridden, the rows stand once" "$(db 'select count(*) from orders')" 2
same "fault_F47: the ledger row is the first run's" \
    "$(db "select applied_at || run_id from schema_migrations where version = '001'")" "$applied"
same "fault_F47: the applied migration was not sent" "$(grep -c 'sql  *001:' "$work/.err")" 0
small_world
walk --approve "$approval"
exits "fault_F47: a plan that ended elsewhere runs on a fresh database" 0
echo '-- a comment' >>"$folder/001.sql"
walk --approve "$approval"
exits "fault_F47: one byte more is another plan" 6
nothing_left "fault_F47: nothing is left on the server"
finish
