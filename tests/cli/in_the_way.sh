#!/bin/bash
# SPDX-License-Identifier: PostgreSQL
#
# L23 headless: who stands on a table that the plan will lock is asked with GO, and named; GO
# needs an override with a person and a reason, and journal and report say both.
. "$(dirname "$0")/../support/window.sh"

small_world
plan=$folder/plan.yaml
edit 's|after: 3 }|after: 2 }|; s|what: tables, new: \[orders\] }|what: tables, new: [orders], gone: [] }|'
edit '/unlisted_changes/d; s|^state:|state:\n  unlisted_changes: warn|'
edit 's|before: 2|before: 3|; s|after: 2|after: 4|'
owner "create table old_orders (id int)"
cat >"$folder/001.sql" <<'SQL'
create table orders (id int primary key);
insert into orders values (1), (2);
alter table old_orders add column note text;
SQL
owner "begin; lock table old_orders in access share mode; prepare transaction 'left_$$'"

walk
exits "a forgotten transaction stops the run at GO" 6
says "it is named" "$err" "prepared transaction left_$$"
says "with the table" "$err" "on public.old_orders"
says "and how to override it is told" "$err" "L23"
same "nothing was changed" "$(table orders)" 0
small_answers 'override: [{ id: L23, reason: it ends before we come there, by: carla }]'
walk
same "with an override GO is given, and it stands in the report" "$(json '$.overrides[*].id')" "L23"
says "with the reason and who it was about" "$(json '$.overrides[*].text')" "it ends before we come there (prepared transaction left_$$"
exits "what was foretold happens: the lock is not had" 3
same "and the file is rolled back" "$(table orders)" 0
owner "rollback prepared 'left_$$'"
walk
exits "when it is gone the same run goes through" 0

# A session that looked at the table and has not gone on: idle in transaction, for longer than
# the plan lets anybody.
small_world
edit "s|^steps:|safety: { old_transaction: 100ms }\nsteps:|; s/before: 2, after: 3/before: 3, after: 4/"
cat >"$folder/001.sql" <<'SQL'
create table orders (id int primary key);
insert into orders values (1), (2);
alter table old_orders add column note text;
SQL
owner "create table old_orders (id int)"
mkfifo "$work/lines"
PGAPPNAME=somebody psql -X -q -U app_owner -d "$database" <"$work/lines" >/dev/null 2>&1 &
children+=("$!")
exec 9>"$work/lines"
echo "begin; select * from old_orders;" >&9
meets "select count(*) from pg_stat_activity where application_name = 'somebody' and state = 'idle in transaction' and xact_start < clock_timestamp() - interval '100 ms'" 1
walk
exits "a session idle in its transaction stops the run at GO" 6
says "it is named with its age" "$err" "(open transaction, for "
says "and its table" "$err" "on public.old_orders"
same "nothing was changed" "$(table orders)" 0
small_answers 'override: [{ id: L23, reason: it only looks, by: carla }]'
walk
same "the override stands in the report" "$(json '$.overrides[*].id')" "L23"
says "the journal says who decided about whom" \
    "$(grep '"L23"' "$(run_directory)/journal.jsonl")" "it only looks"
exec 9>&-
meets "select count(*) from pg_stat_activity where application_name = 'somebody'" 0
edit 's/old_transaction: 100ms/old_transaction: 1h/'
small_answers
PGAPPNAME=somebody psql -X -q -U app_owner -d "$database" -c "begin" -c "select * from old_orders" >/dev/null
walk
exits "and when nobody sits there the run goes through" 0
drop_database "$database"
finish
