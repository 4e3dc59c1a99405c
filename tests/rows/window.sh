#!/bin/bash
# SPDX-License-Identifier: PostgreSQL
#
# row_C2: nobody begins outside the window unasked or untold. On environment production
# it is a question, guarded or not; elsewhere it is told and on the record. Whoever is less
# than a minute early waits.
. "$(dirname "$0")/../support/window.sh"

windowed_world() { # ENVIRONMENT
    small_world
    edit "s/environment: test/environment: $1/"
    edit '/^steps:/i\window: { date: "2024-01-31", weekday: wed, timezone: UTC, opens: "08:00", closes: "12:00" }'
}

# ---- elsewhere: told
windowed_world staging
walk
exits "row_C2 staging: it runs" 0
says "row_C2 staging: the log tells it" "$err" "begun outside the window: it is 20"
says "row_C2 staging: with the window" "$err" "UTC, the window is 2024-01-31 08:00 to 2024-01-31 12:00 UTC"
same "row_C2 staging: it is on the record" "$(json '$.remarks[*] ? (@.kind == "window").text' | grep -c 'begun outside')" 1

# ---- production: asked
windowed_world production
walk
exits "row_C2 production: no answer, no start" 6
says "row_C2 production: the question" "$err" "Start outside the window?"
says "row_C2 production: how to answer" "$err" "override: [{ id: window, reason: ..., by: NAME }]"
same "row_C2 production: nothing was done" "$(table orders)" 0
small_answers 'override: [{ id: window, reason: agreed with all, by: anna }]'
walk
exits "row_C2 production: an override by name" 0
same "row_C2 production: it is an override of the report" "$(json '$.overrides[*].id')" window

# ---- inside: nothing is said
windowed_world production
walk --clock-at 2024-01-31T08:00Z
exits "row_C2 inside the window" 0
lacks "row_C2 inside nothing is asked" "$err" "outside the window"

# ---- seconds early: waited for
windowed_world production
walk --clock-at 2024-01-31T07:59:20Z --time-scale 720
exits "row_C2 seconds early: it waits and runs" 0
lacks "row_C2 seconds early: nothing is asked" "$err" "outside the window"
same "row_C2 seconds early: the first change is inside" "$(grep -c '^08:0.* === MIGRATE' <<<"$err")" 1

# ---- the demo is at its window
out=$("$GONOGO" demo --headless --report "$report" 2>&1 >/dev/null)
same "row_C2 the demo migrates inside its window" "$(grep -c '^08:0.* === MIGRATE' <<<"$out")" 1
lacks "row_C2 the demo has nothing to tell of its window" "$out" "outside the window"
finish
