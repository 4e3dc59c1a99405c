#!/bin/bash
# SPDX-License-Identifier: PostgreSQL
#
# --probe: the rows that are there are asked whether they fit what a file will ask of them
# (K8, C7), in explain and in check --db.
. "$(dirname "$0")/../support/window.sh"

small_world
file=$work/probed.sql
owner "create table lines (id int primary key, customer_id int, code text, amount bigint,
        pair_a int, pair_b int, place text);
    insert into lines values (7, 1, 'same', 3000000000, 1, 1, 'x'), (8, 99, 'same', 1, 1, null, 'y'),
        (9, null, 'other', 2, 1, 1, 'secret-place')"

probe() { # SQL: what explain --probe says of it
    echo "$1" >"$file"
    go explain --probe "$file" -d "$database"
}

probe 'alter table lines add constraint k unique (code);'
says "K8 duplicates block" "$out" "K8 block at 1:23 !: 2 rows of lines do not fit now, such as (same)"
same "and make the exit code" "$code" 10
says "the query stands under it" "$out" "safer: SELECT coalesce(sum(d.n), 0)::bigint"
probe 'alter table lines add constraint k unique (pair_a, pair_b);'
says "K8 a key of two columns shows both" "$out" "2 rows of lines do not fit now, such as (1,1)"
probe 'alter table lines add constraint k unique (id, pair_b);'
says "K8 none is said, too" "$out" "K8 low at 1:23: nothing breaks it now: every row of lines fits"
probe 'alter table lines add constraint k unique (customer_id);'
says "K8 nulls are no duplicates" "$out" "nothing breaks it now"
owner "alter table lines drop constraint lines_pkey"
probe 'alter table lines add primary key (customer_id);'
says "K8 but break a primary key" "$out" "1 row of lines does not fit now, such as ()"
probe 'alter table lines alter column customer_id set not null;'
says "K8 without a key there is no example" "$out" "1 row of lines does not fit now: the file ends midway"
owner "alter table lines add primary key (id)"
probe 'alter table lines alter column customer_id set not null;'
says "K8 a null blocks SET NOT NULL" "$out" "K8 block at 1:13 !: 1 row of lines does not fit now, such as (9)"
probe 'alter table lines add constraint f foreign key (customer_id) references customers;'
says "K8 an orphan blocks the foreign key" "$out" "1 row of lines does not fit now, such as (99)"
probe "alter table lines add constraint c check (place <> 'secret-place');"
says "K8 a row that a CHECK refuses blocks" "$out" "K8 block at 1:23 !: 1 row of lines does not fit now, such as (9)"
lacks "and shows its key alone" "$out" "such as (9,"
probe "alter table lines add constraint c check (place <> ')' and length(place) > 0) no inherit;"
says "K8 a bracket in a text ends no condition" "$out" "nothing breaks it now"
probe "alter table lines add constraint c check (place <> 'secret-place') not valid;"
lacks "K8 what is NOT VALID asks nobody" "$out" "K8"
probe 'alter table lines alter column amount type integer;'
says "C7 a number that is too large blocks" "$out" "C7 block at 1:32 !: 1 row of lines does not fit now, such as (7)"
probe 'alter table lines alter column place type varchar(3);'
says "C7 a text that is too long blocks" "$out" "1 row of lines does not fit now, such as (9)"
probe 'alter table lines alter column place type varchar(30);'
says "C7 none is said, too" "$out" "C7 low at 1:32: nothing breaks it now"
probe "update lines set code = id::text; alter table lines add constraint k unique (code);"
says "K8 the plan's own changes come before it" "$out" "not known: what they are when earlier statements"
says "and it does not block" "$out" "K8 medium"

# what cannot be known
owner "alter table lines enable row level security, force row level security"
probe 'alter table lines add constraint k unique (code);'
says "hidden rows are not counted as none" "$out" "not known: whether such rows are there: query would be affected by row-level security policy"
lacks "and not as something" "$out" "K8 block"
super -d "$database" -c "alter table lines disable row level security, no force row level security;
    revoke all on lines from app_owner"
probe 'alter table lines add constraint k unique (code);'
says "what may not be read is not known" "$out" "whether such rows are there: permission denied for table lines"
super -d "$database" -c "grant all on lines to app_owner"
probe "alter table lines add constraint c check (pg_sleep(1) is not null);"
says "a condition that does something is not asked, and that is said" "$out" "not known: whether such rows are there: no query that is safe to ask tells"
same "nothing was changed" "$(db "select count(*) from lines")" 3

mkfifo "$work/stop"
super -d "$database" -c 'begin' -c 'lock table lines' -c "select 'held'" -f "$work/stop" >"$work/holder" &
children+=($!)
exec 9>"$work/stop"
becomes "select count(*) from pg_locks where relation = 'lines'::regclass and mode = 'AccessExclusiveLock' and granted" 1
probe 'alter table lines add constraint k unique (code);'
exec 9>&-
wait "${children[-1]}"
says "behind a lock of somebody it is not known" "$out" "whether such rows are there: canceling statement due to lock timeout"

# a plan
echo 'alter table lines add constraint k unique (code);' >"$folder/001.sql"
go check --db "$folder/plan.yaml"
says "unasked, check leaves the rows alone" "$out" "whether such rows are there: the query tells"
go check --db --probe "$folder/plan.yaml"
says "K8 check --db --probe asks them" "$out" "block: K8: 2 rows of lines do not fit now, such as (same)"
go check --db --probe --json "$folder/plan.yaml"
says "in JSON, too" "$out" "2 rows of lines do not fit now"
go check --probe "$folder/plan.yaml"
exits "rows are those of a target" 2
go explain --probe "$file"
exits "for explain, too" 2
drop_database "$database"
finish
