#!/bin/bash
# SPDX-License-Identifier: PostgreSQL
#
# new, explain, show, help: what is told about plans and files without a server.
. "$(dirname "$0")/tap.sh"

# new → check
cp -r "$root/plans/week1-wednesday/migrations" .
"$GONOGO" new migrations/011_fix_migration_conflicts.sql migrations/012_remove_unused_features.sql \
    >plan.yaml 2>.err
same "new succeeds" "$?" 0
says "new says what is next" "$(cat .err)" "gonogo check plan.yaml"
exits "a new plan has no error" 10 check plan.yaml
says "what is missing is told" "$out" "Y640"
says "the version comes from the name" "$(cat plan.yaml)" 'migration: "011"'
says "the hash is there" "$(cat plan.yaml)" "$(sha256sum <migrations/012_remove_unused_features.sql | cut -d' ' -f1)"
says "an undo file beside it is found" "$(cat plan.yaml)" 'undo: "migrations/011_down.sql"'
says "drops are counted" "$(cat plan.yaml)" "drops: 9"
sed -i 's/    # undo: FILE.sql.*/    undo: none/' plan.yaml
run check plan.yaml
lacks "answering the stub ends the finding of 012" "$out" "no undo is said"
printf 'create index concurrently i on t (a);\n' >V7__index.sql
printf 'begin;\ncreate table a ();\ncommit;\nbegin;\ncreate table b ();\ncommit;\n' >twice.sql
run new V7__index.sql twice.sql
says "CONCURRENTLY stands alone" "$out" "transaction: each"
says "a file with its own control keeps it" "$out" "transaction: file"
says "a flyway name gives its number" "$out" 'migration: "7"'
exits "a file outside of the folder is refused" 2 new ../x.sql
exits "a file that is not there is refused" 2 new nothing.sql
same "and nothing is written" "$out" ""

