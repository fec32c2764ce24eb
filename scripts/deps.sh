#!/usr/bin/env bash
# Compares what the published module asks of its users with the committed scripts/deps.txt; --write renews that file.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
export LC_ALL=C GOOS=linux GOARCH=amd64 CGO_ENABLED=0 # the same list on every machine

# linked PACKAGES prints the modules that a build with these packages links, without those of tests.
linked() {
  go list -deps -f '{{with .Module}}{{if not .Main}}{{.Path}}{{end}}{{end}}' "$1" | sort -u
}

list() {
  local direct root_links all_links
  direct=$(go list -m -f '{{if not (or .Main .Indirect)}}{{.Path}}{{end}}' all | sort) || return
  root_links=$(linked .) || return
  all_links=$(linked ./...) || return
  cat <<EOF
# Written by 'make deps', compared by .ci/run. Each line here is a cost to every user of the module.

# required directly in go.mod
$direct

# linked by the root package
$root_links

# linked by all packages together
$all_links
EOF
}

current=$(list) || die "cannot list the dependencies"
if [[ ${1:-} == --write ]]; then
  printf '%s\n' "$current" >scripts/deps.txt
  exit
fi
[[ -f scripts/deps.txt ]] || die "scripts/deps.txt is missing: run 'make deps' and commit it"
diff -u scripts/deps.txt - <<<"$current" ||
  die "the dependencies changed: if that is wanted, run 'make deps', commit scripts/deps.txt and say why in the commit"
