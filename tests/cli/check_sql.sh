#!/bin/bash
# SPDX-License-Identifier: PostgreSQL
#
# The SQL of a plan is judged by check: files, the queries of checks, and all at once with
# the plan's own mistakes.
. "$(dirname "$0")/tap.sh"

mkdir -p p
whole() { # CHECKS [MORE KEYS]
    cat >p/plan.yaml <<PLAN
version: 1
name: SQL of a plan
ledger: { table: schema_migrations, style: plain, create: true }
targets: [{ id: only, environment: test }]
steps:
  - migration: "001"
    file: 001.sql
    undo: 001_down.sql
    checks:
$1
${2-}
PLAN
}
good='      - { id: V1, sql: select count(*) from a, equals: 0 }'
echo 'create table a (id int);' >p/001.sql
echo 'drop table a;' >p/001_down.sql
whole "$good"
run check p/plan.yaml
lacks "a good plan has no mistake" "$out" "error["

printf 'create table a (id int);\nselec 1;\n' >p/001.sql
exits "a mistake in a step's file is an error" 2 check p/plan.yaml
says "with its code and its place in plan and file" "$out" \
    'p/plan.yaml:7:11: error[Y607] steps[0].file: 001.sql:2:1: syntax error at or near "selec"'
says "the next step is its page" "$err" "gonogo help Y607"
run check --json p/plan.yaml
says "JSON has it" "$out" '"code": "Y607"'
run check --format github p/plan.yaml
says "annotations have it" "$out" "Y607"
exits "explain of that file has findings" 10 explain p/001.sql
says "its place is told" "$out" 'mistake at 2:1: syntax error at or near "selec"'
says "what to do is told" "$err" 'mend the statement marked "mistake"'
echo "create table a (id int, b int generated always as (id) virtual);" >p/001.sql
exits "syntax that is newer than the grammar is a warning" 10 check p/plan.yaml
says "with its own code" "$out" "warning[Y608] steps[0].file: 001.sql:1:"
exits "explain takes it as no mistake" 0 explain p/001.sql
says "and says that it cannot judge" "$out" "cannot judge at 1:"

echo 'create table a (id int);' >p/001.sql
echo 'drop tabel a;' >p/001_down.sql
exits "a mistake in an undo file is an error" 2 check p/plan.yaml
says "told at the undo" "$out" "error[Y607] steps[0].undo: 001_down.sql:1:6"
echo 'drop table a;' >p/001_down.sql

echo 'insert into a value (1);' >p/back.sql
whole "$good" 'rollback: [{ id: b, title: Back, kind: sql, takes: 1m, restores: everything, file: back.sql }]'
exits "a mistake in a way back is an error" 2 check p/plan.yaml
says "told at its file" "$out" "error[Y607] rollback[0].file: back.sql:1:"

# ---- checks
whole '      - { id: V1, sql: selec 1, equals: 0 }'
exits "a mistake in a query is an error" 2 check p/plan.yaml
says "told at its text" "$out" \
    'p/plan.yaml:10:24: error[Y607] steps[0].checks[0].sql: SQL:1:1: syntax error'
echo 'select count(*) fom a' >p/q.sql
whole '      - { id: V1, file: q.sql, equals: 0 }'
exits "a mistake in a query's file is an error" 2 check p/plan.yaml
says "told at its file" "$out" "error[Y607] steps[0].checks[0].file: q.sql:1:"
whole '      - { id: V1, sql: select 1; select 2, equals: 0 }'
exits "two statements are no check" 2 check p/plan.yaml
says "that is told" "$out" "error[Y609] steps[0].checks[0].sql: 2 statements"
for change in 'delete from a' 'with gone as (delete from a returning 1) select count(*) from gone' \
    'truncate a' 'create table b as select 1' 'select 1 into b' 'begin'; do
    whole "      - { id: V1, sql: \"$change\", equals: 0 }"
    exits "a check does not change data: $change" 2 check p/plan.yaml
    says "that is told: $change" "$out" "error[Y609] steps[0].checks[0].sql: SQL:1:1: "
