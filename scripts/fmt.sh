#!/usr/bin/env bash
# Formats all Go code (gofumpt, imports grouped); with --check it only prints what would change, and fails.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

lint=$(golangci_lint)
if [[ ${1:-} != --check ]]; then
  exec "$lint" fmt
fi
"$lint" fmt --diff || die "not formatted: run 'make fmt'"
