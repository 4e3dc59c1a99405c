#!/bin/bash
# SPDX-License-Identifier: PostgreSQL
#
# Bytes on disk: F22 (a file changed after approval is not run), F41 (a hostile plan costs
# nothing), F44 (the run's own folder is nobody else's).
. "$(dirname "$0")/../support/window.sh"

journal_verified() { # NAME
    go report "$(basename "$(run_directory)")" --verify
    exits "$1" 0
}

# ---- F22: the first migration sleeps until the second one's file has been changed
evil="create table evil (id int);"
slow_world() {
    small_world
    small_plan "" '  - { migration: "002", file: 002.sql }'
    echo "select pg_advisory_xact_lock_shared(815); create table orders (id int); insert into orders values (1), (2);" >"$folder/001.sql"
    echo 'create table good (id int);' >"$folder/002.sql"
    edit 's/after: 3/after: 4/; s/new: \[orders\]/new: [orders, good]/'
    # outside of the plan's folder: what a symlink could lead to
    echo "$evil" >"$work/evil.sql"
}
super -d postgres -c "alter role app_owner set log_statement = 'all'"
# change NAME COMMAND...: starts a walk, changes the file while the first migration waits
change() {
    local name=$1
    shift
    slow_world
    # a holder keeps the first migration waiting, as long as its statement runs
    super -d "$database" -c 'select pg_advisory_lock(815), pg_sleep(60)' >/dev/null 2>&1 &
    children+=("$!")
    meets "select count(*) from pg_locks where locktype = 'advisory' and objid = 815 and granted" 1
    walk_start
    meets "select count(*) from pg_locks where locktype = 'advisory' and objid = 815 and not granted" 1
    "$@"
    db "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and objid = 815 and granted" >/dev/null
    walk_wait
    exits "fault_F22: $name ends with 6" 6
    says "fault_F22: $name: the file is named" "$err" "002.sql"
    same "fault_F22: $name: neither the old bytes nor the new ones ran" "$(table good)|$(table evil)" "0|0"
    same "fault_F22: $name: what ran before stays, with its ledger row" "$(table orders)|$(db 'select count(*) from schema_migrations')" "1|1"
}
edited() { echo "$evil" >"$folder/002.sql"; }
lengthened() { echo "$evil" >>"$folder/002.sql"; }
one_byte() { printf 'C' | dd of="$folder/002.sql" conv=notrunc bs=1 status=none; }
line_ends() { sed -i 's/$/\r/' "$folder/002.sql"; }
replaced() { echo "$evil" >"$folder/new" && mv "$folder/new" "$folder/002.sql"; }
swapped() { ln -sf "$work/evil.sql" "$folder/002.sql"; }
removed() { rm "$folder/002.sql"; }
folder_swapped() { mv "$folder" "$folder.old" && mkdir "$folder" && echo "$evil" >"$folder/002.sql"; }
piped() { rm "$folder/002.sql" && mkfifo "$folder/002.sql"; }
change "an edited file" edited
change "a lengthened file" lengthened
change "one changed byte" one_byte
change "changed line ends" line_ends
change "a replaced file" replaced
change "a symlink in its place" swapped
change "a removed file" removed
change "a FIFO in its place" piped
change "another folder in its place" folder_swapped
rm -rf "$folder.old"
journal_verified "fault_F22: the record of a stopped run is whole"
same "fault_F22: the other bytes were never on the wire" "$(grep -c 'table evil' "$GONOGO_TEST_SOCKET_DIR/log")" 0
super -d postgres -c "alter role app_owner reset log_statement"

small_world
small_plan "" "    sha256: \"$(sha256sum "$folder/001.sql" | cut -d ' ' -f 1)\""
walk
exits "fault_F22: the file of the plan's hash runs" 0
small_world
small_plan "" "    sha256: \"$(printf 0%.0s {1..64})\""
walk
exits "fault_F22: a file of another hash than the plan's is refused" 2
says "fault_F22: both hashes are told" "$err" "$(sha256sum "$folder/001.sql" | cut -c 1-12)"
same "fault_F22: nothing ran" "$(table orders)" 0

