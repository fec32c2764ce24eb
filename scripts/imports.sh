#!/usr/bin/env bash
# The SDK stays behind one package: stripe-go is imported by internal/stripe, and by the modules that are not published.
# A text search, because it also sees files that build tags hide from the linters. Only lines that import it count: a test may name
# the module.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

found=$(grep -rnE '^[[:space:]]*(import[[:space:]]+)?([[:alnum:]_.]+[[:space:]]+)?"github\.com/stripe/stripe-go' --include='*.go' . |
  grep -vE '^\./(internal/stripe|internal/integration|examples|cmd|bench|\.[^/]*)/' || true)
[[ -z $found ]] || die "stripe-go may be imported only in internal/stripe:
$found"
