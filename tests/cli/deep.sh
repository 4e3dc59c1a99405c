#!/bin/bash
# SPDX-License-Identifier: PostgreSQL
#
# Statements that nest a thousand to a million times: what is too deep for the grammar is "not
# analysed", its neighbours are, and nothing crashes. Time and memory have an end. With a
# small stack even what is not too deep overflows: the guard lets the rest be judged.
GONOGO=${GONOGO_RELEASE:-}
. "$(dirname "$0")/tap.sh"

# many TEXT COUNT
many() { yes -- "$1" | head -n "$2" | tr -d '\n'; }

# shape NAME COUNT: a statement between two that are plain
shape() {
    echo "create table public.first_one (id bigint primary key);"
    case $1 in
    operators) printf 'select ' && many '1+' "$2" && echo '1;' ;;
    signs) printf 'select ' && many '- ' "$2" && echo '1;' ;;
    parentheses) printf 'select ' && many '(' "$2" && printf 1 && many ')' "$2" && echo ';' ;;
    cases) printf 'select ' && many 'case when a then ' "$2" && printf 1 && many ' end' "$2" && echo ';' ;;
    subselects) printf 'select ' && many '(select ' "$2" && printf 1 && many ')' "$2" && echo ';' ;;
    joins) printf 'select 1 from t' && many ' join t using (a)' "$2" && echo ';' ;;
    zones) printf 'select a' && many " at time zone 'UTC'" "$2" && echo ';' ;;
    comments) many '/*' "$2" && many '*/' "$2" && echo ' select 1;' ;;
    bodies) printf 'do $$begin ' && many 'if a then ' "$2" && printf 'null;' && many ' end if;' "$2" && echo ' end$$;' ;;
    esac
    echo "create table public.last_one (id bigint primary key);"
}

# limited ARGUMENT...: with 1 GiB of address space and a minute
limited() {
    (
        ulimit -v $((1024 * 1024))
        ulimit -c 0
        exec timeout 60 "$GONOGO" "$@"
    ) >"$work/.out" 2>"$work/.err" </dev/null
    code=$?
    out=$(cat "$work/.out")
    err=$(cat "$work/.err")
}

# stands NAME: it came to an end, and both neighbours were judged
stands() {
    case $code:$out in
    0:*first_one*last_one* | 10:*first_one*last_one*) ok "$1" ;;
    *) not_ok "$1" "exit $code: $(printf '%s' "$out$err" | cut -c 1-300 | head -n 5)" ;;
    esac
}

shapes='operators signs parentheses cases subselects joins zones comments bodies'
for name in $shapes; do
    for count in 1000 10000 100000 1000000; do
        shape "$name" "$count" >"$work/$name-$count.sql"
        limited explain "$work/$name-$count.sql"
        stands "explain: $count nested $name"
    done
    says "a million nested $name are not analysed" "$out" "not analysed: "
done

# the plan of a run is read by the same code
{
    echo "version: 1"
    echo "name: deep"
    echo "targets: [{ id: only, environment: test }]"
    echo "steps:"
    for name in $shapes; do
        echo "  - { migration: \"$name\", file: $name-100000.sql, undo: none }"
    done
} >"$work/plan.yaml"
limited check "$work/plan.yaml"
same "check: it is a plan" "$code" 10
says "check: every statement is counted" "$out$err" "9 steps, 27 statements"
says "check: what is not analysed is no promise" "$out$err" "cannot be judged"

# 490 levels are not too deep, unless the stack is small
{
    echo "create table public.first_one (id bigint primary key);"
    printf 'select ' && many '-(' 490 && printf 1 && many ')' 490 && many '+a' 1400 && echo ' from public.t;'
    echo "create table public.last_one (id bigint primary key);"
} >"$work/stack.sql"
printf '%s\n' "version: 1" "name: deep" "targets: [{ id: only, environment: test }]" \
    "steps: [{ migration: one, file: stack.sql, undo: none }]" >"$work/stack.yaml"
ulimit -s 200
limited explain "$work/stack.sql"
stands "explain: a stack that overflows costs one statement"
says "explain: and it says so" "$out" "not analysed: the parser crashed on it"
limited check "$work/stack.yaml"
says "check: a stack that overflows costs one statement" "$out$err" \
    "this cannot be judged: the statement at 2:1"
says "check: the others are judged" "$out$err" "at CREATE TABLE and at 1 more"
finish
