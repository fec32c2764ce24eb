#!/usr/bin/env bash
# Runs the benchmarks of bench/ against a Postgres of their own and prints the table.
#   scripts/bench.sh [-quick] [-run NAME] [-write docs/benchmarks.md]
#   scripts/bench.sh load [flags]   drives the reference server with requests instead
# PAYMOUNT_TEST_POSTGRES_URL names a server to use. Let nothing else run meanwhile.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=scripts/services.sh
. scripts/services.sh

pg_dir='' pg_bin=''
cleanup() {
  trap '' INT TERM HUP # a second signal must not cut this short
  [[ -z $pg_dir ]] || stop_postgres "$pg_bin" "$pg_dir"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

if [[ -z ${PAYMOUNT_TEST_POSTGRES_URL:-} ]]; then
  install_missing
  pg_bin=$(find_postgres) || die "Postgres 15 or later is missing (Debian: apt-get install postgresql)"
  pg_dir=$(mktemp -d "${TMPDIR:-/tmp}/paymount-pg.XXXXXX")
  start_postgres "$pg_bin" "$pg_dir" || die "Postgres from $pg_bin does not start"
  # Room for a million subscriptions, as a server that serves so many has it; the default of 128 MB is for small tables.
  echo "shared_buffers = 3GB" >>"$pg_dir/data/postgresql.conf"
  as_postgres "$pg_bin/pg_ctl" -D "$pg_dir/data" -w -s -m fast -l "$pg_dir/log" restart
fi

program=.
if [[ ${1:-} == load ]]; then
  program=./load
  shift
fi
mkdir -p .tools/bin
go -C bench build -o "$root/.tools/bin/paymount-bench" "$program"
.tools/bin/paymount-bench "$@"
