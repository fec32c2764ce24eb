package paymount_test

import (
	"context"
	"database/sql"
	"encoding/json"

	"github.com/paymount/paymount"
	"github.com/paymount/paymount/subscription"
)

// Slow work, such as mail, does not belong into the hook: it writes a row that a worker of the app takes from there. The id
// of the change makes a repeated call harmless.
func Example_outbox() {
	// CREATE TABLE outbox (id text PRIMARY KEY, change json NOT NULL, done_at timestamptz)
	outbox := func(db *sql.DB) subscription.OnChange {
		return func(ctx context.Context, change subscription.Change) error {
			row, err := json.Marshal(map[string]any{"subscription": change.New, "payment": change.Payment})
			if err != nil {
				return err
			}
			_, err = db.ExecContext(ctx,
				"INSERT INTO outbox (id, change) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING", change.ID, row)
			return err
		}
	}
	config := func(db *sql.DB) paymount.Config { return paymount.Config{OnChange: outbox(db)} }
	_ = config
}

// The hook is told of each change until it has returned nil for it.
func Example_onChange() {
	var welcome func(ctx context.Context, user string) error // the app's own
	config := paymount.Config{
		OnChange: func(ctx context.Context, change subscription.Change) error {
			if change.New != nil && change.New.Status == subscription.StatusActive &&
				(change.Old == nil || change.Old.Status != subscription.StatusActive) {
				return welcome(ctx, change.New.Owner.ID)
			}
			return nil
		},
	}
	_ = config
}
