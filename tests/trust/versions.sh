#!/bin/bash
# SPDX-License-Identifier: PostgreSQL
#
# F34: a pg_dump that is older than the server is found in PREP, with time to install
# another, and not when the backup is due. The old programs only say their version.
. "$(dirname "$0")/../support/window.sh"

programs() { # MAJOR: a folder of programs that say to be of that version
    mkdir -p "$work/old"
    for program in initdb postgres pg_dump pg_restore; do
        printf '#!/bin/sh\necho "%s (PostgreSQL) %s.1"\n' "$program" "$1" >"$work/old/$program"
        chmod 755 "$work/old/$program"
    done
}

server=$(($(super -d postgres -c "show server_version_num") / 10000))
backup="backup: [{ id: dump, kind: pg_dump, level: compared, restore_test: scratch }]"
old="this host's pg_dump 12 cannot dump a server of version $server: install postgresql-client-$server before the window"
scratch="a backup cannot be restored and compared here: install postgresql-$server"

small_world
programs 12
GONOGO_BINDIR=$work/old walk
lacks "without a pg_dump in the plan its version does not matter" "$err" "pg_dump 12"
small_world
small_plan "" "" "$backup"
GONOGO_BINDIR=$work/old walk
exits "fault_F34 the run stops before the window" 6
says "fault_F34 an old pg_dump is told" "$err" "$old"
says "fault_F34 it is told before the backup" "${err%%=== BACKUP*}" "$old"
says "fault_F34 the missing server programs, too" "${err%%=== BACKUP*}" "$scratch"
says "fault_F34 the report has it" "$(cat "$report/report.md")" "pg_dump 12 cannot dump"
small_world
small_plan "" "" "$backup"
programs $((server + 1))
GONOGO_BINDIR=$work/old walk
lacks "fault_F34 a newer pg_dump is fine" "${err%%=== BACKUP*}" "cannot dump"
says "fault_F34 but nothing can be restored into another version" "${err%%=== BACKUP*}" "$scratch"
says "F29 a role that sees no other sessions is told so" "$err" "not a member of pg_monitor"
small_world
walk
exits "fault_F34 nothing of it is said when nothing is wrong" 0
lacks "fault_F34 no word of pg_dump" "$err" "pg_dump"
finish
