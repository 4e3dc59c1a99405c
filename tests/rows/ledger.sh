#!/bin/bash
# SPDX-License-Identifier: PostgreSQL
#
# row_D1: the environment, which migrations are applied and which are pending, their size,
# when they were applied; the ledger is made when it is missing; nothing runs twice. What
# `status PLAN` says is held against the ledger's rows and against the files.
. "$(dirname "$0")/../support/window.sh"

status() { # ARGUMENT...
    go status "$folder/plan.yaml" "$@"
}
told() { # JSONPATH: of the last `status --json`
    super -d postgres -v path="$1" -v text="$out" <<'SQL'
select v #>> '{}' from jsonb_path_query(:'text'::jsonb, :'path') as v;
SQL
}
two_files() {
    cat >>"$folder/002.sql" <<'SQL'
create table parts (id int primary key);
insert into parts values (1);
SQL
    edit '/^verification:/i\  - migration: "002"\n    file: 002.sql\n    undo: none'
    edit 's/after: 3/after: 4/; s/new: \[orders\]/new: [orders, parts]/'
}

# ---- before: all is pending, and the older ones are known
small_world
two_files
owner "insert into schema_migrations (version, applied_at) values ('000', '2024-01-02 03:04:05+00')"
status
exits "row_D1 pending migrations are no finding" 0
says "row_D1 the environment is told" "$out" "on target only: PostgreSQL $(db 'show server_version'), database $database, role app_owner"
says "row_D1 the numbers are told" "$out" "ledger public.schema_migrations (plain): 1 applied, 2 pending, 0 findings"
says "row_D1 a pending file with size and statements" "$(grep '^  001' <<<"$out" | tr -s ' ')" \
    " 001 PENDING 001.sql $(stat -c %s "$folder/001.sql") B 2 statements sha256 $(sha256sum <"$folder/001.sql" | cut -c1-12)"
says "row_D1 one applied before the plan, with its time" "$(grep '^  000' <<<"$out" | tr -s ' ')" \
    " 000 applied 2024-01-02T03:04:05Z not in this plan"
says "row_D1 the next command is told" "$err" "next: gonogo check $folder/plan.yaml --db --target only"
status --json
same "row_D1 JSON: counts" "$(told '$.v')$(told '$.applied')$(told '$.pending')$(told '$.findings')" 1120
same "row_D1 JSON: files" "$(told '$.migrations[*] ? (@.in_plan == true).bytes' | xargs)" \
    "$(stat -c %s "$folder/001.sql" "$folder/002.sql" | xargs)"
same "row_D1 JSON: statements" "$(told '$.migrations[*] ? (@.in_plan == true).statements' | xargs)" "2 2"
same "row_D1 JSON: the target and the server" "$(told '$.target') $(told '$.server.database') $(told '$.server.role')" "only $database app_owner"
same "row_D1 nothing was written" "$(db 'select count(*) from schema_migrations')|$(table orders)" "1|0"

# ---- after: applied, with time and matching bytes; a second walk runs nothing
walk
exits "row_D1 both run" 0
status
exits "row_D1 all applied" 0
applied=$(db "select to_char(applied_at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') from schema_migrations where version = '002'")
says "row_D1 when, and that the bytes match" "$(grep '^  002' <<<"$out" | tr -s ' ')" " 002 applied $applied 002.sql"
says "row_D1 the hash matches" "$(grep '^  002' <<<"$out")" "sha256 $(sha256sum <"$folder/002.sql" | cut -c1-12) matches"
status --json
same "row_D1 JSON: both match" "$(told '$.migrations[*] ? (@.in_plan == true).matches' | xargs)" "true true"
before=$(db 'select string_agg(version || applied_at::text, $$,$$ order by 1) from schema_migrations')
edit 's/before: 2, after: 4/before: 4, after: 4/; s/^  changes:.*//'
walk
same "row_D1 never run twice" "$(db 'select string_agg(version || applied_at::text, $$,$$ order by 1) from schema_migrations')" "$before"
same "row_D1 never run twice: no row came twice" "$(db 'select count(*) from orders')$(db 'select count(*) from parts')" 21

