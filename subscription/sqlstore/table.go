package sqlstore

import (
	"fmt"
	"strings"
	"time"

	"github.com/paymount/paymount/subscription"
)

// table is one whose rows are the objects of a kind: its columns, and its statements.
type table[T any] struct {
	columns []column[T]
	rows    statements
}

// column is one of a table: its name, its type as compile knows it, and its value.
type column[T any] struct {
	name, kind string
	of         func(state *T) any
}

// statements are those that load and save the objects of a kind, by how many events they are about: none, one or several.
type statements struct {
	load                         [3]string
	insert, touch, replace, both [3]batch
	notification                 string
}

// several is the index of statements about more than one event. One event is the usual case, and the cheaper one.
const several = 2

const (
	// ofCustomer is true unless the customer of a state belongs to another user than the state.
	ofCustomer = `NOT EXISTS (SELECT 1 FROM {customers} AS c
	WHERE c.project_id = ? AND c.mode = ? AND c.id = ? AND c.user_id <> ?)`

	recorded = `FROM {events} AS r WHERE r.project_id = o.project_id AND r.mode = o.mode AND r.object_id = o.id AND r.id`

	record = `INSERT INTO {events} (project_id, mode, object_id, recorded_at, id)
SELECT CAST(? AS text), CAST(? AS text), CAST(? AS text), CAST(? AS {time}), `

	onceOnly = ` ON CONFLICT DO NOTHING`
)

func newTable[T any](n naming, name string, columns []column[T]) table[T] {
	t := table[T]{columns: columns}
	var names, values, sets strings.Builder
	for _, c := range append(columns, column[T]{name: "updated_at", kind: "{time}"}, column[T]{name: "document", kind: "{json}"}) {
		names.WriteString(", " + c.name)
		fmt.Fprintf(&values, ", CAST(? AS %s)", c.kind)
		fmt.Fprintf(&sets, ", %s = CAST(? AS %s)", c.name, c.kind)
	}
	insert := "INSERT INTO {" + name + "} (project_id, mode, id, version" + names.String() +
		", pending, notified, notifications, claimed_until, notification_version) " +
		"SELECT CAST(? AS text), CAST(? AS text), CAST(? AS text), 1" + values.String() +
		", CAST(? AS {bool}), CAST(? AS {json}), CAST(? AS {int}), CAST(? AS {time}), CAST(? AS {int}) WHERE " + ofCustomer + onceOnly
	update := "UPDATE {" + name + "} SET version = version + 1"
	where := " WHERE " + ofObject + " AND version = ? AND " + ofCustomer
	// The state that the host knows is kept once where it is the one that is stored.
	replace := update + sets.String() + ", pending = CAST(? AS {bool}), notified = COALESCE(notified, document)" + where
	both := update + sets.String() + `, pending = CAST(? AS {bool}), notified = CAST(? AS {json}), notifications = CAST(? AS {int}),
	claimed_until = CAST(? AS {time}), notification_version = notification_version + 1` + where + " AND notification_version = ?"

	for i, events := range []string{"", record + "CAST(? AS text) {if_written}", record + "e.value FROM {each} {if_written}"} {
		var others []string
		if events != "" {
			others = []string{events + onceOnly}
		}
		t.rows.insert[i] = n.batch(insert, others...)
		t.rows.touch[i] = n.batch(update+", updated_at = ?"+where, others...)
		t.rows.replace[i] = n.batch(replace, others...)
		t.rows.both[i] = n.batch(both, others...)
	}
	for i, which := range []string{
		"NULL", "(SELECT {list}(r.id) " + recorded + " = ?)", "(SELECT {list}(r.id) " + recorded + " {listed})",
	} {
		t.rows.load[i] = n.compile("SELECT " + which + `, o.version, o.document, o.notified, o.notifications, o.claimed_until,
	o.notification_version FROM {` + name + "} AS o WHERE " + ofObject)
	}
	t.rows.notification = n.compile("UPDATE {" + name + `} SET notification_version = notification_version + 1,
	notifications = CAST(? AS {int}), claimed_until = CAST(? AS {time}),
	pending = CAST(? AS {bool}) OR COALESCE(CAST(document AS {jsonb}) <> CAST(? AS {jsonb}), FALSE),
	notified = CASE WHEN CAST(document AS {jsonb}) = CAST(? AS {jsonb}) THEN NULL ELSE CAST(? AS {json}) END
WHERE ` + ofObject + " AND notification_version = ?")
	return t
}

// state returns the arguments for the columns of a state, which is nil for an object that is nobody's.
func (t table[T]) state(d Dialect, state *T, at time.Time) (args []any, err error) {
	document, err := encode(state)
	if err != nil {
		return nil, err
	}
	if state == nil {
		state = new(T)
	}
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
		{"user_id", "text", func(s *sub) any { return s.Owner.ID }},
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
		{"user_id", "text", func(p *pay) any { return p.Owner.ID }},
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
