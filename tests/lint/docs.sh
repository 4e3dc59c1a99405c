#!/bin/bash
# SPDX-License-Identifier: PostgreSQL
#
# The documents say what the code is: diagram and file map of ARCHITECTURE.md, the words
# of the Makefile that README and CONTRIBUTING name, nothing that must not be there.
set -u
cd "${GONOGO_ROOT:-$(dirname "$0")/../..}" || exit 99
bad=0
gonogo=${GONOGO_RELEASE:-build/release/gonogo}
if difference=$(tests/support/architecture "$gonogo" | diff ARCHITECTURE.md -); then
    echo "ok 1 - ARCHITECTURE.md has the state diagram and the file map of the code (make docs)"
else
    bad=1
    echo "not ok 1 - ARCHITECTURE.md is out of step: run make docs"
    printf '%s\n' "$difference" | head -n 20 | sed 's/^/#   /'
fi
missing=
for word in $(grep -ohE '\bmake [a-z][a-z-]*' README.md CONTRIBUTING.md | awk '{print $2}' | sort -u); do
    grep -qE "^$word:|PHONY:.* $word( |$)" Makefile || missing="$missing $word"
done
if [ -z "$missing" ]; then
    echo "ok 2 - every make word in the documents exists"
else
    bad=1
    echo "not ok 2 - the Makefile does not know:$missing"
fi
# The plan of README, with the two files that it names, and its answers file.
folder=$(mktemp -d)
mkdir "$folder/migrations"
awk -v folder="$folder" '/^```yaml$/ { inside = 1; block++; next } /^```$/ { inside = 0 }
    inside { print >(folder "/" (block == 1 ? "answers" : "plan") ".yaml") }' README.md
echo 'alter table orders add column note text;' >"$folder/migrations/013_add_note.sql"
echo 'alter table orders drop column note;' >"$folder/migrations/013_down.sql"
said=$("$gonogo" check "$folder/plan.yaml" 2>&1)
code=$?
answered=$(XDG_STATE_HOME=$folder/state PGSERVICEFILE=/nonexistent "$gonogo" run "$folder/plan.yaml" \
    --target staging --headless --as anna --answers "$folder/answers.yaml" 2>&1)
answered_code=$?
rm -rf "$folder"
if [ "$code" -eq 0 ] || [ "$code" -eq 10 ]; then
    echo "ok 3 - the plan in README is a good plan"
else
    bad=1
    echo "not ok 3 - the plan in README is refused"
    printf '%s\n' "$said" | sed 's/^/#   /'
fi
if [ "$answered_code" -eq 4 ]; then
    echo "ok 4 - the answers in README fit its plan: only the server is not there"
else
    bad=1
    echo "not ok 4 - the answers in README end with $answered_code instead of 4"
    printf '%s\n' "$answered" | sed 's/^/#   /'
fi
echo "1..4"
exit $bad