# ---- F41: refused in a second and 64 MB of address space (a sanitised program needs more
# of it, so that only the time is bound there)
memory=65536
case $GONOGO in *san*) memory=unlimited ;; esac
hostile() { # NAME WORDS...: `check` of the plan as it stands
    local name=$1
    shift
    (
        ulimit -v "$memory"
        exec timeout --signal=KILL 10 "$GONOGO" check "$folder/plan.yaml"
    ) >"$work/.out" 2>"$work/.err" </dev/null &
    local began=${EPOCHREALTIME/./}
    wait $!
    code=$?
    local took=$(((${EPOCHREALTIME/./} - began) / 1000))
    out=
    err=$(head -c 4000 "$work/.out" "$work/.err" | tr -d '\0')
    exits "fault_F41: $name is refused" 2
    # two cores, many neighbours: the floor is a second on a quiet machine
    if [ "$took" -lt 3000 ]; then ok "fault_F41: $name costs no time"; else not_ok "fault_F41: $name costs no time" "$took ms"; fi
    local word
    for word in "$@"; do says "fault_F41: $name: told with its place" "$err" "$word"; done
}
repeat() { head -c "$2" /dev/zero | sed "s/\x00/$1/g"; }
small_world
cp "$folder/plan.yaml" "$work/good.yaml"
with() { cp "$work/good.yaml" "$folder/plan.yaml" && edit "$1"; }

