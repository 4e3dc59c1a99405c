#!/bin/bash
# books.sh: the demo plan keeps its word.
#
# Loads plans/week1-wednesday/seed.sql into a throw-away PostgreSQL on a private
# socket, as a role that owns its database and nothing else, and checks every
# number of the plan: before, after 011, after 012, after a second run of each,
# after the undo and after the re-creation. Then it breaks one thing at a time
# and asks whether the check that should notice does.
#
# Prints TAP; ends with 1 when anything failed. Stops its server by pid and
# removes its directory, however it ends.

set -u
export LC_ALL=C
for v in $(env | sed -n 's/^\(PG[A-Z]*\)=.*/\1/p'); do unset "$v"; done

HERE=$(cd "$(dirname "$0")" && pwd)
PLAN=$(cd "$HERE/../../plans/week1-wednesday" && pwd)

# ---------------------------------------------------------------- TAP

N=0
FAILED=0

ok() {                                   # ok NAME: the last command's status decides
    local status=$?
    N=$((N + 1))
    if [ "$status" = 0 ]; then
        echo "ok $N - $1"
    else
        echo "not ok $N - $1"
        FAILED=$((FAILED + 1))
    fi
}

is() {                                   # is NAME GOT WANT
    [ "$2" = "$3" ]
    ok "$1"
    if [ "$2" != "$3" ]; then
        printf '%s\n' "got:  $2" "want: $3" | sed 's/^/#   /'
    fi
}

isnt() {                                 # isnt NAME GOT UNWANTED: an answer, no error, and another one
    case $2 in
    '' | *ERROR* | "$3") false ;;
    *) true ;;
    esac
    ok "$1"
}

bail() {
    echo "Bail out! $1"
    exit 1
}

# ------------------------------------------------------- throw-away server

B=
for d in "$(pg_config --bindir 2>/dev/null)" $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -t/ -k5,5nr); do
    if [ -n "$d" ] && [ -x "$d/postgres" ] && [ -x "$d/initdb" ]; then
        B=$d
        break
    fi
done
[ -n "$B" ] || bail "no PostgreSQL server binaries: install the package postgresql"

SERVER=
D=$(mktemp -d /tmp/books.XXXXXX) || bail "cannot make a directory under /tmp"
cleanup() {
    if [ -n "$SERVER" ]; then
        kill -QUIT "$SERVER" 2>/dev/null
        wait "$SERVER" 2>/dev/null
    fi
    cd /
    rm -rf "$D"
}
trap cleanup EXIT
trap 'exit 1' HUP INT TERM

RUN=
if [ "$(id -u)" = 0 ]; then
    U=postgres
    id $U >/dev/null 2>&1 || U=nobody
    chown $U "$D"
    RUN="setpriv --reuid=$U --regid=$(id -g $U) --clear-groups --pdeathsig INT"
fi
chmod 755 "$D"
cd "$D" || bail "cannot enter $D"
$RUN env LC_ALL=C "$B/initdb" -D "$D/d" -U postgres -A trust --no-sync \
    --locale=C -E UTF8 >"$D/initdb.log" 2>&1 || bail "initdb failed: $(tail -1 "$D/initdb.log")"
$RUN "$B/postgres" -D "$D/d" -c listen_addresses= -c unix_socket_directories="$D" -c fsync=off \
    -c synchronous_commit=off -c full_page_writes=off -c dynamic_shared_memory_type=mmap -c autovacuum=off -c timezone=UTC \
    -c max_locks_per_transaction=256 >"$D/log" 2>&1 &
SERVER=$!
tries=0
until "$B/pg_isready" -q -h "$D"; do
    kill -0 "$SERVER" 2>/dev/null || bail "the server did not start: $(tail -1 "$D/log")"
    tries=$((tries + 1))
    [ $tries -lt 3000 ] || bail "the server is not ready after a minute"
    sleep 0.02
done

# ------------------------------------------------------------- small tools

as_owner() { "$B/psql" -X -q -h "$D" -U app_owner -v ON_ERROR_STOP=1 "$@"; }
as_super() { "$B/psql" -X -q -h "$D" -U postgres -v ON_ERROR_STOP=1 "$@"; }
value()    { as_owner -At -d "$1" -c "$2" 2>&1; }                  # value DB SQL
ask()      { as_owner -At -d "$1" -f "$PLAN/sql/$2.sql" 2>&1; }    # ask DB QUERY-NAME

migrate() {                              # migrate DB FILE: one transaction, as gonogo runs it
    as_owner -d "$1" -1 -f "$PLAN/migrations/$2.sql" >"$D/out" 2>&1
}

copy_of() {                              # copy_of NEW OLD
    as_super -d postgres -c "create database $1 template $2 owner app_owner" ||
        bail "cannot copy database $2"
}

# Breaks something, asks, and takes it back. As the superuser where the owner
# could not do such damage.
broken() {                               # broken DB MUTATION QUERY-TEXT
    as_owner -At -d "$1" -c "begin; $2; $3; rollback" 2>&1
}
broken_by_super() {
    as_super -At -d "$1" -c "begin; $2; $3; rollback" 2>&1
}
query() { sed 's/--.*$//; s/;[[:space:]]*$//' "$PLAN/sql/$1.sql"; }

