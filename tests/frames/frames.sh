#!/bin/bash
# SPDX-License-Identifier: PostgreSQL
#
# Golden frames: every screen of recorded runs, drawn at two sizes, held against
# tests/frames/golden. GONOGO_GOLDEN=write writes them anew (make golden); read the
# difference like code. GONOGO_SCREENSHOTS=DIR draws pictures instead (make screenshots).
set -u
cd "${GONOGO_ROOT:-$(dirname "$0")/../..}" || exit 99
shot=build/${VARIANT:-release}/tests/frames/shot
golden=tests/frames/golden
n=0
failed=0
mkdir -p "$golden"
while read -r name run screen until keys theme glyphs; do
    [ -n "${GONOGO_SCREENSHOTS:-}" ] && [ "$name $run $screen" = '# The rest' ] && break
    case $name in '' | \#*) continue ;; esac
    [ "${keys:--}" = - ] && keys=
    for size in 80x24 120x40; do
        form=text
        [ -n "${GONOGO_SCREENSHOTS:-}" ] && form=svg
        drawn=$("$shot" "$PWD/tests/frames/runs/$run" "$form$size" "$screen" "${until//-/ }" "$keys" \
            "${theme:-default}" "${glyphs:-full}" 2>&1)
        code=$?
        if [ -n "${GONOGO_SCREENSHOTS:-}" ]; then
            [ $code -eq 0 ] || { echo "$name: $drawn" >&2; exit 1; }
            printf '%s\n' "$drawn" >"$GONOGO_SCREENSHOTS/$name-$size.svg"
            continue
        fi
        file=$golden/$name-$size.txt
        [ "${GONOGO_GOLDEN:-}" = write ] && printf '%s\n' "$drawn" >"$file"
        n=$((n + 1))
        if [ $code -eq 0 ] && printf '%s\n' "$drawn" | cmp -s - "$file"; then
            echo "ok $n - $name at $size"
        else
            failed=1
            echo "not ok $n - $name at $size"
            printf '%s\n' "$drawn" | diff "$file" - | head -n 8 | sed 's/^/# /'
        fi
    done
done <tests/frames/list
[ -n "${GONOGO_SCREENSHOTS:-}" ] || echo "1..$n"
exit $failed
