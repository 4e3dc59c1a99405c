#!/bin/bash
# SPDX-License-Identifier: PostgreSQL
#
# What is left beside the result: --format, GITHUB_STEP_SUMMARY, --cast, -v, --no-input.
. "$(dirname "$0")/../support/window.sh"

# document JSONPATH: a value of the document in $out; lines JSONPATH FILE: of JSON lines
document() {
    super -d postgres -v path="$1" -v text="$out" <<'SQL'
select v #>> '{}' from jsonb_path_query(:'text'::jsonb, :'path') as v;
SQL
}
lines() {
    super -d postgres -v path="$1" -v file="$2" <<'SQL'
\set text `cat :'file'`
select v #>> '{}' from string_to_table(rtrim(:'text', E'\n'), E'\n') with ordinality t(line, n)
cross join jsonb_path_query(t.line::jsonb, :'path') as v order by t.n;
SQL
}

# ---- check --format
small_world
plan=$folder/plan.yaml
go check "$plan"
text=$out
go check --format text "$plan"
same "format text is the usual one" "$out" "$text"
go check --format json "$plan"
json=$out
go check --json "$plan"
same "format json is --json" "$json" "$out"
go check --format github "$plan"
exits "format github has the same exit code" 10
says "a warning is an annotation with file, line, column and code" "$out" "::warning file=$plan,line=9,col=5,title=Y520::steps[0]: no sha256"
for pair in "yaml 2" "git 2"; do
    go check --format ${pair% *} "$plan"
    exits "format ${pair% *} is refused" 2
    says "format ${pair% *}: the formats are named" "$err" "\`check\` writes text, json, github and sarif"
done
go check --format sarif "$plan"
exits "format sarif has the same exit code" 10
same "sarif is one document of the version" "$(document '$.version')" 2.1.0
same "with the tool" "$(document '$.runs[*].tool.driver.name')" gonogo
same "a warning is a result" "$(document '$.runs[*].results[*] ? (@.ruleId == "Y520").level')" warning

