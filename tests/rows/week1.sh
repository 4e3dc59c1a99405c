#!/bin/bash
# SPDX-License-Identifier: PostgreSQL
#
# The rows of the product's list that the week-1 window has to show, each on the real
# program: what the report says and what the database says must agree. The last lines of
# each row break something and want to see it noticed.
. "$(dirname "$0")/../support/window.sh"

# ---- one whole demo: two hours of watch compressed, endpoints, dump restored and compared
rm -rf "$report"
go demo --headless --report "$report"
exits "row_C5 the demo walks through two hours" 0
same "row_C5 ten probes watched, none broke its limit" \
    "$(json '$.monitoring.probes.size()')|$(json '$.monitoring.probes[*] ? (@.breaches > 0).id')" "10|"
same "row_C5 the watch lasted two hours" "$(super -d postgres -c "select '$(json '$.monitoring.ended')'::timestamptz - '$(json '$.monitoring.began')' between '2h' and '2h 5min'")" t
for probe in health campaigns moves app_log slow conns deadlocks; do
    same "row_C5 probe $probe was sampled" "$(json "\$.monitoring.probes[*] ? (@.id == \"$probe\" && @.samples >= 20).id")" "$probe"
done
same "row_C1 the prep gate held eight items" "$(json '$.checklist[*] ? (@.id starts with "c").id' | wc -l)" 8
same "row_C1 status before and after" \
    "$(for what in tables foreign_keys rls_policies conflicts unused; do json "\$.counts.$what.before"; json "\$.counts.$what.now"; json "\$.counts.$what.expected"; done | xargs)" \
    "52 43 43 38 42 42 16 18 18 3 0 0 9 0 0"
same "row_C1 the nine are named" "$(json '$.changes.gone[*] ? (@.what == "tables").name' | sort | xargs)" \
    "capability_nodes cohort_relations maneuver_prerequisites move_decisions notifications quest_milestones quest_moves quests quick_wins"
same "row_C1 seven new keys are named" "$(json '$.changes.new[*] ? (@.what == "foreign_keys").name' | wc -l)" 7
same "row_C1 three new policies are named" "$(json '$.changes.new[*] ? (@.what == "rls_policies").name' | wc -l)" 3
same "row_C1 nothing else changed" "$(json '$.changes.*[*] ? (@.planned == false).name')" ""
same "row_C2 five slots, planned against actual" "$(json '$.schedule[*] ? (@.planned != null && @.began != null && @.ended != null).title' | xargs)" \
    "Preparation Migration 011 Migration 012 Verification Monitoring"
same "row_C4 twelve of twelve" "$(json '$.verification.passed')/$(json '$.verification.total')" 12/12
same "row_C4 five sets of 4, 1, 3, 2 and 2" "$(json '$.verification.sets[*].checks.size()' | xargs)" "4 1 3 2 2"
says "row_C4 the seed's own words" "$(cat "$report/report.md")" "12/12 PASS"
same "row_C7 four groups of criteria" "$(json '$.criteria[*].group' | uniq | xargs)" "execution verification application timeline"
same "row_C7 twenty-five judged one by one" "$(json '$.criteria[*] ? (@.outcome == "ok").text' | wc -l)/$(json '$.criteria.size()')" 25/25
same "row_C8 three roles voted GO" "$(json '$.votes[*] ? (@.vote == "GO").role' | sort | xargs)" "backend dba devops"
same "row_C8 three signed off" "$(json '$.sign_offs[*].role' | sort | xargs)" "backend dba devops"
same "row_C8 six questions at the poll" "$(json '$.checklist[*] ? (@.id starts with "a").id' | xargs)" "a1 a2 a3 a4 a5 a6"
says "row_C9 the report carries the seed's name" "$(ls "$report")" WEEK_1_WEDNESDAY_REPORT.md
for part in "## Execution log" "## Verification" "### Performance, before and after" "### Health of the application" "### Sign-off" "## Evidence"; do
    says "row_C9 the report has $part" "$(cat "$report/report.md")" "$part"
done
same "row_C9 every format is there" "$(ls "$report" | grep -c '^report\.\(md\|html\|json\)$\|^junit\.xml$')" 4
same "row_C6 three ways back, each with its time" "$(json '$.rollback.options[*].id' | xargs)" "provider dump recreate"

