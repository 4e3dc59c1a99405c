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
small_world
small_plan "" "    transaction: each"
file 'create table orders (id int); insert into orders values (1), (2); select 1/0;'
walk
exits "fault_F23: a file that fails between its own statements ends with 9" 9
says "fault_F23: what is certain does not deny what is partly there" \
    "$err" "last certain: nothing was changed before 001; unknown: 001 is partly applied"

# What changes out of sight how the server reads a file would let it find a COMMIT in what was
# approved as a text: such a statement is not sent.
while IFS='|' read -r name code_wanted set statement; do
    small_world
    file "create table orders (id int); insert into orders values (1), (2); do \$\$ begin perform set_config($set, false); end \$\$;
$statement"
    walk
    exits "fault_F23: $name: ends with $code_wanted" "$code_wanted"
    same "fault_F23: $name: nothing behind the text was done" "$(table evil)" 0
    [ "$code_wanted" = 0 ] && continue
    same "fault_F23: $name: and nothing of the file stays" "$(table orders)" 0
    says "fault_F23: $name: the place and the reason are told" "$err" "001.sql:2:1: the session reads this otherwise than it was approved: "
done <<'CORPUS'
a COMMIT in a text with a backslash|3|'standard_conforming_strings', 'off'|select 'x\', '; commit; create table evil (id int); --';
a COMMIT behind a letter of another encoding|3|'client_encoding', 'SJIS'|select E'Á\'; commit; create table evil (id int); --';
a plain statement in another encoding|0|'client_encoding', 'LATIN1'|select 'no letter beyond ASCII; commit; --';
CORPUS
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

# What a file leaves on must not bend the row that proves it either: its writer, its table,
# its text and what guards it are those of a clean session. The ledger's trigger takes its
# time and looks who writes.
super -d postgres -c "create role leaky_$$" -c "grant leaky_$$ to app_owner"
guarded_ledger() { # the role that a row of the ledger must be written as
    owner "create schema shadow; create table shadow.schema_migrations (like schema_migrations);
        create function guard() returns trigger language plpgsql as \$\$ begin
            if current_user <> '$1' or session_user <> '$1' then raise exception 'written as %', current_user; end if;
            perform pg_sleep(0.2); new.applied_by := 'guarded'; return new; end \$\$;
        create trigger guard before insert on schema_migrations for each row execute function guard();
        grant usage, create on schema public to leaky_$$; grant select on customers to leaky_$$"
}
proved() { # NAME: both files ran and both rows are as the guard let them be
    exits "fault_F27: $1: the next file is not reached, and the ledger not bent" 0
    same "fault_F27: $1: the rows stand in the ledger, guarded, with their text" \
        "$(db "select string_agg(version || ' ' || applied_by || ' ' || description, ', ' order by version)
            from public.schema_migrations")" "001 guarded größe, 002 guarded two"
    same "fault_F27: $1: and nowhere else" "$(db 'select count(*) from shadow.schema_migrations')" 0
}
leaves() { # TRANSACTION WRITER NAME SQL [OPTION...]
    small_world
    guarded_ledger "$2"
    small_plan "" "    name: größe
    transaction: $1
  - { migration: "\"002\"", name: two, file: 002.sql }"
    cp "$work/probe.sql" "$folder/002.sql"
    file "create table orders (id int primary key); insert into orders values (1), (2); grant select on orders to public; $4"
    walk "${@:5}"
    proved "$3 ($1)"
}
root_role=$(super -d postgres -c 'select current_user')
while IFS='|' read -r name sql; do
    for transaction in one each; do
        leaves $transaction app_owner "$name" "$sql"
    done
done <<CORPUS
a role|set role leaky_$$;
a path to a table of the same name|set search_path = shadow, public;
no path at all|select pg_catalog.set_config('search_path', '', false);
a temporary table of the same name|create temp table schema_migrations (like public.schema_migrations); set search_path = pg_temp, public;
a time limit|set statement_timeout = '100ms';
another encoding|set client_encoding = 'LATIN1';
transactions that only read|set default_transaction_read_only = on;
a role that a function took on|do \$\$ begin perform set_config('role', 'leaky_$$', false); end \$\$;
CORPUS
leaves one app_owner "a role for the transaction" "set local role leaky_$$;"
leaves one app_owner "a time limit for the transaction" "set local statement_timeout = '100ms';"
leaves file app_owner "a role in the file's own transaction" "begin; set role leaky_$$; commit;"
leaves one "$root_role" "another login" "set session authorization leaky_$$;" -U "$root_role"
leaves each "$root_role" "another login" "set session authorization leaky_$$;" -U "$root_role"
leaves one "$root_role" "triggers switched off" "set session_replication_role = replica;" -U "$root_role"
leaves one "$root_role" "triggers switched off, and no right to switch them on" \
    "set session_replication_role = replica; set session authorization app_owner;" -U "$root_role"

# What cannot be taken back ends the file, and nothing of it stays.
small_world
file 'create table orders (id int); insert into orders values (1), (2); set transaction read only;'
walk
exits "fault_F27: a transaction that was made to read only takes no ledger row" 3
says "fault_F27: the server's word for it is told" "$err" "in a read-only transaction"
same "fault_F27: and nothing of the file stays" "$(table orders)" 0

# A check in the open transaction asks as any check does, not as the file left it.
small_world
super -d "$database" -c "grant usage, create on schema public to leaky_$$"
small_plan "" '    verify: inside
    checks: [{ id: C1, sql: select count(*) from orders, equals: 2 }, { id: C2, sql: "select count(*) from customers where current_user = session_user", equals: 2 }]'
file "create table orders (id int primary key); insert into orders values (1), (2); set search_path = ''; set role leaky_$$;"
walk
exits "fault_F27: a check inside sees the plan's path and the run's role" 0
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
