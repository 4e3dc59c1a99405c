#!/bin/bash
# SPDX-License-Identifier: PostgreSQL
#
# F13, F40: the server stands still during MONITOR, and no socket breaks. The watch says
# that it is blind, the gap is a gap in the report, and when the server comes back the
# watch goes on and the run comes to its end.
. "$(dirname "$0")/../support/window.sh"

# server_is STOP|CONT: the postmaster and all its children
server_is() {
    local postmaster
    postmaster=$(head -n 1 "$GONOGO_TEST_PGDATA/postmaster.pid")
    kill -"$1" "$postmaster"
    # shellcheck disable=SC2046
    kill -"$1" $(cat /proc/"$postmaster"/task/*/children)
}
wait_for() { # WORDS: in what the run says; two minutes at most
    local try
    for ((try = 0; try < 1200; try++)); do
        grep -q -- "$1" "$work/.err" && return 0
        kill -0 "$run" 2>/dev/null || return 1
        sleep 0.1
    done
    return 1
}

small_world
small_plan "" "" "window: { date: \"2024-01-31\", timezone: UTC, opens: \"08:00\", closes: \"12:00\" }
monitoring: { slot: \"10:00 + 75s\", every: 1s, probes: [{ id: p9, builtin: connections, at_most: 1000 }] }"
rm -rf "$report"
PGUSER=app_owner PGDATABASE=$database "$GONOGO" run "$folder/plan.yaml" --headless --as anna --answers "$answers" --report "$report" \
    --clock-at 2024-01-31T08:00Z >"$work/.out" 2>"$work/.err" &
run=$!
children+=("$run")
wait_for "=== MONITOR"
server_is STOP
wait_for "no answer before the deadline"
said=$?
server_is CONT
same "fault_F13: a server that stands still is noticed in MONITOR, and said" "$said" 0
wait "$run"
code=$?
err=$(cat "$work/.err")
exits "fault_F13: the watch goes on when the server comes back" 0
says "fault_F40: the watch was held to its end" "$err" "=== CLOSE"
says "fault_F40: the gap is none of the good samples" "$(cat "$report/report.md")" "samples not measured"
same "fault_F40: it stands in the record" "$(json '$.remarks[*] ? (@.id == "watch").text' | grep -c 'no answer')" 1
nothing_left "fault_F13: nothing is left on the server"
finish