{ cat "$work/good.yaml"; printf '# '; repeat x 1048576; } >"$folder/plan.yaml"
hostile "a plan above 1 MiB" "larger than 1048576 bytes"
truncate -s 1G "$folder/plan.yaml"
hostile "a plan of 1 GB"
{ printf 'name: '; repeat '[' 500000; } >"$folder/plan.yaml"
hostile "half a million open brackets" "plan.yaml:1:"
{ printf 'name: '; repeat '{a: ' 200000; } >"$folder/plan.yaml"
hostile "200,000 open braces" "plan.yaml:1:"
for ((i = 0; i < 1000; i++)); do printf '%*sa:\n' "$i" ''; done >"$folder/plan.yaml"
hostile "a thousand levels of indentation" "plan.yaml:"
{
    echo 'a: &a [x, x, x, x, x, x, x, x, x]'
    for n in b c d e f g h i j k; do
        p=$(printf '%b' "\\x$(printf %x $(($(printf %d "'$n") - 1)))")
        echo "$n: &$n [*$p, *$p, *$p, *$p, *$p, *$p, *$p, *$p, *$p]"
    done
} >"$folder/plan.yaml"
hostile "an alias bomb" "plan.yaml:1:"
echo 'version: &a [*a]' >"$folder/plan.yaml"
hostile "an alias of itself" "plan.yaml:1:"
for ((i = 0; i < 20000; i++)); do echo "key$i: x"; done >"$folder/plan.yaml"
hostile "20,000 unknown keys" "plan.yaml:"
printf 'version: 1\nname: "\xc0\xaf"\n' >"$folder/plan.yaml"
hostile "an overlong sequence" "plan.yaml:2:"
printf 'version: 1\nname: a\0b\n' >"$folder/plan.yaml"
hostile "a NUL byte" "plan.yaml:2:"
with 's|file: 001.sql|file: ../001.sql|'
hostile "a path upwards" "plan.yaml:9:"
with 's|file: 001.sql|file: sub/../../001.sql|'
hostile "a path upwards in its middle" "plan.yaml:9:"
with 's|file: 001.sql|file: /etc/passwd|'
hostile "an absolute path" "plan.yaml:9:"
cp "$work/good.yaml" "$folder/plan.yaml"
echo 'create table evil (id int);' >"$work/outside.sql"
ln -sf "$work/outside.sql" "$folder/001.sql"
hostile "a symlink out of the folder" "001.sql"
rm "$folder/001.sql"
ln -s "$work" "$folder/sub"
with 's|file: 001.sql|file: sub/outside.sql|'
hostile "a symlinked folder out of the folder" "sub/outside.sql"
cp "$work/good.yaml" "$folder/plan.yaml"
mkfifo "$folder/001.sql"
hostile "a FIFO as a file" "001.sql"
rm "$folder/001.sql"
mkdir "$folder/001.sql"
hostile "a folder as a file" "001.sql"
rmdir "$folder/001.sql"
ln -s /dev/zero "$folder/001.sql"
hostile "a device as a file" "001.sql"
rm "$folder/001.sql"
rm "$folder/plan.yaml"
mkfifo "$folder/plan.yaml"
hostile "a FIFO as the plan"
rm "$folder/plan.yaml"

# ---- F44
modes() { # DIRECTORY: everything that is not 0700 and 0600 in it
    find "$1" \( -type d ! -perm 700 -o -type f ! -perm 600 -o -type l -o -type p \) -print
}
for mask in 000 077; do
    small_world
    rm -rf "$XDG_STATE_HOME"
    umask "$mask"
    walk
    umask 022
    exits "fault_F44: a run under umask $mask" 0
    same "fault_F44: its folders are 0700 and its files 0600 under umask $mask" "$(modes "$(run_directory)")" ""
    same "fault_F44: so is the report under umask $mask" "$(modes "$report")" ""
    same "fault_F44: so is the folder of the runs under umask $mask" "$(stat -c %a "$XDG_STATE_HOME/gonogo/runs")" 700
done
small_world
rm -rf "$XDG_STATE_HOME"
mkdir -p "$XDG_STATE_HOME/gonogo/runs"
chmod 777 "$XDG_STATE_HOME/gonogo/runs"
walk
case $code in
0) not_ok "fault_F44: a folder of runs that others may write is refused" "exit 0" ;;
*) ok "fault_F44: a folder of runs that others may write is refused" ;;
esac
says "fault_F44: and named" "$err" "$XDG_STATE_HOME/gonogo/runs"
same "fault_F44: nothing ran in it" "$(table orders)" 0
rm -rf "$XDG_STATE_HOME"
mkdir "$work/elsewhere"
mkdir -p "$XDG_STATE_HOME/gonogo"
ln -s "$work/elsewhere" "$XDG_STATE_HOME/gonogo/runs"
walk
same "fault_F44: nothing is written through a symlink in the runs' place" "$(ls -A "$work/elsewhere")" ""
rm -rf "$XDG_STATE_HOME"
# names of the report, planted
for kind in symlink fifo hardlink; do
    small_world
    echo precious >"$work/precious"
    mkdir -m 700 "$report"
    case $kind in
    symlink) ln -s "$work/precious" "$report/report.json" ;;
    fifo) mkfifo "$report/report.json" ;;
    hardlink) ln "$work/precious" "$report/report.json" ;;
    esac
    go run "$folder/plan.yaml" --headless --as anna --answers "$answers" --report "$report"
    case $code in
    124 | 137) not_ok "fault_F44: a planted $kind does not hang the report" "it hung" ;;
    *) ok "fault_F44: a planted $kind does not hang the report" ;;
    esac
    same "fault_F44: a planted $kind is not written through" "$(cat "$work/precious")" precious
    same "fault_F44: with a planted $kind the migration's fate is certain" "$(table orders)" "$(db 'select count(*) from schema_migrations')"
done
# names of the run directory, planted while the run waits
small_world
echo 'select pg_advisory_xact_lock(816); create table orders (id int); insert into orders values (1), (2);' >"$folder/001.sql"
super -d "$database" -c 'select pg_advisory_lock(816), pg_sleep(60)' >/dev/null 2>&1 &
children+=("$!")
meets "select count(*) from pg_locks where locktype = 'advisory' and objid = 816 and granted" 1
walk_start
meets "select count(*) from pg_locks where locktype = 'advisory' and objid = 816 and not granted" 1
directory=$(run_directory)
mkdir -m 700 "$directory/report" && ln -s "$work/precious" "$directory/report/report.md"
ln -s "$work/precious" "$directory/journal.jsonl.tmp"
db "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and objid = 816 and granted" >/dev/null
walk_wait
exits "fault_F44: planted names in the run directory do not disturb it" 0
same "fault_F44: and are not written through" "$(cat "$work/precious")" precious
finish