# ---- the same on a database that stays, so that it can be asked
week1_world
fingerprint='select count(*) from public.agent_recommendations where workspace_id is null'
timed_walk
exits "row_C3 both migrations run" 0
same "row_C3 each with its expected time" "$(json '$.migrations[*] ? (@.expected_ms == 234 || @.expected_ms == 156).id' | xargs)" "011 012"
same "row_C3 each measured" "$(json '$.migrations[*] ? (@.ms > 0 && @.state == "committed").id' | xargs)" "011 012"
same "row_C3 15 and 11 statements, each timed" "$(json '$.migrations[*].statements.size()' | xargs)" "15 11"
same "row_C3 verified at once: 011 before 012 begins" \
    "$(grep -n 'V011-3 ok\|012 begins' "$work/.err" | sed 's/:.*\(V011-3\|012 begins\).*/ \1/' | sort -n | sed 's/^[0-9]* //' | xargs)" "V011-3 012 begins"
same "row_C3 the database agrees about 011" "$(db "$fingerprint")" 0
same "row_C3 the database agrees about 012" "$(table quests)" 0
same "row_C1 the catalog agrees" \
    "$(db "select (select count(*) from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace), (select count(*) from pg_constraint where contype = 'f'), (select count(*) from pg_policy)")" "43|42|18"
same "row_D1 applied migrations stand in the ledger" "$(db "select string_agg(version, ' ' order by version) from schema_migrations where version > '010'")" "011 012"
same "row_D1 with checksum, time, operator and run" \
    "$(db "select count(*) from schema_migrations where version > '010' and checksum ~ '^[0-9a-f]{64}' and applied_at > now() - interval '1 hour' and duration_ms >= 0 and applied_by <> '' and run_id = '$(basename "$(run_directory)")'")" 2
go report "$(basename "$(run_directory)")" --verify
exits "row_C9 the record verifies" 0
timed_walk
exits "row_D1 a second run stops at the counts" 5
says "row_D1 011 is known as applied" "$err" "011 applied before"
says "row_D1 012 is known as applied" "$err" "012 applied before"
same "row_D1 never twice" "$(db "select count(*) from schema_migrations")" 12
nothing_left "row_C9 nothing is left on the server"

# ---- C6: the way back with open eyes: recreate brings counts, not rows: 9, never 8
week1_world
edit 's|{ id: Q06, name: 43 tables remain,  *builtin: tables, equals: 43 }|{ id: Q06, builtin: tables, equals: 44 }|'
sed -i 's/^on_failure: hold/on_failure: "rollback:recreate"/' "$answers"
timed_walk
exits "row_C6 a way back that loses rows ends with 9" 9
same "row_C6 the tables are back" "$(table quests)$(table notifications)" 11
same "row_C6 their rows are not" "$(db 'select count(*) from notifications')" 0
same "row_C6 the report names the option taken" "$(json '$.rollback.option // $.rollback.chosen' 2>/dev/null || json '$.rollback' | grep -o recreate | head -n 1)" recreate
same "row_C6 the outcome is not called rolled back" "$(json '$.outcome' | grep -c '^rolled_back$')" 0

# ---- C4, C7: a check that fails is named, and so is the criterion behind it
week1_world
sed -i 's/^checkpoints:/&/' "$answers"
edit 's|{ id: Q09, name: 42 foreign keys exist,  *builtin: foreign_keys, equals: 42 }|{ id: Q09, builtin: foreign_keys, equals: 41 }|'
timed_walk
exits "row_C4 one failing check of twelve ends with 5" 5
says "row_C4 it is named" "$err" "Q09"
same "row_C4 eleven of twelve" "$(json '$.verification.passed')/$(json '$.verification.total')" 11/12
same "row_C4 with expected and actual" "$(json '$.verification.sets[*].checks[*] ? (@.outcome == "failed").id')" Q09

# ---- C8: a NO-GO stops before anything changed; a missing vote, too
week1_world
sed -i 's/{ role: devops,  vote: GO/{ role: devops,  vote: NO-GO, reason: the pager is down/' "$answers"
timed_walk
exits "row_C8 one NO-GO ends with 6" 6
says "row_C8 the role is named" "$err" "devops"
same "row_C8 nothing was changed" "$(table quests)|$(db 'select count(*) from schema_migrations')" "1|10"
sed -i '/role: devops,  vote/d' "$answers"
timed_walk
exits "row_C8 a missing vote ends with 6" 6
same "row_C8 and nothing was changed" "$(table quests)" 1

# ---- C1: the typed name
sed -i "s/^database: .*/database: another/" "$answers"
week1_plan
sed -i "s/^database: .*/database: another/" "$answers"
timed_walk
exits "row_C1 another database's name typed ends with 6" 6
same "row_C1 nothing was changed" "$(table quests)" 1

