package sqlstore

import (
	"fmt"
	"strings"
	"time"

	"github.com/paymount/paymount/subscription"
)

// table is one that shows the state of objects: its columns, and the statement that writes a row.
type table[T any] struct {
	columns []column[T]
	upsert  string
}

// column is one of a table: its name, its type as compile knows it, and its value.
type column[T any] struct {
	name, kind string
	of         func(state *T) any
}

func newTable[T any](name string, columns []column[T]) table[T] {
	names, values, sets := "project_id, mode, id", "CAST(? AS text), CAST(? AS text), CAST(? AS text)", []string{}
	add := func(name, kind string) {
		names += ", " + name
		values += fmt.Sprintf(", CAST(? AS %s)", kind)
		sets = append(sets, fmt.Sprintf("%s = excluded.%[1]s", name))
	}
	for _, c := range columns {
		add(c.name, c.kind)
	}
	add("updated_at", "{time}")
	add("document", "{json}")
	return table[T]{columns, fmt.Sprintf(
		"INSERT INTO {%s} (%s) SELECT %s {if_written} ON CONFLICT (project_id, mode, id) DO UPDATE SET %s",
		name, names, values, strings.Join(sets, ", "),
	)}
}

// row returns the arguments of upsert.
func (t table[T]) row(d Dialect, k objectKey, state *T, at time.Time) ([]any, error) {
	document, err := encode(state)
	if err != nil {
		return nil, err
	}
	args := k.args()
	for _, c := range t.columns {
		args = append(args, d.value(c.of(state)))
	}
	return append(args, d.value(at), document), nil
}

// optional returns NULL for a time that Stripe has no value for.
func optional(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}

func subscriptionColumns() []column[subscription.Subscription] {
	type sub = subscription.Subscription
	return []column[sub]{
		{"user_id", "text", func(s *sub) any { return s.Owner.UserID }},
		{"customer_id", "text", func(s *sub) any { return s.CustomerID }},
		{"status", "text", func(s *sub) any { return string(s.Status) }},
		{"price_id", "text", func(s *sub) any { return s.Plan().PriceID }},
		{"product_id", "text", func(s *sub) any { return s.Plan().ProductID }},
		{"plan_name", "text", func(s *sub) any { return s.Plan().PlanName }},
		{"quantity", "{int}", func(s *sub) any { return s.Plan().Quantity }},
		{"current_period_start", "{time}", func(s *sub) any { return optional(s.CurrentPeriodStart) }},
		{"current_period_end", "{time}", func(s *sub) any { return optional(s.CurrentPeriodEnd) }},
		{"cancel_at", "{time}", func(s *sub) any { return optional(s.CancelAt) }},
		{"canceled_at", "{time}", func(s *sub) any { return optional(s.CanceledAt) }},
		{"ended_at", "{time}", func(s *sub) any { return optional(s.EndedAt) }},
		{"trial_end", "{time}", func(s *sub) any { return optional(s.TrialEnd) }},
		{"collection_paused", "{bool}", func(s *sub) any { return s.CollectionPaused }},
		{"created_at", "{time}", func(s *sub) any { return s.CreatedAt }},
	}
}

func paymentColumns() []column[subscription.Payment] {
	type pay = subscription.Payment
	return []column[pay]{
		{"user_id", "text", func(p *pay) any { return p.Owner.UserID }},
		{"customer_id", "text", func(p *pay) any { return p.CustomerID }},
		{"subscription_id", "text", func(p *pay) any { return p.SubscriptionID }},
		{"payment_intent_id", "text", func(p *pay) any { return p.PaymentIntentID }},
		{"status", "text", func(p *pay) any { return string(p.Status) }},
		{"amount", "{int}", func(p *pay) any { return p.Amount }},
		{"amount_refunded", "{int}", func(p *pay) any { return p.AmountRefunded }},
		{"currency", "text", func(p *pay) any { return p.Currency }},
		{"description", "text", func(p *pay) any { return p.Description }},
		{"disputed", "{bool}", func(p *pay) any { return p.Disputed }},
		{"created_at", "{time}", func(p *pay) any { return p.CreatedAt }},
	}
}
