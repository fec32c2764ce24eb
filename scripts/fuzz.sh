#!/usr/bin/env bash
# Runs every fuzz target of the root module in turn, each for FUZZTIME (default 30s).
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

targets=$(grep -rE --include='*_test.go' '^func Fuzz[A-Z0-9_]' . | sed -E 's/^(.*)\/[^/]*:func (Fuzz[A-Za-z0-9_]*).*/\1 \2/' |
  grep -vE '^\./(internal/integration|examples|cmd|bench|\.[^/]*)/' || true)
[[ -n $targets ]] || die "no fuzz target found"
while read -r dir name; do
  say "$name in $dir"
  go test -run '^$' -fuzz "^$name\$" -fuzztime "${FUZZTIME:-30s}" "$dir" </dev/null
done <<<"$targets"
