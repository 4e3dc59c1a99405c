#!/bin/bash
# SPDX-License-Identifier: PostgreSQL
#
# row_C6: a way back is known to be possible before GO, is chosen by name with open eyes,
# and is what somebody said, never what the program thought of.
. "$(dirname "$0")/../support/window.sh"

dumped_world() { # a small world with a dump and three ways back
    small_world
    small_plan "" "" "backup: [{ id: dump, kind: pg_dump, format: custom, level: dumped, required: true }]"
    edit 's/^rollback: .*/rollback:\n  - { id: recreate, title: Empty tables, kind: sql, takes: 1m, restores: empty tables only, file: 001_down.sql }\n  - { id: dump, title: Restore the dump, kind: restore, from: dump, takes: 1m, restores: everything }\n  - { id: undo, title: Undo, kind: down, takes: 1m, to: "000" }/'
    edit '/^verification:/,/^  sets:/s/equals: 2/equals: 7/'
}

# ---- restoring needs rights: told in PREP, by the preflight, and where it is chosen
super -d postgres -c 'alter role app_owner nocreatedb' # whatever the tests before this one left
dumped_world
go check "$folder/plan.yaml" --db --target only
says "row_C6 check --db tells what a restore would lack" "$out" \
    "NOT OK  way back by restore: app_owner needs CREATEDB to rename a database"
small_answers 'override: [{ id: dump, reason: small, by: anna }]'
sed -i 's/^on_failure: hold/on_failure: "rollback:dump"/' "$answers"
walk
says "row_C6 told in PREP" "$(sed -n '1,/=== BACKUP/p' <<<"$err")" \
    "this way back is not possible now: app_owner needs CREATEDB to rename a database"
says "row_C6 an option that is not possible is not chosen" "$err" \
    "not possible: app_owner needs CREATEDB to rename a database"
exits "row_C6 nothing was tried" 5
same "row_C6 the failed state is left as it is" "$(table orders)" 1

# ---- no way back is named: nothing is done, and the choice is told
dumped_world
small_answers 'override: [{ id: dump, reason: small, by: anna }]'
sed -i 's/^on_failure: hold/on_failure: rollback/' "$answers"
walk
says "row_C6 unnamed: it is told" "$err" 'no way back is named. The answers file would need: on_failure: "rollback:ID"'
says "row_C6 unnamed: with what each brings back" "$err" "recreate: Empty tables, takes 1m00s: the plan says so, it was not measured; brings back empty tables only"
says "row_C6 unnamed: with what a restore would lose" "$err" "not possible: app_owner needs CREATEDB"
same "row_C6 unnamed: nothing was done" "$(table orders)" 1
run=$(basename "$(run_directory)")
go rollback "$run" --headless --as anna
exits "row_C6 rollback --headless without a name" 6
says "row_C6 rollback --headless tells the choice" "$err" "recreate: Empty tables, brings back empty tables only"
same "row_C6 rollback --headless: nothing was done" "$(table orders)" 1

# ---- named: it is the undo, called so everywhere
small_answers 'override: [{ id: dump, reason: small, by: anna }]'
sed -i 's/^on_failure: hold/on_failure: "rollback:undo"/' "$answers"
go rollback "$run" --headless --as anna --answers "$answers"
exits "row_C6 the undo is equal to before" 8
says "row_C6 the undo is called so" "$err" "undo of 001 begins: 001_down.sql"
says "row_C6 its end, too" "$err" "undo of 001 committed"
says "row_C6 the last line, too" "$err" "last certain: undo of 001 committed"
lacks "row_C6 nobody's file said rollback" "$err" "gonogo rollback, anna by file"
go status "$run"
says "row_C6 status: undone" "$out" "001 undone"
says "row_C6 status: the undo" "$out" "undo of 001 committed"
go report "$run" --format md
says "row_C6 the report expects what was before" "$(grep '| tables |' "$XDG_STATE_HOME"/gonogo/runs/"$run"/report/*.md | tr -s ' ')" "| tables | 2 | 2 | 2 |"

# ---- a run that is over can still be undone, once
small_world
walk
exits "row_C6 a run that is over" 0
run=$(basename "$(run_directory)")
go resume "$run" --headless
exits "row_C6 is not resumed" 2
says "row_C6 but its ways back are named" "$err" "gonogo rollback"
sed -i 's/^on_failure: hold/on_failure: "rollback:undo"/' "$answers"
go rollback "$run" --headless --as anna --answers "$answers"
exits "row_C6 and is undone" 8
same "row_C6 the table is gone" "$(table orders)" 0
go rollback "$run" --headless --as anna --answers "$answers"
exits "row_C6 not twice" 2
says "row_C6 why not" "$err" "a way back was taken already"

# ---- two people confirm it, where the plan wants them
agreed_world() {
    small_world
    edit 's/^rollback: .*/roles: [{ id: dba, people: [anna] }, { id: lead, people: [ben] }]\nrollback: [{ id: undo, title: Undo, kind: down, to: "000", confirm: [dba, lead] }]/'
    edit '/^verification:/,/^  sets:/s/equals: 2/equals: 7/'
}
agreed_world
small_answers 'confirm: [{ role: dba, name: anna }]'
sed -i 's/^on_failure: hold/on_failure: "rollback:undo"/' "$answers"
walk
exits "row_C6 one person is not two" 5
says "row_C6 who is missing is told" "$err" "confirm: [{ role: lead, name: NAME }]"
says "row_C6 with how long it takes" "$err" "how long it takes is not known"
same "row_C6 without them nothing is undone" "$(table orders)" 1
agreed_world
small_answers 'confirm: [{ role: dba, name: anna }, { role: lead, name: anna }]'
sed -i 's/^on_failure: hold/on_failure: "rollback:undo"/' "$answers"
walk
exits "row_C6 one person cannot speak for two roles" 2
agreed_world
small_answers 'confirm: [{ role: dba, name: anna }, { role: lead, name: ben }]'
sed -i 's/^on_failure: hold/on_failure: "rollback:undo"/' "$answers"
walk
exits "row_C6 confirmed by both it is undone" 8
says "row_C6 and the record says with what in sight" "$err" \
    "rollback undo: begins; how long it takes is not known; loses what its statements take away"
same "row_C6 the table is gone by two people" "$(table orders)" 0

# ---- a file that was put right needs a new run, and is told so
small_world
edit '/^verification:/i\  - migration: "002"\n    file: 002.sql\n    undo: none'
echo 'insert into orders values (1);' >"$folder/002.sql"
walk
exits "row_D3 the second file fails" 3
run=$(basename "$(run_directory)")
echo 'insert into orders values (3);' >"$folder/002.sql"
go resume "$run" --headless --as anna --answers "$answers"
exits "row_D3 other bytes are not resumed" 6
says "row_D3 the remedy is a new run" "$err" "start a new gonogo run of the plan, which skips what the ledger has"
says "row_D3 the last line does not lead back to resume" "$(tail -n 1 <<<"$err")" "next: gonogo check PLAN --write-hashes, then gonogo run PLAN"
finish