# The program's own counts, as the plan format defines them.
NINE="'quests','quest_moves','quest_milestones','capability_nodes','maneuver_prerequisites','quick_wins','cohort_relations','move_decisions','notifications'"
TABLES="select count(*) from pg_class where relkind in ('r','p') and not relispartition and relnamespace='public'::regnamespace"
KEYS="select count(*) from pg_constraint where contype='f' and conparentid=0 and connamespace='public'::regnamespace"
POLICIES="select count(*) from pg_policy p join pg_class t on t.oid=p.polrelid where t.relnamespace='public'::regnamespace"
RLS="select count(*) from pg_class where relrowsecurity and relkind in ('r','p') and relnamespace='public'::regnamespace"
IDLE_POLICIES="select count(*) from pg_policy p join pg_class t on t.oid=p.polrelid where not t.relrowsecurity"
REMOVED="select count(*) from pg_class where relkind in ('r','p') and relnamespace='public'::regnamespace and relname in ($NINE)"
ORPHANS="select coalesce(sum((xpath('/row/n/text()', query_to_xml(format(
    'select count(*) as n from %s c where c.%I is not null and not exists (select from %s p where p.%I = c.%I)',
    k.conrelid::regclass, ca.attname, k.confrelid::regclass, pa.attname, ca.attname), false, true, '')))[1]::text::bigint), 0)
    from pg_constraint k
    join pg_attribute ca on ca.attrelid=k.conrelid and ca.attnum=k.conkey[1]
    join pg_attribute pa on pa.attrelid=k.confrelid and pa.attnum=k.confkey[1]
    where k.contype='f' and k.connamespace='public'::regnamespace"
ROWS="select string_agg(relname || '=' || (xpath('/row/n/text()', query_to_xml(format('select count(*) as n from public.%I', relname), false, true, '')))[1]::text, ' ' order by relname)
    from pg_class where relkind='r' and relnamespace='public'::regnamespace and relname not in ($NINE)"

books() {                                # tables keys policies rls conflicts unused
    echo "$(value "$1" "$TABLES") $(value "$1" "$KEYS") $(value "$1" "$POLICIES") $(value "$1" "$RLS") $(ask "$1" conflicts) $(ask "$1" unused)"
}

dump_schema() {                          # what pg_dump -s says, less what differs from dump to dump
    "$B/pg_dump" -s -h "$D" -U app_owner "$1" | sed '/^--/d; /^$/d; /^\\/d; /^SET /d; /set_config/d'
}

rows_digest() {                          # one line per table: name, rows, digest of all rows
    as_owner -At -d "$1" -c "select format('select %L, count(*), md5(coalesce(string_agg(t::text, E''\n'' order by t::text collate \"C\"), '''')) from public.%I t;', relname, relname)
        from pg_class where relkind='r' and relnamespace='public'::regnamespace and ($2) order by relname" |
        as_owner -At -d "$1"
}

identities() {                           # oids and storage: a second run may not even replace like by like
    value "$1" "select md5(string_agg(x, ' ' order by x)) from (
        select 'c' || oid || relname || relfilenode || relrowsecurity || relnatts as x from pg_class where relnamespace='public'::regnamespace
        union all select 'k' || oid || conname from pg_constraint where connamespace='public'::regnamespace
        union all select 'p' || oid || polname from pg_policy
        union all select 'a' || attrelid || attname || attnum || atttypid || atttypmod || attnotnull from pg_attribute
                  where attrelid in (select oid from pg_class where relnamespace='public'::regnamespace)) s"
}

names() {                                # names DB KIND
    case $2 in
    keys)     value "$1" "select conname from pg_constraint where contype='f' and connamespace='public'::regnamespace" ;;
    policies) value "$1" "select t.relname || '.' || p.polname from pg_policy p join pg_class t on t.oid=p.polrelid" ;;
    rls)      value "$1" "select relname from pg_class where relrowsecurity" ;;
    indexes)  value "$1" "select relname from pg_class where relkind='i' and relnamespace='public'::regnamespace" ;;
    columns)  value "$1" "select t.relname || '.' || a.attname from pg_attribute a join pg_class t on t.oid=a.attrelid where t.relkind='r' and t.relnamespace='public'::regnamespace and a.attnum>0 and not a.attisdropped" ;;
    code)     value "$1" "select 'view ' || c.relname || md5(pg_get_viewdef(c.oid)) from pg_class c where c.relkind='v' and c.relnamespace='public'::regnamespace
                  union all select 'function ' || p.oid::regprocedure || md5(pg_get_functiondef(p.oid)) from pg_proc p where p.pronamespace='public'::regnamespace
                  union all select 'trigger ' || t.tgname || md5(pg_get_triggerdef(t.oid)) from pg_trigger t where not t.tgisinternal
                  union all select 'enum ' || e.enumtypid::regtype || e.enumlabel from pg_enum e" ;;
    esac | sort
}