# ---- changed since applied: told, whether or not the plan holds the new hash
echo '-- later' >>"$folder/002.sql"
status
exits "row_D1 a changed file is a finding" 10
says "row_D1 it is named so" "$out" "CHANGED SINCE APPLIED"
says "row_D1 the other still matches" "$(grep '^  001' <<<"$out")" "matches"
status --json
same "row_D1 JSON: which" "$(told '$.migrations[*] ? (@.matches == false).id')" 002
go check --write-hashes "$folder/plan.yaml"
status
exits "row_D1 a new hash in the plan does not hide it" 10
says "row_D1 it is still named so" "$(grep '^  002' <<<"$out")" "CHANGED"

# ---- out of order, and somebody else's migration
owner "delete from schema_migrations where version = '001'; insert into schema_migrations (version) values ('007')"
status
exits "row_D1 a gap is a finding" 10
says "row_D1 the gap is explained" "$out" "pending, though 002 behind it is applied: out of order"
says "row_D1 a newer stranger is explained" "$(grep -A1 '^  007' <<<"$out")" "applied, not in this plan, and newer than its first migration"
says "row_D1 a row without a time is told as such" "$(grep '^  007' <<<"$out")" "time not told"

# ---- the ledger: missing and made, missing and not made, not readable, not named
owner 'drop table schema_migrations; drop table orders; drop table parts'
status
exits "row_D1 a ledger that the first migration makes is no finding" 0
says "row_D1 it is not there yet" "$out" "(plain) is not there yet: 0 applied, 2 pending"
same "row_D1 looking does not make it" "$(table schema_migrations)" 0
edit 's/before: 4, after: 4/before: 1, after: 4/'
edit '/^  count:/a\  changes: [{ what: tables, new: [orders, parts, schema_migrations] }]'
go check --write-hashes "$folder/plan.yaml"
walk
exits "row_D1 the missing ledger is made" 0
same "row_D1 and holds both" "$(db 'select string_agg(version, $$,$$ order by version) from schema_migrations')" "001,002"
owner 'drop table schema_migrations'
edit 's/, create: true//'
status
exits "row_D1 a missing ledger that nobody makes is a finding" 10
says "row_D1 it is told" "$out" 'the plan does not say "create: true"'
owner 'create table schema_migrations (number int)'
status
exits "row_D1 a table that is no ledger is refused" 5
says "row_D1 the missing column is named" "$err" 'has no column "version"'
owner 'drop table schema_migrations'
super -d "$database" -c 'create table schema_migrations (version text)'
status
exits "row_D1 a ledger that may not be read is refused" 5
says "row_D1 the ledger is named" "$err" "the ledger public.schema_migrations cannot be read: permission denied"
says "row_D1 the remedy is told" "$err" "needs SELECT on that table"
edit '/^ledger:/d'
status
exits "row_D1 a plan without a ledger is refused" 2
says "row_D1 the remedy is told, too" "$err" 'Add `ledger: {'

# ---- one row for all: golang-migrate
small_world
two_files
edit 's/^ledger:.*/ledger: { table: go_migrations, style: golang-migrate }/'
owner 'create table go_migrations (version bigint primary key, dirty boolean not null); insert into go_migrations values (1, true)'
status
exits "row_D1 a dirty ledger is a finding" 10
says "row_D1 dirty is explained" "$out" 'the ledger says "dirty"'
says "row_D1 the highest version decides" "$out" "1 applied, 1 pending"
says "row_D1 no hash is kept, no match is claimed" "$(grep '^  001' <<<"$out")" "the ledger keeps no hash"

# ---- what a person gets wrong
go status "$folder/plan.yaml" --target other
exits "status: an unknown target" 2
says "status: the targets are named" "$err" "The plan has: only"
go status "$folder/nothing.yaml"
exits "status: a plan that is not there" 2
says "status: is not taken for a run" "$err" "could not read the plan"
go status --target only
exits "status: --target belongs to a plan" 2
says "status: and is told so" "$err" '--target belongs to `status PLAN`'
go status "$folder/plan.yaml" -h /nowhere
exits "status: no server" 4
echo 'x: 1' >"$folder/bad.yaml"
go status "$folder/bad.yaml"
exits "status: a bad plan" 2
says "status: with its errors" "$err" "bad.yaml:1:1: error[Y003]"
edit 's/{ id: only, environment: test }/{ id: only, environment: test, expect_database: elsewhere }/'
status
exits "status: not the target that the plan means" 4
says "status: both names" "$err" "the plan expects database elsewhere, the server says $database"
nothing_left "status leaves no session"
finish
