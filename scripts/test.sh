#!/usr/bin/env bash
# Runs the tests of every module with the race detector.
#   scripts/test.sh [go test flags]   MODULES="." narrows it to some modules
# PAYMOUNT_TEST_NO_INSTALL=1 keeps it from installing Debian packages; PAYMOUNT_TEST_POSTGRES_URL names a server to use.
# With PAYMOUNT_COVER_DIR set it also writes one profile per module there, of the root module's packages.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=scripts/services.sh
. scripts/services.sh

pg_dir='' pg_bin='' child=''
cleanup() {
  trap '' INT TERM HUP # a second signal must not cut this short
  [[ -z $child ]] || kill -TERM -- "-$child" 2>/dev/null || true
  [[ -z $pg_dir ]] || stop_postgres "$pg_bin" "$pg_dir"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

install_missing

flags=(-shuffle=on -timeout="${PAYMOUNT_TEST_TIMEOUT:-20m}")
if find_compiler >/dev/null; then
  flags+=(-race)
  export CGO_ENABLED=1
else
  lacks "a C compiler (Debian: apt-get install gcc libc6-dev)" "the tests run without the race detector"
fi

if PAYMOUNT_TEST_CHROMIUM=$(find_chromium); then
  export PAYMOUNT_TEST_CHROMIUM
else
  lacks "Chromium (Debian: apt-get install chromium)" "browser tests are skipped"
fi

find_node >/dev/null || lacks "node with npm (Debian: apt-get install nodejs npm)" "a test with a real identity provider is skipped"

if pg_bin=$(find_postgres); then
  export PAYMOUNT_TEST_PGBIN=$pg_bin
else
  lacks "Postgres 15 or later (Debian: apt-get install postgresql)" "Postgres tests are skipped"
fi
if [[ -z ${PAYMOUNT_TEST_POSTGRES_URL:-} && -n $pg_bin ]]; then
  pg_dir=$(mktemp -d "${TMPDIR:-/tmp}/paymount-pg.XXXXXX")
  start_postgres "$pg_bin" "$pg_dir" || die "Postgres from $pg_bin does not start"
fi

if PAYMOUNT_TEST_STRIPE_MOCK=$(stripe_mock); then
  export PAYMOUNT_TEST_STRIPE_MOCK
else
  lacks stripe-mock "tests against it are skipped"
fi

covered=''
if [[ -n ${PAYMOUNT_COVER_DIR:-} ]]; then
  covered=$(go list ./... | paste -sd, -)
fi

# run MODULE FLAGS... tests one module in a process group of its own, so that an interrupt ends the test programs too.
run() {
  local module=$1 args=("${flags[@]}") status=0
  shift
  [[ -z $covered ]] || args+=(-coverpkg="$covered" -coverprofile="$PAYMOUNT_COVER_DIR/module${module//\//_}.out")
  set -m
  go -C "$module" test "${args[@]}" "$@" ./... </dev/null &
  child=$!
  set +m
  wait "$child" || status=$?
  child=''
  return "$status"
}

failed=''
for module in ${MODULES:-$(modules)}; do
  say "go test in $module"
  run "$module" "$@" || failed+=" $module"
done
[[ -z $failed ]] || die "tests failed in:$failed"
say "all tests passed"