new_names()  { comm -13 <(names "$1" "$3") <(names "$2" "$3") | paste -sd, -; }
gone_names() { comm -23 <(names "$1" "$3") <(names "$2" "$3") | paste -sd, -; }
declared()   {                           # declared KIND: the new members that plan.yaml lists
    sed -n "/^    - what: $1\$/{n;s/^ *new: \[\(.*\)\].*/\1/p}" "$PLAN/plan.yaml" |
        sed 's/, /\n/g' | sort | paste -sd, -
}

# --------------------------------------------------- the plan as a document

P=$PLAN/plan.yaml
named=$( { sed -n 's/.*\bfile: \([a-z0-9_\/.]*\.sql\).*/\1/p; s/^ *undo: \([a-z0-9_\/.]*\.sql\).*/\1/p; s/.*seed: \([a-z0-9_\/.]*\.sql\).*/\1/p' "$P"; } | sort -u)
missing=
for f in $named; do [ -s "$PLAN/$f" ] || missing="$missing $f"; done
is "row_C1 every file that the plan names is there" "$missing" ""
is "row_C1 every SQL file beside the plan is named by it" \
    "$(cd "$PLAN" && ls -- *.sql sql/*.sql migrations/*.sql | sort | paste -sd' ' -)" "$(echo $named)"
is "row_C2 the plan's date is the weekday it says" \
    "$(date -u -d "$(sed -n 's/.*date: "\([0-9-]*\)".*/\1/p' "$P")" +%a | tr 'A-Z' 'a-z')" \
    "$(sed -n 's/.*weekday: \([a-z]*\),.*/\1/p' "$P")"
is "row_C3 sha256 of 011 and 012 in the plan are those of the files" \
    "$(sed -n 's/^ *sha256: "\([0-9a-f]\{64\}\)".*/\1/p' "$P" | paste -sd' ' -)" \
    "$(sha256sum "$PLAN/migrations/011_fix_migration_conflicts.sql" "$PLAN/migrations/012_remove_unused_features.sql" | cut -c1-64 | paste -sd' ' -)"
is "row_C4 the plan has 12 verification checks, each with a name" \
    "$(grep -c '{ id: Q[0-9][0-9], name: ' "$P") $(grep -o 'id: Q[0-9][0-9]' "$P" | sort -u | wc -l)" "12 12"
is "row_C1 the plan has 8 items before the window" "$(grep -c '{ id: c[0-9], gate: prep' "$P")" 8
is "row_C8 the plan has 6 go/no-go questions" "$(grep -c '{ id: a[0-9], gate: poll' "$P")" 6
is "row_C6 the plan has 3 ways back" "$(sed -n '/^rollback:/,/^$/p' "$P" | grep -c '{ id: ')" 3
is "row_C7 criteria stand in four groups" \
    "$(sed -n 's/.*{ group: \([a-z]*\),.*/\1/p' "$P" | uniq | paste -sd' ' -)" "execution verification application timeline"
dangling=
for c in $(sed -n 's/.*{ group: .*  *check: \([A-Z0-9-]*\) }.*/\1/p' "$P"); do grep -q "{ id: $c, name: " "$P" || dangling="$dangling $c"; done
for c in $(sed -n 's/.*{ group: .*  *count: \([a-z_]*\) }.*/\1/p' "$P"); do grep -Eq "what: $c,|id: $c," "$P" || dangling="$dangling $c"; done
for c in $(sed -n 's/.*{ group: .*  *limit: \([a-z_]*\) }.*/\1/p' "$P"); do grep -q "^limits: .*$c: " "$P" || dangling="$dangling $c"; done
for c in $(sed -n 's/.*{ group: .*  *probe: \([a-z_]*\) }.*/\1/p' "$P"); do grep -Eq "id: $c, +(builtin|log|http): " "$P" || dangling="$dangling $c"; done
for c in $(sed -n 's/.*{ group: .*  *attest: \([a-z_]*\) }.*/\1/p' "$P"); do grep -Eq "id: $c, +title: " "$P" || dangling="$dangling $c"; done
is "row_C7 what each criterion is judged by is in the plan" "$dangling" ""
is "row_C7 each criterion is judged by one thing" "$(grep -c '{ group: ' "$P")" "$(grep -Ec '\{ group: .*, +(check|count|limit|probe|attest): [A-Za-z0-9_-]+ \}' "$P")"
is "row_C8 answers override exactly the items that want a rehearsal" \
    "$(sed -n '/^override:/,/^$/s/.*{ id: \([a-z0-9]*\),.*/\1/p' "$PLAN/answers.yaml" | sort | paste -sd' ' -)" \
    "$(sed -n 's/.*{ id: \([a-z0-9]*\),.*proof: rehearsal.*/\1/p' "$P" | sort | paste -sd' ' -)"
is "row_C8 answers cover exactly the items that want a note" \
    "$(sed -n '/^checklist:/,/^$/s/.*{ id: \([a-z0-9]*\),.*/\1/p' "$PLAN/answers.yaml" | sort | paste -sd' ' -)" \
    "$(sed -n 's/.*{ id: \([a-z0-9]*\),.*proof: note.*/\1/p' "$P" | sort | paste -sd' ' -)"
