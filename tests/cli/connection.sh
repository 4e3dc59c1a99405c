#!/bin/bash
# SPDX-License-Identifier: PostgreSQL
#
# What is said when the server does not let us in, or is another one: exit 4, the server's
# own words, what is certain, and a next command that can be typed as it is.
. "$(dirname "$0")/../support/window.sh"
last() { tail -n 1 <<<"$err"; }

small_world
plan=$folder/plan.yaml
hba=$GONOGO_TEST_PGDATA/pg_hba.conf
cp "$hba" hba.kept
super -d postgres -c "drop role if exists cli_locked, cli_nologin" \
    -c "create role cli_locked login password 'right'" -c "create role cli_nologin nologin"
{
    echo "local all cli_locked scram-sha-256"
    cat hba.kept
} >"$hba"
super -d postgres -c "select pg_reload_conf()" >/dev/null
becomes_hba() { # until the new rules are in force
    local try
    for ((try = 0; try < 500; try++)); do
        PGPASSWORD='' psql -X -w -U cli_locked -d postgres -c '' 2>&1 | grep -q "$1" && return 0
        sleep 0.02
    done
    not_ok "waited in vain for pg_hba.conf" "$1"
}
becomes_hba "no password supplied"

# refused NAME WORDS ARGUMENT...: each of the commands that connect ends with 4
refused() {
    local name=$1 words=$2 command
    shift 2
    for command in "status $plan" "check --db $plan" "run $plan --headless --as anna --answers $answers"; do
        # shellcheck disable=SC2086 # words of a command
        go $command "$@"
        exits "$name: ${command%% *} ends with 4" 4
        says "$name: ${command%% *} has the server's words" "$err" "$words"
        lacks "$name: ${command%% *} names no run that is not there" "$(last)" "RUN"
    done
    same "$name: nothing was changed" "$(table orders)" 0
}
refused "no password" "no password supplied" -U cli_locked
echo "*:*:*:cli_locked:wrong" >pass
chmod 600 pass
export PGPASSFILE=$work/pass
refused "wrong password" 'password authentication failed for user "cli_locked"' -U cli_locked
lacks "the password is not told" "$err" "wrong"
go status "$plan" -U cli_locked
says "the passfile is named" "$err" "password retrieved from file \"$work/pass\""
says "the next command has the same flags" "$(last)" "next: gonogo check $plan --db --username cli_locked"
echo "*:*:*:cli_locked:right" >pass
go status "$plan" -U cli_locked
exits "the right password, and no right to the ledger" 5
says "the missing right is named" "$err" "needs SELECT on that table"
lacks "no run is advised" "$(last)" "RUN"
export PGPASSFILE=$work/none
refused "unknown role" 'role "cli_nobody" does not exist' -U cli_nobody
refused "role without login" 'role "cli_nologin" is not permitted to log in' -U cli_nologin
refused "unknown database" 'database "cli_nowhere" does not exist' -d cli_nowhere
refused "no server there" "No such file or directory" -p 5999
refused "a port that is none" 'invalid integer value "abc"' -p abc
refused "a name without an address" "host nosuchhost.invalid: " -h nosuchhost.invalid
says "the name is asked about" "$(PGDATABASE=$database "$GONOGO" status "$plan" -h nosuchhost.invalid 2>&1)" "Check the host's name"
go status "$plan" -W
exits "nobody to ask for a password" 2
says "other ways are told" "$err" "Use ~/.pgpass or a service file"

# findings without a run
edit 's/before: 2/before: 9/'
go check --db "$plan"
exits "a wrong count" 5
says "what to do is told" "$(last)" "next: settle what is marked NOT OK"
cp hba.kept "$hba"
super -d postgres -c "select pg_reload_conf()" >/dev/null
super -d postgres -c 'drop role cli_locked, cli_nologin'
nothing_left "no session is left"
# ---- a run that changed something before it could not connect any more
small_world
echo 'select 1;' >"$folder/002.sql"
small_plan "" '  - { migration: "002", file: 002.sql, undo: none }' ""
sed -i 's/^checkpoints: .*/checkpoints: hold/' "$answers"
walk
exits "it stops behind the first file" 6
super -d postgres -c "alter database $database with allow_connections false"
go resume --headless --as anna --answers "$answers"
super -d postgres -c "alter database $database with allow_connections true"
exits "its resume cannot connect" 4
says "it does not say that nothing was changed" "$(last)" "nothing more was changed"
says "and what is certain" "$(last)" "last certain: 001 committed"
finish
