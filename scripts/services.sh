# shellcheck shell=bash
# Finds, installs and starts what the tests want beyond Go; sourced by test.sh after lib.sh.

find_compiler() { command -v "${CC:-gcc}" || command -v cc; }

find_chromium() {
  local name
  for name in ${PAYMOUNT_TEST_CHROMIUM:+"$PAYMOUNT_TEST_CHROMIUM"} chromium chromium-browser google-chrome; do
    command -v "$name" && return
  done
  return 1
}

find_node() { command -v node && command -v npm; }

# find_postgres prints a folder with initdb, pg_ctl and postgres of version 15 or later; 15 itself is preferred.
find_postgres() {
  local dir version
  for dir in "${PAYMOUNT_TEST_PGBIN:-}" /usr/lib/postgresql/15/bin /usr/lib/postgresql/*/bin \
    "$(pg_config --bindir 2>/dev/null || true)"; do
    [[ -x $dir/initdb && -x $dir/pg_ctl && -x $dir/postgres ]] || continue
    version=$("$dir/postgres" --version) || continue
    version=${version#*) }
    ((${version%%[!0-9]*} >= 15)) && printf '%s\n' "$dir" && return
  done
  return 1
}

# install_missing installs what is absent where that needs no question: Debian, as root or with a sudo that asks nothing.
install_missing() {
  local wanted=() as_root=() log
  find_compiler >/dev/null || wanted+=(gcc libc6-dev)
  find_postgres >/dev/null || wanted+=(postgresql)
  find_chromium >/dev/null || wanted+=(chromium fonts-liberation)
  find_node >/dev/null || wanted+=(nodejs npm)
  ((${#wanted[@]})) || return 0
  [[ -z ${PAYMOUNT_TEST_NO_INSTALL:-} ]] && command -v apt-get >/dev/null || return 0
  if ((EUID)); then
    sudo -n true 2>/dev/null || return 0
    as_root=(sudo -n)
  fi
  as_root+=(env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120)
  say "installing ${wanted[*]}"
  log=$("${as_root[@]}" update 2>&1 && "${as_root[@]}" install --no-install-recommends "${wanted[@]}" 2>&1) ||
    warn "apt-get failed: $(tail -n 4 <<<"$log")"
}

# lacks WHAT CONSEQUENCE: in CI something missing is a failure, elsewhere a loud line.
lacks() {
  [[ ${CI:-} != true ]] || die "missing: $1"
  warn "missing: $1; $2"
}

# as_postgres runs a command as a user that Postgres accepts: it refuses root.
as_postgres() {
  if ((EUID)); then (cd / && "$@"); else (cd / && runuser -u postgres -- "$@"); fi
}

# start_postgres BIN DIR makes a cluster in the empty folder DIR, starts it on a free loopback port and exports its URL.
start_postgres() {
  local bin=$1 dir=$2 port
  od -An -N16 -tx1 /dev/urandom | tr -d ' \n' >"$dir/password"
  ((EUID)) || chown -R postgres "$dir"
  as_postgres "$bin/initdb" -D "$dir/data" -U postgres -A scram-sha-256 --pwfile="$dir/password" \
    --no-sync -E UTF8 --locale=C >"$dir/initdb.log" || return
  for _ in 1 2 3 4 5; do
    port=$((20000 + RANDOM % 12000)) # below the ephemeral ports; when it is taken, the next try has another
    as_postgres "$bin/pg_ctl" -D "$dir/data" -w -s -l "$dir/log" start -o "-p $port -c listen_addresses=127.0.0.1 \
      -c unix_socket_directories=$dir -c fsync=off -c full_page_writes=off -c max_connections=200" 2>/dev/null || continue
    PAYMOUNT_TEST_POSTGRES_URL="postgres://postgres:$(<"$dir/password")@127.0.0.1:$port/postgres?sslmode=disable"
    export PAYMOUNT_TEST_POSTGRES_URL
    return
  done
  cat "$dir/log" >&2
  return 1
}

# stop_postgres BIN DIR ends the cluster by the process id that it wrote into DIR, and removes DIR.
stop_postgres() {
  [[ ! -e $2/data/postmaster.pid ]] || as_postgres "$1/pg_ctl" -D "$2/data" -s -m immediate stop || true
  rm -rf "$2"
}
