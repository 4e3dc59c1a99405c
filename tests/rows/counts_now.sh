#!/bin/bash
# SPDX-License-Identifier: PostgreSQL
#
# row_C1: the numbers follow each file as soon as it stands, with and without checks of its
# own, and not only at VERIFY.
. "$(dirname "$0")/../support/window.sh"

now_after() { # NAME: the run is left at the first checkpoint
    sed -i 's/^checkpoints: .*/checkpoints: hold/' "$answers"
    walk
    exits "row_C1 $1: left between the file and VERIFY" 6
    same "row_C1 $1: before, now, expected" \
        "$(json '$.counts.tables.before') $(json '$.counts.tables.now') $(json '$.counts.tables.expected')" "2 3 3"
    lacks "row_C1 $1: what is under way is no finding" "$err" "expected)"
}

small_world
now_after "a file without checks"
small_world
small_plan "" '    checks: [{ id: V1, name: two rows, sql: select count(*) from orders, equals: 2 }]' ""
now_after "a file with checks"
finish
