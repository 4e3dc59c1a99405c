#!/bin/bash
# SPDX-License-Identifier: PostgreSQL
#
# check --db judges the files by what the target shows: types, dependents, sizes.
. "$(dirname "$0")/../support/window.sh"

small_world
plan=$folder/plan.yaml
owner "create view people as select id from customers where name = 'a'"
echo 'alter table customers alter column name type varchar(10); drop view people;' >"$folder/001.sql"
go check "$plan"
lacks "without a server nobody knows of the view" "$out" "C9"
says "and what is not known is said" "$out" "not known: which type it has now"
go check --db "$plan"
says "with one the view is named" "$out" "C9: view people uses name"
lacks "and the type is known" "$out" "which type it has now"
says "what the role may not see is said" "$out" "note    The role may not see what other sessions do"

echo 'drop table customers cascade;' >"$folder/001.sql"
go check --db "$plan"
says "CASCADE names its victims" "$out" "D2: CASCADE drops view people as well"
go check --db --json "$plan"
says "in JSON, too" "$out" "CASCADE drops view people as well"
same "nothing was changed" "$(db "select count(*) from people")" 1
go check --db "$plan" -h /nowhere
exits "a server that is not there is an error" 4
lacks "and adds nothing" "$out" "people"
go check --db "$plan" -U nobody_here
exits "so is a role that is not there" 4
lacks "which adds nothing, either" "$out" "people"
drop_database "$database"
finish
