#!/bin/bash
# SPDX-License-Identifier: PostgreSQL
#
# What the rules block in an undo file bars nobody from GO. It is asked when the way back that
# runs the file is chosen: by name, with a reason; journal and report say who decided.
. "$(dirname "$0")/../support/window.sh"

blocked_world() { # [ANSWERS]: the verification fails, and the undo file has a CASCADE
    small_world
    edit '/^verification:/,/^  sets:/s/equals: 2/equals: 7/'
    echo 'drop table orders cascade;' >"$folder/001_down.sql"
    small_answers "${1:-}"
    sed -i 's/^on_failure: hold/on_failure: "rollback:undo"/' "$answers"
}

blocked_world
walk
exits "GO needs nobody for an undo file, the way back does" 5
same "the migration ran, and nothing was undone" "$(table orders)" 1
says "the rule is told" "$err" "Rule D2 blocks: CASCADE"
says "with its place" "$err" "001_down.sql:1:1"
says "and how it is overridden" "$err" "override: [{ id: 001.undo.D2, reason: ..., by: NAME }]"

blocked_world 'override: [{ id: 001.undo.D2, reason: "", by: carla }]'
walk
same "no reason, no override" "$(table orders)" 1

blocked_world 'override: [{ id: 001.undo.D2, reason: nothing hangs on it yet, by: carla }]'
walk
exits "overridden the way back is gone" 8
same "and the table with it" "$(table orders)" 0
same "the report says what was overridden" "$(json '$.overrides[*].id')" "001.undo.D2"
says "and why" "$(json '$.overrides[*].text')" "nothing hangs on it yet"
same "the review has it among what blocks" "$(json '$.review.blocks[*].id')" "001.undo.D2"
same "with the person" "$(json '$.review.blocks[*].who')" "carla by file"
says "the journal has the decision" \
    "$(grep '"type":"event"' "$(run_directory)/journal.jsonl" | grep override)" "001.undo.D2"
says "for people, too" "$(cat "$report"/*.md)" "overridden by carla"

blocked_world 'override: [{ id: 001.undo.D1, reason: wrong rule, by: carla }]'
walk
exits "an override of another rule is none" 5
says "and the one that is wanted is told" "$err" "override: [{ id: 001.undo.D2, "
same "nothing was undone by it" "$(table orders)" 1

# ---- a way back that runs no undo file asks nothing of them
blocked_world
edit 's/^rollback: .*/rollback: [{ id: undo, title: By hand, kind: sql, takes: 1m, restores: everything, file: back.sql }]/'
echo 'drop table orders;' >"$folder/back.sql"
walk
exits "another way back is not asked for it" 8
lacks "and does not speak of it" "$err" "001.undo"
drop_database "$database"
finish
