#!/usr/bin/env bash
# Runs go vet and golangci-lint (.golangci.yml: linters, formatting, import rules) in every module.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

lint=$(golangci_lint)
check() {
  local failed=0
  go vet ./... || failed=1
  "$lint" run --allow-parallel-runners ./... || failed=1
  return "$failed"
}
each_module check
