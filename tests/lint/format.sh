#!/bin/bash
# SPDX-License-Identifier: PostgreSQL
#
# clang-format decides the layout; cppcheck looks for what the compilers do not see.
set -u
cd "${GONOGO_ROOT:-$(dirname "$0")/../..}" || exit 99
bad=0
files=$(find src ui tests -name '*.[ch]' -not -path '*/corpus/*')
wrong=$(for f in $files; do clang-format --style=file --dry-run -Werror "$f" >/dev/null 2>&1 || echo "$f"; done)
if [ -z "$wrong" ]; then
    echo "ok 1 - clang-format has nothing to change"
else
    bad=1
    echo "not ok 1 - clang-format would change: $(printf '%s ' $wrong)"
fi
found=$(cppcheck --quiet --std=c11 --enable=warning,portability --inline-suppr --error-exitcode=0 \
    --suppress=internalAstError --suppress=wrongPrintfScanfArgNum --suppress=missingIncludeSystem --suppress=unknownMacro --suppress=preprocessorErrorDirective \
    -DGONOGO_VERSION='""' src ui 2>&1 | head -n 40)
if [ -z "$found" ]; then
    echo "ok 2 - cppcheck has nothing to say"
else
    bad=1
    echo "not ok 2 - cppcheck"
    printf '%s\n' "$found" | sed 's/^/#   /'
fi
echo "1..2"
exit $bad
