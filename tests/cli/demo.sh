#!/bin/bash
# SPDX-License-Identifier: PostgreSQL
#
# The headless demo, well and with each trouble: exit code, words, files, and that
# nothing is left behind. Needs the server programs of PostgreSQL.
. "$(dirname "$0")/tap.sh"

fast="--headless --time-scale 20000"
# shellcheck disable=SC2086 # $fast is a list of words
walk() { # ARGUMENT...
    run demo $fast "$@"
}
# A folder of our own, that the server's account can enter, to see what is left in it.
chmod 755 "$work"
mkdir -m 1777 "$work/t"
export TMPDIR=$work/t

leftovers() {
    find "$TMPDIR" -mindepth 1 -maxdepth 1 ! -name 'gonogo-cache*' | wc -l
}

# Ends a kept demo by the command that was told, and waits for it.
gone() { # PID
    [ -n "$1" ] && kill "$1"
    for _ in $(seq 100); do
        [ -d "/proc/$1" ] || break
        sleep 0.1
    done
}

walk --report "$work/report"
same "row_demo the walk ends with 0" "$code" 0
says "the server stood in our folder" "$err" "database app on $TMPDIR/"
says "every phase was walked" "$(grep -o '=== [A-Z]*' <<<"$err" | tr -d '=\n')" \
    " BACKUP POLL MIGRATE VERIFY MONITOR CLOSE"
says "the backup was proved" "$err" "dump: compared"
says "both files are committed" "$err" "012 committed"
says "the counts are told: before, now" "$err" "tables 52 -> 43, foreign keys 38 -> 42, RLS policies 16 -> 18"
says "twelve checks passed" "$(grep -c 'check    Q[0-9][0-9] ok' <<<"$err")" 24
says "answers of a file are claims" "$err" "dba votes GO, anna by file (a claim)"
says "overrides are told" "$err" "override c1: demonstration on a throw-away server"
lacks "the first reading of a counter is no gap" "$out" "probe deadlocks"
says "the members stand behind the execution log" "$(grep '^## \(Execution\|Members\)' <<<"$out" | tr '\n' ' ')" \
    "## Execution log ## Members and rows"
says "the report is printed" "$out" "# Week 1 Wednesday - production migration"
same "the last line is the end" "$(tail -n 1 <<<"$err")" "gonogo: exit 0: done"
for file in report.md report.html report.json junit.xml; do
    if [ -s "$work/report/$file" ]; then
        ok "there is a $file"
    else
        not_ok "there is a $file" "$(ls "$work/report")"
    fi
done
says "report.json has the counts" "$(tr -d ' \n' <"$work/report/report.json")" '"now":43'
same "nothing is left of the server and the record" "$(leftovers)" 0
same "F42 no control byte reaches the terminal" "$(LC_ALL=C tr -d '\n[:print:]\200-\377' <<<"$err" | wc -c)" 0

walk --json
same "row_json a JSON Lines walk ends with 0" "$code" 0
same "every line has version, number, time, run, type and data" \
    "$(grep -cvE '^\{"v":1,"seq":[0-9]+,"ts":"[0-9TZ:.-]+","run":"[0-9a-f-]+","type":"[a-z_]+","data":\{.*\}\}$' <<<"$out")" 0
same "numbers go up by one" "$(sed -n '$s/.*"seq":\([0-9]*\),.*/\1/p' <<<"$out")" "$(wc -l <<<"$out")"
says "the end has the exit code" "$(tail -n 3 <<<"$out")" '"type":"end","data":{"exit":0'
walk -q
same "quiet says only the last line" "$(wc -l <<<"$err")" 1

walk --trouble blocker
same "row_trouble blocker ends with 3" "$code" 3
says "the blocker is named" "$err" "demo_report"
says "it waited for a lock" "$err" "55P03"
lacks "our own session is not among those that block" "$(grep ' locks ' <<<"$err")" "gonogo"
says "the file is rolled back" "$err" "012 ROLLED BACK, nothing of it is left"
says "the last line says so" "$(tail -n 1 <<<"$err")" "exit 3: SQL failed, that file is rolled back"
says "what is certain is told" "$(tail -n 1 <<<"$err")" "last certain: 012 rolled back; unknown: nothing"

