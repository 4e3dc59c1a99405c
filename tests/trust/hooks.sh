#!/bin/bash
# SPDX-License-Identifier: PostgreSQL
#
# F45: programs of a plan are started without a shell, with their arguments as they stand,
# and end when they should: none of them hangs the window, floods it, or stays behind.
. "$(dirname "$0")/../support/window.sh"

people='roles: [{ id: dba, people: [anna], votes: true }]'
hook() { # ARGV KEYS: a checklist item whose proof is this program
    small_world
    small_plan "" "" "$people
checklist: [{ id: h9, gate: prep, ask: \"Is it so?\", proof: run, run: $1, ${2:-matches: \"^yes\"} }]"
    small_answers 'votes: [{ role: dba, vote: GO, name: anna }]
sign_off: [{ role: dba, name: anna }]'
    mkdir -p "$folder/hooks"
}
script() { # NAME TEXT
    printf '#!/bin/sh\n%s\n' "$2" >"$folder/hooks/$1"
    chmod 755 "$folder/hooks/$1"
}

hook '[./hooks/show, "a b", "$(touch owned)", "`touch owned`", "; touch owned", "-rf", "*", "", "|cat"]'
script show 'echo "yes $#"; printf "%s\n" "$@" >"$(dirname "$0")/../said"'
walk
exits "fault_F45: hostile words are words" 0
same "fault_F45: they arrive as they stand" "$(cat "$folder/said")" "a b
\$(touch owned)
\`touch owned\`
; touch owned
-rf
*

|cat"
same "fault_F45: no shell has touched anything" "$(find "$work" -name owned)" ""

hook '["./hooks/a name; with $(touch owned) spaces"]'
script 'a name; with $(touch owned) spaces' 'echo yes'
walk
exits "fault_F45: a hostile file name is a file name" 0
hook '[./hooks/-rf]'
script -rf 'echo yes'
walk
exits "fault_F45: a leading dash is a file name" 0
same "fault_F45: still nothing was touched" "$(find "$work" -name owned)" ""

# a program that is changed after the plan was read
hook '[./hooks/show]'
script show 'echo yes'
approval=$("$GONOGO" check "$folder/plan.yaml" --digest --target only 2>/dev/null)
script show 'echo yes; touch "$(dirname "$0")/../changed"'
walk --approve "$approval"
exits "fault_F45: a hook changed after the approval ends with 6" 6
same "fault_F45: and was not started" "$(ls "$folder/changed" 2>/dev/null)" ""

# PATH is not asked
mkdir -p "$work/bin"
printf '#!/bin/sh\necho yes\n' >"$work/bin/proof9"
chmod 755 "$work/bin/proof9"
hook '[proof9]'
PATH=$work/bin:$PATH walk
case $code in
0) not_ok "fault_F45: a bare name is not looked for in PATH" ;;
*) ok "fault_F45: a bare name is not looked for in PATH" ;;
esac

hook '[./hooks/flood]'
script flood 'echo yes; head -c 50000000 /dev/zero | tr "\0" x'
walk
same "fault_F45: a flood is bounded in the record" "$(find "$XDG_STATE_HOME" "$report" -size +4M | head -n 1)" ""
hook '[./hooks/loud]'
script loud "printf 'yes \\033[2J\\033]0;owned\\007\\r'"
walk
same "fault_F45: its output is made visible" "$(raw_bytes "$work/.out" "$work/.err" "$report"/* | wc -l)" 0

# probes have a limit of time: the hanging one, its children included, is killed
small_world
small_plan "" "" 'window: { date: "2024-01-31", timezone: UTC, opens: "08:00", closes: "12:00" }
monitoring: { slot: "10:00 + 5m", every: 1s, probes: [{ id: p9, run: [./hooks/hang], matches: ok, timeout: 300ms }] }'
mkdir "$folder/hooks"
script hang 'trap "" TERM HUP INT
echo $$ >>"$(dirname "$0")/../pids"
sleep 4711 &
echo $! >>"$(dirname "$0")/../pids"
sleep 4712'
timed_walk
exits "fault_F45: a hook that hangs does not hang the run, and was never heard" 5
says "fault_F45: and what it should have told is not known" "$(sed -n "/## Not known/,/^## [A-M]/p" "$report/report.md")" p9
left=0
for ((try = 0; try < 100; try++)); do
    left=0
    for pid in $(cat "$folder/pids" 2>/dev/null); do [ ! -d "/proc/$pid" ] || left=$((left + 1)); done
    [ "$left" -gt 0 ] || break
    sleep 0.05
done
same "fault_F45: it was started" "$(wc -l <"$folder/pids" | awk '{ print ($1 >= 2) }')" 1
same "fault_F45: it and its children are gone" "$left" 0
for pid in $(cat "$folder/pids"); do kill -KILL "$pid" 2>/dev/null; done
finish
