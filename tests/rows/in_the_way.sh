#!/bin/bash
# SPDX-License-Identifier: PostgreSQL
#
# L23 at GO: who stands on a table that the plan locks ACCESS EXCLUSIVE, and will not go soon,
# is asked of the server when GO is asked; only a person's reason leads past it, by name.
. "$(dirname "$0")/../support/window.sh"

small_world
echo 'create table orders (id int primary key); insert into orders values (1), (2);
alter table customers add column note text;' >"$folder/001.sql"
echo 'drop table orders; alter table customers drop column note;' >"$folder/001_down.sql"

# stands APPLICATION SQL...: a session that holds its transaction open
stands() {
    rm -f "$work/lines"
    mkfifo "$work/lines"
    PGAPPNAME=$1 psql -X -q -U postgres -d "$database" <"$work/lines" >/dev/null 2>&1 &
    stander=$!
    children+=("$stander")
    exec 9>"$work/lines"
    echo "begin; $2;" >&9
}
goes() {
    exec 9>&-
    wait "$stander" 2>/dev/null
    children=()
}

# ---- a prepared transaction, which no session ends
owner "begin; lock table customers in access share mode; insert into customers values (3, 'c'); prepare transaction 'forgotten'" 2>"$work/why" ||
    cat "$work/why"
walk
exits "L23 a prepared transaction stops GO" 6
says "L23 it is named" "$err" "prepared transaction forgotten"
says "L23 with its table" "$err" "on public.customers"
says "L23 and the way past it" "$err" "override: [{ id: L23, reason: ..., by: NAME }]"
same "L23 nothing was done" "$(table orders)" 0
same "L23 nothing was sent: no file was begun" "$(grep -c '"type":"announce","data":{"record":"intent"' "$(run_directory)/journal.jsonl")" 0
small_answers 'override: [{ id: L23, reason: "", by: anna }]'
walk
exits "L23 no reason, no override" 6
owner "rollback prepared 'forgotten'"
small_answers

# ---- a pg_dump that has its lock
stands pg_dump "lock table customers in access share mode"
meets "select count(*) from pg_locks l join pg_stat_activity a using (pid) where a.application_name = 'pg_dump' and l.relation = 'customers'::regclass" 1
walk
exits "L23 a running pg_dump stops GO" 6
says "L23 the dump is named" "$err" "(pg_dump), on public.customers"
small_answers 'override: [{ id: L23, reason: it ends in a moment, by: anna }]'
edit 's/^steps:/safety: { lock_timeout: 200ms }\nsteps:/'
walk
exits "L23 overridden it meets the lock" 3
same "L23 the override is of the report" "$(json '$.overrides[*].id')" L23
says "L23 with the reason" "$(json '$.overrides[*].text')" "it ends in a moment (process "
goes
meets "select count(*) from pg_stat_activity where application_name = 'pg_dump'" 0

# ---- who may see other sessions sees their age, too
super -d postgres -c "grant pg_monitor to app_owner"
small_answers
stands pg_dump "lock table customers in access share mode"
meets "select count(*) from pg_locks l join pg_stat_activity a using (pid) where a.application_name = 'pg_dump' and l.relation = 'customers'::regclass" 1
walk
exits "L23 with pg_monitor, too" 6
says "L23 the age is told" "$err" "(pg_dump, for"
goes
super -d postgres -c "revoke pg_monitor from app_owner"
meets "select count(*) from pg_stat_activity where application_name = 'pg_dump'" 0

# ---- a dump elsewhere, and one that only reads what no file locks
owner "create table elsewhere (id int)"
edit 's/before: 2, after: 3/before: 3, after: 4/'
small_answers
stands pg_dump "lock table elsewhere in access share mode"
meets "select count(*) from pg_locks l join pg_stat_activity a using (pid) where a.application_name = 'pg_dump' and l.relation = 'elsewhere'::regclass" 1
walk
exits "L23 a dump of another table is nobody's business" 0
lacks "L23 and is not told" "$err" "in the way"
goes
drop_database "$database"
finish
