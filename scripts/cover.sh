#!/usr/bin/env bash
# Runs all tests and writes what they cover of the root module: coverage.out, coverage.html, and the sum on standard output.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

dir=$(mktemp -d "${TMPDIR:-/tmp}/paymount-cover.XXXXXX")
trap 'rm -rf "$dir"' EXIT
PAYMOUNT_COVER_DIR=$dir scripts/test.sh "$@"
{
  echo 'mode: atomic'
  sed '/^mode:/d' "$dir"/*.out
} >coverage.out
go tool cover -html=coverage.out -o coverage.html
go tool cover -func=coverage.out | tail -n 1