# ---- findings in each format
mkdir "$folder/sub"
cp "$plan" "$folder/sub/plan.yaml"
cp "$folder"/*.sql "$folder/sub"
cat >"$folder/sub/001.sql" <<'SQL'
create table orders (id int primary key); insert into orders values (1), (2);
drop table
  customers;
-- gonogo: waive D3 until 2096-12-31 by carla: it is a cache, 100% of it
truncate cache;
SQL
cd "$folder" || exit 99
go check sub/plan.yaml
says "a waiver is told with who, why and until when" "$out" "001.sql:5:10: waived: D3: TRUNCATE deletes every row of cache; waived: it is a cache, 100% of it (carla, until 2096-12-31)"
go check --format github sub/plan.yaml
says "an annotation leads to the file as the checkout has it, with its end" "$out" "::error file=sub/001.sql,line=2,col=1,endLine=3,title=D1::DROP TABLE customers"
lacks "what is waived is no annotation" "$out" "title=D3"
go check --format json sub/plan.yaml
same "json has until when" "$(document '$.findings[*].waived_until')" 2097-01-01T00:00:00Z
go check --format sarif sub/plan.yaml
same "sarif has the place" "$(document '$.runs[*].results[*] ? (@.ruleId == "D1" && @.level == "error").locations[*].physicalLocation.artifactLocation.uri')" sub/001.sql
same "and the severity" "$(document '$.runs[*].results[*] ? (@.ruleId == "D1" && @.level == "error").properties.severity')" block
GITHUB_STEP_SUMMARY=$work/findings.md go check sub/plan.yaml
says "the summary has findings" "$(cat "$work/findings.md")" "| block | sub/001.sql:2:1 | D1 | DROP TABLE customers"
says "and waivers" "$(cat "$work/findings.md")" "waived: it is a cache, 100% of it (carla, until 2096-12-31)"
sed -i 's/2096-12-31/2020-12-31/' sub/001.sql
go check sub/plan.yaml
says "a waiver that is over gives its finding back" "$out" "001.sql:5:10: block: D3: TRUNCATE"
says "and says so" "$out" "T12: the waiver of D3 by carla was good until 2020-12-31"
cd "$work" || exit 99
rm -r "$folder/sub"
go check --format github --json "$plan"
exits "two formats contradict each other" 2
go check --digest --json "$plan"
exits "--digest has no format" 2

# more than ten of a kind
{
    printf 'version: 1\nname: "100%%, sure"\n'
    for number in $(seq 25); do echo "wrong$number: x"; done
} >"$folder/many,1.yaml"
go check --format github "$folder/many,1.yaml"
same "at most ten errors are annotations" "$(grep -c '^::error' <<<"$out")" 10
says "the rest is counted" "$out" "more; \`gonogo check\` lists them all"
says "a comma in a path is escaped" "$out" "many%2C1.yaml"
# a message cannot begin a command of its own
printf 'version: 1\nname: x\n"a\\n::error::b": 1\n' >"$folder/evil.yaml"
go check --format github "$folder/evil.yaml"
same "a key cannot begin a command" "$(grep -c '^::error::b' <<<"$out")" 0

# --db in each format
go check --db "$plan"
says "--db for people" "$out" "ok      tables: 2 here, the plan starts from 2"
go check --db --json "$plan"
same "--db as JSON is one document" "$(document '$.preflight.lines[*] ? (@.text starts with "tables").verdict')" ok
edit 's/before: 2/before: 7/'
go check --db --format sarif "$plan"
says "--db: is a notification" "$(document '$.runs[*].invocations[*].toolExecutionNotifications[*] ? (@.level == "warning").message.text')" "tables: 2 here, the plan starts from 7"
same "with the exit code" "$(document '$.runs[*].invocations[*].exitCode')" 5
go check --db --format github "$plan"
exits "--db: a wrong count" 5
says "--db: is an annotation" "$out" "::warning title=check --db::tables: 2 here, the plan starts from 7"
go check --db --format sarif "$plan" -h /nowhere
same "--db without a server: sarif says that it did not succeed" "$(document '$.runs[*].invocations[*].executionSuccessful')" false
go check --db --json "$plan" -h /nowhere
same "--db without a server: still one document" "$(document '$.preflight.exit')" 4
edit 's/before: 7/before: 2/'

# ---- step summary
export GITHUB_STEP_SUMMARY=$work/summary.md
go check "$plan"
says "check writes a summary" "$(cat summary.md)" "## gonogo check: exit 10: differences or findings only"
says "with a table" "$(cat summary.md)" "| warning | $plan:9:5 | Y520 |"
go check "$folder/many,1.yaml"
same "errors stand before notes" "$(grep -oE '^\| (error|warning|note) ' summary.md | uniq | head -n 2 | xargs)" "| warning | error"
rm summary.md
walk
exits "a run with a summary" 0
says "the verdict comes first" "$(head -n 1 summary.md)" "## gonogo run: exit 0: done"
says "the report follows" "$(cat summary.md)" "# small plan"
head -c 1048000 /dev/zero | tr '\0' 'x' >summary.md
walk
same "the file stays under its cap" "$([ "$(stat -c %s summary.md)" -le 1048576 ] && echo yes)" yes
says "and says that it was cut" "$(tail -n 2 summary.md)" "cut here: the rest stands in the report"
GITHUB_STEP_SUMMARY=/nowhere/summary.md walk
says "a summary that cannot be written is a warning" "$err" "the step summary /nowhere/summary.md could not be written: No such file"
unset GITHUB_STEP_SUMMARY

# ---- recording
small_world
walk --cast "$work/run.cast"
exits "a recorded run" 0
same "the header is version 2" "$(lines '$.version' run.cast | head -n 1)" 2
same "with a size" "$(lines '$.width' run.cast)x$(lines '$.height' run.cast)" 80x24
same "and a title" "$(lines '$.title' run.cast)" "gonogo run"
tail -n +2 run.cast >events.cast
# the first line of talk was printed before the run began; all of it is in the recording
same "what was shown is what was recorded" "$(lines '$[2]' events.cast | tr -d '\r' | grep -v '^$' | sha256sum)" "$(grep -v '^$' <<<"$err" | sha256sum)"
same "times go up" "$(lines '$[0]' events.cast | sort -nc && echo sorted)" sorted
same "every event is output" "$(lines '$[1]' events.cast | sort -u)" o
same "only for our eyes" "$(stat -c %a run.cast)" 600
walk --cast "$work/run.cast"
exits "a recording is never overwritten" 2
says "and named" "$err" "run.cast"
walk --cast /nowhere/run.cast
exits "a recording that cannot be begun is refused" 2
printf 'leave\n' | env PGUSER=app_owner PGDATABASE="$database" "$GONOGO" run "$plan" --plain --cast "$work/plain.cast" >.out 2>.err
tail -n +2 plain.cast >events.cast
says "plain prompts are recorded" "$(lines '$[2]' events.cast)" "the run is left at"
if [ -w /dev/full ]; then
    ln -s /dev/full full.cast
    walk --cast "$work/full.cast"
    exits "a link is no new file" 2
fi

# ---- verbose, no input
go check -v "$plan"
says "-v names the files that were read" "$err" "read 001.sql, $(stat -c %s "$folder/001.sql") bytes, sha256 $(sha256sum <"$folder/001.sql" | cut -d' ' -f1)"
says "-v tells how long it took" "$err" "gonogo: took "
go check -q -v "$plan"
exits "-q and -v contradict each other" 2
walk -v
says "-v names the connection" "$err" "gonogo: connection host="
lacks "-v has no password" "$err" "password"
go run "$plan" --plain --no-input
exits "--no-input and prompts contradict each other" 2
says "the way without prompts is named" "$err" "Add --headless and --answers FILE"
go check --db --no-input -W "$plan"
exits "--no-input and -W contradict each other" 2
says "other ways to a password are named" "$err" "Use ~/.pgpass or a service file"
small_world
walk --no-input
exits "--no-input fits a headless run" 0
finish
