#!/bin/bash
# SPDX-License-Identifier: PostgreSQL
#
# A large file stands in memory once, and nothing else grows with it: what is analysed is what
# is sent. The limit is address space, found for a small file first, so that libraries
# of another machine do not matter. A sanitizer maps terabytes: the release build runs here.
GONOGO=${GONOGO_RELEASE:-$(cd "$(dirname "$0")/../.." && pwd)/build/release/gonogo}
. "$(dirname "$0")/../support/window.sh"

file_kib=$((33 * 1024))
buffer_kib=$((64 * 1024)) # a buffer doubles: this is the file's
room_kib=$((20 * 1024))   # for all else; a second copy of the file does not fit

# limited KIB ARGUMENT...: the program with so much address space; true when it came to an end
limited() {
    local kib=$1
    shift
    if [ "$1" = run ]; then # as if nothing had been done before
        rm -rf "$XDG_STATE_HOME"
        db "drop table if exists orders; delete from schema_migrations"
    fi
    (
        ulimit -v "$kib"
        ulimit -c 0
        PGUSER=app_owner PGDATABASE=$database exec "$GONOGO" "$@"
    ) >"$work/.out" 2>"$work/.err" </dev/null
    code=$?
    [ "$code" -lt 11 ]
}

# least ARGUMENT...: the fewest KiB that the program needs, to 1 MiB
least() {
    local low=0 high=$((512 * 1024)) middle
    while [ $((high - low)) -gt 1024 ]; do
        middle=$(((low + high) / 2))
        if limited "$middle" "$@" 2>/dev/null; then high=$middle; else low=$middle; fi
    done
    echo "$high"
}

write_sql() { # write_sql FILE KIB: a table and COPY data of so many KiB
    {
        echo "create table orders (id int, note text);"
        echo "copy orders (id, note) from stdin;"
        yes "7	delivered; the customer's neighbour took it" | head -n $(($2 * 1024 / 46))
        echo "\\."
    } >"$1"
}

small_world
edit '/^verification:/d; /^  sets:/d'
write_sql "$work/small.sql" 1
write_sql "$work/large.sql" "$file_kib"

# within NAME ARGUMENT...: a walk with the large file, which takes the place of the small one
within() {
    local name=$1 kib
    shift
    cp "$work/small.sql" "$folder/001.sql"
    kib=$(least "$@")
    cp "$work/large.sql" "$folder/001.sql"
    if limited $((kib + buffer_kib + room_kib)) "$@"; then
        ok "$name"
    else
        not_ok "$name" "needs more than $((kib + buffer_kib + room_kib)) KiB, $kib without the file
$(tail -n 5 "$work/.err")"
    fi
}

within "explain holds a file once" explain "$folder/001.sql"
within "check holds a file once" check "$folder/plan.yaml"
within "run holds a file once, and sends it" \
    run "$folder/plan.yaml" --headless --as anna --answers "$answers" --report "$report"
same "and all of its rows are there" "$(db "select count(*) from orders")" \
    "$(grep -c '^7' "$work/large.sql")"
finish
