#!/bin/bash
# SPDX-License-Identifier: PostgreSQL
#
# F20: no session of the program stands idle in a transaction, whatever is waited for: a
# slow statement, a lock, a person at a prompt, and after every kind of end, SIGKILL
# included. A watcher asks the server all the while.
. "$(dirname "$0")/../support/window.sh"

small_world
# Between two statements of a file a transaction is idle for as long as a message travels;
# a second of it means that something was waited for inside.
watch() {
    while sleep 0.1; do
        echo "select application_name, state, now() - state_change, query from pg_stat_activity
            where application_name like 'gonogo%' and state like 'idle in transaction%'
            and clock_timestamp() - state_change > interval '1 second';"
    done | super -d postgres >>"$work/seen" 2>/dev/null
}
watch &
watcher=$!
children=("$watcher")
idle() { # NAME
    same "fault_F20: nothing idles in a transaction: $1" "$(sort -u "$work/seen")" ""
    : >"$work/seen"
}
: >"$work/seen"

# the witness
PGAPPNAME=gonogo-witness super -d "$database" >/dev/null 2>&1 < <(
    echo 'begin; select 1;'
    sleep 2
) &
wait $!
same "fault_F20: the watcher sees an idle transaction" "$(grep -c gonogo-witness "$work/seen" | awk '{ print ($1 > 0) }')" 1
: >"$work/seen"

walk
exits "fault_F20: a whole run" 0
nothing_left "fault_F20: no session is left after it"
idle "a whole run"

small_world
echo 'create table orders (id int); select pg_sleep(1.5); insert into orders values (1), (2); select pg_sleep(1.2);' >"$folder/001.sql"
walk
exits "fault_F20: slow statements" 0
idle "slow statements"

small_world
echo 'create table orders (id int); select 1 / 0;' >"$folder/001.sql"
walk
exits "fault_F20: a failed statement" 3
nothing_left "fault_F20: no session is left after a failure"
idle "a failed statement"

# killed inside its transaction, between statements and during one
for signal in KILL TERM HUP INT; do
    small_world
    echo 'create table orders (id int); select pg_sleep(3); insert into orders values (1), (2);' >"$folder/001.sql"
    walk_start
    meets "select count(*) $ours and query like '%pg_sleep%' and state = 'active'" 1
    kill -"$signal" "$walker"
    wait "$walker" 2>/dev/null
    children=("$watcher")
    nothing_left "fault_F20: no session is left after SIG$signal"
    case $(table orders)$(db 'select count(*) from schema_migrations') in
    00 | 11) ok "fault_F20: after SIG$signal all of it is there or nothing" ;;
    *) not_ok "fault_F20: after SIG$signal all of it is there or nothing" "$(db 'select * from schema_migrations')" ;;
    esac
    idle "SIG$signal"
done

# stopped: the server's own limit is the dead man's switch
small_world
small_plan "" "" "safety: { idle_in_transaction: 2s }"
echo 'create table orders (id int); select pg_sleep(0.7); insert into orders values (1), (2);' >"$folder/001.sql"
walk_start
meets "select count(*) $ours and query like '%pg_sleep%' and state = 'active'" 1
kill -STOP "$walker"
if becomes "select count(*) from pg_locks l join pg_stat_activity a using (pid) where a.application_name like 'gonogo%' and mode = 'AccessExclusiveLock'" 0; then
    ok "fault_F20: the locks of a stopped program are let go"
else
    not_ok "fault_F20: the locks of a stopped program are let go"
fi
kill -CONT "$walker"
wait "$walker"
code=$?
children=("$watcher")
case $code in
0) not_ok "fault_F20: and it does not call that a success" ;;
*) ok "fault_F20: and it does not call that a success ($code)" ;;
esac
: >"$work/seen"

# at a prompt, as long as a person thinks
if command -v script >/dev/null; then
    small_world
    mkfifo "$work/typed"
    PGUSER=app_owner PGDATABASE=$database script -qec "'$GONOGO' run '$folder/plan.yaml' --plain --report '$report'" \
        /dev/null <"$work/typed" >"$work/.screen" 2>&1 &
    person=$!
    children=("$watcher" "$person")
    exec 9>"$work/typed"
    meets "select count(*) > 0 $ours" t
    sleep 2
    idle "a prompt"
    exec 9>&-
    kill -TERM "$person" 2>/dev/null
    wait "$person" 2>/dev/null
    children=("$watcher")
    nothing_left "fault_F20: no session is left when the terminal goes"
fi
finish
