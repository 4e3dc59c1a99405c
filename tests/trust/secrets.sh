#!/bin/bash
# SPDX-License-Identifier: PostgreSQL
#
# F43: a password comes in by every way that there is, and goes out by none: not in what
# is printed, recorded, reported, dumped or shown in /proc while children run.
. "$(dirname "$0")/../support/window.sh"

canary=K4nary-$$-Se:cr\\et
simple=k4n4ry$$s3cret

small_world
# the role's password is asked for when it comes by TCP; sockets stay open for the witness
server=$work/scram
mkdir -m 711 "$server"
chmod 711 "$work"
user=postgres
as=setpriv
if [ "$(id -u)" = 0 ]; then
    id "$user" >/dev/null 2>&1 || user=nobody
    chown "$user" "$server"
    as="setpriv --reuid=$user --regid=$(id -g "$user") --clear-groups"
fi
(cd "$server" && $as cp -R "$GONOGO_TEST_TEMPLATE" data && chmod 700 data)
printf 'local all postgres trust\nlocal all all scram-sha-256\n' >"$server/data/pg_hba.conf"
(cd "$server" && exec $as --pdeathsig KILL postgres -D data -c listen_addresses= -c port=5432 \
    -c unix_socket_directories="$server" -c fsync=off) >"$work/scram.log" 2>&1 &
children+=("$!")
until pg_isready -q -h "$server"; do sleep 0.02; done
there() { super -h "$server" -U postgres "$@"; }
there -d postgres -v secret="$canary" <<'SQL'
create role app_owner login createrole;
set password_encryption = 'scram-sha-256';
alter role app_owner password :'secret';
SQL

fresh() { # the small world on that server, with a dump and its proof
    there -d postgres -c "drop database if exists $database with (force)" -c "create database $database owner app_owner"
    there -d "$database" -c 'set role app_owner' -c 'create table customers (id int primary key)' \
        -c 'create table schema_migrations (version text primary key)'
    rm -rf "$report"
    small_plan "" "" "backup: [{ id: dump, kind: pg_dump, format: custom, level: compared, restore_test: scratch, max_age: 60m, required: true }]"
    echo 'create table orders (id int primary key); insert into orders values (1), (2);' >"$folder/001.sql"
}

# The test's own helpers take a password by stdin or from a file, never as an argument: what
# the sampler finds is the program's.
printf '%s\n' "$canary" "$simple" K4nary >"$work/secrets"
set_password() { # WORD: the role's password
    there -d postgres <<<"set password_encryption = 'scram-sha-256'; alter role app_owner password '$1';"
}

# every command line of the machine, each under its process's name, as long as the test lasts
sample() {
    while sleep 0.02; do
        tail -v -c +1 /proc/[0-9]*/cmdline 2>/dev/null | tr '\0' ' '
    done >>"$work/cmdlines"
}
: >"$work/cmdlines"
sample &
children+=("$!")

hits() { grep -rlFf "$work/secrets" "$XDG_STATE_HOME" "$XDG_CACHE_HOME" "$report" "$work/.out" "$work/.err" "$work/.screen" 2>/dev/null; }
secret_kept() { same "fault_F43: $1: the password is nowhere" "$(hits)" ""; }
run() { go run "$folder/plan.yaml" --headless --as anna --answers "$answers" --report "$report" --host "$server" "$@"; }

fresh
PGPASSWORD=$canary run
exits "fault_F43: a run by PGPASSWORD" 0
says "fault_F43: PGPASSWORD is warned of" "$err" "PGPASSWORD is set"
secret_kept "PGPASSWORD"

