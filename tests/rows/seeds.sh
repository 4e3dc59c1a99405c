#!/bin/bash
# SPDX-License-Identifier: PostgreSQL
#
# What the documents that the product grew from get wrong, one mistake after the other: each
# is made once more, in SQL and plans of our own, and the program has to notice.
. "$(dirname "$0")/../support/window.sh"

# explain_file TEXT: findings on one file
explain_file() {
    echo "$1" >"$work/file.sql"
    go explain "$work/file.sql"
}

# ---- a weekday that is not the date's
week1_plan
edit 's/date: "2024-01-31"/date: "2024-01-29"/'
go check "$folder/plan.yaml"
exits "seed_weekday a date and another day's name are an error" 2
says "seed_weekday both are told" "$err$out" "2024-01-29 is a Monday, not a Wednesday"

# ---- a column of pg_stat_statements that is gone since 13
small_world
db 'create extension pg_stat_statements'
edit 's|^rollback:|monitoring: { every: 1s, probes: [{ id: slow, sql: "select count(*) from pg_stat_statements where mean_time > 1000", at_most: 0 }] }\n&|'
sed -i 's/mean_time/mean_exec_time/' "$folder/plan.yaml"
go check "$folder/plan.yaml" --db --target only
lacks "seed_mean_time the column of today is accepted" "$out$err" "probe slow"
sed -i 's/mean_exec_time/mean_time/' "$folder/plan.yaml"
go check "$folder/plan.yaml" --db --target only
says "seed_mean_time the column of old is told before the window" "$out$err" 'probe slow cannot be prepared now: column "mean_time" does not exist'
same "seed_mean_time the built-in probe takes the one that there is" \
    "$(db "select count(*) from pg_attribute where attrelid = 'pg_stat_statements'::regclass and attname = 'mean_exec_time'")" 1

# ---- a tick in a file
small_world
ready='roles: [{ id: dba, people: [anna], votes: true }]
checklist: [{ id: c1, gate: prep, ask: "Signed off?", proof: note, role: dba }]'
small_plan "" "" "$ready"
edit 's/proof: note, role: dba/&, answer: "yes"/'
go check "$folder/plan.yaml"
exits "seed_tick a plan has no place for an answer" 2
says "seed_tick the key is not known" "$out$err" "answer: unknown key"
small_plan "" "" "$ready"
walk
exits "seed_tick without an answer the gate stays shut" 6
says "seed_tick the item is named" "$err" "c1"
same "seed_tick and nothing was done" "$(table orders)" 0
small_answers 'checklist: [{ id: c1, answer: "yes", note: simulated, by: anna }]
votes: [{ role: dba, vote: GO, name: anna }]
sign_off: [{ role: dba, name: anna }]'
walk
exits "seed_tick an answers file opens it on a server that may be lost" 0
says "seed_tick as a claim" "$err" "by file (a claim)"
small_world
small_plan ', guarded: true, expect_role: app_owner' "" "$ready"
small_answers 'checklist: [{ id: c1, answer: "yes", note: simulated, by: anna }]
votes: [{ role: dba, vote: GO, name: anna }]'
go check "$folder/plan.yaml" --digest --target only
walk --approve "$(grep -oE '[0-9a-f]{64}' <<<"$out" | tail -n 1)"
exits "seed_tick where it matters a file signs nothing" 6
same "seed_tick and there nothing was done" "$(table orders)" 0

# ---- a dump, piped into the database that it was taken of
small_world
owner 'create table notes (line text)'
owner "insert into notes values ('a'), ('b')"
edit 's/before: 2, after: 3/before: 3, after: 4/'
pg_dump -h "$GONOGO_TEST_SOCKET_DIR" -U app_owner -t notes "$database" 2>/dev/null >"$folder/dump.sql"
psql -X -q -U app_owner -d "$database" -f "$folder/dump.sql" >/dev/null 2>&1
same "seed_dump psql goes on after the errors and doubles the rows" "$(db 'select count(*) from notes')" 4
owner "delete from notes where ctid in (select max(ctid) from notes group by line)"
edit 's/equals: 2 }/equals: 9 }/'
edit "s/^rollback: .*/rollback: [{ id: pipe, title: Pipe the dump, kind: sql, takes: 1m, file: dump.sql }]/"
sed -i 's/^on_failure: .*/on_failure: "rollback:pipe"/' "$answers"
walk
same "seed_dump through gonogo it stops at the first error, and the rows are as they were" "$(db 'select count(*) from notes')" 2
lacks "seed_dump and nobody is told that it is as before" "$code" 8
says "seed_dump the error is told" "$err" 'relation "notes" already exists'

# ---- dropped with CASCADE, made again, and called harmless
small_world
small_plan "" "    rerun_safe: true
    destructive: false" ""
echo "alter table customers drop column if exists name cascade;
alter table customers add column if not exists name varchar(20);" >"$folder/001.sql"
go check "$folder/plan.yaml"
exits "seed_cascade is a finding" 10
says "seed_cascade a column that is dropped and made again loses its rows" "$out" "C11"
says "seed_cascade CASCADE takes what nobody has named" "$out" "D2"
says "seed_cascade the claim stands beside it" "$out" 'T11: the plan says `destructive: false`, but data is lost'
says "seed_cascade and what a second run does" "$out" "and a second run loses them again"

# ---- FORCE ROW LEVEL SECURITY on every table, rated low
explain_file "alter table a force row level security;
alter table b force row level security;
update a set x = 1 where x = 2;"
exits "seed_force is a finding" 10
says "seed_force what the owner does from now on meets no row" "$out" "R17 high"
says "seed_force every table is locked for it" "$out" "R14"
lacks "seed_force the security risk is not low" "$(grep '^ *security ' <<<"$out")" " low "

