package subscription

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// Status is a subscription's status in Stripe's words
// (https://docs.stripe.com/api/subscriptions/object#subscription_object-status).
type Status string

// The statuses that Stripe knows.
const (
	StatusActive            Status = "active"
	StatusTrialing          Status = "trialing"
	StatusPastDue           Status = "past_due"
	StatusUnpaid            Status = "unpaid"
	StatusPaused            Status = "paused"
	StatusIncomplete        Status = "incomplete"
	StatusIncompleteExpired Status = "incomplete_expired"
	StatusCanceled          Status = "canceled"
)

// Ended reports whether the status is final: such a subscription never comes back.
func (s Status) Ended() bool { return s == StatusCanceled || s == StatusIncompleteExpired }

// Blocks reports whether an owner with such a subscription is not sold another one. An incomplete one does not block: its
// first payment never came.
func (s Status) Blocks() bool { return !s.Ended() && s != StatusIncomplete }

// rank orders statuses from the best to the worst for the owner.
func (s Status) rank() int {
	switch s {
	case StatusActive, StatusTrialing:
		return 0
	case StatusPastDue:
		return 1
	case StatusUnpaid:
		return 2
	case StatusPaused:
		return 3
	case StatusIncomplete:
		return 4
	case StatusIncompleteExpired, StatusCanceled:
	}
	return 5
}

// Subscription is one Stripe subscription of one owner, as last fetched. Times are UTC with a precision of seconds; a
// zero time means that Stripe has none. The JSON form is for stores.
type Subscription struct {
	// ID is Stripe's id (sub_…).
	ID string `json:"id"`
	// Owner is whose subscription it is.
	Owner Owner `json:"owner"`
	// CustomerID is Stripe's customer (cus_…).
	CustomerID string `json:"customer_id"`
	Status     Status `json:"status"`
	// Items are what is subscribed to. The first one is the plan; most subscriptions have no other.
	Items []Item `json:"items,omitempty"`

	CurrentPeriodStart time.Time `json:"current_period_start,omitzero"`
	CurrentPeriodEnd   time.Time `json:"current_period_end,omitzero"`
	// CancelAt is when a scheduled cancellation takes effect, whichever way it was scheduled; CancelAtPeriodEnd says that it
	// was by the flag cancel_at_period_end.
	CancelAt          time.Time `json:"cancel_at,omitzero"`
	CancelAtPeriodEnd bool      `json:"cancel_at_period_end,omitempty"`
	// CanceledAt is when the cancellation was asked for, EndedAt when the subscription ended.
	CanceledAt time.Time `json:"canceled_at,omitzero"`
	EndedAt    time.Time `json:"ended_at,omitzero"`
	TrialEnd   time.Time `json:"trial_end,omitzero"`
	CreatedAt  time.Time `json:"created_at"`
	// PastDueSince is set while the status is past_due: when the payment of the oldest unpaid invoice first failed. It stays
	// when further invoices are not paid either, whatever periods begin meanwhile. It is zero in state from before this field.
	PastDueSince time.Time `json:"past_due_since,omitzero"`
	// CollectionPaused is true while payment collection is paused (pause_collection), which is not the status "paused".
	CollectionPaused bool `json:"collection_paused,omitempty"`
	// ScheduleID is the subscription schedule (sub_sched_…) that runs the subscription, when there is one.
	ScheduleID string `json:"schedule_id,omitempty"`
	// Metadata is Stripe's.
	Metadata map[string]string `json:"metadata,omitempty"`
}

// Item is one item of a subscription.
type Item struct {
	ID        string `json:"id"`
	PriceID   string `json:"price_id"`
	ProductID string `json:"product_id"`
	// PlanName is what a person calls it: the product's name, or the price's nickname.
	PlanName string `json:"plan_name,omitempty"`
	// Quantity is how many are subscribed to. Stripe has none for a metered price; it is 1 here then.
	Quantity int64 `json:"quantity"`
	// Metered says that the price is billed by use (recurring.usage_type): Stripe takes no quantity for it.
	Metered bool `json:"metered,omitempty"`
}

// Plan returns the first item, or a zero Item where there is none.
func (s Subscription) Plan() Item {
	if len(s.Items) == 0 {
		return Item{}
	}
	return s.Items[0]
}

// Clone returns a copy that shares nothing with s.
func (s Subscription) Clone() Subscription {
	s.Items, s.Metadata = slices.Clone(s.Items), maps.Clone(s.Metadata)
	return s
}

// DefaultPastDueGrace is for how long a payment may have failed before a past_due subscription stops to entitle, where the
// host has not said otherwise.
const DefaultPastDueGrace = 7 * 24 * time.Hour

// Entitles reports whether the subscription opens what it pays for at a time: active and trialing do, and past_due for
// pastDueGrace after the payment first failed (0: DefaultPastDueGrace; negative: not at all). A cancellation whose time has
// come ends it even before Stripe's event has arrived.
func (s Subscription) Entitles(at time.Time, pastDueGrace time.Duration) bool {
	if !s.CancelAt.IsZero() && !at.Before(s.CancelAt) {
		return false
	}
	switch s.Status {
	case StatusActive, StatusTrialing:
		return true
	case StatusPastDue:
		since := cmp.Or(s.PastDueSince, s.CurrentPeriodStart)
		return pastDueGrace >= 0 && at.Before(since.Add(cmp.Or(pastDueGrace, DefaultPastDueGrace)))
	case StatusUnpaid, StatusPaused, StatusIncomplete, StatusIncompleteExpired, StatusCanceled:
	}
	return false
}

// Ranked returns those of subs that have not ended, the best first: active and trialing, then past_due, unpaid, paused,
// incomplete; the newest first among equals.
func Ranked(subs []Subscription) []Subscription {
	return ranked(subs, func(s Subscription) bool { return !s.Status.Ended() })
}

// Past returns those of subs that have ended, the newest first.
func Past(subs []Subscription) []Subscription {
	return ranked(subs, func(s Subscription) bool { return s.Status.Ended() })
}

func ranked(subs []Subscription, keep func(Subscription) bool) []Subscription {
	out := slices.DeleteFunc(slices.Clone(subs), func(s Subscription) bool { return !keep(s) })
	slices.SortFunc(out, func(a, b Subscription) int {
		return cmp.Or(
			cmp.Compare(a.Status.rank(), b.Status.rank()),
			b.CreatedAt.Compare(a.CreatedAt),
			cmp.Compare(b.ID, a.ID),
		)
	})
	return out
}
