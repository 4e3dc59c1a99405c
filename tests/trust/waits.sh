#!/bin/bash
# SPDX-License-Identifier: PostgreSQL
#
# F14, F37: somebody holds a lock that a question of ours needs: a look, a snapshot, a check.
# The program waits for no longer than its lock_timeout, says behind whom, and calls the
# answer neither right nor wrong: it asks again, or a person does. Real holders, real locks.
. "$(dirname "$0")/../support/window.sh"

world() {
    small_world
    small_plan "" "${1:-}" "safety: { lock_timeout: 400ms }"
}

# The lock may be on a catalog of the world's database: the holder is looked for from outside.
hog() { super -d postgres -c "select $1 from pg_stat_activity where application_name = 'hog' and query like '%held%'"; }

# hold USER SQL: a session that takes a lock and keeps it until release
hold() {
    local try
    rm -f "$work/orders"
    mkfifo "$work/orders"
    PGAPPNAME=hog super -d "$database" -U "$1" <"$work/orders" >/dev/null 2>&1 &
    holder=$!
    children+=("$holder")
    exec 9>"$work/orders"
    echo "begin; $2; select 'held';" >&9
    for ((try = 0; try < 500; try++)); do
        [ "$(hog state)" = "idle in transaction" ] && break
        sleep 0.02
    done
    holder_pid=$(hog pid)
}
release() {
    echo 'rollback;' >&9
    exec 9>&-
    wait "$holder"
    children=()
}
root_role=$(super -d postgres -c 'select current_user')

# ---- the looks before PREP
world
hold app_owner 'lock table schema_migrations in access exclusive mode'
walk
exits "fault_F14: a ledger that somebody holds is no reason to hang, nor a finding" 6
says "fault_F14: who holds it is told" "$err" \
    "could not be judged: waits behind process $holder_pid (app_owner / hog), idle in transaction for "
says "fault_F14: and since when, and with what" "$err" " UTC: select 'held';"
says "fault_F14: while it lasts the front says so" "$err" "for a lock: $holder_pid app_owner / hog"
release
world
hold app_owner 'lock table schema_migrations in access exclusive mode'
walk_start
for ((try = 0; try < 500; try++)); do
    grep -q "for a lock: $holder_pid" "$work/.err" && break
    sleep 0.02
done
release
walk_wait
exits "fault_F14: it is asked again, and goes on when the holder lets go" 0

# ---- snapshots: tables that are counted, catalogs that are read
while IFS='|' read -r name who lock words; do
    world
    small_answers 'override: [{ id: before, reason: what was not counted is not overridden, by: anna }]'
    hold "$who" "$lock"
    walk
    exits "fault_F14: $name: the counts could not be judged" 6
    says "fault_F14: $name: who holds it is told" "$err" "could not be judged: waits behind process $holder_pid ($who / hog), $words"
    same "fault_F14: $name: nothing was changed" "$(grep -c '"event":"statement"' "$(run_directory)/journal.jsonl")" 0
    release
    lacks "fault_F14: $name: nor are they called wrong" "$err" "not what the plan starts from"
    go resume --headless --as anna --answers "$answers"
    exits "fault_F14: $name: resume looks again" 0
done <<CORPUS
a table|app_owner|lock table customers in access exclusive mode|idle in transaction for
a table, held by another role|$root_role|lock table customers in access exclusive mode|what it does is hidden from this role
the catalog of constraints|$root_role|lock table pg_constraint in access exclusive mode|what it does is hidden from this role
CORPUS
world
hold "$root_role" 'lock table pg_class in access exclusive mode'
walk
exits "fault_F14: the catalog of tables: a server that lets nobody in is no server that hangs" 4
says "fault_F14: the catalog of tables: its word for it is told" "$err" "lock timeout"
release
nothing_left "fault_F14: nothing is left on the server"

world
owner "begin; lock table customers in access exclusive mode; prepare transaction 'w$$'"
walk
exits "fault_F14: a prepared transaction: the counts could not be judged" 6
says "fault_F14: a prepared transaction is named as what it is" "$err" \
    "could not be judged: waits behind a prepared transaction, it stands in pg_prepared_xacts until"
owner "rollback prepared 'w$$'"

