#!/usr/bin/env bash
# Make sure that the servers the tests need are there, and run a command beside a throw-away PostgreSQL.
#   scripts/test_servers.sh COMMAND…      TEST_DATABASE_URL and CHROMIUM are set for COMMAND.
# Debian's packages are installed where this user may; otherwise it says what to install, and those tests are skipped.
set -euo pipefail

say() { echo "test servers: $*" >&2; }

postgres_bin() { ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1; }

missing=()
[ -n "$(postgres_bin)" ] || missing+=(postgresql)
command -v chromium >/dev/null || missing+=(chromium fonts-noto-cjk)
if [ ${#missing[@]} -gt 0 ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    say "installing ${missing[*]}"
    apt-get update -qq >&2 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null 2>&1 \
      || say "could not install ${missing[*]}; their tests are skipped"
  else
    say "please install: ${missing[*]} (their tests are skipped until then)"
  fi
fi
export CHROMIUM="${CHROMIUM:-$(command -v chromium || true)}"
[ -n "$CHROMIUM" ] || unset CHROMIUM

bin=$(postgres_bin)
if [ -z "$bin" ]; then
  "$@"
  exit
fi

# PostgreSQL refuses to run as root; its own user comes with the package.
as_server() { if [ "$(id -u)" = 0 ]; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi; }
folder=$(mktemp -d)
[ "$(id -u)" = 0 ] && chown postgres "$folder"
port=$(.venv/bin/python -c 'from cli.supervisor import free_port; print(free_port())')
stop() { as_server "$bin/pg_ctl" -D "$folder/db" -m immediate stop >/dev/null 2>&1 || true; rm -rf "$folder"; }
trap stop EXIT
as_server "$bin/initdb" -D "$folder/db" -U hotline --auth=trust --encoding=UTF8 --locale=C.UTF-8 >/dev/null
as_server "$bin/pg_ctl" -D "$folder/db" -l "$folder/log" -w -o "-p $port -c listen_addresses=127.0.0.1 -k $folder -c fsync=${TEST_FSYNC:-off}" start >/dev/null
export TEST_DATABASE_URL="postgresql+psycopg2://hotline@127.0.0.1:$port/postgres"
"$@"
