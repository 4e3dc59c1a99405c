#!/bin/bash
# SPDX-License-Identifier: PostgreSQL
#
# F22: somebody swaps a file of the plan while the program starts, reviews and runs it: by
# rename, by symbolic link, in place, cut short. Whatever the moment, either the approved
# bytes run or nothing does. The server keeps account of every statement that reached it.
# GONOGO_ROUNDS: how many runs (default 25); GONOGO_SEED.
. "$(dirname "$0")/../support/window.sh"

small_world
edit 's/^    file: 001.sql/    file: 001.sql\n    sha256: "'"$(sha256sum "$folder/001.sql" | cut -d" " -f1)"'"/'
approval=$("$GONOGO" check "$folder/plan.yaml" --digest --target only 2>/dev/null | grep -oE '[0-9a-f]{64}' | tail -n 1)
cp "$folder/001.sql" "$work/good.sql"
echo 'create table orders (id int primary key); insert into orders values (1), (2); create table swapped_in (id int);' >"$work/evil.sql"
cp -r "$folder" "$work/kept"

# It lives in the plan's folder, so that a rename is one step; it counts its swaps.
racer() {
    local n=0 i good evil
    good=$(cat "$work/good.sql")
    evil=$(cat "$work/evil.sql")
    cd "$folder" || exit
    trap 'echo "$n" >"$work/swaps"; exit' TERM
    sleep "$1" # not to wait for anything: so that it begins in every phase of a run
    while :; do
        cp "$work/evil.sql" .new && mv -f .new 001.sql
        cp "$work/good.sql" .new && mv -f .new 001.sql
        ln -sf "$work/evil.sql" .link && mv -fT .link 001.sql
        cp "$work/good.sql" .new && mv -f .new 001.sql
        n=$((n + 4))
        for ((i = 0; i < 10; i++)); do
            echo "$evil" >001.sql
            echo "${good:0:20}" >001.sql
            echo "$good" >001.sql
            n=$((n + 3))
        done
    done
}

super -d postgres -c 'create extension if not exists pg_stat_statements'
seen() { super -d postgres -c "select count(*) from pg_stat_statements s join pg_database d on d.oid = s.dbid where d.datname = '$database' and query like '%swapped_in%'"; }

rounds=${GONOGO_ROUNDS:-25}
seed=${GONOGO_SEED:-42}
RANDOM=$seed
total=0
declare -A ends=()
strange=
for ((round = 0; round < rounds; round++)); do
    drop_database "$database"
    super -d postgres -c "create database $database owner app_owner"
    owner "create table customers (id int primary key); create table schema_migrations (version text primary key,
        description text, applied_at timestamptz, checksum text, duration_ms bigint, applied_by text, run_id text, journal_head text)"
    echo 0 >"$work/swaps"
    rm -f "$folder/001.sql"
    cp "$work/good.sql" "$folder/001.sql"
    racer "0.$(printf '%03d' $((RANDOM % 400)))" 2>/dev/null &
    runner=$!
    walk --approve "$approval"
    kill -TERM "$runner"
    wait "$runner" 2>/dev/null
    total=$((total + $(cat "$work/swaps")))
    ends[$code]=$((${ends[$code]:-0} + 1))
    orders=$(table orders)
    case $code:$orders in
    0:1 | 2:0 | 6:0 | 6:1) ;;
    *) strange="$strange round $round: exit $code, orders $orders: $(tail -n 1 <<<"$err")" ;;
    esac
    [ "$(table swapped_in)$(seen)" = 00 ] || strange="$strange round $round: swapped bytes ran (exit $code)"
done
echo "# seed $seed, $rounds runs, $total swaps; ends: $(for end in "${!ends[@]}"; do printf '%s: %s  ' "$end" "${ends[$end]}"; done)"
same "fault_F22: the approved bytes run or nothing does" "$strange" ""

# the witness: without a racer the same approval runs, and the account sees what runs
rm -rf "$folder"
cp -r "$work/kept" "$folder"
drop_database "$database"
super -d postgres -c "create database $database owner app_owner"
owner "create table customers (id int primary key); create table schema_migrations (version text primary key,
    description text, applied_at timestamptz, checksum text, duration_ms bigint, applied_by text, run_id text, journal_head text)"
walk --approve "$approval"
exits "fault_F22: the same approval runs when nobody swaps" 0
owner 'create table swapped_in (id int)'
same "fault_F22: the account would have seen it" "$(seen)" 1
finish
