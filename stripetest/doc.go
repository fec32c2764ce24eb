// Package stripetest is a fake Stripe for tests and demos: a stateful server in the same process, behind a real HTTP
// listener on the loopback interface. It answers Stripe's API in version 2023-10-16, keeps what it is told, sends
// signed webhooks, and has a checkout page on which a person or a browser test can pay.
//
// In a test one line is enough; the server stops with the test:
//
//	srv := stripetest.New(t)
//
// The code under test talks to srv.URL with [TestKey] or [LiveKey]. With stripe-go that is a backend whose
// BackendConfig.URL is srv.URL; programs that read STRIPE_API_BASE get it there. A program that wants the fake outside
// of tests calls [Start]; package testing is not linked.
//
// # What it does
//
//	products, prices            create, retrieve, list, update
//	customers                   create, retrieve, list, update, delete (with tombstones); the credit balance
//	checkout sessions           create (payment and subscription mode, price and price_data, trials), retrieve, list by
//	                            customer, status, subscription and payment intent, line items, expire by call or clock
//	checkout page               pay, decline and try again, authenticate (3-D Secure), cancel; complete and expired pages
//	subscriptions               retrieve, list, update (items with proration and payment_behavior, metadata, cancellation,
//	                            pause), pending updates, cancel
//	by the clock                renewals on the anchor's day, trials and the notice of their end, cancellation, failed
//	                            payments with retries, then canceled, unpaid or past_due
//	invoices                    made by checkout, updates and renewals, with the metadata that Stripe copies; retrieve,
//	                            list, pay, upcoming with a change of items; a hosted page to pay or authenticate
//	invoice items               pending prorations; retrieve, list
//	invoice payments            list, in version 2025-03-31.basil
//	payment intents, charges,   retrieve, list
//	payment methods
//	refunds, disputes           create (a refund), retrieve, list; failed refunds, disputes won and lost from Go
//	billing portal              create; the page shows subscriptions and invoices, cancels at the period's end, takes that
//	                            back, replaces the card, and links back
//	events                      retrieve, list; webhooks signed with one or more secrets, retried, held, dropped,
//	                            doubled, delayed and reordered at will, rendered in the endpoint's API [Version]
//	accounts                    several, by key; test and live data apart; 401 for any other key
//	everywhere                  expand to four levels, pagination, refusals of unknown, missing and bad parameters,
//	                            idempotency keys with replay, conflict and misuse, Request-Id
//	for tests                   faults before and after execution, a log of calls, a clock of the server's own or of the
//	                            test's, cards that fail and work again, dashboard actions, the truth as Go values
//
// # What it does not do
//
//	setup mode, embedded checkout, coupons, tax, shipping, Connect, metered and tiered prices, flexible billing mode
//	subscription schedules: [Account.SetSchedule] marks a subscription as run by one, with the refusals that follow
//	creating subscriptions, invoices and payment intents through the API ([Account.AddSubscription] does it from Go)
//	changing the trial, the billing cycle anchor or the collection method; invoices by email; invoice.upcoming and
//	invoice.updated events; minimum charge amounts; prorations of a cancellation
//	plan changes in the portal; evidence for disputes; balance transactions
//	search, files, Stripe's rate limits, Stripe's exact words in every message
//
// Where a choice was needed: the renewal's invoice is collected at once unless [Options.DraftTime] says otherwise; an
// update that error_if_incomplete refuses leaves nothing behind, not even the failed payment; a change from a free price
// begins a new period, as another interval does; with always_invoice an upcoming invoice shows what is due now, and
// otherwise the whole next invoice.
//
// A parameter that Stripe knows and that the fake leaves out is either without effect on what it models (a locale, a
// statement descriptor) and accepted, or refused with a clear message: it is never accepted and then forgotten where
// that would change an amount or a state.
//
// # Sources
//
// Field sets follow Stripe's published OpenAPI description of 2023-10-16, behaviour follows https://docs.stripe.com.
// Where the documentation is silent, what users have reported was taken: a cancelled subscription is resource_missing
// for another cancellation, and an incomplete one that is cancelled becomes incomplete_expired. The "type" of the 409
// for an idempotency key in use is documented nowhere; the fake says idempotency_error, so check the code.
//
// It imports the standard library only, never talks to Stripe, and takes no real payment.
package stripetest
