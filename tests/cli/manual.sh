#!/bin/bash
# SPDX-License-Identifier: PostgreSQL
#
# What is generated from the tables: manual pages and completions. bash's completion is
# run for real.
. "$(dirname "$0")/tap.sh"

commands=$("$GONOGO" --help | sed -n '/^commands:/,/^$/s/^  \([a-z]*\).*/\1/p')
options=$(for command in $commands; do "$GONOGO" help "$command"; done | sed -n 's/^  ...\? *--\([a-z-]*\).*/\1/p' | sort -u)
same "the tables were read" "$([ "$(wc -w <<<"$commands")" -ge 13 ] && [ "$(wc -w <<<"$options")" -ge 30 ] && echo yes)" yes

# ---- gonogo(1), gonogo-plan(5), gonogo-policy(5)
exits "dev man" 0 dev man
page=$(sed 's/\\-/-/g' <<<"$out")
missing=
for command in $commands; do grep -qF "\\fB$command\\fR" <<<"$page" || missing="$missing $command"; done
for option in $options; do grep -qF -- "--$option\\fR" <<<"$page" || missing="$missing --$option"; done
for number in 0 1 2 3 4 5 6 7 8 9 10 11; do grep -qF "\\fB$number\\fR" <<<"$page" || missing="$missing $number"; done
for sample in $("$GONOGO" help plans | cut -d ' ' -f 1); do grep -qF "\\fB$sample\\fR" <<<"$page" || missing="$missing $sample"; done
same "every command, option, sample plan and exit code stands in gonogo(1)" "$missing" ""
same "only macros of man(7) are used" "$(grep -o '^\.[A-Za-z]*' <<<"$out" | grep -cvE '^\.(TH|SH|TP|PP|BR|br)$')" 0
run help formats
for name in text json github sarif; do
    says "help formats knows $name" "$out" "$name"
done
says "gonogo(1) has the formats" "$page" "SARIF 2.1.0"
run help environment
for name in GITHUB_STEP_SUMMARY XDG_STATE_HOME PGPASSWORD; do
    says "help environment knows $name" "$out" "$name"
    says "gonogo(1) knows $name" "$page" "$name"
done
says "gonogo(1) tells what a context entry of the journal is" "$page" "The event \`context\` says"
says "and where what the rules block stands" "$page" "012.undo.D1"
exits "dev man-plan" 0 dev man-plan
for key in steps targets verification.sets 'steps\[\].migration'; do
    says "gonogo-plan(5) has $key" "$(sed 's/\\-/-/g' <<<"$out")" "\\fB${key//\\/}\\fR"
done
same "one entry a key" "$(grep -c '^\.TP' <<<"$out")" "$("$GONOGO" help plan | grep -c '^\*\*')"
exits "dev man-policy" 0 dev man-policy
for key in name_pattern require promotion recovery_max index_concurrently E101 E109; do
    says "gonogo-policy(5) has $key" "$out" "\\fB$key\\fR"
done
sed -n '/^\.nf/,/^\.fi/p' <<<"$out" | sed -e '1d;$d' -e 's/\\-/-/g' >policy.yaml
exits "the example of gonogo-policy(5) is a policy" 10 check --policy policy.yaml "$plan"
if command -v groff >/dev/null; then
    for page in man man-plan man-policy; do
        same "groff has no complaint about $page" "$("$GONOGO" dev "$page" | groff -man -Tutf8 -ww 2>&1 >/dev/null)" ""
    done
fi

# ---- completions
for shell in bash zsh fish; do
    exits "dev $shell" 0 dev "$shell"
    missing=
    for command in $commands; do grep -qw -- "$command" <<<"$out" || missing="$missing $command"; done
    for option in $options; do grep -q -- "\(--\|-l \)$option" <<<"$out" || missing="$missing $option"; done
    same "every command and option is completed in $shell" "$missing" ""
done
exits "dev of another word is refused" 2 dev tcsh
says "the words are named" "$err" "fsm, man, man-plan, schema, bash, zsh and fish"

mkdir bin && ln -s "$GONOGO" bin/gonogo
PATH=$work/bin:$PATH
"$GONOGO" dev bash >completion.bash
# shellcheck disable=SC1091 # made a line above
. ./completion.bash
complete_words() { # WORD...: what Tab offers for the last one
    COMP_WORDS=(gonogo "$@")
    COMP_CWORD=$#
    COMPREPLY=()
    _gonogo
    printf '%s\n' "${COMPREPLY[@]}" | sort | xargs
}
same "commands are completed" "$(complete_words re)" "report resume"
same "options are completed after the verb" "$(complete_words check --write-)" "--write-hashes"
same "options of another command are not" "$(complete_words show --wr)" ""
same "options are completed behind flags, too" "$(complete_words --json check --for)" "--format"
cp -r "$root/plans/week1-wednesday" week
same "plans are completed" "$(complete_words check week/p)" "week/plan.yaml"
same "folders lead to them" "$(complete_words check we)" "week/"
same "targets come from the plan" "$(complete_words check week/plan.yaml --target "")" "production scratch staging"
same "formats are words" "$(complete_words check --format g)" "github"
same "troubles are those that there are" "$(complete_words demo --trouble "")" "$("$GONOGO" help trouble | sed -n 's/^  \([a-z-]*\) .*/\1/p' | sort -u | xargs)"
same "sample plans are those that there are" "$(complete_words demo --plan "")" "$({ echo list; "$GONOGO" help plans | cut -d ' ' -f 1; } | sort | xargs)"
printf '[app_staging]\nhost=x\n[app_prod]\nhost=y\n' >services
export PGSERVICEFILE=$work/services
same "services come from libpq's file" "$(complete_words run week/plan.yaml --service app_p)" "app_prod"
run run "$plan" --target scratch --headless --answers "$root/plans/week1-wednesday/answers.yaml" -h /nowhere
id=$("$GONOGO" runs | cut -d' ' -f1)
same "runs are completed" "$(complete_words report "${id:0:6}")" "$id"
same "help completes its topics" "$(complete_words help env)" "environment"
finish