# explain
exits "explain has findings" 10 explain migrations/012_remove_unused_features.sql
says "every statement has its number and place" "$out" "   10    57:1   drop table if exists public.notifications"
says "row_A1 the file in one sentence" "$out" "drops 9 tables, alters nothing existing; rerun-safe"
says "what is destroyed stands first" "$out" "DESTROYS  57:1   table public.notifications"
says "the lock is named" "$out" "ACCESS EXCLUSIVE"
says "row_A6 the risks have their reasons" "$out" "data loss           block   DROP TABLE public.quest_moves"
says "a finding has its rule and place" "$out" "D1 block at 57:1"
says "what is not known is said" "$out" "Not known: sizes, columns and dependents of tables"
says "the next command explains it" "$err" "gonogo help "
exits "explain of several files" 10 explain migrations/*.sql
says "each file is named" "$out" "migrations/012_recreate.sql: 15 statements"
run explain --sql migrations/012_remove_unused_features.sql
says "the whole text is shown when asked for" "$out" "remaining bigint;"
echo 'create table app.notes (id bigint generated always as identity primary key, body text);' >calm.sql
exits "a calm file has no findings" 0 explain calm.sql
says "nothing destroyed is said, too" "$out" "drops nothing, alters nothing existing, adds 1 table"
echo 'select 1 from' >wrong.sql
exits "a mistake is a finding" 10 explain wrong.sql
says "with its place" "$out" "mistake at 1:14"
printf 'create index concurrently on app.orders (id);\n' >alone.sql
run explain alone.sql
lacks "a file of statements that stand alone is read so" "$out" "L4"
exits "a rule has its page" 0 help L1
says "with the safe way" "$out" "CREATE INDEX CONCURRENTLY index_name ON table_name"
exits "in lower case, too" 0 help k2
exits "all rules in a list" 0 help rules
says "the last of them" "$out" "R17"
run explain --json migrations/012_remove_unused_features.sql
says "row_json explain has a version" "$out" '"v": 1'
says "row_json explain has the tag" "$out" '"tag": "DROP TABLE"'
says "row_json explain has the offset" "$out" '"offset": '
says "row_json explain has the lock" "$out" '"mode": "AccessExclusiveLock"'
says "row_json explain has the finding" "$out" '"rule": "D1"'
says "row_json explain says what is destroyed" "$out" '"destroys": ['
says "row_json explain judges a second run" "$out" '"rerun_safe": true'
for file in "$root"/tests/sql/*.sql; do
    run explain "$file"
    if [ "$code" -eq 0 ] || [ "$code" -eq 2 ] || [ "$code" -eq 10 ]; then
        ok "explain $(basename "$file") ends"
    else
        not_ok "explain $(basename "$file") ends" "exit $code: $err"
    fi
done
printf 'select 1;\n\\d\n' >slash.sql
exits "a backslash command is refused" 2 explain slash.sql
says "with its line and column" "$err" "slash.sql:2:1"
printf "create role r password 'canary-7f3a';\n" >secret.sql
run explain secret.sql
lacks "F43 explain shows no password" "$out$err" "canary-7f3a"
printf 'select %s;\n' "$(printf '\033]0;x\007')" >escape.sql
run explain escape.sql
lacks "F42 explain shows no escape" "$out$err" "$(printf '\033')"
head -c 60000 /dev/zero | tr '\0' '(' >deep.sql
printf 'select ' | cat - deep.sql >deeper.sql
run explain deeper.sql
if [ "$code" -le 10 ]; then
    ok "a hostile nesting does not crash explain"
else
    not_ok "a hostile nesting does not crash explain" "exit $code"
fi

# show
exits "show succeeds" 0 show "$plan"
for section in "# Week 1 Wednesday" "## Window" "## Targets" "## Roles" "## Schedule" \
    "## Limits and safety" "## State" "## Checklist" "## Backup" "## Steps" "## Verification" \
    "## Monitoring" "## Rollback" "## Success criteria"; do
    says "show has the section $section" "$out" "$section"
done
says "show has the window" "$out" "Wednesday 2024-01-31, 08:00 to 12:00 UTC"
says "show says what is destroyed" "$out" "**Destroys 9 tables:**"
says "show has a statement in full" "$out" "drop table if exists public.maneuver_prerequisites;"
says "show has the undo's statements" "$out" "Undo:"
says "show has a check's SQL" "$out" "$(sed -n '$p' "$root/plans/week1-wednesday/sql/q02.sql")"
says "show has the way back's SQL" "$out" "create table if not exists public.quests"
says "show has every criterion" "$out" "No production impact"
same "show names all twelve checks" "$(grep -cE '^- \*\*Q[0-9]{2}\*\*' <<<"$out")" 12
same "show names all fourteen items" "$(grep -cE '^\| [ac][1-8] \|' <<<"$out")" 14
printf "version: 1\nname: \"<script>*x* \`y\` | z\"\ntargets: [{ id: t, environment: e }]\nsteps:\n  - migration: \"1\"\n    file: secret.sql\n    undo: none\n" >hostile.yaml
run show hostile.yaml
lacks "F42 show escapes markup of a name" "$out" "<script>*x*"
lacks "F43 show shows no password" "$out$err" "canary-7f3a"
exits "show of a bad plan is refused" 2 show "$root/tests/plans-bad/unknown-key.yaml"

# help
missing=
for code_word in $(sed -n 's/^ *{"\([EY][0-9]*\)",.*/\1/p' "$root/src/plan/plan_codes.c"); do
    "$GONOGO" help "$code_word" >.out 2>.err </dev/null || missing="$missing $code_word"
    grep -q "^$code_word  " .out || missing="$missing $code_word:text"
done
same "help has a page for every code" "$missing" ""
for number in 0 1 2 3 4 5 6 7 8 9 10 11; do
    run help "$number"
    says "help has exit code $number" "$out" "$number  "
done
exits "help exit lists them all" 0 help exit
same "twelve of them" "$(grep -cE '^ ?[0-9]+  ' <<<"$out")" 12
exits "help on nothing known is refused" 2 help nonsense
exits "help events lists the JSON Lines types" 0 help events
says "one of them" "$out" "statement"
exits "help trouble lists the troubles" 0 help trouble
says "one of those" "$out" "server-restart"

# dev
exits "the state table is printed" 0 dev fsm
says "as Mermaid" "$out" "stateDiagram-v2"
exits "dev knows nothing else" 2 dev nothing

# runs, when there are none
exits "there are no runs" 0 runs
exits "no run has a status" 2 status
exits "an unknown run has no report" 2 report 20240101-000000-abcdef
finish
