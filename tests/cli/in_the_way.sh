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
drop_database "$database"
finish
