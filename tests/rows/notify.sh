#!/bin/bash
# SPDX-License-Identifier: PostgreSQL
#
# The plan's hooks through real runs: each occasion starts the right program with the right
# event; a hook that fails, hangs or is changed is said and stops nothing; PREP wants to know
# that the team was told before the window, and `gonogo notify` is what tells it for cron.
. "$(dirname "$0")/../support/window.sh"

heard=$work/heard
window='window: { date: "2024-01-31", timezone: UTC, opens: "08:00", closes: "12:00" }'
people='roles: [{ id: dba, people: [anna], votes: true }]'
every='before_open, open, go, no_go, hold, fail, rollback, done'
told() { # NOTIFY [BLOCKS]: a world whose plan tells
    small_world
    small_plan "" "" "$window
notify: $1
${2:-}"
    mkdir -p "$folder/hooks"
    : >"$heard"
    script tell "cat >>\"$heard\""
}
script() { # NAME TEXT: a hook
    printf '#!/bin/sh\n%s\n' "$2" >"$folder/hooks/$1"
    chmod 755 "$folder/hooks/$1"
}
# events: what was heard, sorted, since hooks run beside each other; event_of NAME KEY: a value of the first such event
events() { super -d postgres -v file="$heard" <<'SQL'
\set text `cat :'file'`
select string_agg(line::jsonb ->> 'event', ' ' order by line::jsonb ->> 'event')
  from regexp_split_to_table(:'text', '\n') as t(line) where line <> '';
SQL
}
event_of() { super -d postgres -v event="$1" -v key="$2" -v file="$heard" <<'SQL'
\set text `cat :'file'`
select line::jsonb ->> :'key' from regexp_split_to_table(:'text', '\n') with ordinality as t(line, n)
 where line <> '' and line::jsonb ->> 'event' = :'event' order by n limit 1;
SQL
}
early() { walk --clock-at 2024-01-31T07:30Z "$@"; }

# ---- the occasions, one after another
told "[{ when: [$every], lead: 60m, run: [./hooks/tell] }]"
early
exits "row_C8 a run that tells ends with 0" 0
same "row_C8 who comes before the window is told in PREP, then GO, then done" "$(events)" "before_open done go"
same "row_C8 the event names the plan" "$(event_of done plan)" "small plan"
same "row_C8 the event names the target" "$(event_of done target)" only
same "row_C8 the event names the run" "$(event_of done run)" "$(json '$.run')"
same "row_C8 the event has the exit code" "$(event_of done exit)" 0
same "row_C8 before_open says when the window opens" "$(event_of before_open opens)" "2024-01-31T08:00:00.000000Z"
same "row_C8 report.json lists what was told" "$(json '$.notices[*].event' | tr '\n' ' ')" "before_open go done "
same "row_C8 and what became of it" "$(json '$.notices[*].outcome' | sort -u)" ok
says "row_C8 the report has it as a table" "$(cat "$report/report.md")" "## Told to the team"
says "row_C8 the log says it" "$err" "go: ./hooks/tell told the team"
same "row_C8 each is announced before it is done" \
    "$(grep -o '"occasion":"[a-z_]*"' "$(run_directory)journal.jsonl" | tr '\n' ' ')" \
    '"occasion":"before_open" "occasion":"go" "occasion":"done" '

told "[{ when: [$every], lead: 60m, run: [./hooks/tell] }]" "$people"
small_answers 'votes: [{ role: dba, vote: NO-GO, name: anna, reason: "$(touch owned) \"; touch owned" }]'
early
exits "row_C8 NO-GO stops with 6" 6
same "row_C8 NO-GO is told once, and not as a HOLD" "$(events)" "before_open no_go"
same "row_C8 a hostile reason is data" "$(event_of no_go reason)" 'NO-GO by anna by file: $(touch owned) "; touch owned'
same "row_C8 no shell has seen it" "$(find "$work" -name owned)" ""

told "[{ when: [$every], lead: 60m, run: [./hooks/tell] }]"
echo 'select 1 / 0;' >"$folder/001.sql"
early
exits "row_C8 a failed step ends with 3" 3
same "row_C8 the failure is told, and leaving is not told again" "$(events)" "before_open fail go"
says "row_C8 with its reason" "$(event_of fail reason)" "division by zero"

