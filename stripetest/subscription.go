package stripetest

import (
	"cmp"
	"maps"
	"slices"
)

// incompleteLife is how long the first payment of a subscription may be missing: 23 hours, in seconds.
const incompleteLife = 23 * 60 * 60

// Subscription is https://docs.stripe.com/api/subscriptions/object, as far as the fake keeps it. Times are in seconds,
// 0 where Stripe has null.
type Subscription struct {
	ID, Customer, Currency               string
	Status                               string // "active", "trialing", "past_due", …
	Items                                []SubscriptionItem
	CancelAtPeriodEnd                    bool
	CancelAt, CanceledAt, EndedAt        int64
	CurrentPeriodStart, CurrentPeriodEnd int64
	TrialStart, TrialEnd                 int64
	BillingCycleAnchor                   int64
	LatestInvoice, DefaultPaymentMethod  string
	Description                          string
	PauseCollection                      string // its behavior; empty when collection is not paused
	MissingPaymentMethod                 string // what the end of a trial without one does: "cancel", "pause"; else it is invoiced
	CancellationReason                   string
	Schedule                             string // sub_sched_… when a schedule runs the subscription
	PendingUpdate                        *PendingUpdate
	Metadata                             map[string]string
	Created                              int64

	feedback, comment string
	resumesAt         int64 // the end of PauseCollection
	trialEndTold      bool
}

// PendingUpdate is a change that waits for its invoice to be paid; see
// https://docs.stripe.com/billing/subscriptions/pending-updates.
type PendingUpdate struct {
	Items     []SubscriptionItem
	Invoice   string
	ExpiresAt int64 // seconds

	restart bool // a new period begins with the change
}

// SubscriptionItem is one price of a subscription.
type SubscriptionItem struct {
	ID, Price string
	Quantity  int64
	Metadata  map[string]string
	Created   int64
}

func (s *Subscription) ident() string    { return s.ID }
func (s *Subscription) createdAt() int64 { return s.Created }

func (s *Subscription) clone() Subscription {
	out := *s
	out.Items = cloneItems(s.Items)
	out.Metadata = maps.Clone(s.Metadata)
	if s.PendingUpdate != nil {
		pending := *s.PendingUpdate
		pending.Items = cloneItems(pending.Items)
		out.PendingUpdate = &pending
	}
	return out
}

func cloneItems(items []SubscriptionItem) []SubscriptionItem {
	out := slices.Clone(items)
	for i := range out {
		out[i].Metadata = maps.Clone(out[i].Metadata)
	}
	return out
}

// ended reports whether the subscription is over for good.
func (s *Subscription) ended() bool {
	return s.Status == "canceled" || s.Status == "incomplete_expired"
}

func (s *Subscription) render(a *Account, v Version) doc {
	out := doc{
		"id": s.ID, "object": "subscription", "application": nil, "application_fee_percent": nil,
		"automatic_tax": doc{"enabled": false, "liability": nil}, "billing_cycle_anchor": s.BillingCycleAnchor,
		"billing_cycle_anchor_config": nil, "billing_thresholds": nil, "cancel_at": timeOrNull(s.CancelAt),
		"cancel_at_period_end": s.CancelAtPeriodEnd, "canceled_at": timeOrNull(s.CanceledAt),
		"cancellation_details": doc{
			"comment": orNull(s.comment), "feedback": orNull(s.feedback), "reason": orNull(s.CancellationReason),
		},
		"collection_method": "charge_automatically", "created": s.Created, "currency": s.Currency,
		"customer": s.Customer, "days_until_due": nil, "default_payment_method": orNull(s.DefaultPaymentMethod),
		"default_source": nil, "default_tax_rates": []doc{}, "description": orNull(s.Description),
		"ended_at": timeOrNull(s.EndedAt), "latest_invoice": orNull(s.LatestInvoice),
		"items":    s.itemsDoc(a, v),
		"livemode": a.Livemode, "metadata": metadataDoc(s.Metadata), "next_pending_invoice_item_invoice": nil,
		"on_behalf_of": nil, "pause_collection": nil, "payment_settings": doc{
			"payment_method_options": nil, "payment_method_types": nil, "save_default_payment_method": "off",
		},
		"pending_invoice_item_interval": nil, "pending_setup_intent": nil, "pending_update": nil, "schedule": orNull(s.Schedule),
		"start_date": s.Created, "status": s.Status, "test_clock": nil, "transfer_data": nil,
		"trial_end": timeOrNull(s.TrialEnd), "trial_start": timeOrNull(s.TrialStart),
		"trial_settings": doc{"end_behavior": doc{"missing_payment_method": cmp.Or(s.MissingPaymentMethod, "create_invoice")}},
	}
	if s.PauseCollection != "" {
		out["pause_collection"] = doc{"behavior": s.PauseCollection, "resumes_at": timeOrNull(s.resumesAt)}
	}
	if pending := s.PendingUpdate; pending != nil {
		out["pending_update"] = doc{
			"billing_cycle_anchor": nil, "expires_at": pending.ExpiresAt,
			"subscription_items": s.itemRows(pending.Items, a, v), "trial_end": nil, "trial_from_plan": nil,
		}
	}
	s.drift(out, v)
	return out
}

