#!/bin/bash
# SPDX-License-Identifier: PostgreSQL
#
# The command line itself: what is refused, with exit code 2 and a word of help, and
# what every command has in common.
. "$(dirname "$0")/tap.sh"

exits "no command is a usage error" 2
says "the help is talk then, not a result" "$err" "usage: gonogo COMMAND"
same "a usage error prints no result" "$out" ""
exits "an unknown command is refused" 2 chek x
says "an unknown command is met with a guess" "$err" "Did you mean check?"
exits "an unknown option is refused" 2 check --tragte x "$plan"
says "an unknown option is met with a guess" "$err" "Did you mean --target?"
exits "an option is never abbreviated" 2 check --targ production "$plan"
exits "not even when the beginning is unique" 2 run --headl "$plan"
exits "an option of another command is refused" 2 check --trouble slow "$plan"
says "the command is named" "$err" '`check` has no option --trouble'
exits "an option without its value is refused" 2 check "$plan" --target
exits "a switch takes no value" 2 check --json=yes "$plan"
exits "an option given twice is refused" 2 check --target a --target b --digest "$plan"
exits "an unknown short option is refused" 2 check -X "$plan"
exits "there is no password option with a value" 2 run --password=secret "$plan"
lacks "and what was given with it is not repeated as advice" "$out" "secret"

# every command: --help, too few words, too many words
for command in demo new check show explain run resume rollback status runs report dev help; do
    exits "$command --help succeeds" 0 "$command" --help
    says "$command --help names the command" "$out" "usage: gonogo $command"
    exits "help $command succeeds" 0 help "$command"
    same "help $command is the same text" "$out" "$("$GONOGO" "$command" --help)"
done
for command in check show explain run rollback report dev; do
    exits "$command without a word is refused" 2 "$command"
    says "$command says its usage" "$err" "Usage: gonogo $command"
done
for command in demo runs; do
    exits "$command with a word too many is refused" 2 "$command" word
done
for command in check show run resume rollback status report dev help; do
    exits "$command with words too many is refused" 2 "$command" one two three
done

# flags before and after the verb
first=$("$GONOGO" check --digest --target production "$plan" 2>/dev/null)
same "flags may follow the word" "$("$GONOGO" check "$plan" --digest --target production 2>/dev/null)" "$first"
same "flags may precede the verb" "$("$GONOGO" --target production --digest check "$plan" 2>/dev/null)" "$first"
same "flags may precede the verb under POSIXLY_CORRECT, too" \
    "$(POSIXLY_CORRECT=1 "$GONOGO" check "$plan" --digest --target=production 2>/dev/null)" "$first"
exits "words behind -- are no flags" 2 check -- --digest

exits "--version succeeds" 0 --version
says "the version is told" "$out" "gonogo "
same "and nothing else" "$err" ""
exits "-V is --version" 0 -V
exits "--help succeeds" 0 --help
exits "-? is --help" 0 "-?"

# the last line says the exit code in words
run check nothing.yaml
says "the last line says the code" "$(tail -n 1 <<<"$err")" "gonogo: exit 2: usage or plan invalid, nothing was contacted"
says "and one next command" "$(tail -n 1 <<<"$err")" "next: gonogo help check"

# results on stdout that cannot be written are an error
if [ -w /dev/full ]; then
    "$GONOGO" help >/dev/full 2>"$work/.err"
    same "a result that cannot be written is not a success" "$?" 1
fi

# nobody to ask
exits "no terminal and not headless is refused" 2 run "$plan" --target scratch
says "and the two ways are named" "$err" "--headless with --answers FILE, or --plain"
exits "--plain and --headless contradict each other" 2 run "$plan" --target scratch --plain --headless
exits "--json belongs to a headless run" 2 run "$plan" --target scratch --plain --json
exits "-w and -W contradict each other" 2 run "$plan" --target scratch --plain -w -W
exits "a clock that is no time is refused" 2 run "$plan" --target scratch --plain --clock-at noon
exits "a time scale below one is refused" 2 run "$plan" --target scratch --plain --time-scale 0.5
exits "a time scale that is no number is refused" 2 run "$plan" --target scratch --plain --time-scale fast
exits "an unknown trouble is refused" 2 demo --headless --trouble earthquake
says "and the troubles are pointed to" "$err" "help trouble"
exits "an unknown sample plan is refused" 2 demo --headless --plan nothing
says "and where the known ones are told" "$err" "gonogo demo --plan list"
exits "the sample plans are listed" 0 demo --plan list
listed=$(cut -d ' ' -f 1 <<<"$out" | sort | xargs)
same "each folder of plans with a seed, and no other" "$listed" \
    "$(for seed in "$root"/plans/*/seed.sql; do basename "$(dirname "$seed")"; done | sort | xargs)"
exits "help plans lists them, too" 0 help plans
same "in the same words" "$(cut -d ' ' -f 1 <<<"$out" | sort | xargs)" "$listed"
run help trouble
same "each has its troubles" "$(sed -n 's/^demo --plan \(.*\) --trouble$/\1/p' <<<"$out" | sort | xargs)" "$listed"
finish
