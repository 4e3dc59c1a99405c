#!/bin/bash
# SPDX-License-Identifier: PostgreSQL
#
# plans/policy: what the house asks, the migration that breaks it and the one that came of it,
# and the whole walk of the latter on the demo's own server.
. "$(dirname "$0")/../support/window.sh"

house=$root/plans/policy
chmod 755 "$work" # the server's account must be able to enter
mkdir -m 1777 "$work/t"
export TMPDIR=$work/t

# ---- the policy
go check --policy "$house/policy.yaml" "$house/before-review.yaml"
exits "row_E1 the plan that breaks the policy ends with 10" 10
for code_and_words in "E101] steps[2].file: the policy wants names like" "E104] steps[2]: the policy wants an undo file" \
    "E105] steps[2]: the policy wants a check" "E106] steps[2].migration: the policy wants a text" \
    "E108] limits.recovery: the policy wants a way back within 5m00s" \
    "E109] steps[2].migration: handed-in/038_Indexes.sql:4:1: the policy wants CREATE INDEX CONCURRENTLY"; do
    says "row_E1 ${code_and_words%%]*}" "$out" "$code_and_words"
done
lacks "row_E1 036 and 037 are not named" "$(grep -o '\[E1.*' <<<"$out")" "steps[0]"
go check --policy "$house/policy.yaml" "$house/plan.yaml"
lacks "row_E1 nothing of the policy is left in the mended plan" "$out" "[E1"

# ---- the walk
rm -rf "$report"
timeout 120 "$GONOGO" demo --headless --time-scale 20000 --plan policy --report "$report" >"$work/.out" 2>"$work/.err" </dev/null
code=$?
err=$(cat "$work/.err")
exits "row_E3 the mended plan is walked to its end" 0
same "row_E3 columns, indexes, policies, keys, triggers: before, now" \
    "$(for what in tables foreign_keys rls_policies tables_with_rls indexes triggers; do json "\$.counts.$what.before"; json "\$.counts.$what.now"; done | xargs)" "4 5 2 3 2 3 2 3 7 9 0 1"
same "row_E3 all checks pass" "$(json '$.verification.passed')/$(json '$.verification.total')" 8/8
same "row_E3 the checks of each migration pass" "$(json '$.migrations[*].checks[*] ? (@.outcome == "ok").id' | xargs)" \
    "V036-1 V036-2 V036-3 V036-4 V037-1 V037-2 V037-3 V037-4 V038-1 V038-2 V038-3"
same "row_E3 the index was built by itself, outside of a transaction" "$(json '$.migrations[2].statements.size()')" 2
same "row_E5 the probes had a baseline" "$(json '$.monitoring.probes.size()' 2>/dev/null)" 8
same "row_E1 nothing but what the plan names has changed" "$(json '$.changes.*[*] ? (@.planned == false).name')" ""
same "row_E3 all criteria are met" "$(json '$.criteria[*] ? (@.outcome != "ok").text')$(json '$.criteria.size()')" 10

# ---- the way back
cp -R "$house" "$work/"
sed -i 's/^on_failure: hold/on_failure: "rollback:undo"/' "$work/policy/answers.yaml"
sed -i 's/{ id: Q02, name: no index is invalid,  *builtin: invalid_indexes, equals: 0 }/{ id: Q02, builtin: invalid_indexes, equals: 1 }/' "$work/policy/plan.yaml"
rm -rf "$report"
timeout 120 "$GONOGO" demo --headless --time-scale 20000 --plan "$work/policy/plan.yaml" --report "$report" >"$work/.out" 2>"$work/.err" </dev/null
code=$?
err=$(cat "$work/.err")
exits "row_E4 the way back leads to what was before" 8
same "row_E4 within five minutes" "$(json '$.criteria[*] ? (@.text == "The way back takes under 5 minutes").outcome')" ok

# ---- emergency cards
go show "$house/plan.yaml"
for card in "A migration failed" "Data is wrong" "Everything is slow"; do
    says "row_E6 the runbook has the card $card" "$out" "### $card"
done

# ---- the troubles
for trouble in blocker:3 wrong-count:5 failing-check:5; do
    timeout 120 "$GONOGO" demo --headless --time-scale 20000 --plan policy --trouble "${trouble%:*}" >"$work/.out" 2>"$work/.err" </dev/null
    code=$?
    err=$(cat "$work/.err")
    exits "row_trouble ${trouble%:*} of policy ends with ${trouble#*:}" "${trouble#*:}"
done
same "nothing is left" "$(find "$TMPDIR" -mindepth 1 -maxdepth 1 ! -name 'gonogo-cache*' | wc -l)" 0
finish
