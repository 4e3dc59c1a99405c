#!/bin/bash
# SPDX-License-Identifier: PostgreSQL
#
# row_C7: a criterion that people attest is attested by name, or it is open; a no counts.
. "$(dirname "$0")/../support/window.sh"

attested_world() { # [MORE ANSWERS]
    small_world
    small_plan "" "" 'roles: [{ id: backend, title: Backend, people: [ben], votes: true }]
criteria:
  - { group: execution, text: All there, check: Q1 }
  - { group: application, text: User workflows unaffected, attest: backend }'
    small_answers "votes: [{ role: backend, vote: GO, name: ben }]
sign_off: [{ role: backend, name: ben }]
${1:-}"
}

attested_world
walk
exits "row_C7 a sign-off attests nothing" 6
says "row_C7 the question" "$err" "User workflows unaffected"
says "row_C7 how to answer" "$err" 'criteria: [{ id: criterion 2, answer: "yes", note: ..., by: NAME }]'
lacks "row_C7 nobody said so" "$err" "User workflows unaffected: ok"

attested_world 'criteria: [{ id: User workflows unaffected, answer: "yes", note: tried, by: ben }]'
walk
exits "row_C7 attested by name" 0
says "row_C7 it is told" "$err" "User workflows unaffected: ok, ben by file"

attested_world 'criteria: [{ id: criterion 2, answer: "no", note: they scream, by: ben }]'
walk
exits "row_C7 a denied criterion ends with 5" 5
says "row_C7 the last line names it" "$(tail -n 1 <<<"$err")" '"User workflows unaffected" failed'
same "row_C7 the headline is not COMPLETED" "$(json '$.headline')" "FAILED: NOT AS PLANNED"

attested_world 'criteria: [{ id: criterion 1, answer: "yes", by: ben }]'
walk
exits "row_C7 a criterion that nobody attests" 2
says "row_C7 it is told so" "$err" 'the plan has no attested criterion "criterion 1"'

attested_world 'criteria: [{ id: criterion 2, answer: "yes", by: anna }]'
walk
exits "row_C7 somebody else's word" 2
says "row_C7 whose it is" "$err" '"anna" is not among the people of the role "backend"'
finish
