#!/bin/bash
# SPDX-License-Identifier: PostgreSQL
#
# row_B8 (required tables, columns, constraints) and row_E3 (verification by kind of
# object): one walk in which all of it holds, and one for each thing that does not.
. "$(dirname "$0")/../support/window.sh"

good_file() {
    cat >"$folder/001.sql" <<'SQL'
create table orders (id int primary key, customer int not null references customers, total numeric(9,2) check (total >= 0), tenant text);
create index orders_customer_idx on orders (customer);
alter table orders enable row level security;
create policy "own orders" on orders for select using (tenant = current_setting('app.tenant', true)) with check (true);
create function touch() returns trigger language plpgsql as $$ begin return new; end $$;
create trigger orders_touch before update on orders for each row execute function touch();
create view open_orders as select id from orders;
insert into orders values (1, 1, 10, 'a'), (2, 2, 20, 'b');
SQL
    # WITH CHECK belongs to no SELECT policy
    sed -i 's/ with check (true)//' "$folder/001.sql"
}

checks() {
    cat <<'YAML'
      - { id: T1, builtin: table, table: public.orders, exists: true }
      - { id: C1, builtin: column, table: public.orders, column: customer, type: integer, nullable: false }
      - { id: C2, builtin: column, table: public.orders, column: total, type: "numeric(9,2)", nullable: true }
      - { id: K1, builtin: constraint, table: public.orders, object: orders_customer_fkey, exists: true }
      - { id: K2, builtin: constraint, table: public.orders, object: orders_total_check, exists: true }
      - { id: I1, builtin: index, object: public.orders_customer_idx, valid: true, exists: true }
      - { id: P1, builtin: policy, table: public.orders, object: own orders, command: SELECT, exists: true }
      - { id: G1, builtin: trigger, table: public.orders, object: orders_touch, exists: true }
      - { id: W1, builtin: view, object: public.open_orders, exists: true }
      - { id: U1, builtin: function, object: public.touch, exists: true }
      - { id: O1, builtin: orphans, equals: 0 }
      - { id: X1, builtin: invalid_indexes, equals: 0 }
      - { id: X2, builtin: unvalidated_constraints, equals: 0 }
      - { id: X3, builtin: policies_on_tables_without_rls, empty: true }
      - { id: Z1, sql: select count(*) from customers, same_as: before }
      - { id: Z2, sql: select count(*) from orders, within: 5s, equals: 2 }
YAML
}

schema_world() {
    small_world
    small_plan "" "    checks:
$(checks)"
    good_file
}

schema_world
walk
exits "row_B8 a schema that is as required passes" 0
same "row_E3 sixteen checks by kind" "$(grep -c 'check  *[A-Z][0-9] ok' "$work/.err")" 18
same "row_B8 the database agrees" "$(db "select count(*) from pg_constraint where conrelid = 'orders'::regclass and conname in ('orders_customer_fkey', 'orders_total_check')")" 2

# broken ROW NAME CHECK SED: the file leaves something out, and that check says so
broken() {
    schema_world
    sed -i -e "$4" "$folder/001.sql"
    [ -z "${blocked:-}" ] ||
        small_answers "override: [{ id: $blocked, reason: the checks are to find it, by: anna }]"
    walk
    exits "$1 $2 ends with 5" 5
    says "$1 $2: $3 says it" "$err" "$3 FAILED"
    same "$1 $2: and nothing else does" "$(grep -o '[A-Z][0-9] FAILED' "$work/.err" | sort -u | xargs)" "${5:-$3 FAILED}"
}
broken row_B8 "a missing NOT NULL" C1 's/customer int not null/customer int/'
broken row_B8 "another type" C2 's/numeric(9,2)/numeric(9,3)/'
broken row_B8 "a missing foreign key" K1 's/ references customers//'
broken row_B8 "a missing check constraint" K2 's/ check (total >= 0)//'
broken row_E3 "a missing index" I1 '/^create index/d'
broken row_E3 "a policy of another name" P1 's/policy "own orders"/policy "all orders"/'
broken row_E3 "a policy for another command" P1 's/for select/for delete/'
blocked=001.R2 broken row_E3 "row security that is off" X3 '/enable row level security/d' "P1 FAILED X3 FAILED"
broken row_E3 "a missing trigger" G1 '/^create trigger/d'
broken row_E3 "a missing view" W1 '/^create view/d'
broken row_E3 "a constraint that is not validated" X2 's/ check (total >= 0)/; x/; s/^.*; x\(.*\)$/&/; s/numeric(9,2); x, tenant text);/numeric(9,2), tenant text); alter table orders add constraint orders_total_check check (total >= 0) not valid;/'
schema_world
edit 's/{ id: Z2, sql: select count(\*) from orders, within: 5s/{ id: Z2, sql: "select count(*) from orders, pg_sleep(0.3)", within: 100ms/'
walk
exits "row_E3 a query that takes too long ends with 5" 5
says "row_E3 a query that takes too long: Z2 says it" "$err" "Z2 FAILED"
finish
