#!/bin/bash
# SPDX-License-Identifier: PostgreSQL
#
# Evidence that is false. The first half changes the week-1 database behind the plan's
# back, one thing at a time, and wants the right row, the right member and the right exit
# code; counts that stay equal must not hide it. The second half goes through every kind
# of proof, level of backup and probe with evidence that is not there: the gate stays
# shut, exit 6, and names what is missing.
. "$(dirname "$0")/../support/window.sh"

untouched() { # NAME: 011 and 012 did not run
    same "$1: nothing was changed" "$(table quests)|$(db 'select count(*) from schema_migrations')" "1|10"
}

# stopped NAME WORDS: the seed's mutation is seen at PREP
stopped() {
    timed_walk
    exits "$1 ends with 5" 5
    says "$1 is told" "$err" "$2"
    untouched "$1"
}

# a week1 world, as the owner may change it
mutated() {
    week1_world
    owner "$1"
}

mutated 'create table extra_notes (id int primary key)'
stopped "seed an extra table" "tables: 53 here, the plan starts from 52"
same "seed an extra table: the report has the row" "$(json '$.counts.tables.before')" 53
go check "$folder/plan.yaml" --db
exits "seed an extra table: the preflight sees it, too" 5
says "seed an extra table: by the same words" "$out$err" "tables: 53 here, the plan starts from 52"
key=$(db "select format('%s drop constraint %I', conrelid::regclass, conname) from pg_constraint where contype = 'f' and conrelid::regclass::text not like 'quest%' order by conname limit 1")
mutated "alter table $key"
stopped "seed a dropped foreign key" "foreign keys: 37 here, the plan starts from 38"

# one for one: the numbers stay, the members do not
mutated 'create table extra_notes (id int primary key); drop table quick_wins'
timed_walk
exits "seed one table swapped for another ends with 5" 5
same "seed one table swapped for another: the count of tables is as planned" "$(json '$.counts.tables.before')" 52
says "seed one table swapped for another: the row that differs is named" "$err" "unused tables: 8 here, the plan starts from 9"
untouched "seed one table swapped for another"

# changed between review and the first BEGIN: the policy of a kept table, by another hand
behind() { # NAME SQL WORDS: while the first statement of 011 waits
    week1_world
    # the poll waits for a first sample of the probes; until then there is time
    edit 's|^  every: 1s|  every: 3s|'
    timed_begin
    meets "select count(*) $ours and query <> ''" "$(db "select count(*) $ours and query <> ''")"
    until grep -q 'votes GO, dev' "$work/.err"; do
        kill -0 "$walker" 2>/dev/null || break
        sleep 0.02
    done
    owner "$2"
    walk_wait
    same "$1 ends with 6" "$code" 6
    says "$1 names the member" "$err$(cat "$report/report.json" 2>/dev/null)" "$3"
    untouched "$1"
}
timed_begin() { walk_start --clock-at 2024-01-31T08:00Z --time-scale 720; }
policy=$(db "select polname from pg_policy where polrelid = 'competitors'::regclass")
behind "seed a policy changed after the review" \
    "drop policy \"$policy\" on competitors; create policy \"$policy\" on competitors using (true)" "competitors.$policy"
behind "seed a policy swapped after the review" \
    "drop policy \"$policy\" on competitors; create policy \"everybody reads\" on competitors using (true)" "competitors.everybody reads"
behind "seed a table made after the review" "create table extra_notes (id int)" "extra_notes"

