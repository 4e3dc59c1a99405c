#!/bin/bash
# SPDX-License-Identifier: PostgreSQL
#
# What the rules block, headless: no GO without an override that names a person and a reason;
# then journal and report say who and why.
. "$(dirname "$0")/../support/window.sh"

small_world
plan=$folder/plan.yaml
edit 's|after: 3 }|after: 2 }|; s|what: tables, new: \[orders\] }|what: tables, new: [orders], gone: [] }|'
edit '/unlisted_changes/d; s|^state:|state:\n  unlisted_changes: warn|'
owner "create table old_orders (id int); create table older_orders (id int)"
edit 's|before: 2|before: 4|; s|after: 2|after: 3|'
cat >"$folder/001.sql" <<'SQL'
create table orders (id int primary key);
insert into orders values (1), (2);
drop table old_orders;
drop table older_orders;
SQL

walk
exits "without an override the run stops" 6
says "the block is told with its place" "$err" "001.sql:3:1"
says "and how many there are" "$err" "and 1 more of this rule"
says "the missing answer is told, and how to give it" "$err" 'override: [{ id: 001.D1, reason: ..., by: NAME }]'
same "nothing was dropped" "$(table old_orders)" 1

small_answers 'override: [{ id: 001.D1, reason: "", by: carla }]'
walk
exits "an override without a reason is none" 6
same "and nothing was dropped" "$(table old_orders)" 1

small_answers 'override: [{ id: 001.D2, reason: both are copied, by: carla }]'
walk
exits "an override of another rule is none" 6

small_answers 'override: [{ id: 001.D1, reason: both are copied to the archive, by: carla }]'
walk
exits "with one the run goes on" 0
same "and drops" "$(table old_orders)" 0
says "it is told" "$err" "override 001.D1: both are copied to the archive, carla"
same "the report names who" "$(json '$.overrides[*].who')" "carla by file"
same "and what" "$(json '$.overrides[*].id')" "001.D1"
same "and why" "$(json '$.overrides[*].text')" "both are copied to the archive"
says "the report's first page has it" "$(head -n 40 "$report/report.md")" "both are copied to the archive"
journal=$(run_directory)journal.jsonl
says "the journal knows what was asked" "$(cat "$journal")" '"event":"found"'
says "and what was answered" "$(grep '"event":"override"' "$journal")" '"text":"both are copied to the archive"'

edit 's|undo: 001_down.sql|undo: 001_down.sql\n    destructive: true|'
small_world
plan=$folder/plan.yaml
owner "create table old_orders (id int)"
edit 's|before: 2, after: 3|before: 3, after: 3|; s|^state:|state:\n  unlisted_changes: warn|'
cat >"$folder/001.sql" <<'SQL'
create table orders (id int primary key);
insert into orders values (1), (2);
-- gonogo: waive D1 by carla: copied to the archive
drop table old_orders;
SQL
walk
exits "what is waived blocks nothing" 0
lacks "and needs no override" "$err" "override"
drop_database "$database"
finish
