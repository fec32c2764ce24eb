package sqlstore

import (
	"fmt"
	"strings"
)

// queries are the statements of a store, ready for its database.
type queries struct {
	subscriptions, open, loadOwner     string
	payments, paymentsAfter            string
	intent, swapFirst, swapNext        string
	adopt, customerOwner               string
	cursor, cursorFirst, cursorNext    string
	reserve, reserved, finish, release string
	sweepKeys, cleanKeys, cleanEvents  string
}

// batch is a write of several statements. The first one decides: when it changes no row, the others do nothing.
type batch struct {
	// whole is all of them in one statement, empty where the database can't do that.
	whole string
	// parts are the same for a transaction.
	parts []string
}

func (n naming) batch(first string, others ...string) batch {
	if n.dialect == SQLite {
		parts := []string{n.compile(first)}
		for _, other := range others {
			parts = append(parts, n.compile(other))
		}
		return batch{parts: parts}
	}
	with := []string{"written AS (" + first + " RETURNING 1)"}
	for i, other := range others {
		with = append(with, fmt.Sprintf("other_%d AS (%s)", i, other))
	}
	return batch{whole: n.compile("WITH " + strings.Join(with, ", ") + " SELECT count(*) FROM written")}
}

const (
	ofObject = "project_id = ? AND mode = ? AND id = ?"
	ofUser   = "project_id = ? AND mode = ? AND user_id = ?"

	// The page and the count are one statement, so that they fit.
	payments = `SELECT counted.total, page.document
FROM (SELECT count(*) AS total FROM {payments} WHERE ` + ofUser + ` AND amount > 0) AS counted
LEFT JOIN (SELECT created_at, id, document FROM {payments} WHERE ` + ofUser + ` AND amount > 0
	ORDER BY created_at DESC, id DESC LIMIT ? OFFSET ?) AS page ON TRUE
ORDER BY page.created_at DESC, page.id DESC`

	paymentsAfter = `SELECT 0, document FROM {payments} WHERE ` + ofUser + ` AND amount > 0
AND (created_at, id) < (CAST(? AS {time}), CAST(? AS text)) ORDER BY created_at DESC, id DESC LIMIT ? OFFSET ?`

	open = `SELECT document FROM {subscriptions} WHERE project_id = ? AND mode = ? AND updated_at < ? AND id > ? AND user_id <> ''
AND (pending OR status NOT IN ('canceled', 'incomplete_expired')) ORDER BY id LIMIT ?`

	swapFirst = `INSERT INTO {intents} (project_id, mode, user_id, kind, version, attempt, object_id, data)
VALUES (?, ?, ?, ?, 1, ?, ?, ?) ON CONFLICT DO NOTHING`

	swapNext = `UPDATE {intents} SET version = version + 1, attempt = ?, object_id = ?, data = ?
WHERE ` + ofUser + ` AND kind = ? AND version = ?`

	// adopt changes a row only if the customer is nobody's or the user's already. It waits for others who adopt the customer.
	adopt = `INSERT INTO {customers} AS c (project_id, mode, id, user_id) VALUES (?, ?, ?, ?)
ON CONFLICT (project_id, mode, id) DO UPDATE SET user_id = c.user_id WHERE c.user_id = excluded.user_id`

	cursorFirst = `INSERT INTO {cursors} (project_id, mode, version, data) VALUES (?, ?, 1, ?) ON CONFLICT DO NOTHING`

	cursorNext = `UPDATE {cursors} SET version = version + 1, data = ? WHERE project_id = ? AND mode = ? AND version = ?`

	// A reservation takes the key over where it is free.
	reserve = `INSERT INTO {idempotency_keys} AS k
	(project_id, mode, id, holder, fingerprint, reserved_at, locked_until, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (project_id, mode, id) DO UPDATE SET holder = excluded.holder, fingerprint = excluded.fingerprint,
	reserved_at = excluded.reserved_at, locked_until = excluded.locked_until, expires_at = excluded.expires_at,
	status = NULL, content_type = '', body = NULL
WHERE k.expires_at <= excluded.reserved_at OR (k.status IS NULL AND k.locked_until <= excluded.reserved_at)`

	inFlight = " WHERE " + ofObject + " AND holder = ? AND status IS NULL"
)

func newQueries(n naming) queries {
	return queries{
		subscriptions: n.compile("SELECT document FROM {subscriptions} WHERE " + ofUser),
		open:          n.compile(open),
		loadOwner:     n.compile(loadOwner),
		payments:      n.compile(payments),
		paymentsAfter: n.compile(paymentsAfter),
		intent: n.compile(
			"SELECT version, attempt, object_id, data FROM {intents} WHERE " + ofUser + " AND kind = ?"),
		swapFirst:     n.compile(swapFirst),
		swapNext:      n.compile(swapNext),
		adopt:         n.compile(adopt),
		customerOwner: n.compile("SELECT user_id FROM {customers} WHERE " + ofObject),
		cursor:        n.compile("SELECT version, data FROM {cursors} WHERE project_id = ? AND mode = ?"),
		cursorFirst:   n.compile(cursorFirst),
		cursorNext:    n.compile(cursorNext),
		reserve:       n.compile(reserve),
		reserved: n.compile("SELECT holder, fingerprint, reserved_at, locked_until, expires_at, status, content_type, body " +
			"FROM {idempotency_keys} WHERE " + ofObject),
		finish:      n.compile("UPDATE {idempotency_keys} SET status = ?, content_type = ?, body = ?" + inFlight),
		release:     n.compile("DELETE FROM {idempotency_keys}" + inFlight),
		sweepKeys:   n.compile(oldest("{idempotency_keys}", "project_id, mode, id", "expires_at", sweepRows)),
		cleanKeys:   n.compile(oldest("{idempotency_keys}", "project_id, mode, id", "expires_at", cleanBatch)),
		cleanEvents: n.compile(oldest("{events}", "project_id, mode, object_id, id", "recorded_at", cleanBatch)),
	}
}

// oldest deletes the oldest rows of a table. The limit is no argument: Postgres would plan for a great part of the table.
func oldest(table, key, time string, limit int) string {
	return fmt.Sprintf(
		"DELETE FROM %[1]s WHERE (%[2]s) IN (SELECT %[2]s FROM %[1]s WHERE %[3]s <= ? ORDER BY %[3]s LIMIT %[4]d)",
		table, key, time, limit)
}