# a row that refers to nothing: the key is there, its rows are not
week1_world
orphan=$(db "select conrelid::regclass || ' ' || a.attname from pg_constraint c join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
    where contype = 'f' and conrelid::regclass::text = 'campaigns' limit 1")
super -d "$database" -c "set session_replication_role = replica; update ${orphan% *} set ${orphan#* } = 987654321 where ctid = (select min(ctid) from ${orphan% *})"
timed_walk
exits "seed an orphan row ends with 5" 5
says "seed an orphan row: Q10 says it" "$err" "Q10"
same "seed an orphan row: only Q10 fails" "$(json '$.verification.sets[*].checks[*] ? (@.outcome == "failed").id')" Q10
# a migration that does more than the plan says
week1_world
echo "create policy \"everybody writes\" on public.campaigns for insert with check (true); drop policy \"$(db "select polname from pg_policy where polrelid = 'campaigns'::regclass limit 1")\" on public.campaigns;" \
    >>"$folder/migrations/011_fix_migration_conflicts.sql"
sed -i '/^    sha256:/d' "$folder/plan.yaml"
timed_walk
exits "seed a migration that swaps a policy ends with 5" 5
same "seed a migration that swaps a policy: the count is as planned" "$(json '$.counts.rls_policies.now')" 18
says "seed a migration that swaps a policy: the member is named" "$(json '$.changes.new[*] ? (@.planned == false).name')" "campaigns.everybody writes"
week1_world
echo 'delete from public.campaigns where id = (select max(c.id) from public.campaigns c);' >"$work/delete.sql"
victim=$(db "select relname from pg_class c where relkind = 'r' and relnamespace = 'public'::regnamespace and reltuples > 10
    and relname in (select table_name from information_schema.columns where column_name = 'id')
    and not exists (select from pg_constraint where confrelid = c.oid) and relname not in ('quests', 'quest_moves', 'quest_milestones', 'capability_nodes', 'maneuver_prerequisites', 'quick_wins', 'cohort_relations', 'move_decisions', 'notifications')
    order by relname limit 1")
echo "delete from public.$victim where ctid = (select min(ctid) from public.$victim);" >>"$folder/migrations/011_fix_migration_conflicts.sql"
sed -i '/^    sha256:/d' "$folder/plan.yaml"
timed_walk
exits "seed a migration that loses one row ends with 5" 5
same "seed a migration that loses one row: Q07 fails" "$(json '$.verification.sets[*].checks[*] ? (@.outcome == "failed").id')" Q07
says "seed a migration that loses one row: the table is named" "$err$(cat "$report/report.json")" "$victim"

# ---- every proof with false evidence
people='roles: [{ id: dba, people: [anna], votes: true }]'
vote='votes: [{ role: dba, vote: GO, name: anna }]
sign_off: [{ role: dba, name: anna }]'
shut() { # NAME ID
    exits "proof $1: the gate stays shut" 6
    says "proof $1: the item is named" "$err" "$2"
    same "proof $1: nothing was changed" "$(table orders)" 0
}
item() { # KEYS: one checklist item x9 with these keys
    small_world
    small_plan "" "" "$people
checklist: [{ id: x9, gate: ${2:-prep}, ask: \"Is it so?\", $1 }]"
    small_answers "$vote"
}
item 'proof: note, role: dba'
walk
shut "note without an answer" x9
small_answers "$vote
checklist: [{ id: x9, answer: \"no\", note: not yet, by: anna }]"
walk
shut "note answered no" x9
item 'proof: sql, sql: select count(*) from customers, equals: 3'
walk
shut "sql with another value" x9
item 'proof: sql, sql: select 1 / 0, equals: 0'
walk
shut "sql with an error" x9
item 'proof: sql, sql: select id from customers, empty: true'
walk
shut "sql that should be empty" x9
item 'proof: run, run: [./hooks/proof, "a b; touch owned"], matches: "^yes"'
mkdir -p "$folder/hooks"
proof() { printf '#!/bin/sh\n%s\n' "$1" >"$folder/hooks/proof" && chmod 755 "$folder/hooks/proof"; }
proof 'echo no'
walk
shut "run with another word" x9
proof 'echo yes; exit 3'
walk
shut "run with an exit status" x9
proof 'kill -KILL $$'
walk
shut "run that dies" x9
proof 'echo "yes $1"'
walk
exits "proof run with the right word opens the gate" 0
item 'proof: rehearsal, needs: checks, max_age: 7d'
walk
shut "rehearsal that never was" x9
item 'proof: poll' poll
small_answers
walk
shut "poll without votes" "dba"
item 'proof: probes, max_age: 5m' poll
printf 'monitoring: { slot: "10:00 + 1m", every: 1s, probes: [{ id: alive, sql: select 1, equals: 2 }] }\nwindow: { date: "2024-01-31", timezone: UTC, opens: "08:00", closes: "12:00" }\n' >>"$folder/plan.yaml"
timed_walk
shut "probes that fail" x9
item 'proof: backup, needs: compared, max_age: 60m' poll
printf 'backup: [{ id: provider, kind: external, ask: "Snapshot?", takes: 1m }]\n' >>"$folder/plan.yaml"
small_answers "$vote
backup: [{ id: provider, name: snap-1, taken: \"2024-01-31T08:00Z\" }]"
walk
shut "backup that never was" x9

# ---- every level of backup below the one that is needed
for pair in dumped:restored listed:restored restored:compared; do
    item "proof: backup, needs: ${pair#*:}, max_age: 60m" poll
    printf 'backup: [{ id: dump, kind: pg_dump, format: custom, level: %s, restore_test: scratch, max_age: 60m, required: true }]\n' "${pair%:*}" >>"$folder/plan.yaml"
    walk
    shut "backup ${pair%:*} alone" dump
    small_answers "$vote
override: [{ id: dump, reason: no room to restore, by: anna }]"
    walk
    shut "backup ${pair%:*} where ${pair#*:} is needed" x9
done
small_world
small_plan "" "" "backup: [{ id: dump, kind: pg_dump, format: custom, level: compared, restore_test: scratch, max_age: 60m, required: true }]"
super -d "$database" -c 'create sequence foreign_owned; revoke all on foreign_owned from public'
walk
exits "proof backup that pg_dump refuses: the gate stays shut" 6
says "proof backup that pg_dump refuses: pg_dump's own words are told" "$err" "pg_dump ended with status 1. query failed: ERROR:"
same "proof backup that pg_dump refuses: nothing was changed" "$(table orders)" 0

# ---- every probe with false evidence: a breach is a HOLD
watched() { # KEYS: a small world whose one probe is p9
    small_world
    small_plan "" "" "window: { date: \"2024-01-31\", timezone: UTC, opens: \"08:00\", closes: \"12:00\" }
monitoring: { slot: \"10:00 + 1m\", every: 1s, probes: [{ id: p9, $1 }] }"
    : >"$work/app.log"
}
probe() { # NAME KEYS BREACH: the text of the breach, a pattern
    watched "$2"
    timed_walk
    exits "probe $1: a breach ends with 5" 5
    says "probe $1: it is named" "$err" p9
    breach=$(json '$.remarks[*] ? (@.kind == "breach").text' | head -n 1)
    if [[ $breach =~ ^$3,\ since\ [0-9:]{8}\ UTC$ ]]; then
        ok "probe $1: value, limit, unit and since when are told"
    else
        not_ok "probe $1: value, limit, unit and since when are told" "$breach"
    fi
}
probe sql 'sql: select 1, equals: 2' '1, the limit is exactly 2'
probe 'sql text' 'sql: select 7::text, matches: "^ok"' '.*, the limit is a match of \^ok'
probe connections 'builtin: connections, at_most: 0' '[1-9][0-9]*, the limit is at most 0'
probe database_size 'builtin: database_size, at_most: 1kB' '[0-9.]+ MB, the limit is at most 1kB'
probe cache_hit 'builtin: oldest_transaction, at_least: 1d' '.* (ms|us|s), the limit is at least 1d'
probe run 'run: [/bin/false], matches: ok' '.exit status 1., the limit is a match of ok'
probe http 'http: "http://127.0.0.1:1/health", equals: 200, timeout: 1s' 'no answer \(.+\), the limit is exactly 200'

# ---- a probe that is never heard in the whole watch: not known is not healthy
watched 'builtin: replication_lag' # without a standby there is nothing to measure
timed_walk
exits "a silent probe without a limit ends with 5" 5
says "a silent probe is said at the end" "$err" "p9 (never answered)"
same "a silent probe was not heard" "$(json '$.monitoring.probes[*].heard_in_watch')" 0
says "a silent probe stands on the first page" "$(sed -n '/## Not known/,/^## [A-M]/p' "$report/report.md")" p9
watched 'builtin: replication_lag'
small_answers 'accept: [{ id: p9, reason: there is no standby, by: anna }]'
timed_walk
exits "a silent probe that is accepted ends with 0" 0
says "a silent probe: who accepted it and why" "$(json '$.remarks[*] ? (@.kind == "accepted").text')" "there is no standby"
for keys in 'sql: select 1' "sql: select 'ok then', matches: \"^ok\"" 'run: [/bin/echo, ok], matches: ok' \
    'run: [/bin/true]' 'run: [/bin/echo, 3], at_most: 3'; do
    watched "$keys"
    timed_walk
    exits "a probe that is heard ends with 0: $keys" 0
done
finish
