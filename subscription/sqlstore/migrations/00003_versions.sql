-- The row of a subscription or payment holds what the table of objects held: its version, and what the host knows of it.
ALTER TABLE {subscriptions} ADD COLUMN {if_absent} version {int} NOT NULL DEFAULT 1;
ALTER TABLE {subscriptions} ADD COLUMN {if_absent} pending {bool} NOT NULL DEFAULT FALSE;
ALTER TABLE {subscriptions} ADD COLUMN {if_absent} notified {json};
ALTER TABLE {subscriptions} ADD COLUMN {if_absent} notifications {int} NOT NULL DEFAULT 0;
ALTER TABLE {subscriptions} ADD COLUMN {if_absent} claimed_until {time};
ALTER TABLE {subscriptions} ADD COLUMN {if_absent} notification_version {int} NOT NULL DEFAULT 0;
ALTER TABLE {payments} ADD COLUMN {if_absent} version {int} NOT NULL DEFAULT 1;
ALTER TABLE {payments} ADD COLUMN {if_absent} pending {bool} NOT NULL DEFAULT FALSE;
ALTER TABLE {payments} ADD COLUMN {if_absent} notified {json};
ALTER TABLE {payments} ADD COLUMN {if_absent} notifications {int} NOT NULL DEFAULT 0;
ALTER TABLE {payments} ADD COLUMN {if_absent} claimed_until {time};
ALTER TABLE {payments} ADD COLUMN {if_absent} notification_version {int} NOT NULL DEFAULT 0;

-- Whoever is notifying the host right now can't acknowledge that any more: the attempt stays open, and is made again.
UPDATE {subscriptions} AS s SET pending = o.untold,
    notified = CASE WHEN o.untold THEN COALESCE({json_get}(o.document, '{root}told'), CAST('null' AS {json})) END,
    notifications = COALESCE(CAST({text_get}(o.document, '{root}changes') AS {int}), 0),
    claimed_until = CASE WHEN {text_get}(o.document, '{root}claim') IS NOT NULL
        THEN CAST('1970-01-01 00:00:00.000000' AS {time}) END
FROM {objects} AS o WHERE o.project_id = s.project_id AND o.mode = s.mode AND o.id = s.id;
UPDATE {payments} AS s SET pending = o.untold,
    notifications = COALESCE(CAST({text_get}(o.document, '{root}changes') AS {int}), 0),
    claimed_until = CASE WHEN {text_get}(o.document, '{root}claim') IS NOT NULL
        THEN CAST('1970-01-01 00:00:00.000000' AS {time}) END
FROM {objects} AS o WHERE o.project_id = s.project_id AND o.mode = s.mode AND o.id = s.id;

-- Of objects that are nobody's there is nothing to keep: the next event about one has it fetched again.
DROP TABLE IF EXISTS {objects};

-- How far reconciliations have come. That was an intent of no user.
CREATE TABLE IF NOT EXISTS {cursors} (
    project_id text NOT NULL,
    mode text NOT NULL,
    version {int} NOT NULL,
    data text NOT NULL,
    PRIMARY KEY (project_id, mode)
);
INSERT INTO {cursors} (project_id, mode, version, data)
SELECT project_id, mode, version, replace({data_as_text}, '"quiet":true', '"skip_initial":true')
FROM {intents} WHERE user_id = '' AND kind = 'reconcile' ON CONFLICT DO NOTHING;
DELETE FROM {intents} WHERE user_id = '' AND kind = 'reconcile';
