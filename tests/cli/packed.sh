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
both() { # both EXIT WHAT FILE...
    exit=$1 what=$2
    shift 2
    told "$GONOGO" "$@" >shared
    told "$packed" "$@" >packed
    says "files are read: $what" "$(tail -1 shared)" "exit $exit"
    same "both tell the same of $what" "$(diff shared packed | head)" ""
}
both 10 "the rules' cases" "$root"/tests/rules/*.sql
# Some of these cannot be cut; the others are judged all the same.
both 2 "what the fuzzer found" "$root"/tests/fuzz/sql_study_corpus/*
both 10 "plans" "$root"/plans/*/*.sql

# Every form of command that the tables know.
sed -n 's/^ *{"[a-z_]*", "\([^-].*\)"},*$/\1;/p' "$root/tests/unit/sql_form_samples.h" |
    sed 's/\\"/"/g' >forms.sql
both 10 "every form of command" forms.sql
finish
