#!/bin/bash
# SPDX-License-Identifier: PostgreSQL
#
# row_D1: a ledger that the run itself makes is gonogo's own. The plan's numbers are those
# of the plan's objects: no count, no change, no comparison is wrong by it, and it is told
# apart. A plan that names it among its new tables counts it; one that was there before
# the run is a table like any other.
. "$(dirname "$0")/../support/window.sh"

fresh_world() { # small_world without a ledger: two tables become one more
    small_world
    owner 'drop table schema_migrations'
    edit 's/before: 2, after: 3/before: 1, after: 2/'
}

# ---- the plan's own numbers are right
fresh_world
edit 's/^  sets: .*/  sets: [{ name: all, checks: [{ id: Q1, builtin: tables, equals: 2 }, { id: Q2, builtin: indexes, equals: 2 }] }]/'
go check "$folder/plan.yaml" --db --target only
says "row_D1 check --db: the ledger is made and not counted" "$out" \
    "is made by the first migration: gonogo's own, not counted"
says "row_D1 check --db: the number that the plan starts from" "$out" "tables: 1 here, the plan starts from 1"
walk
exits "row_D1 the right numbers are right" 0
same "row_D1 the ledger is there" "$(table schema_migrations)" 1
same "row_D1 now is what is expected" "$(json '$.counts.tables.now')" 2
same "row_D1 no change is foreign" "$(json '$.changes.new[*].name' | xargs)" "orders orders_pkey orders.id orders_pkey"
same "row_D1 it stands apart" "$(json '$.ledger_made')" public.schema_migrations
says "row_D1 the report tells it" "$(cat "$report"/*.md)" "Made by gonogo, not counted: table public.schema_migrations, the ledger"
same "row_D1 the log tells it" "$(grep -c 'made by gonogo' <<<"$err")" 1

# ---- the next run: what gonogo made once is left out before, now and expected
owner 'drop table orders'
go check "$folder/plan.yaml" --db --target only
says "row_D1 check --db: gonogo made it, and it is not counted" "$out" "is there, gonogo made it: not counted"
says "row_D1 the next run starts from the same number" "$out" "tables: 1 here, the plan starts from 1"
owner 'delete from schema_migrations'
walk
exits "row_D1 the next run has the right numbers" 0
same "row_D1 before" "$(json '$.counts.tables.before')" 1
same "row_D1 now" "$(json '$.counts.tables.now')" 2
same "row_D1 the next run: no change is foreign" "$(json '$.changes.new[*].name' | xargs)" "orders orders_pkey orders.id orders_pkey"

# ---- one that stood there by other hands is a table like any other
owner "drop table orders; comment on table schema_migrations is 'the ledger of the shop'; delete from schema_migrations"
go check "$folder/plan.yaml" --db --target only
says "row_D1 by other hands it is counted" "$out" "tables: 2 here, the plan starts from 1"

# ---- undone by down scripts: equal to before
fresh_world
edit 's/equals: 2 }\] }\]/equals: 7 }] }]/'
small_answers
sed -i 's/^on_failure: hold/on_failure: "rollback:undo"/' "$answers"
walk
exits "row_D1 a clean undo is equal to before" 8
same "row_D1 the ledger stays, empty" "$(db 'select count(*) from schema_migrations')" 0

# ---- named by the plan: then the plan counts it
fresh_world
edit 's/before: 1, after: 2/before: 1, after: 3/; s/new: \[orders\]/new: [orders, schema_migrations]/'
walk
exits "row_D1 a ledger that the plan names is counted" 0
same "row_D1 both are new" "$(json '$.counts.tables.now')" 3

# ---- made by the file itself: the file's own
fresh_world
echo 'create table schema_migrations (version text primary key);' >>"$folder/001.sql"
walk
exits "row_D1 a ledger that a file makes is the plan's affair" 5

# ---- a count that has one for the ledger is told by the check, with the right number
fresh_world
edit 's/before: 1, after: 2/before: 1, after: 3/'
go check "$folder/plan.yaml"
says "row_D1 Y702 says the right number" "$out$err" "the ledger that \`create: true\` makes is not counted: after is 2"
finish
