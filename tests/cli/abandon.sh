#!/bin/bash
# SPDX-License-Identifier: PostgreSQL
#
# gonogo abandon: a run that was left is ended for good, by its record alone; recorded runs
# stand in for runs that people left. No server is asked, and none is there.
. "$(dirname "$0")/tap.sh"

runs=$work/state/gonogo/runs
mkdir -p "$runs"
# left NAME: that recorded run among ours; its id in $id
left() {
    id=$(grep -o '"run":"[0-9a-f-]*"' "$root/tests/frames/runs/$1/journal.jsonl" | head -n 1 | cut -d '"' -f 4)
    rm -rf "${runs:?}/$id"
    cp -R "$root/tests/frames/runs/$1" "$runs/$id"
}

left failing-check
run runs
says "a run that was left stands in the list as such" "$out" "  left      exit  5  "
run abandon "$id"
same "row_abandon without a reason is refused" "$code" 2
says "the reason is asked for" "$err" "abandon needs --reason TEXT"
run abandon "$id" --reason ""
same "an empty reason is none" "$code" 2
run runs
says "a refused word changes nothing" "$out" "  left      exit  5  "

run abandon "${id:0:14}" --reason "the window is gone" --as carla
same "row_abandon ends with 0" "$code" 0
same "its result is where the report is" "$out" "$runs/$id/report"
says "who and why is told" "$err" "run $id is over: abandoned by carla at \"judge\": the window is gone"
says "what stands in the database is told" "$err" "\`gonogo rollback $id\` opens its ways back"
says "the report's first page has it" "$(head -n 8 "$out/report.md")" \
    "abandoned by carla at \"judge\": the window is gone"
run runs
says "the list says abandoned, not over" "$out" "  abandoned exit  5  "
run runs --json
says "so it does for programs" "$out" '"standing": "abandoned"'
run status "$id"
says "status says it, too" "$out" "is over, abandoned"
run report "$id" --verify
same "the record holds" "$code" 0
run abandon "$id" --reason "once more"
same "nobody abandons it twice" "$code" 2
says "because it is abandoned" "$err" "the run is abandoned already"
run resume "$id" --headless
same "nobody resumes it" "$code" 2
says "the reason is told again" "$err" "the window is gone"

# Killed between the word and the report: it is as over as one that has its report.
line=$(grep -n '"event":"abandon"' "$runs/$id/journal.jsonl" | cut -d : -f 1)
head -n "$line" "$runs/$id/journal.jsonl" >"$work/broken"
cp "$work/broken" "$runs/$id/journal.jsonl"
run runs
says "an abandoned run without its report is abandoned" "$out" "  abandoned exit  5  "
run resume "$id" --headless
same "nobody resumes that, either" "$code" 2
run abandon "$id" --reason "once more"
says "nor is it abandoned again" "$err" "the run is abandoned already"
run status "$id"
says "status sends to the report" "$out" "next: gonogo report $id"

left wrong-count
run abandon "$id" --reason "another week"
same "a run before its first change is abandoned" "$code" 0
says "it says that nothing was changed" "$err" "It committed nothing."

left calm
run abandon "$id" --reason "too late"
same "a run that is over is not abandoned" "$code" 2
says "it says that it is over" "$err" "nothing to abandon: the run is over"

# The process was killed in the middle of a statement: the record ends there.
left failing-check
line=$(grep -n '"event":"statement"' "$runs/$id/journal.jsonl" | sed -n 3p | cut -d : -f 1)
head -n "$line" "$runs/$id/journal.jsonl" >"$work/broken"
cp "$work/broken" "$runs/$id/journal.jsonl"
run abandon "$id" --reason "I do not care"
same "a run that broke off at work is not abandoned" "$code" 6
says "only the server knows" "$err" "only the server knows what became of that"
says "resume is the way" "$err" "next: gonogo resume $id"
same "the record is as it was" "$(cmp "$work/broken" "$runs/$id/journal.jsonl" && echo same)" same

left blocker
exec 8<"$runs/$id" # as the process that works on it
flock 8
run abandon "$id" --reason "somebody sits there"
same "a run at work is not abandoned" "$code" 7
exec 8<&-

run abandon nobody --reason "which?"
same "an unknown run is a mistake" "$code" 2
run help abandon
says "help knows it" "$out" "--reason"
run dev bash
says "the shells complete it" "$out" "abandon"

finish