walk --trouble wrong-count
same "row_trouble wrong-count ends with 5" "$code" 5
says "the count is told" "$err" "tables 53 (EXPECTED 52)"
says "the missing answer is told, and how to give it" "$err" "override: [{ id: before, reason: ..., by: NAME }]"
lacks "before any change" "$err" "011 begins"
says "nothing was changed" "$(tail -n 1 <<<"$err")" "last certain: nothing was changed"

walk --trouble failing-check
same "row_trouble failing-check ends with 5" "$code" 5
says "the check is told" "$err" "Q08 FAILED"
says "the last line names it" "$(tail -n 1 <<<"$err")" "Q08 failed"
says "the reason stands under the report's headline" "$(head -n 8 <<<"$out")" "Not as planned: Q08 all 43 tables"
says "a demo that is gone is not resumed" "$(tail -n 1 <<<"$err")" "next: gonogo demo --keep --trouble failing-check keeps such a run, to be resumed"

walk --trouble slow --keep
same "row_trouble slow ends with 0" "$code" 0
says "the surprise is told" "$err" "of 234 ms expected (SLOWER)"
lacks "a run that is over is not offered to be resumed" "$err" "gonogo resume"
told=$err
run_id=$(sed -n 's/^ *how it ended:  *gonogo status //p' <<<"$told")
exits "what is offered instead works: status" 0 status "$run_id"
says "it is over" "$out" "is over"
says "and the proof of the record" "$told" "its record:      gonogo report --verify $run_id"
exits "which holds" 0 report --verify "$run_id"
gone "$(sed -n 's/^ *remove it: *kill //p' <<<"$told")"
same "no trouble leaves anything behind" "$(leftovers)" 0

walk --trouble server-restart
same "row_trouble server-restart ends with 6" "$code" 6
says "the lost connection is told" "$err" "the connection to the server is lost"
says "its fate is settled" "$err" "012 ROLLED BACK"
run_id=$(sed -n 's/^ *resume the run: *gonogo resume //p' <<<"$err")
host=$(sed -n 's/^ *remove it: *kill //p' <<<"$err")
says "the last line says how to go on" "$(tail -n 1 <<<"$err")" "next: gonogo resume $run_id"
exits "the run is listed" 0 runs
says "as one that was left" "$out" "$run_id"
exits "its status is told" 0 status "$run_id"
says "with the state" "$out" "012 rolled back"
says "and where it was left, in words" "$out" "was left in MIGRATE, at the stop after a file"
says "and how to go on" "$out" "next: gonogo resume $run_id"
cp -r "$XDG_STATE_HOME/gonogo/runs/$run_id" "$XDG_STATE_HOME/gonogo/runs/20991231-235959-0000000"
exits "which of several open runs is nobody's guess" 2 resume --headless
says "that is told" "$err" "2 runs are open; nothing was contacted. Say which:"
says "each with its command" "$err" "  gonogo resume $run_id   Week 1 Wednesday"
rm -r "$XDG_STATE_HOME/gonogo/runs/20991231-235959-0000000"
exits "row_json status" 0 status --json "$run_id"
says "row_json status has the next step" "$out" '"next": '
run resume "$run_id" --headless
same "a resume without answers stops with 6" "$code" 6
run resume --headless --answers "$root/plans/week1-wednesday/answers.yaml"
same "row_trouble resume completes the run" "$code" 0
[ "$code" -eq 0 ] || grep -E ' (people|check|engine|monitor) ' <<<"$err" | tail -n 15 | sed 's/^/# /'
says "012 is committed now" "$err" "012 committed"
lacks "what was told before is not told again" "$err" "votes GO"
exits "a run that is over is told as over" 0 status "$run_id"
says "with its report as the next step" "$out" "is over
exit code as it stands: 0
next: gonogo report $run_id"
exits "its record is intact" 0 report "$run_id" --verify
exits "its report can be written again" 0 report "$run_id"
gone "$host"
same "the kept demo is removed by the command that was told" "$(leftovers)" 0

