#!/bin/bash
# SPDX-License-Identifier: PostgreSQL
#
# explain --target: files without a plan, judged by what a server shows.
. "$(dirname "$0")/../support/window.sh"

small_world
super -d postgres -c "create role explain_guest login"
owner "create view people as select id from customers where name = 'a'"
owner "revoke connect on database $database from public"
file=$work/001.sql
echo 'alter table customers alter column name type varchar(10); drop table customers cascade;' >"$file"

go explain "$file"
lacks "the environment alone names no target" "$out" "Judged by"
says "and what is not known is said" "$out" "not known: which type it has now"
go explain "$file" -d "$database"
says "with a target it is said by whom it was judged" "$out" "Judged by what $database (PostgreSQL "
says "as which role" "$out" "showed to app_owner at 20"
says "the type is known" "$out" "text becomes character varying(10)"
lacks "and is no question any more" "$out" "which type it has now"
says "a victim is named" "$out" "D2 block at 1:59 !: CASCADE drops view people as well"
says "rows and size stand under the statement" "$out" "target: works on ?? rows, "
says "who queues is not known without the extension" "$out" "?? calls queue behind the lock"
says "what the role may not see is said" "$out" "The role may not see what other sessions do"
super -d "$database" -c "analyze customers"
go explain "$file" -d "$database" --sql
says "rows that were counted are said" "$out" "target: works on about 2 rows, "
says "what is destroyed has its rows" "$out" "DESTROYS  1:59  table customers, about 2 rows, whether it is still written is not known by one look"
same "findings decide the exit code" "$code" 10
go explain --json "$file" --target "host=$GONOGO_TEST_SOCKET_DIR dbname=$database user=app_owner"
says "a connection string names a target, too" "$out" "\"database\": \"$database\""
says "JSON has the role" "$out" '"role": "app_owner"'
says "and the size" "$out" '"bytes": '
says "and the victim" "$out" "CASCADE drops view people as well"
printf '[there]\nhost=%s\ndbname=%s\nuser=app_owner\n' "$GONOGO_TEST_SOCKET_DIR" "$database" >"$work/services"
PGSERVICEFILE=$work/services go explain "$file" --target there
says "a service names one" "$out" "Judged by what $database"
PGSERVICEFILE=$work/services go explain "$file" --service there
says "by its own flag, too" "$out" "Judged by what $database"
same "nothing was changed" "$(db "select count(*) from people")" 1

go explain "$file" -h /nowhere -d x
exits "a server that is not there is exit 4" 4
same "and nothing is judged without it" "$out" ""
go explain "$file" -d "$database" -U explain_guest
exits "a role that may not connect is exit 4" 4
says "and says why" "$err" "permission denied for database"
go explain "$file" -d no_such_database
exits "a database that is not there is exit 4" 4
go explain "$file" --service nowhere
exits "a service that is not there is exit 4" 4
go explain "$file" --target "host=x password=canary-51"
exits "a password in the string is refused" 2
lacks "and not shown" "$out$err" "canary-51"
go explain "$work/none.sql" -d "$database"
exits "a file that is not there is told" 2
same "and nothing is asked or judged" "$out" ""
drop_database "$database"
super -d postgres -c "drop role explain_guest"
finish
