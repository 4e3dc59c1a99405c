#!/bin/bash
# SPDX-License-Identifier: PostgreSQL
#
# plans/adaptive-mastery on the demo's own server: the whole walk, the way back, each claim
# that the SQL does not keep, and one thing broken at a time, to see the check that is there
# for it fail.
. "$(dirname "$0")/../support/window.sh"

plan=$root/plans/adaptive-mastery/plan.yaml
chmod 755 "$work" # the server's account must be able to enter
mkdir -m 1777 "$work/t"
export TMPDIR=$work/t

# demo ARGUMENT...: the headless demo, quickly; report.json in $report
demo() {
    rm -rf "$report"
    timeout 120 "$GONOGO" demo --headless --time-scale 20000 --report "$report" "$@" >"$work/.out" 2>"$work/.err" </dev/null
    code=$?
    out=$(cat "$work/.out")
    err=$(cat "$work/.err")
}

# ---- the walk
demo --plan adaptive-mastery
exits "the walk ends with 0" 0
same "row_A4 tables, keys, policies, row security, indexes, columns: before, now, expected" \
    "$(for what in tables foreign_keys rls_policies tables_with_rls indexes progress_columns; do json "\$.counts.$what.before"; json "\$.counts.$what.now"; json "\$.counts.$what.expected"; done | xargs)" \
    "7 8 8 6 7 7 6 7 7 6 7 7 12 18 18 6 10 10"
same "row_A3 six indexes, a key, a policy are new, by name" \
    "$(json '$.changes.new[*] ? (@.what == "indexes" || @.what == "foreign_keys" || @.what == "rls_policies").name' | sort | xargs)" \
    "plan_progress_last_assessment_date_idx weekly_performance_history.own weekly history weekly_performance_history_assessed_at_idx weekly_performance_history_pkey weekly_performance_history_user_id_fkey weekly_performance_history_user_id_idx weekly_performance_history_user_id_week_number_key weekly_performance_history_week_number_idx"
same "row_A4 four columns are new in the old table, by name" \
    "$(json '$.changes.new[*] ? (@.what == "columns" && @.name starts with "plan_progress.").name' | sort | xargs)" \
    "plan_progress.assessment_history plan_progress.last_assessment_date plan_progress.progression_decisions plan_progress.week_extensions"
same "row_A1 nothing is gone" "$(json '$.changes.gone[*].name')" ""
same "row_A1 nothing but what the plan names has changed" "$(json '$.changes.*[*] ? (@.planned == false).name')" ""
same "row_A2 all checks pass" "$(json '$.verification.passed')/$(json '$.verification.total')" 21/21
same "row_A6 all criteria are met" "$(json '$.criteria[*] ? (@.outcome != "ok").text')$(json '$.criteria.size()')" 15
same "007 and 008 are committed" "$(json '$.migrations[*] ? (@.state == "committed").id' | xargs)" "007 008"
says "the report carries the plan's name" "$(ls "$report")" ADAPTIVE_MASTERY_REPORT.md
go show "$plan"
says "row_A6 who approved is told as a claim" "$out" "a review by a program"

# ---- what the SQL does not keep
go check "$plan"
exits "row_A1 claims that are contradicted are findings" 10
for claim in 'migrations/007_weekly_performance_history.sql:28:1: high: T11: the plan says `rerun_safe: true`, but a second run fails, or does its work twice: CREATE POLICY' \
    'migrations/008_plan_progress_extensions.sql:14:1: high: T11: the plan says `rerun_safe: true`' \
    'migrations/008_plan_progress_extensions.sql:14:1: high: T11: the plan says `zero_downtime: true`, but others wait' \
    'migrations/008_plan_progress_extensions.sql:17:1: high: T11: the plan says `destructive: false`, but rows are changed or deleted: UPDATE'; do
    says "row_A1 ${claim%%:*} ${claim#*T11: }" "$out" "$claim"
done
lacks "a role that loses what it never had is no finding" "$out" "D10"
go explain "$root"/plans/adaptive-mastery/migrations/00?_[wp]*.sql
says "row_A1 007 in one sentence" "$out" "drops nothing, alters nothing existing, adds 1 table"
says "row_A1 008 adds four columns" "$out" "adds 4 columns"

# ---- the way back
cp -R "$root/plans/adaptive-mastery" "$work/"
cd "$work/adaptive-mastery" || exit 99
sed -i 's/count: progress_columns, equals: 10/count: progress_columns, equals: 11/' plan.yaml
sed -i 's/^on_failure: hold/on_failure: "rollback:undo"/' answers.yaml
demo --plan ./plan.yaml
exits "row_A5 rolled back, equal to before" 8
same "row_A5 the outcome is said" "$(json '$.outcome')" rolled_back
same "row_A5 the counts are those of before" \
    "$(for what in tables foreign_keys rls_policies tables_with_rls indexes progress_columns; do json "\$.counts.$what.now"; done | xargs)" "7 6 6 6 12 6"
says "row_A5 008 is undone before 007" "$(grep -o 'undo of 00[78] committed' <<<"$err" | xargs)" "undo of 008 committed undo of 007 committed"

cd "$work" || exit 99

