#!/bin/bash
# SPDX-License-Identifier: PostgreSQL
#
# The walls: who includes what, which room calls what, who prints. The compiler keeps
# most of it; this keeps the rest.
set -u
cd "${GONOGO_ROOT:-$(dirname "$0")/../..}" || exit 99
n=0
bad=0
# verdict NAME OUTPUT: passes when OUTPUT is empty
verdict() {
    n=$((n + 1))
    if [ -z "$2" ]; then
        echo "ok $n - $1"
    else
        bad=1
        echo "not ok $n - $1"
        printf '%s\n' "$2" | sed 's/^/#   /' | head -n 20
    fi
}
sources=$(find src ui -name '*.[ch]')

verdict "no include climbs out of its room" "$(grep -nE '#include *"\.\./' $sources)"
owner() { # owner HEADER-PATTERN ALLOWED-PREFIX...
    pattern=$1
    shift
    hits=$(grep -nE "#include *[<\"]($pattern)[>\"]" $sources)
    for prefix in "$@"; do
        hits=$(printf '%s' "$hits" | grep -v "^$prefix")
    done
    printf '%s' "$hits"
}
verdict "libpq stays in src/db" "$(owner 'libpq-fe\.h|libpq/.*' src/db/)"
verdict "libcyaml and libyaml stay in src/plan" "$(owner 'cyaml/cyaml\.h|yaml\.h' src/plan/)"
verdict "libpg_query stays in src/sql" "$(owner 'pg_query\.h|pg_query/.*' src/sql/)"
verdict "jansson and libcrypto stay in src/base" "$(owner 'jansson\.h|openssl/.*' src/base/)"
verdict "curses is included by one file" "$(owner '(n?cursesw?|term)(/[a-z]+)?\.h' ui/tui/painter.c)"
verdict "only src/app and ui/cli print" \
    "$(grep -nE '\b(printf|fprintf|puts|fputs|putchar|perror|vprintf|vfprintf) *\(' $sources | grep -vE '^(src/app|ui/cli)/|:[0-9]+: *(/\*| \*)')"
verdict "nobody exits but ui/cli, app and children after fork" \
    "$(grep -nE '[^_a-z](exit|abort) *\(' $sources | grep -vE '^(src/app|ui/cli)/|src/base/mem.c')"
verdict "no banned call" \
    "$(grep -nE '\b(strcpy|strcat|strncpy|sprintf|strtok|atoi|localtime|gmtime|system|popen|alloca) *\(' $sources)"
verdict "no unfinished mark without an issue" "$(grep -nE '\b(TODO|FIXME|XXX|HACK)\b' $sources | grep -vE '#[0-9]+')"
verdict "every source names its licence" "$(grep -L 'SPDX-License-Identifier: PostgreSQL' $sources)"

# Mutable state at file scope: only where ARCHITECTURE.md says.
state=$(grep -nE '^static [^(=;]*(=|;)' $sources | grep -vE 'static (const|.*\bconst\b)|inline|\(' |
    grep -vE '^src/loop/|^src/base/mem\.c|^src/app/app_process\.c|^ui/tui/')
verdict "no mutable state at file scope" "$state"

# A file is short enough to be read: habit, a warning only (tables are exempt).
for f in $sources; do
    l=$(wc -l <"$f")
    [ "$l" -le 600 ] || case $f in *table* | *.h) ;; *) echo "# $f has $l lines" ;; esac
done
echo "1..$n"
exit $bad
