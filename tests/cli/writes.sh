#!/bin/bash
# SPDX-License-Identifier: PostgreSQL
#
# --writes: two looks at what a file drops or empties, so far apart as somebody asked for.
. "$(dirname "$0")/../support/window.sh"

small_world
file=$folder/001.sql
echo 'drop table customers; delete from lines;' >"$file"
owner "create table lines (id int); insert into lines values (1)"

# Somebody who still writes, each time as a session of its own: then the server knows at once.
write() {
    until [ -e "$work/enough" ]; do
        super -d "$database" -c 'update customers set name = name' >/dev/null 2>&1
    done
}

go explain "$file" -d "$database"
says "one look cannot tell" "$out" "table customers, "
says "and says so" "$out" ", whether it is still written is not known by one look"
go explain "$file" -d "$database" --writes 1
says "two looks can" "$out" ", not written: 0 rows in 1 s"
write &
children+=($!)
go explain "$file" -d "$database" --writes 2
says "who still writes is named" "$out" ", STILL WRITTEN: "
says "with the span" "$out" " in 2 s"
says "and is a reason of the risk" "$out" "of what goes is still in use"
go explain --json "$file" -d "$database" --writes 1
says "JSON has it, too" "$out" '"recent_writes": {'
go check --db "$folder/plan.yaml" --writes 1
says "check warns" "$out" "customers, STILL WRITTEN: "
lacks "of what is quiet it says nothing" "$out" "lines, not written"
touch "$work/enough"
wait "${children[-1]}"

go explain "$file" -d "$database" --writes 0
exits "no time is no look" 2
says "and says what is" "$err" "no number of seconds from 1 to 600"
go explain "$file" --writes 5
exits "it looks at a target" 2
go check "$folder/plan.yaml" --writes 5
exits "for check, too" 2
drop_database "$database"
finish