# ---- D1: a ledger that is not there is made
small_world
db 'drop table schema_migrations'
edit 's/before: 2, after: 3/before: 1, after: 3/; s/new: \[orders\]/new: [orders, schema_migrations]/'
walk
exits "row_D1 a missing ledger is created" 0
same "row_D1 and holds the migration" "$(db 'select version from schema_migrations')" 001
small_world
db 'drop table schema_migrations'
edit 's/, create: true//; s/before: 2, after: 3/before: 1, after: 2/'
walk
case $code in
0) not_ok "row_D1 without create a missing ledger is an error" "$err" ;;
*) ok "row_D1 without create a missing ledger is an error" ;;
esac
same "row_D1 and nothing ran" "$(table orders)" 0

# ---- D3: stop at the first error, nothing after it runs
small_world
small_plan "" '  - { migration: "002", file: 002.sql }
  - { migration: "003", file: 003.sql }'
echo 'create table second (id int); select 1 / 0;' >"$folder/002.sql"
echo 'create table third (id int);' >"$folder/003.sql"
walk
exits "row_D3 a failing migration ends with 3" 3
says "row_D3 file, line and column are told" "$err" "002.sql:1:31"
same "row_D3 the one before stays, it and the rest do not" "$(table orders)$(table second)$(table third)" 100
same "row_D3 so says the ledger" "$(db "select string_agg(version, ' ') from schema_migrations")" 001
same "row_D3 so says the report" "$(json '$.migrations[*].state' | head -n 2 | xargs)" "committed rolled back"
same "row_D3 each had its own transaction" "$(db "select count(distinct xmin::text) from schema_migrations")" 1

# ---- B6: blockers, and who queues behind us
small_world
edit 's|^rollback:|safety: { lock_timeout: 700ms }\n&|'
echo 'create table orders (id int); insert into orders values (1), (2); alter table customers add column more int;' >"$folder/001.sql"
PGAPPNAME=nightly super -d "$database" -c 'begin; select count(*) from customers; select pg_sleep(60)' >/dev/null 2>&1 &
children+=("$!")
meets "select count(*) from pg_locks where relation = 'customers'::regclass and granted and mode = 'AccessShareLock'" 1
blocker=$(db "select pid from pg_stat_activity where application_name = 'nightly'")
PGAPPNAME=innocent super -d "$database" -c 'begin; select 1; select pg_sleep(60)' >/dev/null 2>&1 &
children+=("$!")
walk_start
meets "select count(*) from pg_locks where relation = 'customers'::regclass and not granted" 1
PGAPPNAME=waiter super -d "$database" -c 'select count(*) from customers' >"$work/.waiter" 2>&1 &
children+=("$!")
walk_wait
exits "row_B6 a blocked migration gives way after its lock_timeout" 3
says "row_B6 the blocker is named by pid" "$err$(cat "$report/report.json")" "$blocker"
says "row_B6 and by its application" "$err$(cat "$report/report.json")" nightly
lacks "row_B6 the innocent is not" "$err$(cat "$report/report.json")" innocent
becomes "select count(*) from pg_stat_activity where application_name = 'waiter'" 0
same "row_B6 the reader behind us got its answer" "$(cat "$work/.waiter")" 2
same "row_B6 nothing of the migration stays" "$(table orders)" 0
db "select pg_terminate_backend(pid) from pg_stat_activity where application_name in ('nightly', 'innocent')" >/dev/null

# ---- B7: lists before, during and after
small_world
lists='roles: [{ id: dba, people: [anna], votes: true }]
checklist:
  - { id: b1, gate: prep, phase: before, ask: "Announced?", proof: note, role: dba }
  - { id: d1, gate: poll, phase: during, ask: "Quiet?", proof: note, role: dba }
  - { id: e1, gate: close, phase: after, ask: "Written up?", proof: note, role: dba }'
small_plan "" "" "$lists"
vote='votes: [{ role: dba, vote: GO, name: anna }]
sign_off: [{ role: dba, name: anna }]
checklist:'
item() { printf '\n  - { id: %s, answer: "yes", note: seen, by: anna }' "$1"; }
small_answers "$vote$(item b1)$(item d1)$(item e1)"
walk
exits "row_B7 answered lists open all three gates" 0
same "row_B7 each item has its person" "$(json '$.checklist[*] ? (@.closed == true).id' | xargs)" "b1 d1 e1"
for missing in b1 d1 e1; do
    small_world
    small_plan "" "" "$lists"
    small_answers "$vote$(for id in b1 d1 e1; do [ $id = $missing ] || item $id; done)"
    walk
    exits "row_B7 without $missing the gate stays shut" 6
    says "row_B7 and $missing is named" "$err" "$missing"
    same "row_B7 $missing: what had to wait did" "$(table orders)" "$([ $missing = e1 ] && echo 1 || echo 0)"
done
finish