is "row_C8 every role that votes has a vote in the answers" \
    "$(sed -n 's/.*role: \([a-z]*\), *vote: GO.*/\1/p' "$PLAN/answers.yaml" | paste -sd' ' -)" \
    "$(sed -n 's/.*{ id: \([a-z]*\), *title:.*votes: true.*/\1/p' "$P" | paste -sd' ' -)"
! grep -n '^\\' "$PLAN"/*.sql "$PLAN"/sql/*.sql "$PLAN"/migrations/*.sql >/dev/null
ok "rule_T8 no file has a psql command"
! grep -Ein '^[[:space:]]*(begin|commit|rollback|start transaction)[[:space:]]*;' "$PLAN"/migrations/*.sql >/dev/null
ok "rule_T1 no migration has transaction control of its own"
! sed 's/--.*$//' "$PLAN"/migrations/*.sql "$PLAN"/seed.sql | grep -Eiq '\brandom\(|force row level|gen_random|drop .* cascade;'
ok "row_C1 nothing random, no FORCE RLS and no DROP CASCADE"
is "row_C3 012 has one DROP TABLE for each of the nine" \
    "$(sed -n 's/^drop table if exists public\.\([a-z_]*\);$/\1/p' "$PLAN/migrations/012_remove_unused_features.sql" | sort | paste -sd' ' -)" \
    "$(echo "$NINE" | tr -d "'" | tr ',' '\n' | sort | paste -sd' ' -)"

printf '{\n "event": "hold"\n}\n' | GONOGO_NOTIFY_LOG=$D/notify "$PLAN/hooks/notify-team"
printf '{"event": "done"}' | GONOGO_NOTIFY_LOG=$D/notify "$PLAN/hooks/notify-team"
is "row_C9 the hook appends one line per event" "$(wc -l <"$D/notify") $(grep -c '"event": "' "$D/notify")" "2 2"
echo '{"event": "done"}' | "$PLAN/hooks/notify-team"
ok "row_C9 the hook is content without a log"

# --------------------------------------------------------------- the seed

as_super -d postgres -c 'create role app_owner login' -c 'create role app_reader login' \
    -c 'create database seed owner app_owner' -c 'create database seed_again owner app_owner' ||
    bail "cannot create roles and databases"
is "row_C1 the owner is no superuser and may create nothing outside" \
    "$(value seed "select rolsuper, rolcreaterole, rolcreatedb, rolbypassrls, rolreplication from pg_roles where rolname = current_user")" "f|f|f|f|f"

as_owner -d seed -f "$PLAN/seed.sql" >"$D/out" 2>&1
ok "row_C1 seed loads as the owner, statement by statement"
is "row_C1 seed loads without a word" "$(cat "$D/out")" ""
# As one message, elsewhere on the planet: still the same rows.
PGTZ=Asia/Tokyo PGDATESTYLE='SQL, DMY' as_owner -d seed_again -c "$(cat "$PLAN/seed.sql")" >"$D/out" 2>&1
ok "row_C1 seed loads as one message in another time zone"
rows_digest seed true >"$D/rows.seed"
is "row_C1 two loads give the same rows" "$(rows_digest seed_again true | cksum)" "$(cksum <"$D/rows.seed")"
is "row_C1 two loads give the same schema" "$(dump_schema seed_again | cksum)" "$(dump_schema seed | cksum)"
as_super -d postgres -c 'drop database seed_again'

is "row_C1 seed has 52 tables" "$(value seed "$TABLES")" 52
is "row_C1 seed has 38 foreign keys" "$(value seed "$KEYS")" 38
is "row_C1 seed has 16 policies" "$(value seed "$POLICIES")" 16
is "row_C1 seed has RLS on 14 tables" "$(value seed "$RLS")" 14
is "row_C1 seed has 3 conflicts" "$(ask seed conflicts)" 3
is "row_C1 seed has 9 unused tables" "$(ask seed unused)" 9
is "row_C1 seed as the source document counts it" \
    "$(value seed "select count(*) from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'")" 52
[ "$(awk -F'|' '{n += $2} END {print n}' "$D/rows.seed")" -ge 200000 ]
ok "row_C1 seed has at least 200,000 rows"
is "row_C1 no table of the seed is empty" "$(awk -F'|' '$2 == 0 {print $1}' "$D/rows.seed")" ""
is "row_C1 3 keys, 1 policy and 14 indexes are on the nine" \
    "$(value seed "select (select count(*) from pg_constraint k join pg_class t on t.oid = k.conrelid where k.contype = 'f' and t.relname in ($NINE)),
                          (select count(*) from pg_policy p join pg_class t on t.oid = p.polrelid where t.relname in ($NINE)),
                          (select count(*) from pg_index i join pg_class t on t.oid = i.indrelid where t.relname in ($NINE))")" "3|1|14"
is "row_C1 no key leads from or to the nine" \
    "$(value seed "select count(*) from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_class p on p.oid = k.confrelid
                   where k.contype = 'f' and (c.relname in ($NINE)) <> (p.relname in ($NINE))")" 0
is "row_C1 nothing but themselves depends on the nine" \
    "$(value seed "select count(*) from pg_depend d join pg_class t on t.oid = d.refobjid
                   join pg_rewrite r on r.oid = d.objid where d.refclassid = 'pg_class'::regclass
                   and d.classid = 'pg_rewrite'::regclass and t.relname in ($NINE)")" 0
is "row_C1 the ledger has its 8 columns in order" \
    "$(value seed "select string_agg(attname || ' ' || format_type(atttypid, null), ', ' order by attnum) from pg_attribute where attrelid = 'public.schema_migrations'::regclass and attnum > 0")" \
    "version text, description text, applied_at timestamp with time zone, checksum text, duration_ms bigint, applied_by text, run_id text, journal_head text"
is "row_D1 the ledger holds 001 to 010" \
    "$(value seed "select string_agg(version, ' ' order by version) from public.schema_migrations")" "001 002 003 004 005 006 007 008 009 010"
is "row_C1 no orphan in the seed" "$(value seed "$ORPHANS")" 0
is "row_C1 no table forces RLS on its owner" "$(value seed "select count(*) from pg_class where relforcerowsecurity")" 0
is "row_C1 everything belongs to the owner" \
    "$(value seed "select count(*) from pg_class where relnamespace = 'public'::regnamespace and relowner <> current_user::regrole")" 0

# What 011 will add keys to must not need a repair first.
is "row_C1 the rows that 011 ties together already agree on their workspace" \
    "$(value seed "select (select count(*) from agent_recommendations r join agents a on a.id = r.agent_id join campaigns c on c.id = r.campaign_id where a.workspace_id <> c.workspace_id),
                          (select count(*) from agent_trust_scores s join agents a on a.id = s.agent_id where s.workspace_id <> a.workspace_id),
                          (select count(*) from competitors k where not exists (select from workspace_members m where m.workspace_id = k.workspace_id and m.user_id = k.created_by))")" "0|0|0"

"$B/pg_dump" -Fc -h "$D" -U app_owner -f "$D/seed.dump" seed 2>"$D/out"
ok "row_C6 the owner can dump all of it"
as_super -d postgres -c 'create database restored owner app_owner'
"$B/pg_restore" -h "$D" -U app_owner -d restored --no-owner --exit-on-error "$D/seed.dump" >"$D/out" 2>&1
ok "row_C6 the owner can restore all of it"
is "row_C6 the restored database has the same books" "$(books restored)" "52 38 16 14 3 9"
is "row_C6 the restored database has the same rows" "$(rows_digest restored true | cksum)" "$(cksum <"$D/rows.seed")"
as_super -d postgres -c 'drop database restored'

for q in "$PLAN"/sql/*.sql; do
    q=$(basename "$q" .sql)
    printf 'prepare p as\n%s;\nset transaction read only; execute p;\n' "$(query "$q")" >"$D/prepare.sql"
    as_owner -d seed -1 -f "$D/prepare.sql" >"$D/out" 2>&1
    ok "row_C4 $q is one query, ready before 011 and read-only"
    grep -q 'ERROR' "$D/out" && sed 's/^/#   /' "$D/out"
done

# Every check gives something else before than what the plan wants after.
is "row_C3 before: V011-1 finds no column" "$(ask seed v011_1)" 0
V011_2=$(sed -n 's/.*id: V011-2.*sql: \(select .*\), equals: 0.*/\1/p' "$P")
is "row_C3 before: V011-2 finds 4080 scores without workspace" "$(value seed "$V011_2")" 4080
is "row_C4 before: Q01 finds no column" "$(ask seed q01)" 0
is "row_C4 before: Q02 finds 4080 scores astray" "$(ask seed q02)" 4080
is "row_C4 before: Q03 does not find competitors as agreed" "$(ask seed q03)" 0
is "row_C4 before: Q05 finds the nine" "$(value seed "$REMOVED")" 9
is "row_C4 before: Q08 has nothing to say" "$(ask seed q08)" ""
is "row_C4 before: Q12 has nothing to say" "$(value seed "$IDLE_POLICIES")" 0
rows_before=$(value seed "$ROWS")