# killed outright: the next start sweeps what it left, the record of the walk too
"$GONOGO" demo --headless --quiet --time-scale 1 >/dev/null 2>&1 </dev/null &
demo=$!
for _ in $(seq 600); do
    compgen -G "${TMPDIR:-/tmp}/gonogo-demo-runs.*/*/journal*" >/dev/null && break
    sleep 0.05
done
kill -KILL "$demo"
wait "$demo" 2>/dev/null
left() { find "${TMPDIR:-/tmp}" -maxdepth 1 -name 'gonogo-demo-runs.*' 2>/dev/null | wc -l; }
same "a killed demo leaves its record behind" "$(left)" 1
walk --trouble wrong-count
same "the next demo sweeps it" "$(left)" 0

# a missing answer
sed '/role: devops,  vote/d' "$root/plans/week1-wednesday/answers.yaml" >few.yaml
walk --answers few.yaml
same "row_headless a missing vote ends with 6" "$code" 6
says "the missing answer is named" "$err" "missing answer: DevOps: GO, NO-GO or HOLD?"
says "and how it is given" "$err" "votes: [{ role: devops, vote: GO, name: NAME }]"
lacks "nothing was begun" "$err" "011 begins"
sed 's/vote: GO, name: ben/vote: NO-GO, name: ben, reason: errors in the log/' \
    "$root/plans/week1-wednesday/answers.yaml" >no.yaml
walk --answers no.yaml
same "row_headless a NO-GO ends with 6" "$code" 6
says "its reason is told" "$(tail -n 1 <<<"$err")" "NO-GO by ben"
sed 's/^checkpoints: continue/checkpoints: hold/' "$root/plans/week1-wednesday/answers.yaml" >hold.yaml
walk --answers hold.yaml
same "row_headless checkpoints: hold ends with 6 after the first file" "$code" 6
says "after the first file" "$(tail -n 1 <<<"$err")" "last certain: 011 committed"
sed 's/^database: app/database: other/' "$root/plans/week1-wednesday/answers.yaml" >name.yaml
walk --answers name.yaml
same "row_headless another database name ends with 6" "$code" 6
lacks "and begins nothing" "$err" "011 begins"
sed 's/^on_failure: hold/on_failure: rollback:dump/' "$root/plans/week1-wednesday/answers.yaml" >back.yaml
walk --answers back.yaml --trouble failing-check
same "row_headless on_failure: rollback:dump ends with 8" "$code" 8
says "the way back is told" "$err" "restoring the dump beside the live database"

# the way back by its own command, on a demo that was kept
walk --trouble failing-check --keep
run_id=$(sed -n 's/^ *resume the run: *gonogo resume //p' <<<"$err")
host=$(sed -n 's/^ *remove it: *kill //p' <<<"$err")
run rollback "$run_id" --headless --answers back.yaml
same "row_headless rollback by command ends with 8" "$code" 8
says "and it is equal to before" "$(tail -n 1 <<<"$err")" 'exit 8: rolled back, equal to "before"'
same "the result is where the report is" "$out" "$(find "$XDG_STATE_HOME" -type d -path "*$run_id/report")"
[ -n "$host" ] && kill "$host"

# a guarded target
exits "row_headless a guarded target refuses unsigned answers with 6" 6 run "$plan" --target production \
    --headless --approve "$("$GONOGO" check --digest --target production "$plan" 2>/dev/null)" \
    --answers "$root/plans/week1-wednesday/answers.yaml" --as anna
says "and says why" "$err" "signed"
exits "F47 another digest is refused with 6" 6 run "$plan" --target production --headless --approve 00 \
    --answers "$root/plans/week1-wednesday/answers.yaml"
exits "a guarded target needs --approve" 2 run "$plan" --target production --headless
exits "a guarded target has no simulated clock" 2 run "$plan" --target production --plain --clock-at 2024-01-31T08:00Z
finish
