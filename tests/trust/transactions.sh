#!/bin/bash
# SPDX-License-Identifier: PostgreSQL
#
# Whose transaction it is: F23 (a file's own BEGIN, COMMIT, ROLLBACK), F27 (what one file
# sets must not reach the next) and F28 (the error that comes with COMMIT itself).
. "$(dirname "$0")/../support/window.sh"

file() { printf '%s\n' "$1" >"$folder/001.sql"; }
last_run() { cat "$(run_directory)/journal.jsonl"; }

# ---- F23
small_world
file 'begin; create table orders (id int); insert into orders values (1), (2); commit;'
walk
exits "fault_F23: one outer BEGIN and COMMIT are taken over" 0
same "fault_F23: the table and its ledger row came together" \
    "$(db "select (select xmin::text from pg_class where relname = 'orders') = (select xmin::text from schema_migrations)")" t
small_world
file 'begin; create table orders (id int); insert into orders values (1), (2), (1/0); commit;'
walk
exits "fault_F23: a failing file with its own BEGIN ends with 3" 3
same "fault_F23: and nothing of it stays" "$(table orders)" 0

runs_before=$(ls "$XDG_STATE_HOME/gonogo/runs" | wc -l)
while IFS='|' read -r name sql; do
    file "$sql"
    walk
    exits "fault_F23: $name is refused before anything is contacted" 2
    says "fault_F23: $name: the place is told" "$err" "001.sql:1"
done <<'CORPUS'
a stray COMMIT|create table orders (id int); commit; insert into orders values (1), (2);
a stray ROLLBACK|create table orders (id int); rollback;
COMMIT AND CHAIN|begin; create table orders (id int); commit and chain; select 1; commit;
END for COMMIT|create table orders (id int); end;
ABORT for ROLLBACK|create table orders (id int); abort;
PREPARE TRANSACTION|create table orders (id int); prepare transaction 'x';
two transactions|begin; create table orders (id int); commit; begin; select 1; commit;
a COMMIT behind comments|create table orders (id int); /* not /* nested */ yet */ commit; -- end
a COMMIT inside of DO|create table orders (id int); do $$ begin commit; end $$;
a ROLLBACK inside of DO|create table orders (id int); do $x$ begin perform 1; rollback; end $x$;
CORPUS
same "fault_F23: none of them began a run" "$(ls "$XDG_STATE_HOME/gonogo/runs" | wc -l)" "$runs_before"
same "fault_F23: none of them changed anything" "$(table orders)" 0

file "create table orders (id int); insert into orders values (1), (2);
select 'commit;', \$\$ rollback; \$\$ /* commit; */; -- commit;
savepoint a; insert into orders values (3); rollback to a; release a;"
walk
exits "fault_F23: words in texts and comments, and savepoints, are no transaction control" 0
same "fault_F23: the savepoint did its work" "$(db 'select count(*) from orders')" 2

small_world
owner 'create procedure sly() language plpgsql as $$ begin commit; end $$;'
for sql in 'call sly();' "do \$\$ begin execute 'com' || 'mit'; end \$\$;"; do
    file "create table orders (id int); insert into orders values (1), (2); $sql"
    walk
    exits "fault_F23: a hidden COMMIT ends the file with 3: $sql" 3
    same "fault_F23: and all of it is rolled back: $sql" "$(table orders)|$(db 'select count(*) from schema_migrations')" "0|0"
done
small_plan "" "    transaction: file"
file 'begin; create table orders (id int); commit; begin; insert into orders values (1), (2); commit;'
walk
exits "fault_F23: a plan may leave the transactions to the file" 0
small_world
small_plan "" "    transaction: file"
file 'begin; create table orders (id int); insert into orders values (1), (2);'
walk
case $code in
0) not_ok "fault_F23: a file that leaves its transaction open is no success" "$err" ;;
*) ok "fault_F23: a file that leaves its transaction open is no success" ;;
esac
nothing_left "fault_F23: nothing is left on the server"

