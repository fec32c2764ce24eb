#!/usr/bin/env bash
# Runs the simulation for SOAK (default 10m), from a seed of its own or PAYMOUNT_SEED.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

PAYMOUNT_SEED=${PAYMOUNT_SEED:-$(date +%s)}
PAYMOUNT_SEEDS=${PAYMOUNT_SEEDS:-1}
PAYMOUNT_SOAK=${SOAK:-10m}
export PAYMOUNT_SEED PAYMOUNT_SEEDS PAYMOUNT_SOAK
say "worlds from seed $PAYMOUNT_SEED on, for $PAYMOUNT_SOAK"
go test -timeout 0 -run '^TestNoWorldBreaksAPromise$' -v "$@" ./simulation
