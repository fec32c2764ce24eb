package paymount

import (
	"context"

	"github.com/paymount/paymount/internal/event"
	"github.com/paymount/paymount/internal/reconcile"
	"github.com/paymount/paymount/internal/refetch"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

// Reconcile makes the store equal to Stripe for one project and mode, without webhooks. Call it when the app starts and
// every few minutes: what a webhook did not bring, because the app was away for longer than Stripe delivers or because
// nobody had set the endpoint up, it finds out. What webhooks have brought costs it nothing but a list call for each 100
// events.
//
// The first run of a store walks whole lists: subscriptions (ended ones too), invoices and completed checkout sessions, with
// one call for each 100 of them, and two for those that the store had known before. Later ones go through the events since
// the last run. When that was more than 29 days ago (Stripe lists events for 30), when the secret key has changed since, or
// with ReconcileOptions.Full, a run walks the whole lists again. Whatever it sees enters the store by the same path as what a
// webhook has announced, so it can run beside webhooks, checkouts and other replicas at any time, and never puts an older
// state in the place of a newer one.
//
// A run keeps how far it has come in the store, after each page of 100. So when it ends early, because ctx is done, Stripe or
// the store is away or the process crashes, call it again: it goes on from there. While one is under way for the same project
// and mode, in whatever process, others return subscription.ErrReconcileRunning; after a crash for up to five minutes. Memory
// holds two pages at most.
//
// A walk over whole lists also looks up the subscriptions that are open in the store and were in none of the lists, if the
// store is a subscription.OpenLister. In test mode, where data can be deleted, those that are gone end. In live mode they are
// left as they are, and listed in ReconcileResult.Missing: the key must be one of another account. One that another replica
// has written in the last minutes, by a clock that is ahead, is left to the next walk.
//
// Objects that can't be brought in (OnChange or Owner failed, say) do not end a run. It tries them again in the end,
// returns why they failed, all joined, and remembers them for the next run. When there are more than 100 of them, it ends.
//
// It returns what it has done in any case, and errors that wrap subscription.ErrReconcileRunning, project.ErrNotConfigured
// (also for a key that is not one of the mode), subscription.ErrMissingInLive, context.Cause(ctx), or what
// ReconcileOptions.Progress returned; others are the store's or Stripe's, without Stripe's text. A restricted key needs to
// read events, subscriptions, invoices, checkout sessions, products, customers and payment intents. The clock (Config.Now)
// must not be ahead of Stripe's by more than ten minutes.
//
// It does not see what Stripe's lists and events do not show: subscriptions on test clocks
// (https://docs.stripe.com/billing/testing/test-clocks) that no webhook has brought. Payments that no checkout session or
// invoice of the app has made are nobody's, as they are to webhooks.
func (s *Service) Reconcile(
	ctx context.Context, scope project.Scope, options subscription.ReconcileOptions,
) (subscription.ReconcileResult, error) {
	credentials, err := s.config.Credentials.ResolveCredentials(ctx, scope.ProjectID, scope.Mode)
	if err != nil {
		return subscription.ReconcileResult{}, err
	}
	pace, err := reconcile.NewPace(options)
	if err != nil {
		return subscription.ReconcileResult{}, err
	}
	stripe := s.stripe.Lister(pace.Wait)
	return reconcile.Run(ctx, reconcile.Config{
		Scope: scope, Credentials: credentials, Store: s.config.Store, Stripe: stripe,
		Refetcher: refetch.New(refetch.Config{
			Store: s.config.Store, Stripe: stripe, Customers: s.customers, OnChange: s.config.OnChange, Owner: s.config.Owner,
			Applied: s.gate.Drop, Now: s.config.Now,
		}),
		AsksOwner: s.config.Owner != nil,
		Pace:      pace, Ends: event.Ends{Sessions: s.checkout, Customers: s.customers}, Now: s.config.Now,
	}, options)
}