# ---- F27
small_world
small_plan "" '  - { migration: "002", file: 002.sql }'
file "create table orders (id int primary key); insert into orders values (1), (2);
create role leaky_$$; grant leaky_$$ to current_user; set role leaky_$$; reset role;
set search_path = ''; set lock_timeout = 0; set statement_timeout = 0; set row_security = off;
set session statement_timeout = '1h'; set timezone = 'Asia/Tokyo'; set datestyle = 'German';
set default_transaction_isolation = 'serializable'; set session_replication_role = origin;
create temp table orders_leak (id int); prepare leak as select 1; listen leak;
declare leak cursor with hold for select 1; select set_config('app.tenant', '42', false);
select pg_advisory_lock(4711);"
# an ordinary role makes no roles and sets no replication role
sed -i -e '/^create role/d' -e "s/ set session_replication_role = origin;//" "$folder/001.sql"
cat >"$folder/002.sql" <<'SQL'
do $$
begin
    if current_setting('search_path') <> 'public' or current_setting('lock_timeout') <> '2s'
       or current_setting('statement_timeout') not in ('60s', '1min')
       or current_setting('row_security') <> 'on'
       or current_setting('default_transaction_isolation') <> 'read committed'
       or current_setting('datestyle') like 'German%' or current_setting('timezone') = 'Asia/Tokyo'
       or coalesce(current_setting('app.tenant', true), '') <> '' or current_user <> session_user then
        raise exception 'a setting leaked';
    end if;
    if exists (select from pg_class where relname = 'orders_leak') then raise exception 'a temporary table leaked'; end if;
    if exists (select from pg_prepared_statements where name = 'leak') then raise exception 'a prepared statement leaked'; end if;
    if exists (select from pg_cursors where name = 'leak') then raise exception 'a cursor leaked'; end if;
    if exists (select from pg_listening_channels()) then raise exception 'a listener leaked'; end if;
    if exists (select from pg_locks where locktype = 'advisory' and objid = 4711) then raise exception 'a lock leaked'; end if;
    perform count(*) from orders;
end $$;
SQL
walk
exits "fault_F27: what a file sets, makes or locks does not reach the next" 0
same "fault_F27: both ran" "$(db 'select count(*) from schema_migrations')" 2
cp "$folder/002.sql" "$work/probe.sql"
super -d postgres -c "create role leaky_$$" -c "grant leaky_$$ to app_owner"
small_world
small_plan "" '  - { migration: "002", file: 002.sql }'
cp "$work/probe.sql" "$folder/002.sql"
file "create table orders (id int primary key); insert into orders values (1), (2); set role leaky_$$;"
owner "grant all on schema_migrations, customers to leaky_$$; grant usage, create on schema public to leaky_$$"
walk
exits "fault_F27: a role that a file takes on does not reach the next" 0
same "fault_F27: both files ran" "$(db 'select count(*) from schema_migrations')" 2
drop_database "$database"
super -d postgres -c "drop role leaky_$$"

# ---- F28
small_world
while IFS='|' read -r name sql; do
    file "$sql"
    walk
    exits "fault_F28: $name ends with 3" 3
    same "fault_F28: $name: nothing stays" "$(table orders)|$(db 'select count(*) from schema_migrations')" "0|0"
    says "fault_F28: $name: COMMIT is named" "$err" "COMMIT did not commit"
    says "fault_F28: $name: what is certain is told" "$err" "001 rolled back"
    says "fault_F28: $name: the record holds COMMIT's own result" \
        "$(last_run | grep -c '"event":"committed".*"outcome":"failed"')" 1
    same "fault_F28: $name: the report says so" "$(json '$.migrations[0].state')|$(json '$.exit')" "rolled back|3"
done <<'CORPUS'
a deferred key|create table orders (id int primary key, boss int references orders deferrable initially deferred); insert into orders values (1, 7), (2, 8);
a deferred unique constraint|create table orders (id int unique deferrable initially deferred); insert into orders values (1), (1);
a deferred trigger|create table orders (id int); create function no() returns trigger language plpgsql as $$ begin raise exception 'too late'; end $$; create constraint trigger t after insert on orders deferrable initially deferred for each row execute function no(); insert into orders values (1), (2);
CORPUS
nothing_left "fault_F28: nothing is left on the server"
finish
