#!/usr/bin/env bash
# Puts what stripetest/conformance believes to the real Stripe, with STRIPE_TEST_KEY, a key of test mode. Names of beliefs or
# of their groups narrow it. An interrupted run is gone on with; the report is kept in .tools/stripe.md.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

case ${STRIPE_TEST_KEY:-} in
sk_test_* | rk_test_*) ;;
'') die "set STRIPE_TEST_KEY to a key of test mode, sk_test_… or rk_test_…" ;;
*) die "STRIPE_TEST_KEY is not a key of test mode (sk_test_… or rk_test_…): Stripe was not asked" ;;
esac
mkdir -p .tools
export PAYMOUNT_ASK_STRIPE=1 PAYMOUNT_BELIEFS="$*" PAYMOUNT_REPORT=$root/.tools/stripe
go test -count=1 -timeout 0 -v -run '^TestStripeIsAsWeBelieve$' ./stripetest/conformance
