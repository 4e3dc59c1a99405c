#!/bin/bash
# SPDX-License-Identifier: PostgreSQL
#
# Pure rooms touch nothing outside: the libc names that their archives leave undefined
# are held against an allow-list (no open, no read, no time, no socket, no random).
set -u
cd "${GONOGO_ROOT:-$(dirname "$0")/../..}" || exit 99
libraries='json_.*|EVP_.*|OPENSSL_.*|SHA256.*|cyaml_.*|yaml_.*|pg_query_.*|protobuf_c_.*'
libc='malloc|calloc|realloc|free|abort|mem(chr|cmp|cpy|move|set|mem|rchr)|str(len|chr|rchr|cmp|ncmp|spn|cspn|str|nlen|tol|toll|toull|tod|dup|error)|strcasecmp|strncasecmp|v?snprintf|qsort|bsearch|reg(comp|exec|free|error)|localeconv|is(nan|inf)|f(abs|min|max)|floor|ceil|round|llround|lround|log10|pow|sqrt|nan|fmod|trunc|toupper|tolower|__ctype_[a-z_]*|__errno_location|__stack_chk_fail|__assert_fail|__[a-z]*printf_chk|__mem[a-z]*_chk|__str[a-z]*_chk|__isoc[0-9]*_.*|_GLOBAL_OFFSET_TABLE_|environ_none'
n=0
bad=0
for room in base plan sql catalog check monitor pgtools engine front report; do
    archive=build/release/lib$room.a
    [ -e "$archive" ] || continue
    n=$((n + 1))
    undefined=$(nm -u "$archive" 2>/dev/null | awk '$1 == "U" {print $2}' | sort -u)
    ours=$(nm --defined-only build/release/lib*.a 2>/dev/null | awk 'NF == 3 && $2 ~ /[TDRBV]/ {print $3}' | sort -u)
    stray=$(comm -23 <(printf '%s\n' "$undefined") <(printf '%s\n' "$ours") |
        grep -vxE "($libraries|$libc)")
    if [ -z "$stray" ]; then
        echo "ok $n - $room is pure"
    else
        bad=1
        echo "not ok $n - $room calls $(printf '%s ' $stray)"
    fi
done
# Rooms are linked together: a name that two of them give would mean one for both.
n=$((n + 1))
twice=$(nm --defined-only build/release/lib*.a 2>/dev/null | awk 'NF == 3 && $2 ~ /[TDRB]/ {print $3}' | sort | uniq -d)
if [ -z "$twice" ]; then
    echo "ok $n - no name is given twice"
else
    bad=1
    echo "not ok $n - given twice: $(printf '%s ' $twice)"
fi
echo "1..$n"
exit $bad