done
for query in 'with x as (select 1) select count(*) from x;' 'values (1)' 'table a' \
    'show work_mem' '(select 1)' 'explain select 1'; do
    whole "      - { id: V1, sql: \"$query\", equals: 0 }"
    run check p/plan.yaml
    lacks "a query is a query: $query" "$out" "error["
done
whole "$good" 'verification: { sets: [{ name: S, checks: [{ id: Q1, sql: delete from a, equals: 0 }] }] }'
exits "the verification is judged, too" 2 check p/plan.yaml
says "at its place" "$out" "error[Y609] verification.sets[0].checks[0].sql"
whole "$good" 'state: { count: [{ what: query, id: n, sql: "select 1; select 2", before: 0, after: 0 }] }'
exits "and counts" 2 check p/plan.yaml
says "at their place" "$out" "error[Y609] state.count[0].sql"
whole "$good" 'monitoring: { probes: [{ id: p, sql: slect 1, at_most: 0 }] }'
exits "and probes" 2 check p/plan.yaml
says "at their place, too" "$out" "error[Y607] monitoring.probes[0].sql"

# ---- the rules judge the files
echo 'create table app.notes (id bigint primary key);' >p/001.sql
echo 'drop table app.notes;' >p/001_down.sql
whole '      - { id: V1, sql: select count(*) from app.notes, equals: 0 }'
hash_of() { sha256sum "p/$1" | cut -d ' ' -f 1; }
hashed() { # so that nothing but the rules has something to say
    sed -i "s/^    file: 001.sql/    file: 001.sql\n    sha256: \"$(hash_of 001.sql)\"/" p/plan.yaml
}
hashed
exits "advice alone is no finding" 0 check p/plan.yaml
says "the way back is judged, too" "$out" "001_down.sql:1:1: medium: D1: takes app.notes back"
echo 'truncate app.orders;' >p/001.sql
echo 'select 1;' >p/001_down.sql
whole '      - { id: V1, sql: select count(*) from app.notes, equals: 0 }'
hashed
exits "what destroys is a finding" 10 check p/plan.yaml
says "with file, place, severity and rule" "$out" "001.sql:1:10: block: D3: TRUNCATE deletes every row of app.orders"
says "all are counted" "$out" "findings 1 block"
says "the risk of the plan has its reason" "$out" "risk block: 001.sql: data loss"
says "the page of the rule comes next" "$err" "gonogo help D3"
run check --json p/plan.yaml
says "row_json check has the finding" "$out" '"rule": "D3"'
says "row_json check has its file" "$out" '"file": "001.sql"'
run check --format github p/plan.yaml
says "it is an annotation of the file" "$out" "::error file=p/001.sql,line=1,col=10,endLine=1,title=D3::TRUNCATE deletes"
printf '%s\n' '-- gonogo: waive D3 by anna: the rows are of yesterday' 'truncate app.orders;' >p/001.sql
whole '      - { id: V1, sql: select count(*) from app.notes, equals: 0 }'
hashed
exits "a waiver with a reason and a person is respected" 0 check p/plan.yaml
says "and shown" "$out" "waived: D3"

