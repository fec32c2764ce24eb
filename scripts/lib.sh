# shellcheck shell=bash
# Shared by the scripts of this folder, which source it. It leaves the caller in the repository's root.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
cd "$root"

# Each module is built as its users build it: from its own go.mod, without a workspace.
export GOWORK=off

# Pinned, so that a new release of a tool never breaks an old commit.
readonly golangci_version=v2.15.0
readonly govulncheck_version=v1.9.0
readonly gremlins_version=v0.6.0
readonly stripe_mock_version=v0.183.0 # its specification is API 2023-10-16, the one the SDK pins

say() { printf '==> %s\n' "$*" >&2; }
warn() { printf '!!! %s\n' "$*" >&2; }
die() {
  warn "$*"
  exit 1
}

command -v go >/dev/null || die "Go is missing: see https://go.dev/doc/install"

# modules prints the folder of every module, the root first.
modules() {
  find . \( -name '.?*' -o -name '_*' -o -name testdata -o -name node_modules \) -prune -o -name go.mod -print |
    sed 's|/go\.mod$||' | LC_ALL=C sort
}

# each_module COMMAND... runs a command in every module and fails when one of the runs failed.
each_module() {
  local module failed=''
  for module in $(modules); do
    say "$module"
    (cd "$module" && "$@") || failed+=" $module"
  done
  [[ -z $failed ]] || {
    warn "failed in:$failed"
    return 1
  }
}

# tool NAME PACKAGE VERSION prints the path of a pinned tool, and builds it when this Go has not built it yet.
tool() {
  local bin tmp
  bin=$root/.tools/bin/$1-$3-$(go env GOVERSION)
  if [[ ! -x $bin ]]; then
    say "building $1 $3"
    mkdir -p "$root/.tools/bin"
    tmp=$(mktemp -d "$root/.tools/build.XXXXXX")
    if ! GOBIN=$tmp go install "$2@$3" || ! mv "$tmp/$1" "$bin"; then
      rm -rf "$tmp"
      die "cannot build $2@$3"
    fi
    rm -rf "$tmp"
  fi
  printf '%s\n' "$bin"
}

golangci_lint() { tool golangci-lint github.com/golangci/golangci-lint/v2/cmd/golangci-lint "$golangci_version"; }
govulncheck() { tool govulncheck golang.org/x/vuln/cmd/govulncheck "$govulncheck_version"; }
gremlins() { tool gremlins github.com/go-gremlins/gremlins/cmd/gremlins "$gremlins_version"; }
stripe_mock() { tool stripe-mock github.com/stripe/stripe-mock "$stripe_mock_version"; }
