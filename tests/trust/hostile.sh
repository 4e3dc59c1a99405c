#!/bin/bash
# SPDX-License-Identifier: PostgreSQL
#
# A database that means harm: F42 (names, comments, notices, errors and settings that
# carry terminal commands never reach a terminal, a log or a report raw) and F46 (objects
# that stand before the catalog's, and raise when somebody calls them).
. "$(dirname "$0")/../support/window.sh"

# what a terminal obeys: ESC, OSC, C1, CR, BEL, backspace, DEL, bidi, zero width, newline
poison=$'\e[2J\e]0;owned\a\u009b31m\r\b\x7f\u202e\u2066\u200b\ufeff\nok'
quoted=${poison//\'/\'\'}

clean() { # NAME: nothing of the last walk carries a raw byte
    local found
    found=$(raw_bytes "$work/.out" "$work/.err" "$report"/* 2>/dev/null | head -n 3 | cat -v)
    if [ -z "$found" ]; then
        ok "$1"
    else
        not_ok "$1" "$found"
    fi
}

# the witness: the reader of raw bytes sees them where they are
printf '%s\n' "$poison" >"$work/poison"
same "fault_F42: the witness sees raw bytes" "$(raw_bytes "$work/poison" | wc -l)" 1

hostile_world() {
    small_world
    super -d "$database" <<SQL
set role app_owner;
create table "evil$poison" (id int, "col$poison" int);
comment on table customers is '$quoted';
create type "kind$poison" as enum ('a$quoted');
create function "func$poison"() returns int language sql as 'select 1';
create table parent (id int primary key);
create table "child$poison" (id int constraint "key$poison" references parent);
create policy "policy$poison" on customers using (true);
reset role;
alter role app_owner in database $database set application_name = 'a';
alter role app_owner in database $database set app.poison = '$quoted';
SQL
    small_plan "" ""
    edit 's/before: 2, after: 3/before: 5, after: 6/'
}

hostile_world
cat >"$folder/001.sql" <<SQL
create table orders (id int primary key);
insert into orders values (1), (2);
create table "new$poison" (id int);
do \$\$ begin raise notice 'notice %', E'\x1b[2J\x1b]0;owned\x07\r\x9b\u202e\u200b'; raise warning using message = '$quoted', detail = '$quoted', hint = '$quoted'; end \$\$;
SQL
edit 's/after: 6/after: 7/'
# \x9b alone is no UTF-8: the server would refuse the whole file
sed -i 's/\\x9b/\\u009b/' "$folder/001.sql"
walk
exits "fault_F42: a database of hostile names is walked through" 0
clean "fault_F42: no raw byte in log, result or report"
says "fault_F42: the notice is told, made visible" "$err$(cat "$report/report.json")" '\u{202e}'
says "fault_F42: the new table is named, made visible" "$(json '$.changes.new[*].name')" 'new\x1b[2J'
journal=$(run_directory)journal.jsonl
same "fault_F42: the journal holds no control byte" "$(LC_ALL=C grep -caP '[\x00-\x09\x0b-\x1f]' "$journal")" 0
for what in "runs" "status" "report $(basename "$(run_directory)") --report $work/again"; do
    # shellcheck disable=SC2086
    go $what
    same "fault_F42: nor does \`gonogo ${what%% *}\`" "$(raw_bytes "$work/.out" "$work/.err" | wc -l)" 0
done
walk --json
same "fault_F42: nor do JSON Lines" "$(raw_bytes "$work/.out" "$work/.err" | wc -l)" 0

hostile_world
printf "do \$\$ begin raise exception using message = '%s', detail = '%s', hint = '%s', errcode = 'P0001'; end \$\$;\n" \
    "$quoted" "$quoted" "$quoted" >"$folder/001.sql"
walk
exits "fault_F42: a hostile error is an error" 3
clean "fault_F42: and told without a raw byte"
printf 'create table orders (id int); select 1 from "nowhere%s";\n' "$poison" >"$folder/001.sql"
walk
exits "fault_F42: so is one about a hostile name" 3
clean "fault_F42: told without a raw byte, too"

# a check's value, a blocker's application_name and query, a file's own bytes
hostile_world
edit "s|sql: select count(\*) from orders, equals: 2|sql: \"select chr(27) \|\| '[2J' \|\| chr(8238) \|\| chr(155)\", equals: 2, show: true|"
walk
exits "fault_F42: a hostile value fails its check" 5
clean "fault_F42: and is shown without a raw byte"
hostile_world
edit 's|^rollback:|safety: { lock_timeout: 300ms }\n&|'
echo 'create table orders (id int); alter table customers add column more int;' >"$folder/001.sql"
PGAPPNAME=$poison super -d "$database" -c "begin; lock table customers in row exclusive mode; select 1 as \"$poison\"; select pg_sleep(60)" >/dev/null 2>&1 &
children+=("$!")
meets "select count(*) from pg_locks where relation = 'customers'::regclass and mode = 'RowExclusiveLock' and granted" 1
walk
exits "fault_F42: a hostile blocker blocks" 3
clean "fault_F42: and is named without a raw byte"
db "select pg_terminate_backend(pid) from pg_locks where relation = 'customers'::regclass" >/dev/null

# on a terminal, as a person sees it
hostile_world
printf "do \$\$ begin raise notice '%s'; end \$\$; select 1 from \"nowhere%s\";\n" "$quoted" "$poison" >"$folder/001.sql"
if command -v script >/dev/null; then
    (
        # the typed name of the database, then whatever is asked
        for ((i = 0; i < 40; i++)); do
            sleep 0.1
            printf '1\n%s\n' "$database" 2>/dev/null || break
        done
    ) | PGUSER=app_owner PGDATABASE=$database timeout 30 script -qec \
        "'$GONOGO' run '$folder/plan.yaml' --plain --report '$report'" /dev/null >"$work/.screen" 2>&1
    # the line discipline's own CR LF, and the answers it echoes, are not ours
    tr -d '\r' <"$work/.screen" >"$work/.plain"
    same "fault_F42: no raw byte on a plain terminal" "$(raw_bytes "$work/.plain" | cat -v | head -n 3)" ""
    says "fault_F42: the plain terminal saw the run" "$(tr -d '\0' <"$work/.plain")" "small plan"
fi

# a hostile plan is met before any server is
small_world
printf 'name: "\\e[2J\\u202e"\n' >>"$folder/plan.yaml"
go check "$folder/plan.yaml"
same "fault_F42: a hostile plan is refused without a raw byte" "$code|$(raw_bytes "$work/.out" "$work/.err" | wc -l)" "2|0"
cp "$folder/plan.yaml" "$folder/$(printf 'a\eb.yaml')"
go check "$folder/$(printf 'a\eb.yaml')"
same "fault_F42: so is a hostile file name" "$(raw_bytes "$work/.out" "$work/.err" | wc -l)" 0

# ---- F46: everything that our own queries could meet by a careless name
shadow_world() {
    week1_world
    super -d "$database" <<'SQL'
create function public.trap() returns int language plpgsql as
    $$ begin raise exception 'a shadow object was called'; end $$;
SQL
    local name columns
    for name in pg_class pg_namespace pg_constraint pg_policy pg_index pg_attribute pg_proc pg_type \
        pg_trigger pg_enum pg_database pg_roles pg_settings pg_stat_activity pg_locks \
        pg_stat_database pg_tables pg_policies pg_stat_replication pg_depend pg_extension \
        pg_sequence pg_stat_user_tables pg_stat_statements pg_inherits pg_attrdef pg_description; do
        columns=$(db "select string_agg(format('public.trap()::text::%s as %I', 'text', attname), ', ' order by attnum)
            from pg_attribute where attrelid = 'pg_catalog.$name'::regclass and attnum > 0" 2>/dev/null)
        [ -n "$columns" ] || columns='public.trap() as oid'
        # in a schema before the catalog, so that the counts stay what the plan expects
        echo "create schema if not exists shadow; grant usage on schema shadow to public;
            create view shadow.$name as select $columns; grant select on shadow.$name to public;"
    done | super -d "$database" 2>&1 | grep -v 'already exists'
    super -d "$database" <<'SQL'
set client_min_messages = error;
create function shadow.raise_any(anyelement, anyelement) returns boolean language plpgsql as
    $$ begin raise exception 'a shadow operator was called'; end $$;
create function shadow.count(text) returns bigint language plpgsql as $$ begin return public.trap(); end $$;
create function shadow.now() returns timestamptz language plpgsql as $$ begin perform public.trap(); return null; end $$;
create function shadow.clock_timestamp() returns timestamptz language plpgsql as $$ begin perform public.trap(); return null; end $$;
create function shadow.current_database() returns name language plpgsql as $$ begin perform public.trap(); return null; end $$;
create function shadow.current_setting(text) returns text language plpgsql as $$ begin perform public.trap(); return null; end $$;
create function shadow.current_setting(text, boolean) returns text language plpgsql as $$ begin perform public.trap(); return null; end $$;
create function shadow.set_config(text, text, boolean) returns text language plpgsql as $$ begin perform public.trap(); return null; end $$;
create function shadow.pg_backend_pid() returns int language plpgsql as $$ begin return public.trap(); end $$;
create function shadow.pg_is_in_recovery() returns boolean language plpgsql as $$ begin perform public.trap(); return null; end $$;
create function shadow.pg_try_advisory_lock(bigint) returns boolean language plpgsql as $$ begin perform public.trap(); return true; end $$;
create function shadow.pg_try_advisory_lock(int, int) returns boolean language plpgsql as $$ begin perform public.trap(); return true; end $$;
create function shadow.pg_blocking_pids(int) returns int[] language plpgsql as $$ begin perform public.trap(); return null; end $$;
create function shadow.pg_current_xact_id() returns xid8 language plpgsql as $$ begin perform public.trap(); return null; end $$;
create function shadow.pg_current_xact_id_if_assigned() returns xid8 language plpgsql as $$ begin perform public.trap(); return null; end $$;
create function shadow.pg_xact_status(xid8) returns text language plpgsql as $$ begin perform public.trap(); return null; end $$;
create function shadow.pg_export_snapshot() returns text language plpgsql as $$ begin perform public.trap(); return null; end $$;
create function shadow.pg_database_size(name) returns bigint language plpgsql as $$ begin perform public.trap(); return null; end $$;
create function shadow.pg_get_constraintdef(oid) returns text language plpgsql as $$ begin perform public.trap(); return null; end $$;
create function shadow.pg_get_indexdef(oid) returns text language plpgsql as $$ begin perform public.trap(); return null; end $$;
create function shadow.pg_get_expr(pg_node_tree, oid) returns text language plpgsql as $$ begin perform public.trap(); return null; end $$;
create function shadow.format_type(oid, int) returns text language plpgsql as $$ begin perform public.trap(); return null; end $$;
create function shadow.quote_ident(text) returns text language plpgsql as $$ begin perform public.trap(); return null; end $$;
create function shadow.format(text, variadic "any") returns text language internal as 'text_format';
create operator shadow.= (leftarg = anyelement, rightarg = anyelement, function = shadow.raise_any);
create operator shadow.<> (leftarg = anyelement, rightarg = anyelement, function = shadow.raise_any);
create function shadow.raise_names(name, name) returns boolean language plpgsql as $$ begin perform public.trap(); return null; end $$;
create operator shadow.= (leftarg = name, rightarg = name, function = shadow.raise_names);
create function shadow.raise_oids(oid, oid) returns boolean language plpgsql as $$ begin perform public.trap(); return null; end $$;
create operator shadow.= (leftarg = oid, rightarg = oid, function = shadow.raise_oids);
create function shadow.raise_text(text, text) returns boolean language plpgsql as $$ begin perform public.trap(); return null; end $$;
create operator shadow.= (leftarg = text, rightarg = text, function = shadow.raise_text);
grant execute on all functions in schema shadow to public;
SQL
    # the role's and the database's own search_path lead there, before the catalog
    super -d postgres -c "alter role app_owner in database $database set search_path = shadow, pg_catalog, public"
    super -d postgres -c "alter database $database set search_path = shadow, pg_catalog, public"
    # trap() is a function more in public: into the shadow with it
    super -d "$database" -c 'alter function public.trap() set schema shadow' -c 'create schema trapped'
}
shadow_world
same "fault_F46: the witness: a careless query is caught" \
    "$(super -d "$database" -U app_owner -c 'select count(*) from pg_class where relname = (select relname from pg_class limit 1)' 2>&1 |
        grep -c 'ERROR')" 1
timed_walk
exits "fault_F46: the whole walk passes by all of them" 0
same "fault_F46: all twelve checks pass" "$(json '$.verification.passed')" 12
lacks "fault_F46: none was called" "$err" "shadow"
go check "$folder/plan.yaml" --db
lacks "fault_F46: nor by the preflight" "$err$out" "shadow"
drop_database "$database"

# the same in the plan's own schema: what the plan's search_path can reach
small_world
super -d "$database" <<'SQL'
create function public.count(int) returns bigint language plpgsql as $$ begin raise exception 'shadow'; end $$;
create function public.lower(varchar) returns text language plpgsql as $$ begin raise exception 'shadow'; end $$;
create function public.coalesce_text(text) returns text language sql as $$ select 'x' $$;
create view public.pg_stat_activity as select 1 / 0 as pid;
create view public.pg_locks as select 1 / 0 as pid;
grant all on all tables in schema public to public;
SQL
walk
exits "fault_F46: shadows in public are passed by, too" 0
nothing_left "fault_F46: nothing is left on the server"
finish