# ---- a waiver of the plan
echo 'truncate app.orders;' >p/001.sql
waived() { # KEYS OF THE WAIVER
    whole '      - { id: V1, sql: select count(*) from app.notes, equals: 0 }' "waivers: [{ $1 }]"
    hashed
}
waived 'rule: D3, file: 001.sql, statement: 1, reason: it is a cache, person: carla, until: "2096-12-31"'
exits "a waiver of the plan is respected" 0 check p/plan.yaml
says "shown with who and why" "$out" "waived: D3"
says "and until when" "$out" "it is a cache (carla, until 2096-12-31)"
run check --format sarif p/plan.yaml
says "SARIF has it as suppressed from outside" "$out" '"kind":"external"'
waived 'rule: D3, reason: it is a cache, person: carla, until: "2020-12-31"'
exits "one that has expired is not" 10 check p/plan.yaml
says "and is told" "$out" "the plan's waiver of D3 by carla was good until 2020-12-31"
waived 'rule: D3, file: 001_down.sql, reason: it is a cache, person: carla'
exits "one of another file is not" 10 check p/plan.yaml
says "and is told as unused" "$out" "low: T12: the plan's waiver of D3 by carla takes nothing away"
waived 'rule: D3, file: 001.sql, statement: 2, reason: it is a cache, person: carla'
exits "nor is one of another statement" 10 check p/plan.yaml
waived 'rule: D99, reason: it is a cache, person: carla'
exits "a rule that is none is an error" 2 check p/plan.yaml
says "at its place" "$out" 'error[Y660] waivers[0].rule: there is no rule "D99"'
waived 'rule: t12, reason: it is a cache, person: carla'
exits "what judges waivers cannot be waived" 2 check p/plan.yaml
says "with the same code" "$out" 'error[Y660] waivers[0].rule: T12 judges waivers'
printf '%s\n' '-- gonogo: waive D3 until 2020-12-31 by anna: old' 'truncate app.orders;' >p/001.sql
exits "explain knows the day, too" 10 explain p/001.sql
says "and what has expired" "$out" "the waiver of D3 by anna was good until 2020-12-31"

# ---- everything at once
printf 'create table a (id int);\ncommit;\nselec 1;\n' >p/001.sql
whole '      - { id: V1, file: nowhere.sql, equals: 0 }' 'limits: { recovery: 500 }'
exits "mistakes of a plan and of its files come together" 2 check p/plan.yaml
says "the plan's own" "$out" "error[Y012] limits.recovery"
says "the missing file" "$out" "error[Y501] steps[0].checks[0].file"
says "the stray COMMIT" "$out" "error[Y605] steps[0].file: 001.sql:2:1"
says "the mistake in SQL" "$out" "error[Y607] steps[0].file: 001.sql:3:1"
# ---- a folder, or a file of SQL, instead of a plan: the error names the way
mkdir -p migrations
echo 'create table a (id int);' >migrations/001.sql
echo 'create table b (id int);' >migrations/002.sql
exits "a folder is no plan" 2 check migrations
says "what is there is told" "$err" "it is a folder"
says "with how many files" "$err" "2 SQL files stand there and no plan.yaml"
says "and how they are judged" "$err" "gonogo explain migrations/*.sql"
says "and how they become a plan" "$err" "gonogo new --from migrations"
exits "a folder with a plan" 2 check p
says "leads to the plan" "$err" "such as p/plan.yaml"
exits "a file of SQL is no plan" 2 check migrations/001.sql
says "it is judged by explain" "$err" "gonogo explain migrations/001.sql"
exits "explain wants the files" 2 explain migrations
says "by their names" "$err" "gonogo explain migrations/*.sql"

# ---- nothing to run
: >nothing.sql
exits "an empty file" 0 explain nothing.sql
says "is told" "$out" "nothing to run: the file is empty"
lacks "without a table of nothing" "$out" "statement   "
lacks "or of what is not known of it" "$out" "Not known"
echo '-- later' >nothing.sql
exits "a file without a statement" 0 explain nothing.sql
says "is told, too" "$out" "nothing to run: no statement is in it"
lacks "without a table, too" "$out" "undo"
echo '-- gonogo: waive L1 by anna: why not' >nothing.sql
exits "a waiver of nothing" 0 explain nothing.sql
says "is told all the same" "$out" "T12 low"
cat >opaque.sql <<'SQL'
do $$ begin perform 1 from public.orders; execute current_setting('my.sql'); end $$;
do $$ begin execute current_setting('my.sql'); end $$;
SQL
exits "what nobody can read" 0 explain opaque.sql
says "its locks are those that were seen, and who knows which more" "$out" "ACCESS SHARE +??"
same "or not known at all" "$(sed -n 's/^ *2  *2:1 .*[.;]  *//p' <<<"$out" | tr -s ' ')" "?? ?? ?? ??"
finish
