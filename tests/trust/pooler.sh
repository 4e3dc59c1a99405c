#!/bin/bash
# SPDX-License-Identifier: PostgreSQL
#
# F17: a real pgbouncer between the program and the server, in each of its pool modes,
# with many backends and with one, as it is installed and when it swallows the settings
# of the startup packet. Each is refused before anything is asked of people, in words
# that name the pooler and the way out.
. "$(dirname "$0")/../support/window.sh"

pgbouncer=$(command -v pgbouncer || { [ -x /usr/sbin/pgbouncer ] && echo /usr/sbin/pgbouncer; })
if [ -z "$pgbouncer" ]; then
    echo "ok 1 - fault_F17 # SKIP no pgbouncer (package pgbouncer)"
    echo "1..1"
    exit 0
fi

server=$GONOGO_TEST_SOCKET_DIR
small_world
chmod 711 "$work"
pool=$work/pool
as=
if [ "$(id -u)" = 0 ]; then
    account=postgres
    id $account >/dev/null 2>&1 || account=nobody
    as="setpriv --reuid=$account --regid=$(id -g $account) --clear-groups"
fi

# pooled MODE SIZE MORE: a walk through a pooler
pooled() {
    rm -rf "$pool"
    mkdir "$pool"
    [ -z "$as" ] || chown "$account" "$pool"
    cat >"$work/pgbouncer.ini" <<INI
[databases]
* = host=$server port=5432 user=app_owner
[pgbouncer]
listen_addr =
listen_port = 6432
unix_socket_dir = $pool
auth_type = any
pool_mode = $1
default_pool_size = $2
$3
INI
    ${as:-setpriv} --pdeathsig KILL "$pgbouncer" -q "$work/pgbouncer.ini" >"$work/pool.log" 2>&1 &
    local pooler=$! try
    children+=("$pooler")
    for ((try = 0; try < 500; try++)); do
        [ -S "$pool/.s.PGSQL.6432" ] && break
        sleep 0.02
    done
    PGHOST=$pool PGPORT=6432 walk
    kill -KILL "$pooler"
    wait "$pooler" 2>/dev/null
    children=()
}

swallows="ignore_startup_parameters = options, extra_float_digits"
for pooling in "session 20" "session 1" "transaction 20" "transaction 2" "transaction 1" "statement 20"; do
    for more in "" "$swallows"; do
        # shellcheck disable=SC2086 # two words
        pooled $pooling "$more"
        name="fault_F17 a pool of $pooling${more:+ that swallows our settings}"
        exits "$name is refused with 4" 4
        says "$name is called a pooler" "$err" "a connection pooler stands between"
        says "$name: what to do" "$err" "Name the server itself (host, port) as target"
        says "$name: nothing was changed" "$err" "nothing was changed"
    done
done
same "fault_F17 nothing ran" "$(table orders)" 0
walk
exits "fault_F17 the server itself is fine" 0
nothing_left "F20 nothing of ours is left"
finish