# --------------------------------------------------------------------- 011

copy_of after_011 seed
storage_before=$(value after_011 "select relfilenode from pg_class where oid = 'public.competitors'::regclass")
migrate after_011 011_fix_migration_conflicts
ok "row_C3 011 runs"
is "row_C3 011 gives no warning" "$(grep -c WARNING "$D/out")" 0
is "row_C3 books after 011: 52 tables, 45 keys, 19 policies, 16 with RLS, 0 conflicts, 9 unused" "$(books after_011)" "52 45 19 16 0 9"
is "row_C3 011 does not rewrite competitors" "$(value after_011 "select relfilenode from pg_class where oid = 'public.competitors'::regclass")" "$storage_before"
is "row_C3 after 011: V011-1 finds 3 columns" "$(ask after_011 v011_1)" 3
is "row_C3 after 011: V011-2 finds every workspace filled" "$(value after_011 "$V011_2")" 0
for kind in foreign_keys:keys rls_policies:policies tables_with_rls:rls indexes:indexes columns:columns; do
    is "row_C5 011 adds exactly the ${kind%:*} that the plan declares" "$(new_names seed after_011 "${kind#*:}")" "$(declared "${kind%:*}")"
    is "row_C5 011 takes away none of the ${kind%:*}" "$(gone_names seed after_011 "${kind#*:}")" ""
done
is "row_C3 competitors keeps its old policy" "$(value after_011 "select string_agg(polname, ', ' order by polname) from pg_policy where polrelid = 'public.competitors'::regclass")" "members read, workspace read"
is "row_C3 011 fills outcomes from decisions and ratings" \
    "$(value after_011 "select count(*) from agent_recommendations where outcome_status is distinct from coalesce(decision, 'pending') or outcome_quality_score is distinct from rating * 20")" 0
is "row_C3 011 touches no other table's rows" \
    "$(rows_digest after_011 "relname not in ('agent_recommendations', 'agent_trust_scores')" | cksum)" \
    "$(grep -v '^agent_recommendations|\|^agent_trust_scores|' "$D/rows.seed" | cksum)"

was="$(identities after_011) $(rows_digest after_011 true | cksum)"
migrate after_011 011_fix_migration_conflicts
ok "row_D6 011 runs again"
is "row_D6 a second 011 changes nothing, not even an oid" "$(identities after_011) $(rows_digest after_011 true | cksum)" "$was"

copy_of undone after_011
migrate undone 011_down
ok "row_C6 the undo of 011 runs"
is "row_C6 the undo brings the books back" "$(books undone)" "52 38 16 14 3 9"
is "row_C6 the undo brings the catalog back, column for column" "$(dump_schema undone | cksum)" "$(dump_schema seed | cksum)"
is "row_C6 the undo loses no row of a kept table" "$(value undone "$ROWS")" "$rows_before"
migrate undone 011_down
ok "row_D6 the undo runs again"
is "row_D6 a second undo changes nothing" "$(dump_schema undone | cksum)" "$(dump_schema seed | cksum)"
migrate undone 011_fix_migration_conflicts
is "row_C6 011 runs after its undo" "$(books undone)" "52 45 19 16 0 9"
is "row_C6 and leads to the same catalog" "$(dump_schema undone | sort | cksum)" "$(dump_schema after_011 | sort | cksum)"
as_super -d postgres -c 'drop database undone'

# --------------------------------------------------------------------- 012

copy_of after_012 after_011
migrate after_012 012_remove_unused_features
ok "row_C3 012 runs"
is "row_C3 012 gives no warning" "$(grep -c WARNING "$D/out")" 0
is "row_C1 books after 012: 43 tables, 42 keys, 18 policies, 15 with RLS, 0 conflicts, 0 unused" "$(books after_012)" "43 42 18 15 0 0"
is "row_C1 the source document's own count says 43" \
    "$(value after_012 "select count(*) from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'")" 43
is "row_C5 012 takes away three keys" "$(gone_names after_011 after_012 keys)" "maneuver_prerequisites_capability_node_id_fkey,quest_milestones_quest_id_fkey,quest_moves_quest_id_fkey"
is "row_C5 012 takes away one policy" "$(gone_names after_011 after_012 policies)" "notifications.own rows"
is "row_C5 012 takes away fourteen indexes" "$(gone_names after_011 after_012 indexes | tr ',' '\n' | wc -l)" 14
is "row_C5 012 adds nothing" "$(new_names after_011 after_012 keys)$(new_names after_011 after_012 policies)$(new_names after_011 after_012 indexes)$(new_names after_011 after_012 columns)" ""
is "row_C5 views, functions, triggers and enums are as before" "$(names after_012 code | cksum)" "$(names seed code | cksum)"
is "row_C5 indexes 121 before, 109 after" "$(names seed indexes | wc -l) $(names after_012 indexes | wc -l)" "121 109"

is "row_C4 Q01 is 3" "$(ask after_012 q01)" 3
is "row_C4 Q02 is 0" "$(ask after_012 q02)" 0
is "row_C4 Q03 is 1" "$(ask after_012 q03)" 1
is "row_C4 Q04 is 0" "$(ask after_012 conflicts)" 0
is "row_C4 Q05 is 0" "$(value after_012 "$REMOVED")" 0
is "row_C4 Q06 is 43" "$(value after_012 "$TABLES")" 43
is "row_C4 Q07 no kept table lost rows" "$(value after_012 "$ROWS")" "$rows_before"
is "row_C4 Q08 has no row" "$(ask after_012 q08)" ""
is "row_C4 Q09 is 42" "$(value after_012 "$KEYS")" 42
is "row_C4 Q10 is 0" "$(value after_012 "$ORPHANS")" 0
is "row_C4 Q11 is 18" "$(value after_012 "$POLICIES")" 18
is "row_C4 Q12 has no row" "$(value after_012 "$IDLE_POLICIES")" 0

was="$(identities after_012) $(rows_digest after_012 true | cksum)"
migrate after_012 012_remove_unused_features
ok "row_D6 012 runs again"
is "row_D6 a second 012 changes nothing" "$(identities after_012) $(rows_digest after_012 true | cksum)" "$was"

copy_of recreated after_012
migrate recreated 012_recreate
ok "row_C6 the re-creation runs"
is "row_C6 the re-creation brings the counts of before 012" "$(books recreated)" "52 45 19 16 0 9"
is "row_C6 the re-created tables are the old ones" "$(dump_schema recreated | sort | cksum)" "$(dump_schema after_011 | sort | cksum)"
is "row_C6 the re-created tables are empty" "$(rows_digest recreated "relname in ($NINE)" | cut -d'|' -f2 | sort -u)" 0
is "row_C6 93,533 rows were lost, as the file says" \
    "$(rows_digest seed "relname in ($NINE)" | awk -F'|' '{n += $2} END {print n}') $(grep -c '93,533' "$PLAN/migrations/012_recreate.sql")" "93533 1"
migrate recreated 012_recreate
ok "row_D6 the re-creation runs again"
is "row_D6 a second re-creation changes nothing" "$(books recreated)" "52 45 19 16 0 9"
as_super -d postgres -c 'drop database recreated'

# ------------------------------------------- what row security really does

reader() {                               # reader DB SETTING-SQL QUERY
    as_super -At -d "$1" -c "begin; grant select on all tables in schema public to app_reader; set local role app_reader; $2; $3; rollback" 2>&1 | tail -1
}
is "row_D5 before 011 a reader sees every workspace's recommendations" \
    "$(reader seed "set local app.workspace_id = '7'" "select count(*) from agent_recommendations")" 5760
for t in agent_recommendations agent_trust_scores competitors; do
    own=$(value after_012 "select count(*) from $t where workspace_id = 7")
    is "row_D5 after 011 a reader sees one workspace of $t" "$(reader after_012 "set local app.workspace_id = '7'" "select count(*) from $t")" "$own"
    isnt "row_D5 and that is not nothing" "$own" 0
    is "row_D5 without a workspace a reader sees nothing of $t" "$(reader after_012 "set local app.user_id = ''" "select count(*) from $t")" 0
done

# -------------------------------------------------- one thing wrong at a time

A=after_012
is "row_C4 Q01 misses a column of the wrong type" \
    "$(broken $A "alter table agent_recommendations alter outcome_quality_score type numeric(9,4)" "$(query q01)")" 2
is "row_C4 Q01 misses a dropped column" \
    "$(broken $A "alter table agent_recommendations drop outcome_status" "$(query q01)")" 2
is "row_C4 Q01 is not fooled by a twin in another schema" \
    "$(broken $A "create schema twin; create table twin.agent_recommendations as table agent_recommendations with no data" "$(query q01)")" 3
is "row_C4 Q02 finds one score under a strange workspace" \
    "$(broken $A "update agent_trust_scores set workspace_id = workspace_id % 120 + 1 where id = 99" "$(query q02)")" 1
is "row_C3 V011-2 finds one score without workspace" \
    "$(broken $A "alter table agent_trust_scores alter workspace_id drop not null; update agent_trust_scores set workspace_id = null where id = 99" "$V011_2")" 1
is "row_C4 Q03 notices a dropped key" "$(broken $A "alter table competitors drop constraint competitors_created_by_fkey" "$(query q03)")" 0
is "row_C4 Q03 notices a key that was never checked" \
    "$(broken $A "alter table competitors drop constraint competitors_created_by_fkey, add constraint competitors_created_by_fkey foreign key (created_by) references users (id) not valid" "$(query q03)")" 0
is "row_C4 Q03 notices a dropped policy" "$(broken $A 'drop policy "members read" on competitors' "$(query q03)")" 0
is "row_C4 Q03 notices row security switched off" "$(broken $A "alter table competitors disable row level security" "$(query q03)")" 0
is "row_C4 Q03 notices the short website" "$(broken $A "alter table competitors alter website type varchar(120)" "$(query q03)")" 0

one="alter table agent_recommendations drop constraint agent_recommendations_campaign_id_fkey"
two="alter table agent_trust_scores disable row level security"
three='drop policy "workspace read" on competitors'
is "row_C4 Q04 counts one conflict" "$(broken $A "$one" "$(query conflicts)")" 1
is "row_C4 Q04 counts two conflicts" "$(broken $A "$one; $two" "$(query conflicts)")" 2
is "row_C4 Q04 counts three conflicts" "$(broken $A "$one; $two; $three" "$(query conflicts)")" 3
is "row_C4 Q04 counts a table once, however much it lacks" \
    "$(broken $A "$one; alter table agent_recommendations disable row level security" "$(query conflicts)")" 1
is "row_C4 Q04 counts a table that is gone" "$(broken $A "alter table competitors rename to rivals" "$(query conflicts)")" 1
# Every part that the query wants, taken away alone, is noticed.
unnoticed=
for part in \
    "alter table agent_recommendations alter workspace_id drop not null" \
    "alter table agent_recommendations alter outcome_status drop not null" \
    "alter table agent_recommendations drop outcome_quality_score" \
    "alter table agent_recommendations drop constraint agent_recommendations_workspace_id_fkey" \
    "alter table agent_recommendations drop constraint agent_recommendations_agent_id_fkey" \
    "alter table agent_recommendations disable row level security" \
    'drop policy "workspace read" on agent_recommendations' \
    "alter table agent_trust_scores alter workspace_id drop not null" \
    "alter table agent_trust_scores drop constraint agent_trust_scores_workspace_id_fkey" \
    "alter table agent_trust_scores drop constraint agent_trust_scores_agent_id_fkey" \
    'drop policy "workspace read" on agent_trust_scores' \
    "alter table competitors alter website type varchar(120)" \
    "alter table competitors drop constraint competitors_workspace_id_fkey" \
    "alter table competitors drop constraint competitors_created_by_fkey"; do
    [ "$(broken $A "$part" "$(query conflicts)")" = 1 ] || unnoticed="$unnoticed [$part]"
done
is "row_C4 Q04 notices every part taken away alone" "$unnoticed" ""
is "row_C4 Q05 notices one of the nine come back" "$(broken $A "create table quests (id bigint)" "$REMOVED")" 1
is "row_C1 the unused count notices it too" "$(broken $A "create table quests (id bigint)" "$(query unused)")" 1
is "row_C1 an unused table of that name elsewhere does not count" "$(broken $A "create schema attic; create table attic.quests (id bigint)" "$(query unused)")" 0
is "row_C4 Q06 notices an extra table" "$(broken $A "create table leftovers (id bigint)" "$TABLES")" 44
isnt "row_C4 Q07 notices one row less" "$(broken $A "delete from move_comments where id = 1" "$ROWS")" "$rows_before"
is "row_C4 Q08 names a table without its primary key" "$(broken $A "alter table api_keys drop constraint api_keys_pkey" "$(query q08)")" "api_keys|no primary key"
is "row_C4 Q08 names a table that is gone, though the count is right" \
    "$(broken $A "alter table webhook_deliveries rename to deliveries" "$(query q08)")" "webhook_deliveries|missing"
is "row_C4 Q08 names a table with a broken index" \
    "$(broken_by_super $A "update pg_index set indisvalid = false where indexrelid = 'moves_due_on_idx'::regclass" "$(query q08)")" "moves|index not usable"
is "row_C4 Q09 notices a dropped key of a kept table" "$(broken $A "alter table moves drop constraint moves_sprint_id_fkey" "$KEYS")" 41
is "row_C1 the count before notices it as well" "$(broken seed "alter table moves drop constraint moves_sprint_id_fkey" "$KEYS")" 37
is "row_C4 Q10 finds the rows of a deleted agent" \
    "$(broken_by_super $A "set local session_replication_role = replica; delete from agents where id = 480" "$ORPHANS")" \
    "$(value $A "select (select count(*) from agent_runs where agent_id = 480) + (select count(*) from agent_recommendations where agent_id = 480) + (select count(*) from agent_trust_scores where agent_id = 480)")"
is "row_C4 Q11 notices a dropped policy" "$(broken $A 'drop policy "members read" on sprints' "$POLICIES")" 17
is "row_C4 a policy swapped for another keeps the count, so names are compared" \
    "$(broken $A 'drop policy "members read" on sprints; create policy "all read" on sprints using (true)' "$POLICIES")" 18
is "row_C4 Q12 finds the policies of a table with row security off" "$(broken $A "alter table moves disable row level security" "$IDLE_POLICIES")" 2

# ------------------------------------- migrations that must refuse to go on

# Damage and migration in one transaction: the error must take both back.
refuses() {                              # refuses NAME MUTATION FILE WORDS DB
    was="$(books "$5") $(dump_schema "$5" | cksum)"
    ! as_owner -d "$5" -1 -c "$2" -f "$PLAN/migrations/$3.sql" >"$D/out" 2>&1 && grep -q "$4" "$D/out"
    ok "$1"
    is "row_D3 and nothing is left of it" "$(books "$5") $(dump_schema "$5" | cksum)" "$was"
}
refuses "row_D3 011 refuses a recommendation without an agent" \
    "update agent_recommendations set agent_id = 99999 where id = 5" \
    011_fix_migration_conflicts "1 rows without an agent" seed
refuses "row_D3 011 refuses a competitor without its author" \
    "update competitors set created_by = 99999 where id in (5, 6)" \
    011_fix_migration_conflicts "2 competitors without author" seed
refuses "row_D3 011 refuses a score under another workspace than its agent's" \
    "update agent_trust_scores set workspace_id = workspace_id % 120 + 1 where id = 4500" \
    011_fix_migration_conflicts "1 rows carry another workspace" seed
refuses "row_D3 012 refuses while a kept table refers to the nine, and names the key" \
    "alter table moves add constraint moves_quest_fkey foreign key (template_id) references quests (id)" \
    012_remove_unused_features "moves_quest_fkey" after_011
refuses "row_D3 012 refuses while a view reads one of the nine" \
    "create view unread as select user_id, count(*) from notifications where read_at is null group by user_id" \
    012_remove_unused_features "view unread depends on table notifications" after_011
refuses "row_C6 the undo refuses to cut a long website" \
    "update competitors set website = 'https://example.net/' || repeat('x', 200) where id = 3" \
    011_down "value too long" after_011

echo "1..$N"
[ "$FAILED" = 0 ]
