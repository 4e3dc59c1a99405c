#!/bin/bash
# SPDX-License-Identifier: PostgreSQL
#
# new --from: a folder becomes a plan, by the naming of each tool; what is refused.
. "$(dirname "$0")/tap.sh"

file() { # PATH NUMBER
    mkdir -p "$(dirname "$1")"
    echo "create table t$2 (id int);" >"$1"
}
# order NAME WANTED: versions and files of the plan that was printed
order() {
    same "$1" "$(sed -n 's/^  - migration: "\(.*\)"/\1/p; s/^    file: "\(.*\)"/=\1/p; s/^    undo: "\(.*\)"/<\1/p' <<<"$out" | xargs | sed 's/ \([=<]\)/\1/g')" "$2"
}

# plain numbers, each way of naming an undo file
file plain/002_b.sql 2
file plain/002_down.sql 2
file plain/010_c.sql 10
file plain/010_c.down.sql 10
file plain/1_a.sql 1
file plain/rollback/1_a.sql 1
echo hello >plain/README.md
exits "plain numbers" 0 new --from plain
order "in the order of the numbers" "1=plain/1_a.sql<plain/rollback/1_a.sql 002=plain/002_b.sql<plain/002_down.sql 010=plain/010_c.sql<plain/010_c.down.sql"
says "the hash is there" "$out" "sha256: \"$(sha256sum <plain/002_b.sql | cut -d' ' -f1)\""
echo "$out" >plan.yaml
run check plan.yaml
lacks "check finds no error in it" "$out" "error["
exits "a slash at the end is no matter" 0 new --from plain/
order "and gives the same" "1=plain/1_a.sql<plain/rollback/1_a.sql 002=plain/002_b.sql<plain/002_down.sql 010=plain/010_c.sql<plain/010_c.down.sql"

# golang-migrate
file golang/000001_a.up.sql 1
file golang/000001_a.down.sql 1
file golang/000002_b.up.sql 2
exits "golang-migrate" 0 new --from golang
order "up files, with their down files" "000001=golang/000001_a.up.sql<golang/000001_a.down.sql 000002=golang/000002_b.up.sql"

# Flyway
file flyway/V1_10__late.sql 1
file flyway/V1_2__early.sql 2
file flyway/U1_2__early.sql 3
file flyway/V2__next.sql 4
file flyway/R__views.sql 5
exits "Flyway" 0 new --from flyway
order "parts of a version are numbers, repeatable ones come last" "1.2=flyway/V1_2__early.sql<flyway/U1_2__early.sql 1.10=flyway/V1_10__late.sql 2=flyway/V2__next.sql R__views=flyway/R__views.sql"
echo "$out" >plan.yaml
run check plan.yaml
lacks "check takes such versions" "$out" "error["

# Supabase
file supabase/20240131080000_users.sql 1
file supabase/20230101000000_first.sql 2
run new --from supabase
order "Supabase: by time" "20230101000000=supabase/20230101000000_first.sql 20240131080000=supabase/20240131080000_users.sql"

# sqitch: its plan decides
file sqitch/deploy/users.sql 1
file sqitch/deploy/app.sql 2
file sqitch/revert/users.sql 3
printf '%%syntax-version=1.0.0\n%%project=app\n\napp 2024-01-01T00:00:00Z a <a@example.org> # first\n@v1 2024-01-02T00:00:00Z a <a@example.org> # tag\nusers [app] 2024-01-03T00:00:00Z a <a@example.org> # then\n' >sqitch/sqitch.plan
run new --from sqitch
order "sqitch: in the order of its plan" "app=sqitch/deploy/app.sql users=sqitch/deploy/users.sql<sqitch/revert/users.sql"

# dbmate keeps both ways in one file
mkdir dbmate
printf -- '-- migrate:up\ncreate table t (id int);\n\n-- migrate:down\ndrop table t;\n' >dbmate/001_t.sql
exits "a file that takes itself back is refused" 2 new --from dbmate
says "with its line" "$err" 'dbmate/001_t.sql:4: behind "-- migrate:down" the file takes itself back'
says "the reason" "$err" "it would undo itself"
says "and the remedy" "$err" "NAME.down.sql"
same "no plan is printed" "$out" ""
cat >both.yaml <<'PLAN'
version: 1
name: both ways
ledger: { table: schema_migrations, style: dbmate }
targets: [{ id: only, environment: test }]
steps: [{ migration: "001", file: dbmate/001_t.sql, undo: none }]
PLAN
exits "check refuses it in a plan, too" 2 check both.yaml
says "with code and line" "$out" "error[Y606] steps[0].file: dbmate/001_t.sql:4:1:"

# what a person gets wrong
file twice/001_a.sql 1
file twice/1_b.sql 2
exits "two files of one version are refused" 2 new --from twice
says "both are named" "$err" "two files are version 1: twice/001_a.sql and twice/1_b.sql"
mkdir none
exits "a folder without migrations is refused" 2 new --from none
says "what was looked for is told" "$err" "none holds no migration: no file NAME.sql"
exits "a folder that is not there is refused" 2 new --from nowhere
exits "a file is no folder" 2 new --from plan.yaml
exits "a folder elsewhere is refused" 2 new --from /tmp
exits "a folder above is refused" 2 new --from ..
exits "files and a folder together are refused" 2 new --from plain plain/1_a.sql
exits "neither files nor a folder is refused" 2 new
says "both ways are told" "$err" "gonogo new FILE.sql..., or gonogo new --from DIR"
echo "select 'open" >plain/003_bad.sql
exits "a file that cannot be cut is refused" 2 new --from plain
says "with its place" "$err" "plain/003_bad.sql:1:8"
rm plain/003_bad.sql
exits "a target that cannot be reached ends with 4" 4 new --from plain --target "host=/nowhere dbname=x"
same "and prints no plan" "$out" ""
exits "a password on the command line is refused" 2 new --from plain --target "postgresql://a:secret@h/d"
says "and another way is told" "$err" "Use ~/.pgpass"
lacks "it is not repeated" "$err" "secret"
exits "a service that is not known ends with 4" 4 new --from plain --target nosuchservice
finish
