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

finish