// drift adds what was moved or renamed on the way to a version.
func (s *Subscription) drift(out doc, v Version) {
	if v.since(Version20240410) {
		out["discounts"] = []doc{}
	}
	if v.since(versionAcacia) {
		out["invoice_settings"] = doc{"account_tax_ids": nil, "issuer": doc{"type": "self"}}
	}
	if v.withoutThresholds() {
		delete(out, "billing_thresholds")
	}
	if !v.since(VersionBasil) { // later the period is on the items
		out["discount"] = nil
		out["current_period_start"], out["current_period_end"] = s.CurrentPeriodStart, s.CurrentPeriodEnd
	}
	if v.since(VersionClover) {
		// What was created through the 2023-10-16 API stays in classic mode; a dashboard can still set cancel_at alone.
		out["billing_mode"] = doc{"type": "classic"}
	}
	if v.since(VersionDahlia) {
		out["billing_schedules"] = []doc{}
	}
}

// itemsDoc is the beginning of the list of items. The rest is found where its url says.
func (s *Subscription) itemsDoc(a *Account, v Version) doc {
	shown := s.Items[:min(shownRows, len(s.Items))]
	return listDoc(itemsPath+"?subscription="+s.ID, s.itemRows(shown, a, v), len(s.Items) > len(shown))
}

func (s *Subscription) itemRows(items []SubscriptionItem, a *Account, v Version) []doc {
	var rows []doc
	for _, item := range items {
		row := doc{
			"id": item.ID, "object": "subscription_item", "billing_thresholds": nil, "created": item.Created,
			"metadata": metadataDoc(item.Metadata), "price": nil, "quantity": item.Quantity, "subscription": s.ID,
			"tax_rates": []doc{},
		}
		if price, ok := find[*Price](a, item.Price); ok {
			row["price"] = price.render(a, v)
			if price.Metered {
				delete(row, "quantity")
			}
		}
		if v.since(VersionBasil) {
			row["current_period_start"], row["current_period_end"] = s.CurrentPeriodStart, s.CurrentPeriodEnd
		}
		if v.since(Version20240410) {
			row["discounts"] = []doc{}
		}
		if v.withoutThresholds() {
			delete(row, "billing_thresholds")
		}
		rows = append(rows, row)
	}
	return rows
}

func cancellationDetails() field {
	return hash(fields{
		"comment": text.orEmpty(), "feedback": oneOf("customer_service", "low_quality", "missing_features", "other",
			"switched_service", "too_complex", "too_expensive", "unused").orEmpty(),
	})
}

func subscriptionOperations() []operation {
	statuses := oneOf("active", "all", "canceled", "ended", "incomplete", "incomplete_expired", "past_due", "paused",
		"trialing", "unpaid")
	return []operation{
		{"GET", "/v1/subscriptions", listParams().with(fields{
			"customer": text, "price": text, "status": statuses, "created": timeRange, "current_period_start": timeRange,
			"current_period_end": timeRange, "collection_method": oneOf("charge_automatically", "send_invoice"),
			"automatic_tax": unsupported, "test_clock": unsupported,
		}), listSubscriptions},
		{"POST", "/v1/subscriptions", subscriptionCreateParams(), createSubscription},
		{"GET", "/v1/subscriptions/{id}", fields{}, retrieve[*Subscription]("subscription", "id")},
		{"POST", "/v1/subscriptions/{id}", subscriptionUpdateParams(), onSubscription(updateSubscription)},
		{"DELETE", "/v1/subscriptions/{id}", fields{
			"cancellation_details": cancellationDetails(), "invoice_now": boolean, "prorate": boolean,
		}, onSubscription(cancelSubscription)},
	}
}

// onSubscription looks up the subscription of the path before f runs.
func onSubscription(f func(*Account, *request, *Subscription) (any, error)) func(*Account, *request) (any, error) {
	return func(a *Account, r *request) (any, error) {
		s, ok := find[*Subscription](a, r.id())
		if !ok {
			return nil, missing("subscription", r.id(), "id")
		}
		return f(a, r, s)
	}
}

func listSubscriptions(a *Account, r *request) (any, error) {
	p := r.params
	return listed(a, r, a.subscriptions, func(s *Subscription) bool {
		return p.wanted("customer", s.Customer) && s.listedAs(p.str("status")) &&
			p.wanted("collection_method", "charge_automatically") &&
			inRange(p.get("current_period_start"), s.CurrentPeriodStart) &&
			inRange(p.get("current_period_end"), s.CurrentPeriodEnd) &&
			(!p.has("price") || slices.ContainsFunc(s.Items, func(i SubscriptionItem) bool {
				return i.Price == p.str("price")
			}))
	})
}

// listedAs tests the status filter of a list. Without one, Stripe leaves the canceled ones out.
func (s *Subscription) listedAs(filter string) bool {
	switch filter {
	case "":
		return s.Status != "canceled"
	case "all":
		return true
	case "ended":
		return s.ended()
	default:
		return s.Status == filter
	}
}