# ---- the troubles
for trouble in blocker:3 wrong-count:5 failing-check:5 slow:0; do
    demo --plan adaptive-mastery --trouble "${trouble%:*}"
    exits "row_trouble ${trouble%:*} of adaptive-mastery ends with ${trouble#*:}" "${trouble#*:}"
done
demo --plan adaptive-mastery --trouble nothing
exits "a trouble that it does not have is refused" 2
says "with the plan's name" "$err" 'the plan adaptive-mastery has no trouble "nothing"'
demo --plan adaptive-mastery --trouble server-restart
exits "row_trouble server-restart of adaptive-mastery ends with 6" 6
host=$(sed -n 's/.*remove it: *kill \([0-9]*\)$/\1/p' <<<"$out$err")
go resume "$(sed -n 's/.*resume the run: *gonogo resume \(.*\)$/\1/p' <<<"$out$err")" --headless --as anna \
    --answers "$root/plans/adaptive-mastery/answers.yaml"
exits "and the run goes on to its end" 0
kill "$host"
for ((try = 0; try < 500; try++)); do
    kill -0 "$host" 2>/dev/null || break
    sleep 0.02
done
same "nothing is left" "$(find "$TMPDIR" -mindepth 1 -maxdepth 1 ! -name 'gonogo-cache*' | wc -l)" 0

# ---- one thing broken at a time, on the shared server
export TMPDIR=$work
platform="anon authenticated service_role"
for role in $platform; do
    super -d postgres -c "create role $role nologin $([ $role = service_role ] && echo bypassrls)" -c "grant $role to app_owner"
done
super -d postgres -c 'create database mastery_template owner app_owner'
super -d mastery_template -U app_owner -f "$root/plans/adaptive-mastery/seed.sql" >/dev/null
# breaks NAME FILE SED WHAT-IS-SAID: the plan as it is but for one file, without the backup
breaks() {
    rm -rf "$folder"
    cp -R "$root/plans/adaptive-mastery" "$folder"
    answers=$folder/answers.yaml
    sed -i "s/^database: app/database: $database/" "$answers"
    drop_database "$database"
    super -d postgres -c "create database $database owner app_owner template mastery_template"
    edit '/^ *sha256: /d; /{ id: c[34],/d; /^backup:/d; /{ id: dump,/d; /http: /d; /probe: progress/d'
    edit '/{ id: app_log,/d; /^      - { name: app_/d; /^    values:/d'
    sed -i -e "$3" "$folder/$2"
    if diff -q "$folder/$2" "$root/plans/adaptive-mastery/$2" >/dev/null; then
        not_ok "$1" "the mutation changed nothing: $3"
        return
    fi
    [ -z "${blocked:-}" ] ||
        echo "override: [{ id: $blocked, reason: the checks are to find it, by: anna }]" >>"$answers"
    walk --target scratch --clock-at 2025-01-15T08:59Z --time-scale 20000
    if [ "$code" = "${5:-5}" ]; then
        says "$1" "$err" "$4"
    else
        not_ok "$1" "exit code $code, wanted ${5:-5}
$err"
    fi
}
seven=migrations/007_weekly_performance_history.sql
eight=migrations/008_plan_progress_extensions.sql
breaks "unbroken, the same walk ends with 0" plan.yaml '$a # nothing' "exit 0: done" 0
breaks "row_A2 anon keeps what the platform grants" "$seven" '/^revoke all/d' "V007-4 FAILED"
breaks "row_A2 a policy without WITH CHECK" "$seven" 's/ with check (auth.uid() = user_id)//' "V007-3 FAILED"
blocked=007.R2 breaks "row_A2 row level security is not enabled" "$seven" '/enable row level security/d' "V007-3 FAILED"
breaks "row_A3 the key does not cascade" "$seven" 's/ on delete cascade//' "V007-2 FAILED"
breaks "row_A3 an index is missing" "$seven" 's/weekly_performance_history_week_number_idx/another_idx/' "Q08 FAILED"
breaks "row_A4 another default" "$eight" 's/integer default 0/integer default 1/' "V008-1 FAILED"
breaks "row_A4 another type" "$eight" 's/jsonb default/json default/; /^update/,/^where/d' "V008-1 FAILED"
breaks "row_A4 a column more than was said" "$eight" 's/date,/date, add column surplus text,/' "surplus"
breaks "row_A1 old values are changed" "$eight" "\$a update public.plan_progress set updated_at = updated_at + interval '1 s';" "Q02 FAILED"
breaks "row_A1 rows are lost" "$eight" '$a delete from public.plan_progress where current_week = 3;' "Q03 FAILED"
breaks "row_A1 an old column changes" "$eight" '$a alter table public.plan_progress alter column current_phase drop not null;' "Q01 FAILED"
breaks "row_A2 an old policy is widened" "$eight" '$a alter policy "own progress" on public.plan_progress using (true);' "Q04 FAILED"
breaks "row_A1 the upsert loses its key" "$eight" '$a alter table public.plan_progress drop constraint plan_progress_user_id_key;' "Q21 FAILED"
breaks "row_A1 an account's rows are left behind" plan.yaml 's/tables_with_rls, before: 6,  after: 7/tables_with_rls, before: 6,  after: 8/' "tables with RLS"
drop_database "$database"
drop_database mastery_template
for role in $platform; do super -d postgres -c "drop role $role"; done
finish
