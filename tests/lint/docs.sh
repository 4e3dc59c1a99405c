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
echo "1..2"
exit $bad
