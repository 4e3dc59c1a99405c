#!/bin/bash
# SPDX-License-Identifier: PostgreSQL
#
# What is said when something is wrong: what, where, why, what to do, and the exit code.
# Nothing here needs a server.
. "$(dirname "$0")/tap.sh"
last() { tail -n 1 <<<"$err"; }

# ---- files that are no plan
head -c 1048577 /dev/zero | tr '\0' '#' >big.yaml
exits "a plan above the cap is refused" 2 check big.yaml
says "the cap is named" "$err" "the plan big.yaml is larger than 1048576 bytes (1 MiB)"
says "where the bytes belong is told" "$err" "SQL belongs into files beside the plan"
head -c 1048575 /dev/zero | tr '\0' '#' >just.yaml
run check just.yaml
lacks "a plan below the cap is read" "$err" "larger than"
mkdir folder
exits "a folder is no plan" 2 check folder
says "the file in it is suggested" "$err" "Name the plan's file, such as folder/plan.yaml"
: >empty.yaml
exits "an empty plan is refused" 2 check empty.yaml
says "how a plan begins is told" "$out" 'a plan begins with "version: 1"'
mkfifo pipe.yaml
exits "a pipe is not waited for" 2 check pipe.yaml
says "nothing was contacted" "$err" "Nothing was contacted"
if [ "$(id -u)" != 0 ]; then
    cp "$plan" locked.yaml && chmod 000 locked.yaml
    exits "a plan without rights is refused" 2 check locked.yaml
    says "the reason is the system's" "$err" "Permission denied"
fi
head -c 300000000 /dev/zero >big.sql
exits "a file above the cap is refused" 2 explain big.sql
says "its cap is named" "$err" "At most 256 MB (268435456 bytes) are read"
rm big.sql

# ---- standard input
"$GONOGO" explain - >out.txt 2>err.txt <<<'create table app.t (id bigint primary key);'
same "explain reads standard input" "$?" 0
says "and its statement" "$(cat out.txt)" "CREATE TABLE"

# ---- transaction control of a file: place, reason, remedy
mkdir own
cat >own/001.sql <<'SQL'
create table a (id int);
  commit;
create table b (id int);
SQL
own_plan() { # TRANSACTION
    cat >own/plan.yaml <<PLAN
version: 1
name: own transactions
ledger: { table: schema_migrations, style: plain, create: true }
targets: [{ id: only, environment: test }]
steps: [{ migration: "001", file: 001.sql, undo: none, transaction: $1 }]
PLAN
}
own_plan one
exits "a stray COMMIT is an error" 2 check own/plan.yaml
says "with line and column of the plan" "$out" "own/plan.yaml:5:35: error[Y605]"
says "and of the file" "$out" "001.sql:2:3: own transaction control: commit"
says "and the reason" "$out" "Only a BEGIN that is the first statement of the file"
says "and the remedy" "$out" 'or say "transaction: file"'
exits "its page exists" 0 help Y605
says "its page tells of the danger" "$out" "half of it committed"
printf 'begin;\ncreate table a (id int);\ncommit;\n' >own/001.sql
own_plan each
exits "a transaction where each statement stands alone is an error" 2 check own/plan.yaml
says "with its place" "$out" "001.sql:1:1: the file has its own BEGIN"
says "with both remedies" "$out" 'Take BEGIN and COMMIT out of the file, or say "transaction: one"'
printf "select 'open;\n" >own/001.sql
own_plan one
exits "a file that cannot be cut is an error" 2 check own/plan.yaml
says "with its place, too" "$out" "error[Y600] steps[0].file: 001.sql:1:8: quoted string"

# ---- every code that the program can print has a page
codes=$(grep -rhoE '"Y[0-9]{3}"' "$root"/src "$root"/ui --include=*.c | tr -d '"' | sort -u)
missing=
for code_word in $codes; do
    "$GONOGO" help "$code_word" >/dev/null 2>&1 || missing="$missing $code_word"
done
same "every code has a page: $(wc -w <<<"$codes") codes" "$missing" ""
for number in 0 1 2 3 4 5 6 7 8 9 10 11; do
    exits "exit code $number has a page" 0 help "$number"
done
exits "a code that is none has no page" 2 help 12

# ---- no server
answers=$root/plans/week1-wednesday/answers.yaml
walk=(run "$plan" --target scratch --headless --as anna --answers "$answers")
exits "no server ends with 4" 4 "${walk[@]}" -h /nowhere
says "the last line has the reason" "$(last)" "No such file or directory"
says "and does not claim that nothing was contacted" "$(last)" "last certain: nothing was changed"
says "and names the plan and the target" "$(last)" "next: gonogo check $plan --db --target scratch"
exits "check --db without a server ends with 4" 4 check --db --target scratch "$plan" -h /nowhere
lacks "it does not advise itself" "$(last)" "gonogo check"
exits "status of a plan without a server ends with 4" 4 status "$plan" --target scratch -h /nowhere
says "it advises the look at the target" "$(last)" "next: gonogo check $plan --db --target scratch"
exits "a flag against the plan is refused" 2 run "$plan" --target production --plain --service other
says "both are named" "$err" "says service app_prod, the flag says other"

# ---- options
exits "an option without its value is named" 2 run "$plan" --as
says "with what it needs" "$err" "--as needs a value: --as NAME"
exits "a letter without its value, too" 2 run "$plan" -h
says "by its long name" "$err" "--host needs a value: --host HOST"
exits "a plan is not read from standard input" 2 check -
says "and why" "$err" "Its files stand beside it"
exits "words for a command that takes none" 2 runs word
says "its usage has no blank at the end" "$err" "Usage: gonogo runs. Nothing"

# ---- no record
for state in /proc/none /dev/null; do
    XDG_STATE_HOME=$state run "${walk[@]}" -h /nowhere
    same "no folder for the record ends with 11 ($state)" "$code" 11
    lacks "a run that never began is not advised to be resumed" "$(last)" "resume"
    says "another folder is advised" "$(last)" "set XDG_STATE_HOME to a folder that can be written"
done
rm -rf "$work/state"
exits "status without a run is refused" 2 status
says "it says where it looked" "$err" "there is no run in $work/state/gonogo/runs"
for verb in status report; do
    exits "$verb of a run that is not there" 2 "$verb" 20000101-000000-0000000
    says "$verb: runs lists them" "$err" '"gonogo runs" lists them'
done
exits "a folder that is no run is refused" 2 status "$work/folder"
says "what a run is, is told" "$err" "A run is a folder with a journal.jsonl"
mkdir broken && echo '{}' >broken/journal.jsonl
exits "a record that cannot be read ends with 11" 11 status ./broken
says "the check of the record is advised" "$(last)" "next: gonogo report ./broken --verify"
exits "runs without runs is no error" 0 runs
says "and says so" "$err" "there are no runs yet"
finish
