#!/usr/bin/env bash
# Tidies go.mod and go.sum of every module; with --check it only prints what would change, and fails.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

if [[ ${1:-} != --check ]]; then
  each_module go mod tidy
  exit
fi
each_module go mod tidy -diff || die "not tidy: run 'make tidy'"
