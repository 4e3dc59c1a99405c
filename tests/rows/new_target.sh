#!/bin/bash
# SPDX-License-Identifier: PostgreSQL
#
# new --from DIR --target T: the server is asked, read-only: its pins and counts stand in
# the plan, what its ledger has is left out; each tool's ledger is known by its columns.
. "$(dirname "$0")/../support/window.sh"

small_world
mkdir "$work/m"
cd "$work" || exit 99
for number in 1 2 3; do
    echo "create table t$number (id int);" >"m/00${number}_t.sql"
    echo "drop table t$number;" >"m/00${number}_down.sql"
done
target="host=$GONOGO_TEST_SOCKET_DIR user=app_owner dbname=$database"
planned() { sed -n 's/^  - migration: "\(.*\)"/\1/p' <<<"$out" | xargs; }

owner "insert into schema_migrations (version) values ('001'), ('002')"
go new --from m --target "$target"
exits "new --target: a plan for what is left" 0
same "new --target: what is applied is left out" "$(planned)" "003"
says "new --target: and named" "$out" "# applied already, by the ledger: 001, 002"
says "new --target: the ledger as it is" "$out" 'ledger: { table: "public.schema_migrations", style: plain }'
says "new --target: the counts of now" "$out" "- { what: tables, before: $(db "select count(*) from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'"), after:"
says "new --target: the server's identity is pinned" "$out" "system_identifier: \"$(db 'select system_identifier from pg_control_system()')\""
says "new --target: the database, too" "$out" "expect_database: \"$database\""
same "new --target: nothing was written" "$(db 'select count(*) from schema_migrations')" 2
echo "$out" >plan.yaml
go check plan.yaml --db
says "new --target: the plan fits the server that it came from" "$out" "ok      tables: 2 here, the plan starts from 2"
[ "$code" = 10 ] || [ "$code" = 0 ]
same "new --target: and has no error" "$?" 0
go status plan.yaml
says "new --target: status agrees" "$out" "2 applied, 1 pending, 0 findings"

owner "insert into schema_migrations (version) values ('003')"
go new --from m --target "$target"
exits "new --target: nothing left is told" 2
says "new --target: with what is there" "$err" "nothing is left to plan: the ledger public.schema_migrations has 001, 002, 003"

owner 'drop table schema_migrations'
go new --from m --target "$target"
same "new --target: no ledger, all is left" "$(planned)" "001 002 003"
says "new --target: one is made" "$out" "style: plain, create: true"

# the tools' own tables
owner 'create table schema_migrations (version bigint primary key, dirty boolean not null); insert into schema_migrations values (2, false)'
go new --from m --target "$target"
same "new --target: golang-migrate's ledger" "$(planned) $(grep -c 'style: golang-migrate' <<<"$out")" "003 1"
owner "drop table schema_migrations; create table schema_migrations (version varchar primary key); insert into schema_migrations values ('001')"
go new --from m --target "$target"
same "new --target: dbmate's ledger" "$(planned) $(grep -c 'style: dbmate' <<<"$out")" "002 003 1"
owner "drop table schema_migrations; create table pgmigrations (id serial, name text, run_on timestamp); insert into pgmigrations (name, run_on) values ('001_t', now())"
go new --from m --target "$target"
same "new --target: node-pg-migrate's ledger" "$(planned) $(grep -c 'style: node-pg-migrate' <<<"$out")" "002 003 1"
owner "drop table pgmigrations; create schema supabase_migrations; create table supabase_migrations.schema_migrations (version text primary key, statements text[], name text); insert into supabase_migrations.schema_migrations values ('003')"
go new --from m --target "$target"
same "new --target: Supabase's ledger" "$(planned) $(grep -c 'style: supabase' <<<"$out")" "001 002 1"

# a service
printf '[w]\nhost=%s\nuser=app_owner\ndbname=%s\n' "$GONOGO_TEST_SOCKET_DIR" "$database" >services
PGSERVICEFILE=$work/services go new --from m --target w
exits "new --target: a service" 0
says "new --target: stands in the plan" "$out" 'service: "w"'
super -d "$database" -c 'revoke all on schema supabase_migrations from app_owner; alter schema supabase_migrations owner to postgres; alter table supabase_migrations.schema_migrations owner to postgres'
go new --from m --target "$target"
exits "new --target: a ledger that may not be read is refused" 5
says "new --target: and named" "$err" "the ledger supabase_migrations.schema_migrations cannot be read"
nothing_left "new --target: no session is left"
finish
