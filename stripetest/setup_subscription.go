package stripetest

import (
	"fmt"
	"slices"
	"time"
)

// CancelSubscription ends a subscription at once, as the dashboard would. It fails with [ErrNotFound], or [ErrState]
// when it is over already.
func (a *Account) CancelSubscription(id string) error {
	return a.withSubscription(id, func(s *Subscription) error {
		a.cancelNow(s, false, false)
		return nil
	})
}

// ScheduleCancel sets cancel_at_period_end, or takes it back. Errors as in [Account.CancelSubscription].
func (a *Account) ScheduleCancel(id string, on bool) error {
	return a.withSubscription(id, func(s *Subscription) error {
		a.change("customer.subscription.updated", s, func() { a.scheduleAtPeriodEnd(s, on) })
		return nil
	})
}

// ScheduleCancelAt sets cancel_at and leaves cancel_at_period_end false, as the customer portal does for subscriptions
// in flexible billing mode; the zero time takes it back. Errors as in [Account.CancelSubscription].
func (a *Account) ScheduleCancelAt(id string, at time.Time) error {
	return a.withSubscription(id, func(s *Subscription) error {
		var seconds int64
		if !at.IsZero() {
			seconds = at.Unix()
		}
		a.change("customer.subscription.updated", s, func() { a.scheduleAt(s, seconds) })
		return nil
	})
}

// SetStatus puts a subscription into a status, "past_due", "unpaid", "paused" and so on, without a payment; that of the
// latest invoice of one that becomes "incomplete" has failed. It fails as [Account.CancelSubscription] does, and with
// [ErrInvalid] for what is no status of a subscription that goes on.
func (a *Account) SetStatus(id, status string) error {
	if !slices.Contains([]string{"active", "trialing", "past_due", "unpaid", "paused", "incomplete"}, status) {
		return fmt.Errorf("%w: status %q", ErrInvalid, status)
	}
	return a.withSubscription(id, func(s *Subscription) error {
		a.setStatus(s, status)
		if status == "incomplete" {
			a.unpay(s)
		}
		return nil
	})
}

// setStatus tells of another status; entering and leaving paused have events of their own besides.
func (a *Account) setStatus(s *Subscription, status string) {
	was := s.Status
	a.change("customer.subscription.updated", s, func() { s.Status = status })
	switch {
	case status == "paused" && was != "paused":
		a.emit("customer.subscription.paused", s)
	case status != "paused" && was == "paused":
		a.emit("customer.subscription.resumed", s)
	}
}

// unpay lets the latest invoice of a subscription be one whose payment has failed.
func (a *Account) unpay(s *Subscription) {
	i, ok := find[*Invoice](a, s.LatestInvoice)
	if !ok || i.Status != "paid" {
		return
	}
	i.Status, i.PaidAt, i.AmountPaid = "open", 0, 0
	if intent, ok := find[*PaymentIntent](a, i.PaymentIntent); ok {
		intent.AmountReceived = 0
		a.rejectPayment(intent, "generic_decline")
	}
}

// SetSchedule lets a subscription schedule run a subscription, as one made in the dashboard does: from now on Stripe
// refuses changes of its cancellation. It returns the schedule's id; the schedule itself is not modelled. Errors as in
// [Account.CancelSubscription].
func (a *Account) SetSchedule(id string) (scheduleID string, err error) {
	err = a.withSubscription(id, func(s *Subscription) error {
		a.change("customer.subscription.updated", s, func() { s.Schedule = newID("sub_sched_") })
		scheduleID = s.Schedule
		return nil
	})
	return scheduleID, err
}

// AddItem adds a price to a subscription as another item, without proration. It fails as [Account.CancelSubscription]
// does, and with [ErrInvalid] for what Stripe would refuse: a price of another currency or interval, or one that the
// subscription has.
func (a *Account) AddItem(id, priceID string, quantity int64) error {
	return a.withSubscription(id, func(s *Subscription) error {
		price, ok := find[*Price](a, priceID)
		if !ok {
			return notFound("price", priceID)
		}
		first, ok := find[*Price](a, s.Items[0].Price)
		taken := slices.ContainsFunc(s.Items, func(item SubscriptionItem) bool { return item.Price == priceID })
		if taken || price.Currency != s.Currency || ok && !price.sameInterval(first) {
			return fmt.Errorf("%w: price %s does not fit subscription %s", ErrInvalid, priceID, id)
		}
		a.change("customer.subscription.updated", s, func() {
			s.Items = append(slices.Clone(s.Items), SubscriptionItem{
				ID: newID("si_"), Price: priceID, Quantity: price.units(quantity), Created: a.srv.now(),
			})
		})
		return nil
	})
}

// PauseCollection pauses the collection of a subscription's invoices with a behavior, "keep_as_draft",
// "mark_uncollectible" or "void"; an empty one resumes it. It fails as [Account.CancelSubscription] does, and with
// [ErrInvalid] for another behavior.
func (a *Account) PauseCollection(id, behavior string) error {
	if !slices.Contains([]string{"", "keep_as_draft", "mark_uncollectible", "void"}, behavior) {
		return fmt.Errorf("%w: behavior %q", ErrInvalid, behavior)
	}
	return a.withSubscription(id, func(s *Subscription) error {
		a.pauseCollection(s, behavior, 0)
		return nil
	})
}

func (a *Account) withSubscription(id string, f func(*Subscription) error) error {
	defer a.lock()()
	s, ok := find[*Subscription](a, id)
	if !ok {
		return notFound("subscription", id)
	}
	if s.ended() {
		return fmt.Errorf("%w: subscription %s is %s", ErrState, id, s.Status)
	}
	return f(s)
}
