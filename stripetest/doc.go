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
// # What it does and what it does not
//
//	                     | does                                            | does not
//	---------------------|-------------------------------------------------|--------------------------------------
//	products, prices     | create, retrieve, list, update                  | tiers, use of metered prices (it is
//	                     |                                                 | always none), other currencies
//	                     |                                                 | of a price, fractions of a cent
//	customers            | create, retrieve, list, update, delete (with    | tax ids, sources, addresses (accepted,
//	                     | tombstones); the credit balance                 | not kept)
//	checkout sessions    | create (payment and subscription mode; hosted   | setup mode, coupons, tax, shipping
//	                     | and embedded; price and price_data; trials),    | options
//	                     | retrieve, list by customer, status,             |
//	                     | subscription and payment intent, line items,    |
//	                     | expire by call or clock                         |
//	checkout page        | pay, decline and try again, authenticate (3-D   | the form of an embedded checkout:
//	                     | Secure), cancel; complete and expired pages     | [Account.Complete] ends one from Go
//	subscriptions        | create (trial and what its end does without a   | the billing cycle anchor, changes of a
//	                     | payment method, payment_behavior, scheduled     | trial, resumption of a paused one,
//	                     | end), retrieve, list, update (items with        | invoices by email, coupons, flexible
//	                     | proration and payment_behavior, metadata,       | billing mode, schedules:
//	                     | cancellation, pause), pending updates, cancel   | [Account.SetSchedule] marks a
//	                     | (with prorate and invoice_now)                  | subscription, with the refusals
//	by the clock         | renewals on the anchor's day, trials and the    | invoice.upcoming and invoice.updated,
//	                     | notice of their end, cancellation, failed       | test clocks of the API:
//	                     | payments with retries, then canceled, unpaid or | [Server.Advance] moves time
//	                     | past_due; bank debits that take their time      |
//	invoices             | made by checkout, updates and renewals, with    | others to create, and the like
//	                     | the metadata that Stripe copies; create (for    | through the API; credit notes, minimum
//	                     | what a subscription has pending), finalize,     | charge amounts
//	                     | retrieve, list, lines, pay (out of band too),   |
//	                     | void, auto_advance; upcoming with a change of   |
//	                     | items; a hosted page to pay or authenticate     |
//	invoice items        | pending prorations; retrieve, list              | create
//	invoice payments     | list, in version 2025-03-31.basil               | in other versions
//	payment intents,     | retrieve, list                                  | create, confirm, capture
//	charges              |                                                 |
//	payment methods      | retrieve, list, attach (Stripe's test cards,    | create, update; a bank that refuses to
//	                     | pm_card_visa and the like), detach              | attach a card
//	refunds, disputes    | create (a refund), retrieve, list; failed       | evidence, balance transactions
//	                     | refunds, disputes won and lost from Go          |
//	billing portal       | create; the page shows subscriptions and        | plan changes, configurations, flows
//	                     | invoices, cancels at the period's end, takes    |
//	                     | that back, replaces the card, and links back    |
//	events               | retrieve, list; webhooks signed with one or     | thin events, endpoints through the API
//	                     | more secrets, retried, held, dropped, doubled,  |
//	                     | delayed and reordered at will, rendered in the  |
//	                     | endpoint's API [Version]                        |
//	the Stripe CLI       | "stripe listen" (its events are signed with the | --latest, thin events, "stripe trigger"
//	                     | secret that it prints, and sent once) and       | of what the fake cannot create, "stripe
//	                     | "stripe events resend", with --api-base         | logs tail"
//	accounts             | several, by key; test and live data apart; 401  | Connect, the rights of restricted keys
//	                     | for any other key                               |
//	everywhere           | expand to four levels, pagination, refusals of  | search, files, Stripe's rate limits,
//	                     | unknown, missing and bad parameters,            | its exact words in every message,
//	                     | idempotency keys with replay, conflict and      | expansion of schedules and of
//	                     | misuse, Request-Id                              | subscription items
//	for tests            | faults before and after execution, a log of     |
//	                     | calls, a clock of the server's own or of the    |
//	                     | test's, cards that fail and work again,         |
//	                     | dashboard actions, the truth as Go values       |
//
// # How it is held to Stripe
//
// The module's own tests hold it against what Stripe publishes, with the official stripe-mock and Stripe CLI
// (internal/integration/fidelity and internal/integration/stripecli; each prints how much it compared):
//
//	every answer          | fits the schema of its operation and status in the OpenAPI description of 2023-10-16, with no
//	                      | property that is not there, and with each property expanded that can be
//	every accepted call   | is accepted by stripe-mock, which knows the same description
//	every bad call        | of a set made from the description, one mistake each, that stripe-mock refuses is refused with the
//	                      | same status, naming the same parameter
//	every event           | fits the schemas of 2022-11-15, 2023-10-16, 2024-04-10, 2024-09-30.acacia, 2025-05-28.basil,
//	                      | 2025-09-30.clover and 2026-08-26.dahlia; what Stripe's fixtures have beyond it is on a list there
//	the Stripe CLI        | forwards the events of a checkout to a mounted service, and sends one again
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
// Where the documentation can be read in two ways, an option chooses, so that a program can be tested with both:
// [Options.DelayedIncomplete], [Options.CanceledIncomplete], [Options.KeepPending].
//
// It imports the standard library only, never talks to Stripe, and takes no real payment.
package stripetest