# ---- a check of a step, and a check inside the transaction
world '    checks: [{ id: C1, sql: select count(*) from customers, equals: 2 }]'
echo 'create table orders (id int); select pg_sleep(2); insert into orders values (1), (2);' >"$folder/001.sql"
walk_start
meets "select count(*) $ours and query like '%pg_sleep%' and state = 'active'" 1
hold app_owner 'lock table customers in access exclusive mode'
walk_wait
release
case $code in
5 | 6) ok "fault_F14: a check behind a lock is not passed" ;;
*) not_ok "fault_F14: a check behind a lock is not passed" "exit code $code: $err" ;;
esac
says "fault_F14: it could not be judged" "$err" "could not be judged: waits behind process $holder_pid (app_owner / hog)"
world '    verify: inside
    checks: [{ id: C1, sql: select count(*) from customers, equals: 2 }]'
echo 'create table orders (id int); select pg_sleep(2); insert into orders values (1), (2);' >"$folder/001.sql"
walk_start
meets "select count(*) $ours and query like '%pg_sleep%' and state = 'active'" 1
hold app_owner 'lock table customers in access exclusive mode'
walk_wait
exits "fault_F14: a check inside behind a lock: the file is rolled back" 3
says "fault_F14: inside, too, the holder is told" "$err" "waits behind process $holder_pid (app_owner / hog)"
same "fault_F14: inside: nothing of the file stays" "$(table orders)" 0
release

# ---- the verification, whose checks are asked in one go
world '    checks: [{ id: C1, sql: "select count(*) from pg_sleep(2)", equals: 1 }]'
edit 's/^  sets: .*/  sets: [{ name: rows, checks: [{ id: Q1, sql: select count(*) from orders, equals: 2 }, { id: Q2, sql: select max(id) from orders, equals: 2 }, { id: Q3, sql: select 1, equals: 1 }] }]/'
walk_start
meets "select count(*) $ours and query like '%pg_sleep%' and state = 'active'" 1
hold app_owner 'lock table orders in access exclusive mode'
walk_wait
release
exits "fault_F14: a verification behind a lock is no pass" 5
for id in Q1 Q2; do
    says "fault_F14: $id could not be judged" "$err" "$id"
    says "fault_F14: $id: the holder stands in the record" "$(grep '"event":"checked"' "$(run_directory)/journal.jsonl" |
        grep '"place":"set"' | sed -n "${id#Q}p")" "could not be judged: waits behind process $holder_pid (app_owner / hog)"
done

# ---- the ledger row itself
world
echo 'create table orders (id int); select pg_sleep(2); insert into orders values (1), (2);' >"$folder/001.sql"
walk_start
meets "select count(*) $ours and query like '%pg_sleep%' and state = 'active'" 1
hold app_owner 'lock table schema_migrations in access exclusive mode'
walk_wait
exits "fault_F14: a ledger row behind a lock: the file is rolled back" 3
says "fault_F14: the holder of the ledger is told" "$err" "the ledger row could not be written: waits behind process $holder_pid (app_owner / hog)"
release

# ---- at the prompt
world
hold app_owner 'lock table customers in access exclusive mode'
mkfifo "$work/keys"
env PGUSER=app_owner PGDATABASE="$database" timeout 60 "$GONOGO" run "$folder/plan.yaml" --plain <"$work/keys" >"$work/.out" 2>"$work/.err" 9>&- &
walker=$!
exec 8>"$work/keys"
for ((try = 0; try < 500; try++)); do
    grep -q "could not" "$work/.out" && break
    sleep 0.02
done
release
exec 8>&-
wait "$walker"
code=$?
said=$(tr -s ' \n' ' ' <"$work/.out")
exits "fault_F14: at the prompt: nobody answers, and the run is left" 6
says "fault_F14: at the prompt: who holds it is told" "$said" "could not be judged: waits behind process $holder_pid (app_owner / hog)"
says "fault_F14: at the prompt: while it lasts, too" "$said" "for a lock: $holder_pid app_owner / hog"
says "fault_F14: at the prompt: looking again is offered" "$said" "The database could not be looked at. Look again, or leave?"

# ---- check --db
world
hold app_owner 'lock table customers in access exclusive mode'
edit 's/^  count: .*/  count:\n    - { what: query, id: customers, name: customers, sql: "select count(*) from customers", before: 2, after: 2 }/'
go check "$folder/plan.yaml" --db
exits "fault_F14: check --db does not hang behind a lock, nor pass" 10
says "fault_F14: check --db says why" "$out$err" "lock timeout"
release
nothing_left "fault_F14: nothing is left on the server at the end"
finish
