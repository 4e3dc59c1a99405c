#!/bin/bash
# SPDX-License-Identifier: PostgreSQL
#
# check: good plans, bad plans, the digest, hashes written in place.
. "$(dirname "$0")/tap.sh"

exits "a good plan with a warning has findings" 10 check "$plan"
says "the plan is called good" "$out" ": good, 2 steps, 26 statements"
says "the digest is told" "$out" "digest "
says "the next command explains the finding" "$err" "gonogo help D5"

run check --json "$plan"
says "row_json check has a version" "$out" '"v": 1'
says "row_json check says good" "$out" '"good": true'
says "row_json check has diagnostics" "$out" '"code": "Y430"'
says "row_json check has the approval of each target" "$out" '"approval": "'

# every bad plan: exit 2 when it has an error, and its message on stdout
bad=0
wrong=
for file in "$root"/tests/plans-bad/*.yaml; do
    bad=$((bad + 1))
    wanted=10
    grep -q ': error\[' "${file%.yaml}.expected" && wanted=2
    grep -q ': warning\[\|: error\[' "${file%.yaml}.expected" || wanted=0
    (cd "$root/tests/plans-bad" && "$GONOGO" check "$(basename "$file")" >"$work/.out" 2>"$work/.err" </dev/null)
    code=$?
    # Files that the plan names are not there: those errors come on top.
    if [ "$code" -ne "$wanted" ] && [ "$code" -ne 2 ]; then
        wrong="$wrong $(basename "$file"):$code"
    fi
    line=$(head -n 1 "${file%.yaml}.expected" | sed 's/.*\(\[Y[0-9]*\]\).*/\1/')
    if [ -n "$line" ] && ! grep -qF "$line" "$work/.out"; then
        wrong="$wrong $(basename "$file"):no$line"
    fi
done
same "each of $bad bad plans is refused with its code" "$wrong" ""

exits "a plan that is not there is refused" 2 check nothing.yaml
says "nothing was contacted" "$err" "Nothing was contacted"

# digest
exits "digest needs a target when there are more" 2 check --digest "$plan"
says "the targets are named" "$err" "staging, production, scratch"
run check --digest --target production "$plan"
same "the digest is 64 digits and nothing else" "$(grep -cE '^[0-9a-f]{64}$' <<<"$out")$(wc -l <<<"$out")" "11"
digest=$out
run check --digest --target staging "$plan"
if [ "$out" != "$digest" ]; then
    ok "another target is another approval"
else
    not_ok "another target is another approval"
fi
cp -r "$root/plans/week1-wednesday" copy
run check --digest --target production copy/plan.yaml
same "the digest does not depend on the place" "$out" "$digest"
echo "-- a comment" >>copy/sql/q01.sql
run check --digest --target production copy/plan.yaml
if [ "$out" != "$digest" ] && [ -n "$out" ]; then
    ok "F47 a changed query is another approval"
else
    not_ok "F47 a changed query is another approval" "$out"
fi
exits "--target without --digest or --db is refused" 2 check --target production "$plan"

# hashes
echo "-- changed" >>copy/migrations/011_fix_migration_conflicts.sql
exits "a changed migration is an error" 2 check copy/plan.yaml
says "its code is told" "$out" "Y505"
exits "its digest is not printed" 2 check --digest --target production copy/plan.yaml
lacks "its digest is not printed, really" "$out" "$digest"
before=$(grep -v sha256 copy/plan.yaml | sha256sum)
exits "--write-hashes makes it good" 10 check --write-hashes copy/plan.yaml
says "the new hash stands in the plan" "$(cat copy/plan.yaml)" \
    "$(sha256sum <copy/migrations/011_fix_migration_conflicts.sql | cut -d' ' -f1)"
same "every other line is as it was" "$(grep -v sha256 copy/plan.yaml | sha256sum)" "$before"
exits "a second time changes nothing" 10 check --write-hashes copy/plan.yaml
says "and says so" "$err" "0 hashes written"
sed -i '/sha256:/d' copy/plan.yaml
chmod 640 copy/plan.yaml
exits "missing hashes are put in" 10 check --write-hashes copy/plan.yaml
same "two hashes" "$(grep -c '^    sha256: "[0-9a-f]\{64\}"$' copy/plan.yaml)" 2
same "the mode is kept" "$(stat -c %a copy/plan.yaml)" 640
same "nothing is left behind" "$(find copy -name '.new-*' | wc -l)" 0

# the start is light: nothing is contacted, nothing is written
if [ -e "$work/state" ]; then
    not_ok "check leaves no trace in the state folder"
else
    ok "check leaves no trace in the state folder"
fi
finish
