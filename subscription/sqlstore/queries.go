package sqlstore

import (
	"fmt"
	"strings"
)

// queries are the statements of a store, ready for its database.
type queries struct {
	subscriptions, open, payments          string
	draw, drawOne, drawSeveral             string
	load, create, save, record             string
	apply, applySubscription, applyPayment batch
	intent, adopt, customerOwner           string
	swapFirst, swapNext                    swap
	reserve, reserved, finish, release     string
	sweepKeys, cleanKeys, cleanEvents      string
}

// swap is a write of an intent, alone or with the customer whom it names.
type swap struct{ alone, customer batch }

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

	// A draw is one statement, so that no two callers get the same ticket. Its object's row is there or is made.
	draw = `INSERT INTO {objects} AS o (project_id, mode, id, tickets) VALUES (?, ?, ?, 1)
ON CONFLICT (project_id, mode, id) DO UPDATE SET tickets = o.tickets + 1`

	// It draws none when nothing is untold and every event is recorded; one event is the usual case, and the cheaper one.
	drawOne = draw + ` WHERE o.untold OR NOT EXISTS (SELECT 1 FROM {events} AS r
	WHERE r.project_id = o.project_id AND r.mode = o.mode AND r.object_id = o.id AND r.id = ?)`

	drawSeveral = draw + ` WHERE o.untold OR EXISTS (SELECT 1 FROM {each} WHERE NOT EXISTS (
	SELECT 1 FROM {events} AS r
	WHERE r.project_id = o.project_id AND r.mode = o.mode AND r.object_id = o.id AND r.id = e.value))`

	load = `SELECT o.tickets, o.version, o.untold, o.document, s.document, p.document FROM {objects} AS o
LEFT JOIN {subscriptions} AS s ON s.project_id = o.project_id AND s.mode = o.mode AND s.id = o.id
LEFT JOIN {payments} AS p ON p.project_id = o.project_id AND p.mode = o.mode AND p.id = o.id
WHERE o.project_id = ? AND o.mode = ? AND o.id = ?`

	create = `INSERT INTO {objects} (project_id, mode, id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`

	// save writes an object unless another caller has written it since it was loaded.
	save = `UPDATE {objects} SET version = version + 1, untold = ?, document = CAST(? AS {json})
WHERE ` + ofObject + ` AND version = ?`

	record = `INSERT INTO {events} (project_id, mode, object_id, id, recorded_at)
SELECT CAST(? AS text), CAST(? AS text), CAST(? AS text), e.value, CAST(? AS {time}) FROM {each} `

	onceOnly = ` ON CONFLICT DO NOTHING`

	// The page and the count are one statement, so that they fit.
	payments = `SELECT counted.total, page.document
FROM (SELECT count(*) AS total FROM {payments} WHERE ` + ofUser + ` AND amount > 0) AS counted
LEFT JOIN (SELECT created_at, id, document FROM {payments} WHERE ` + ofUser + ` AND amount > 0
	ORDER BY created_at DESC, id DESC LIMIT ? OFFSET ?) AS page ON TRUE
ORDER BY page.created_at DESC, page.id DESC`

	open = `SELECT document FROM {subscriptions} AS s WHERE project_id = ? AND mode = ? AND updated_at < ? AND id > ?
AND (status NOT IN ('canceled', 'incomplete_expired') OR EXISTS (SELECT 1 FROM {objects} AS o
	WHERE o.project_id = s.project_id AND o.mode = s.mode AND o.id = s.id AND o.untold)) ORDER BY id LIMIT ?`

	swapFirst = `INSERT INTO {intents} (project_id, mode, user_id, kind, version, attempt, object_id, data)
VALUES (?, ?, ?, ?, 1, ?, ?, ?) ON CONFLICT DO NOTHING`

	swapNext = `UPDATE {intents} SET version = version + 1, attempt = ?, object_id = ?, data = ?
WHERE ` + ofUser + ` AND kind = ? AND version = ?`

	adopt = `INSERT INTO {customers} (project_id, mode, id, user_id)
SELECT CAST(? AS text), CAST(? AS text), CAST(? AS text), CAST(? AS text) `

	// A reservation takes the key over where it is free.
	reserve = `INSERT INTO {idempotency_keys} AS k
	(project_id, mode, id, holder, fingerprint, reserved_at, locked_until, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (project_id, mode, id) DO UPDATE SET holder = excluded.holder, fingerprint = excluded.fingerprint,
	reserved_at = excluded.reserved_at, locked_until = excluded.locked_until, expires_at = excluded.expires_at,
	status = NULL, content_type = '', body = NULL
WHERE k.expires_at <= excluded.reserved_at OR (k.status IS NULL AND k.locked_until <= excluded.reserved_at)`

	inFlight = " WHERE " + ofObject + " AND holder = ? AND status IS NULL"
)

func newQueries(n naming, upsertSubscription, upsertPayment string) queries {
	recordToo, adoptToo := record+"{if_written}"+onceOnly, adopt+"{if_written}"+onceOnly
	return queries{
		subscriptions:     n.compile("SELECT document FROM {subscriptions} WHERE " + ofUser),
		open:              n.compile(open),
		payments:          n.compile(payments),
		draw:              n.compile(draw + " RETURNING tickets"),
		drawOne:           n.compile(drawOne + " RETURNING tickets"),
		drawSeveral:       n.compile(drawSeveral + " RETURNING tickets"),
		load:              n.compile(load),
		create:            n.compile(create),
		save:              n.compile(save),
		record:            n.compile(record + "WHERE TRUE" + onceOnly),
		apply:             n.batch(save, recordToo),
		applySubscription: n.batch(save, recordToo, upsertSubscription),
		applyPayment:      n.batch(save, recordToo, upsertPayment),
		intent: n.compile(
			"SELECT version, attempt, object_id, data FROM {intents} WHERE " + ofUser + " AND kind = ?"),
		swapFirst:     swap{alone: n.batch(swapFirst), customer: n.batch(swapFirst, adoptToo)},
		swapNext:      swap{alone: n.batch(swapNext), customer: n.batch(swapNext, adoptToo)},
		adopt:         n.compile(adopt + "WHERE TRUE" + onceOnly),
		customerOwner: n.compile("SELECT user_id FROM {customers} WHERE " + ofObject),
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
