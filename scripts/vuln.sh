#!/usr/bin/env bash
# Looks for known vulnerabilities in every module with govulncheck: in the public database where it can be reached,
# else in a copy of it (PAYMOUNT_VULNDB, a tar.gz with data/osv/*.json). Ends with 75 when there is neither.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

archive=${PAYMOUNT_VULNDB:-../shared/vulndb.tar.gz}
scan=$(govulncheck)
db=https://vuln.go.dev
if ! "$scan" -version 2>/dev/null | grep -q '^DB updated'; then
  if [[ ! -f $archive ]]; then
    warn "NOT CHECKED for known vulnerabilities: no connection to $db, and no copy at $archive"
    exit 75
  fi
  dir=$(mktemp -d "${TMPDIR:-/tmp}/paymount-vuln.XXXXXX")
  trap 'rm -rf "$dir"' EXIT
  tar -xzf "$archive" -C "$dir"
  db=file://$dir/data/osv
fi
say "database $db"
each_module "$scan" -db "$db" ./...