# ---- CREATE POLICY, called rerunnable
small_world
small_plan "" "    rerun_safe: true" ""
echo "create table if not exists orders (id int primary key);
alter table orders enable row level security;
create policy own on orders using (id = 1);" >"$folder/001.sql"
go check "$folder/plan.yaml"
exits "seed_policy is a finding" 10
says "seed_policy the claim is contradicted" "$out" 'T11: the plan says `rerun_safe: true`, but a second run fails, or does its work twice: CREATE POLICY'
owner "$(cat "$folder/001.sql")"
lacks "seed_policy the server agrees" "$(owner "$(cat "$folder/001.sql")" 2>&1 | grep -c 'already exists')" 0

# ---- blockers by lock type and database: innocents are named, who queues before us is not
small_world
edit 's|^rollback:|safety: { lock_timeout: 700ms }\n&|'
owner 'create schema side create table busy (id int)'
super -d postgres -c 'grant pg_monitor to app_owner'
echo 'create table orders (id int); insert into orders select count(*) from side.busy;' >"$folder/001.sql"
PGAPPNAME=reader super -d "$database" -c 'begin; select count(*) from side.busy; select pg_sleep(60)' >/dev/null 2>&1 &
children+=("$!")
meets "select count(*) from pg_locks where relation = 'side.busy'::regclass and granted and mode = 'AccessShareLock'" 1
PGAPPNAME=queued super -d "$database" -c 'begin; lock table side.busy; select pg_sleep(60)' >/dev/null 2>&1 &
children+=("$!")
meets "select count(*) from pg_locks where relation = 'side.busy'::regclass and not granted" 1
PGAPPNAME=innocent super -d "$database" -c 'begin; select count(*) from schema_migrations; select pg_sleep(60)' >/dev/null 2>&1 &
children+=("$!")
meets "select count(*) from pg_locks where relation = 'schema_migrations'::regclass and granted" 1
theirs=$(db "select count(*) from pg_locks w join pg_locks h on h.locktype = w.locktype and h.database is not distinct from w.database and h.pid <> w.pid join pg_stat_activity a on a.pid = h.pid where not w.granted and a.application_name = 'innocent'")
same "seed_blockers a join on type and database names the innocent" "$([ "$theirs" -gt 0 ] && echo yes)" yes
walk
exits "seed_blockers a file that waits for a queue gives way" 3
says "seed_blockers who is queued before us is named" "$err$(cat "$report/report.json")" queued
says "seed_blockers and whom that one waits for" "$err$(cat "$report/report.json")" reader
lacks "seed_blockers the innocent is not" "$err$(cat "$report/report.json")" innocent
db "select pg_terminate_backend(pid) from pg_stat_activity where application_name in ('reader', 'queued', 'innocent')" >/dev/null
super -d postgres -c 'revoke pg_monitor from app_owner'

# ---- counts from information_schema: a role sees what it may
small_world
db 'create table hidden (id int); revoke all on hidden from public'
edit 's/before: 2, after: 3/before: 3, after: 4/'
same "seed_counts information_schema keeps it from its reader" \
    "$(owner "select count(*) from information_schema.tables where table_schema = 'public' and table_name = 'hidden'")" 0
walk
exits "seed_counts the walk does not begin with fewer than there are" 6
says "seed_counts it names the table that it sees and may not read" "$err" "permission denied for table hidden"
db 'grant select on hidden to app_owner'
walk
exits "seed_counts with the right to read it, it begins" 0
same "seed_counts three before, four now" "$(json '$.counts.tables.before') $(json '$.counts.tables.now')" "3 4"
small_world
owner "alter table customers enable row level security; alter table customers force row level security"
edit 's|Q1, sql: select count(\*) from orders, equals: 2|Q1, builtin: rows_per_kept_table, at_least: before|'
same "seed_counts a role that is bound counts nothing, without a word" "$(owner 'select count(*) from customers')" 0
walk
lacks "seed_counts what cannot be counted is no good number" "$code" 0
says "seed_counts it is said why" "$err" "row"

# ---- a file with its own BEGIN and COMMIT inside of another transaction
small_world
small_plan "" "    verify: inside
    checks: [{ id: V1, sql: select count(*) from orders, equals: 9 }]" ""
echo "begin;
do \$\$ begin if to_regclass('public.customers') is null then raise exception 'customers are missing'; end if; end \$\$;
create table orders (id int primary key);
insert into schema_migrations (version, description, applied_at) values ('001', 'by the file', now());
commit;" >"$folder/001.sql"
psql -X -q -1 -U app_owner -d "$database" -f "$folder/001.sql" >/dev/null 2>&1
same "seed_commit inside of psql -1 it commits what should have waited" "$(table orders)" 1
owner "drop table orders; delete from schema_migrations where version = '001'"
walk
exits "seed_commit a check inside of the transaction fails" 3
same "seed_commit and its COMMIT has committed nothing" "$(table orders)|$(db 'select count(*) from schema_migrations')" "0|0"
edit 's/equals: 9/equals: 0/; s/Q1, sql: select count(\*) from orders, equals: 2/Q1, sql: select count(*) from orders, equals: 0/'
walk
exits "seed_commit with the check mended it is walked" 0
same "seed_commit the file's own ledger row is the one" "$(db "select description || ' ' || (checksum is not null) from schema_migrations")" "by the file true"
finish