told "[{ when: [$every], lead: 60m, run: [./hooks/tell] }]" 'checklist: [{ id: x9, gate: prep, ask: "So?", proof: note }]'
early
exits "row_C8 a missing answer leaves with 6" 6
same "row_C8 a run that is left is told as a HOLD" "$(events)" "before_open hold"
says "row_C8 and says where" "$(event_of hold reason)" 'left at "prep"'

told "[{ when: [$every], lead: 60m, run: [./hooks/tell] }]"
small_answers 'override: [{ id: before_open, reason: I phoned them, by: anna }]'
walk --clock-at 2024-01-31T08:30Z
exits "row_C8 a run in the window, told by telephone" 0
same "row_C8 the window is open, it is said" "$(events)" "done go open"
says "row_C8 the override stands in the report" "$(json '$.overrides[*].text')" "I phoned them"

# ---- before_open: PREP checks that it was sent
told "[{ when: [before_open], lead: 60m, run: [./hooks/tell] }]"
walk --clock-at 2024-01-31T08:30Z
exits "row_C8 nobody was told before: the gate stays shut" 6
says "row_C8 and says what is missing" "$err" "id: before_open"
same "row_C8 nothing began" "$(table orders)" 0
go notify "$folder/plan.yaml" --event before_open --clock-at 2024-01-31T07:00Z
exits "row_C8 gonogo notify tells" 0
says "row_C8 gonogo notify says who heard" "$out" "ok   ./hooks/tell: sent"
same "row_C8 outside of a run the event names none" "$(event_of before_open run)" ""
walk --clock-at 2024-01-31T08:30Z
exits "row_C8 PREP knows that it was sent" 0
same "row_C8 and does not send it again" "$(events)" before_open
says "row_C8 the report says when and by whom" "$(json '$.remarks[*].text')" "sent by gonogo notify at 2024-01-31T07:00"
told "[{ when: [before_open], lead: 59m, run: [./hooks/tell] }]"
walk --clock-at 2024-01-31T08:30Z
exits "row_C8 for another plan it was not sent" 6

told "[{ when: [before_open], lead: 60m, run: [./hooks/tell] }]"
script tell 'echo "no route to host" >&2; exit 7'
early
exits "row_C8 a hook that fails before the window keeps the gate shut" 6
says "row_C8 its failure is said" "$err" "before_open: ./hooks/tell DID NOT TELL the team: exit status 7; it said: no route to host"
says "row_C8 and is not known on the first page" "$(sed -n '/## Not known/,/^## [A-M]/p' "$report/report.md")" "before_open"
go notify "$folder/plan.yaml" --event before_open --clock-at 2024-01-31T07:00Z
exits "row_C8 gonogo notify ends with 5 when a hook fails" 5
early
exits "row_C8 what was not heard was not sent" 6

# ---- two programs, one of them is not heard: each is told once
told "[{ when: [before_open], lead: 60m, run: [./hooks/tell] }, { when: [before_open], lead: 60m, run: [./hooks/other] }]"
script other "test -e \"$work/network\" || exit 7; cat >>\"$heard\"; echo >>\"$heard.other\""
go notify "$folder/plan.yaml" --event before_open --clock-at 2024-01-31T07:00Z
exits "row_C8 one of two was not heard" 5
: >"$work/network"
early
exits "row_C8 the run tells the one that is left" 0
same "row_C8 and only that one: each was told once" "$(events) $(wc -l <"$heard.other")" "before_open before_open 1"

# ---- nothing is stopped by a hook
told "[{ when: [go, done], run: [./hooks/tell], timeout: 300ms }]"
script tell 'trap "" TERM HUP INT; echo $$ >>"$(dirname "$0")/../pids"; sleep 4711 & echo $! >>"$(dirname "$0")/../pids"; sleep 4712'
early
exits "fault_F45 a hook that hangs stops nothing" 0
same "fault_F45 it is stopped at its timeout and said to be" \
    "$(json '$.notices[*].outcome' | sort -u)" failed
