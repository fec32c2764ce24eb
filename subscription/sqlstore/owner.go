package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"github.com/paymount/paymount/subscription"
)

// loadOwner is one statement, so that all is as it was at one moment.
const loadOwner = `SELECT '', 0, '', '', NULL, document FROM {subscriptions} WHERE ` + ofUser + `
UNION ALL SELECT kind, version, attempt, object_id, data, NULL FROM {intents} WHERE ` + ofUser

// LoadOwner implements subscription.OwnerLoader.
func (s *Store) LoadOwner(ctx context.Context, owner subscription.Owner) (state subscription.OwnerState, err error) {
	args := ownerArgs(owner, ownerArgs(owner)...)
	err = s.list(ctx, s.queries.loadOwner, args, func() { state = subscription.OwnerState{} }, func(rows *sql.Rows) error {
		var kind string
		var intent subscription.Intent
		var document []byte
		err := rows.Scan(&kind, &intent.Version, &intent.Attempt, &intent.ObjectID, &intent.Data, &document)
		switch {
		case err != nil:
			return err
		case kind == string(subscription.IntentCustomer):
			state.Customer = intent
		case kind == string(subscription.IntentCheckout):
			state.Checkout = intent
		case document != nil:
			var sub *subscription.Subscription
			if err := json.Unmarshal(document, &sub); err != nil {
				return err
			}
			if sub != nil { // it is nobody's
				state.Subscriptions = append(state.Subscriptions, *sub)
			}
		}
		return nil
	})
	if err != nil {
		return subscription.OwnerState{}, fmt.Errorf("sqlstore: load owner: %w", err)
	}
	return state, nil
}
