#!/bin/bash
# SPDX-License-Identifier: PostgreSQL
#
# check --policy: what a house asks of every plan, on the week of seed and on a plan of its
# own, with the documents and statements that only the files show.
. "$(dirname "$0")/tap.sh"

mkdir -p house/sql
cat >house/policy.yaml <<'Y'
name_pattern: '^[0-9]{3}_[a-z0-9_]+[.]sql$'
require: [undo, checks, docs]
recovery_max: 5m
index_concurrently: true
Y
cat >house/plan.yaml <<'Y'
version: 1
name: House
ledger: { table: schema_migrations }
limits: { recovery: 5m }
targets:
  - { id: staging, expect_database: app }
steps:
  - { migration: "036", file: sql/036_add_user_preferences.sql, undo: sql/036_undo.sql,
      after: [{ id: c1, sql: select 1, equals: 1 }] }
Y
cat >house/sql/036_add_user_preferences.sql <<'S'
CREATE TABLE preferences (user_id bigint PRIMARY KEY, theme text);
CREATE INDEX preferences_theme ON preferences (theme);
S
echo "DROP TABLE preferences;" >house/sql/036_undo.sql
echo "what it is for" >house/sql/036_add_user_preferences.md
run check --policy house/policy.yaml house/plan.yaml
lacks "E1 a plan that keeps the policy has no finding of it" "$out" "[E1"

rm house/sql/036_add_user_preferences.md
echo "CREATE INDEX orders_category ON orders (category);" >>house/sql/036_add_user_preferences.sql
echo "CREATE INDEX CONCURRENTLY orders_placed ON orders (placed_at);" >house/sql/037_Orders.sql
sed -i 's/recovery: 5m/recovery: 15m/' house/plan.yaml
echo '  - { migration: "038", file: sql/037_Orders.sql, transaction: each }' >>house/plan.yaml
exits "breaches are findings" 10 check --policy house/policy.yaml house/plan.yaml
says "E1 name" "$out" "plan.yaml:10:31: warning[E101] steps[1].file: the policy wants names like"
says "E1 gap in the sequence" "$out" '[E102] steps[1].migration: "038" follows "036"'
says "E1 undo" "$out" '[E104] steps[1]: the policy wants an undo file'
says "E1 check" "$out" '[E105] steps[1]: the policy wants a check'
says "E1 document" "$out" "[E106] steps[0].migration: the policy wants a text beside each migration; write sql/036_add_user_preferences.md"
says "E4 way back" "$out" "[E108] limits.recovery: the policy wants a way back within 5m00s, the plan allows 15m00s"
says "index" "$out" "[E109] steps[0].migration: sql/036_add_user_preferences.sql:3:1: the policy wants CREATE INDEX CONCURRENTLY"
same "only the index of the old table, and not the concurrent one" "$(grep -c 'E109' <<<"$out")" 1
says "the next command explains" "$err" "gonogo help "
run check --json --policy house/policy.yaml house/plan.yaml
says "row_json the findings are among the diagnostics" "$out" '"code": "E109"'
run check house/plan.yaml
lacks "without a policy nothing is asked" "$out" "[E1"
exits "a code of a policy has its page" 0 help E109
says "in whole sentences" "$out" "CREATE INDEX CONCURRENTLY, which needs"

echo "recovery_max: 5" >bad.yaml
exits "a policy with a mistake is refused" 2 check --policy bad.yaml house/plan.yaml
says "its place is told" "$err" "bad.yaml:1:15: error[Y012]"
says "and that nothing was done" "$err" "the policy bad.yaml cannot be used; nothing was contacted"
exits "a policy that is not there is refused" 2 check --policy nothing.yaml house/plan.yaml
exits "other verbs know no policy" 2 show --policy house/policy.yaml house/plan.yaml

# ---- run keeps to it, too
exits "a run of a plan that breaks the policy does not begin" 2 \
    run --policy house/policy.yaml --target staging house/plan.yaml
says "it tells what is broken" "$err" "[E108] limits.recovery"
says "and that nothing was contacted" "$err" "house/plan.yaml breaks the policy house/policy.yaml in "
finish