fresh
escaped=${canary//\\/\\\\}
printf '*:*:*:*:%s\n' "${escaped//:/\\:}" >"$work/passfile"
chmod 600 "$work/passfile"
PGPASSFILE=$work/passfile run
exits "fault_F43: a run by a passfile" 0
secret_kept "a passfile"
fresh
chmod 644 "$work/passfile"
PGPASSFILE=$work/passfile run
says "fault_F43: a loose passfile is reported" "$err" "$work/passfile"
secret_kept "a loose passfile"
chmod 600 "$work/passfile"

fresh
set_password "$simple"
printf '[canary]\nhost=%s\nuser=app_owner\ndbname=%s\npassword=%s\n' "$server" "$database" "$simple" >"$work/services"
small_plan ", service: canary" "" "backup: [{ id: dump, kind: pg_dump, format: custom, level: compared, restore_test: scratch, max_age: 60m, required: true }]"
PGSERVICEFILE=$work/services go run "$folder/plan.yaml" --headless --as anna --answers "$answers" --report "$report"
exits "fault_F43: a run by a service file" 0
secret_kept "a service file"

if command -v script >/dev/null; then
    fresh
    (
        for ((i = 0; i < 200; i++)); do
            grep -qi password "$work/.screen" 2>/dev/null && break
            sleep 0.05
        done
        printf '%s\n' "$simple"
        sleep 2
    ) | PGUSER=app_owner PGDATABASE=$database timeout 60 script -qec \
        "'$GONOGO' run '$folder/plan.yaml' --headless --as anna --answers '$answers' --report '$report' --host '$server' -W" \
        /dev/null >"$work/.screen" 2>&1
    same "fault_F43: a run by a prompt" "$(there -d "$database" -c "select count(*) from pg_class where relname = 'orders'")" 1
    secret_kept "a prompt"
    rm -f "$work/.screen"
fi

# failures talk, too
fresh
PGPASSWORD=wrong$simple run
exits "fault_F43: a wrong password ends with 4" 4
secret_kept "a wrong password"
PGPASSWORD=$simple go run "$folder/plan.yaml" --headless --as anna --answers "$answers" --report "$report" --host "$work/nowhere"
exits "fault_F43: no server ends with 4" 4
secret_kept "no server"
PGPASSWORD=$simple run --port 1
secret_kept "no port"
PGPASSWORD=$simple run --dbname "nowhere$$"
exits "fault_F43: no database ends with 4" 4
secret_kept "no database"
fresh
echo "create table orders (id int); select '$$' || 1 / 0;" >"$folder/001.sql"
PGPASSWORD=$simple run
exits "fault_F43: a failing statement ends with 3" 3
secret_kept "a failing statement"
for words in "conninfo: \"host=$server password=$simple\"" "conninfo: \"postgresql://app_owner:$simple@localhost/db\"" "password: $simple"; do
    small_plan ", $words" "" ""
    go check "$folder/plan.yaml"
    exits "fault_F43: a password in a plan is refused: ${words%%:*}" 2
    lacks "fault_F43: and not repeated: ${words%%:*}" "$out$err" "$simple"
done

# SQL that holds a secret of its own
fresh
echo "create table orders (id int); insert into orders values (1), (2);
create role canary_$$ password '$simple';
alter role canary_$$ with encrypted password '$simple';
do \$\$ begin execute 'alter role canary_$$ password ''$simple'''; end \$\$;" >"$folder/001.sql"
set_password other
sql_hits() { grep -rlFf "$work/secrets" "$report" "$work/.out" "$work/.err" 2>/dev/null; grep -lFf "$work/secrets" "$(run_directory)journal.jsonl"; }
echo 'override: [{ id: 001.D12, reason: this test is about it, by: carla }]' >>"$answers"
PGPASSWORD=other run
exits "fault_F43: CREATE ROLE with a password runs" 0
same "fault_F43: the literal is in no report, log or journal" "$(sql_hits)" ""
go show "$folder/plan.yaml"
lacks "fault_F43: nor in the runbook" "$out" "password '$simple'"
fresh
echo "create table orders (id int); create role canary_$$ password '$simple';" >"$folder/001.sql"
PGPASSWORD=other run
exits "fault_F43: CREATE ROLE that fails ends with 3" 3
same "fault_F43: the literal is in no error either" "$(sql_hits)" ""
same "fault_F43: no command line ever held one" "$(grep -Ff "$work/secrets" "$work/cmdlines" | sort -u | cut -c1-300)" ""
same "fault_F43: the sampler saw the children" "$(grep -c pg_dump "$work/cmdlines" | awk '{ print ($1 > 0) }')" 1
same "fault_F43: no core was dropped" "$(find "$work" -name 'core*' -type f | head -n 1)" ""
finish
