#!/usr/bin/env bash
# Real databases for the tests of the SQL store, on 127.0.0.1, in a temporary directory.
#   .ci/databases.sh start DIR   installs what is missing, starts both, prints POSTGRES_URL=... and MARIADB_URL=...
#   .ci/databases.sh restart-postgres DIR   starts PostgreSQL again, after it was ended from outside
#   .ci/databases.sh stop DIR    stops both and deletes the directory
set -eu
action=${1:?start or stop}
dir=${2:?a directory}
# Below the ports that the system gives to outgoing connections (32768 and above), one of which could be taken.
postgres_port=${POSTGRES_PORT:-24329}
mariadb_port=${MARIADB_PORT:-23069}

# Those of the servers by default, unless a bench with more data needs more.
postgres_buffers=${POSTGRES_BUFFERS:-128MB}
mariadb_buffers=${MARIADB_BUFFERS:-128M}

# The servers refuse to run as root: root lends each the user of its package.
as() {
  local user=$1
  shift
  if [ "$(id -u)" -eq 0 ]; then setpriv --reuid "$user" --regid "$user" --clear-groups -- "$@"; else "$@"; fi
}

own() {
  mkdir -p "$2"
  if [ "$(id -u)" -eq 0 ]; then chown "$1:$1" "$2"; fi
}

postgres_bin() {
  local found
  found=$(find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -1)
  echo "$found"
}

install() {
  if [ -n "$(postgres_bin)" ] && command -v mariadbd >/dev/null; then return; fi
  apt-get update -q >&2
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends postgresql mariadb-server >&2
}

start() {
  install
  local bin
  bin=$(postgres_bin)
  mkdir -p "$dir"
  chmod 755 "$dir"
  own postgres "$dir/postgres"
  as postgres "$bin/initdb" -D "$dir/postgres/data" -U scim --auth=trust -E UTF8 >"$dir/initdb.log" 2>&1
  as postgres "$bin/pg_ctl" -D "$dir/postgres/data" -l "$dir/postgres/log" -w \
    -o "-p $postgres_port -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=${POSTGRES_FSYNC:-off} -c shared_buffers=$postgres_buffers" start >&2
  own mysql "$dir/mariadb"
  as mysql mariadb-install-db --no-defaults --datadir="$dir/mariadb/data" --auth-root-authentication-method=normal \
    --skip-test-db >"$dir/mariadb.log" 2>&1
  as mysql mariadbd --no-defaults --datadir="$dir/mariadb/data" --socket="$dir/mariadb/socket" \
    --pid-file="$dir/mariadb/pid" --bind-address=127.0.0.1 --port="$mariadb_port" --innodb-flush-log-at-trx-commit=0 \
    --innodb-buffer-pool-size="$mariadb_buffers" \
    >>"$dir/mariadb.log" 2>&1 &
  local i
  for i in $(seq 100); do
    if mariadb --no-defaults -u root --socket="$dir/mariadb/socket" -e 'create database if not exists scim;
      create user if not exists scim@"127.0.0.1" identified by "scim"; grant all on `scim%`.* to scim@"127.0.0.1"' \
      2>/dev/null; then break; fi
    [ "$i" -lt 100 ] || { cat "$dir/mariadb.log" >&2; exit 1; }
    sleep 0.2
  done
  echo "POSTGRES_URL=postgres://scim@127.0.0.1:$postgres_port/postgres"
  echo "MARIADB_URL=mysql://scim:scim@127.0.0.1:$mariadb_port/scim"
}

restart_postgres() {
  local bin
  bin=$(postgres_bin)
  as postgres "$bin/pg_ctl" -D "$dir/postgres/data" -l "$dir/postgres/log" -w \
    -o "-p $postgres_port -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=${POSTGRES_FSYNC:-off} -c shared_buffers=$postgres_buffers" start >&2
}

stop() {
  local bin
  bin=$(postgres_bin)
  if [ -f "$dir/postgres/data/postmaster.pid" ]; then
    as postgres "$bin/pg_ctl" -D "$dir/postgres/data" -m immediate stop >&2 || true
  fi
  if [ -f "$dir/mariadb/pid" ]; then
    local pid i
    pid=$(cat "$dir/mariadb/pid")
    kill "$pid" 2>/dev/null || true
    for i in $(seq 100); do
      kill -0 "$pid" 2>/dev/null || break
      sleep 0.1
    done
  fi
  rm -rf "$dir"
}

"${action//-/_}"
