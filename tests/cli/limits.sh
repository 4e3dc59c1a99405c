#!/bin/bash
# SPDX-License-Identifier: PostgreSQL
#
# Which limits hold for which statement. What is meant to take long has no statement_timeout;
# only what nobody queues behind has no lock_timeout either; a step's own limits hold in each of
# its three kinds of transaction. The statements tell themselves: an index calls a function that
# looks at the limits in force, and refuses the ones that it should not see.
. "$(dirname "$0")/../support/window.sh"

looks="create function looks(int) returns int immutable language plpgsql as
    \$\$ begin
        if current_setting('my.lock') <> current_setting('lock_timeout') or
            current_setting('my.statement') <> current_setting('statement_timeout') then
            raise exception 'limits % and %', current_setting('lock_timeout'),
                current_setting('statement_timeout');
        end if;
        return \$1;
    end \$\$"

# limits NAME TRANSACTION STEP-KEYS LOCK STATEMENT SQL: walks, and expects those limits for SQL
limits() {
    small_world
    owner "$looks"
    owner "create table seen (id int); insert into seen values (1)"
    edit "s/before: 2, after: 3/before: 3, after: 4/; s|^    undo:|    transaction: $2\n$3    undo:|"
    {
        echo "create table orders (id int primary key);"
        echo "insert into orders values (1), (2);"
        echo "set my.lock = '$4';"
        echo "set my.statement = '$5';"
        echo "$6;"
    } >"$folder/001.sql"
    small_answers 'override: [{ id: 001.T1, reason: a test, by: anna }, { id: 001.L4, reason: a test, by: anna }]'
    walk
    exits "$1" 0
}

build="create index concurrently on seen (looks(id))"
plain="create index on seen (looks(id))"
limits "each: a concurrent build has no limits" each "" 0 0 "$build"
limits "file: neither has it there" file "" 0 0 "$build"
limits "file: other statements have the plan's" file "" 2s 1min "$plain"
limits "file: the step's own hold" file "    lock_timeout: 7s\n" 7s 1min "$plain"
limits "file: of what is long, too" file "    lock_timeout: 7s\n" 7s 0 "$build"
limits "each: the step's own hold" each "    statement_timeout: 9s\n" 2s 9s "$plain"
limits "one: the step's own hold" one "    statement_timeout: 9s\n" 2s 9s "$plain"
limits "each: VACUUM FULL may take long, and waits for its lock no longer than others" \
    each "" 2s 0 "set my.statement = '1min'; $plain; set my.statement = '0'; vacuum full seen"
later="alter table seen add constraint c check (looks(id) > 0) not valid; alter table seen validate constraint c"
limits "each: VALIDATE alone has no limits" each "" 0 0 "$later"
limits "each: beside an action that stops everybody it has the plan's" each "" 2s 1min "$later, alter id set not null"
drop_database "$database"
finish
