#!/bin/bash
# SPDX-License-Identifier: PostgreSQL
#
# The grammar's trees reach the program as they are in memory, or packed by the library where
# that cannot be: whatever is told about a text is the same. gonogo-packed is the same program,
# linked so that the library packs.
. "$(dirname "$0")/tap.sh"

folder=$(dirname "$GONOGO")
packed=$folder/tests/gonogo-packed
same "the program shares trees with the library" \
    "$(nm -D --defined-only "$GONOGO" | grep -c ' T pg_query__parse_result__pack$')" 1
same "the other one does not" \
    "$(nm -D --defined-only "$packed" | grep -c ' T pg_query__parse_result__pack$')" 0

told() { # told PROGRAM FILE...: all that it says of them, and how it ends
    program=$1
    shift
    "$program" explain --json "$@" 2>&1
    echo "exit $?"
}
both() { # both WHAT FILE...
    what=$1
    shift
    told "$GONOGO" "$@" >shared
    told "$packed" "$@" >packed
    says "files are read: $what" "$(tail -1 shared)" "exit 10"
    same "both tell the same of $what" "$(diff shared packed | head)" ""
}
both "the rules' cases" "$root"/tests/rules/*.sql
both "what the fuzzer found" "$root"/tests/fuzz/sql_study_corpus/*
both "plans" "$root"/plans/*/*.sql

# Every form of command that the tables know.
sed -n 's/^ *{"[a-z_]*", "\([^-].*\)"},*$/\1;/p' "$root/tests/unit/sql_form_samples.h" |
    sed 's/\\"/"/g' >forms.sql
both "every form of command" forms.sql
finish
