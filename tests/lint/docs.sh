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
# The plan of README, with the two files that it names.
folder=$(mktemp -d)
mkdir "$folder/migrations"
awk '/^```yaml$/ { inside = 1; next } /^```$/ { inside = 0 } inside' README.md >"$folder/plan.yaml"
echo 'alter table orders add column note text;' >"$folder/migrations/013_add_note.sql"
echo 'alter table orders drop column note;' >"$folder/migrations/013_down.sql"
said=$("$gonogo" check "$folder/plan.yaml" 2>&1)
code=$?
rm -rf "$folder"
if [ "$code" -eq 0 ] || [ "$code" -eq 10 ]; then
    echo "ok 3 - the plan in README is a good plan"
else
    bad=1
    echo "not ok 3 - the plan in README is refused"
    printf '%s\n' "$said" | sed 's/^/#   /'
fi
echo "1..3"
exit $bad
