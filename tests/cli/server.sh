#!/bin/bash
# SPDX-License-Identifier: PostgreSQL
#
# The throw-away server of the tests: where it stands, and that a killed one is swept.
set -u
. "$(dirname "$0")/tap.sh"
cd "$GONOGO_ROOT" || exit 99
with_server=tests/support/with-server

where() { # where [TMPDIR]: the folder that a server gets
    if [ $# -gt 0 ]; then
        TMPDIR=$1 "$with_server" sh -c 'dirname "$PGHOST"'
    else
        env -u TMPDIR "$with_server" sh -c 'dirname "$PGHOST"'
    fi
}

expected=/tmp
free=$(df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 { print $4 }')
[ -w /dev/shm ] && [ "${free:-0}" -ge 1048576 ] && expected=/dev/shm
same "without a wish it stands in memory, if there is room" "$(where)" "$expected"
same "a TMPDIR is heard" "$(where "$TMPDIR")" "$TMPDIR"

# killed with no chance to tidy up: the kernel stops the server, the next start sweeps
env -u TMPDIR "$with_server" sh -c 'echo "$PGHOST" >"$0"; sleep 600' "$work/host" &
owner=$!
until [ -s "$work/host" ]; do
    kill -0 "$owner" || break
    sleep 0.05
done
folder=$(cat "$work/host")
postmaster=$(head -n 1 "$folder/data/postmaster.pid")
command=$(pgrep -P "$owner" -x sh)
kill -KILL "$owner"
wait "$owner" 2>/dev/null
[ -z "$command" ] || kill -KILL $command
for _ in $(seq 1 600); do
    kill -0 "$postmaster" 2>/dev/null || break
    sleep 0.05
done
kill -0 "$postmaster" 2>/dev/null
same "the kernel stopped its server" "$?" 1
same "its folder is still there" "$(test -d "$folder" && echo yes)" yes
where "$TMPDIR" >/dev/null
same "the next start sweeps it, wherever that one stands" "$(test -d "$folder" || echo gone)" gone
finish
