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
//	customers                   create, retrieve, list, update, delete (with tombstones)
//	checkout sessions           create (payment and subscription mode, price and price_data, trials), retrieve, list by
//	                            customer, status, subscription and payment intent, line items, expire by call or clock
//	checkout page               pay, decline and try again, cancel; complete and expired pages say so
//	subscriptions               retrieve, list, update (items, metadata, cancellation, pause), cancel
//	invoices, payment intents,  made by checkout, with the metadata that Stripe copies; retrieve, list
//	charges, payment methods
//	refunds                     create, retrieve, list
//	billing portal              create; the page lists the subscriptions and links back
//	events                      retrieve, list; webhooks signed with one or more secrets, retried, held, dropped,
//	                            doubled, delayed and reordered at will, rendered in the endpoint's API [Version]
//	accounts                    several, by key; test and live data apart; 401 for any other key
//	everywhere                  expand to four levels, pagination, refusals of unknown, missing and bad parameters,
//	                            idempotency keys with replay, conflict and misuse, Request-Id
//	for tests                   faults before and after execution, a log of calls, a virtual clock, dashboard actions,
//	                            the truth as Go values
//
// # What it does not do
//
//	setup mode, embedded checkout, coupons, tax, shipping, Connect, metered and tiered prices, subscription schedules
//	renewals and the end of trials: a subscription stays in its first period
//	proration: a changed price holds at once and is not invoiced; upcoming invoices
//	creating subscriptions, invoices and payment intents through the API ([Account.AddSubscription] does it from Go)
//	3-D Secure, disputes, balance transactions, plan changes in the portal
//	search, files, Stripe's rate limits, Stripe's exact words in every message
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