says "fault_F45 with the reason" "$(json '$.notices[0].text')" timeout
left=1
for ((try = 0; try < 100 && left > 0; try++)); do
    left=0
    for pid in $(cat "$folder/pids"); do [ ! -d "/proc/$pid" ] || left=$((left + 1)); done
    [ "$left" -eq 0 ] || sleep 0.05
done
same "fault_F45 it and its children are gone" "$left" 0
for pid in $(cat "$folder/pids"); do kill -KILL "$pid" 2>/dev/null; done

told "[{ when: [done], run: [./hooks/tell, \"\${app}; touch owned\", \"\$(touch owned)\"] }]"
sed -i 's|id: only, environment: test|&, values: [{ name: app, value: "http://x y" }]|' "$folder/plan.yaml"
script tell 'printf "%s\n" "$@" >"$(dirname "$0")/../words"; env | sort >"$(dirname "$0")/../env"; cat >/dev/null'
PGPASSWORD=secret LD_NOTHING=x GONOGO_NOTIFY_LOG=/x early
exits "fault_F45 a hook with hostile words" 0
same "fault_F45 gets them as they stand, values filled in" "$(cat "$folder/words")" 'http://x y; touch owned
$(touch owned)'
same "fault_F45 and nothing was touched" "$(find "$work" -name owned)" ""
lacks "fault_F45 no variable of the database" "$(grep '^PG' "$folder/env")" PG
lacks "fault_F45 none of the loader" "$(cat "$folder/env")" LD_
says "fault_F45 a PATH that nobody brought" "$(cat "$folder/env")" PATH=/usr/local/bin:/usr/bin:/bin
says "fault_F45 and its own" "$(cat "$folder/env")" GONOGO_NOTIFY_LOG=/x

told '[{ when: [go], run: [./hooks/change] }, { when: [done], run: [./hooks/tell] }]'
script change "echo 'touch \"$work/changed\"' >>\"\$(dirname \"\$0\")/tell\""
early
exits "fault_F22 a hook that is changed during the run stops nothing" 0
says "fault_F22 and is not started" "$(json '$.notices[1].text')" "not the program that was approved"
same "fault_F22 really" "$(ls "$work/changed" 2>/dev/null)" ""

# ---- what check says
told '[{ when: [done], run: [no-such-program-9] }]'
go check "$folder/plan.yaml"
exits "rule_Y510 a missing program is an error" 2
says "rule_Y510 by name" "$out$err" "Y510"
walk
exits "rule_Y510 and is not run" 2
told '[{ when: [done], run: [/usr/bin/no-such-program-9] }]'
go check "$folder/plan.yaml"
exits "rule_Y510 with its full path too" 2
told '[{ when: [done], run: [env, -i, true] }]'
early
exits "row_C8 a program of the system is found without PATH" 0
same "row_C8 and told" "$(json '$.notices[*].outcome')" ok
told '[{ when: [done], run: [./hooks/gone] }]'
go check "$folder/plan.yaml"
exits "rule_Y501 a missing hook of the plan is an error" 2

# ---- the command line of notify
told "[{ when: [done], run: [./hooks/tell] }]"
go notify "$folder/plan.yaml"
exits "row_C8 notify wants an event" 2
says "row_C8 and lists them" "$err" "before_open, open, go, no_go, hold, fail, rollback, done"
go notify "$folder/plan.yaml" --event dnoe
exits "row_C8 notify knows its events" 2
go notify "$folder/plan.yaml" --event hold
exits "row_C8 an event that nobody waits for is a mistake" 2
says "row_C8 and says so" "$err" "no hook for hold"
go notify "$folder/plan.yaml" --event "done"
exits "row_C8 any event of the plan can be tried" 0
same "row_C8 and is heard" "$(events)" "done"
sed -i 's|environment: test|&, guarded: true, expect_database: x, sslmode: verify-full|' "$folder/plan.yaml"
go notify "$folder/plan.yaml" --event "done" --clock-at 2024-01-31T07:00Z
exits "row_C8 no simulated clock on a guarded target" 2
finish
