-- The version of these tables; one row.
CREATE TABLE IF NOT EXISTS {version} (
    id {int} NOT NULL PRIMARY KEY,
    version {int} NOT NULL
);

-- One row for each object of Stripe: the tickets drawn for it, whether the host has still to be told of its state, and in
-- document the rest of what is known of it besides the state itself. version counts the writes of document.
CREATE TABLE IF NOT EXISTS {objects} (
    project_id text NOT NULL,
    mode text NOT NULL,
    id text NOT NULL,
    tickets {int} NOT NULL DEFAULT 0,
    version {int} NOT NULL DEFAULT 0,
    untold {bool} NOT NULL DEFAULT FALSE,
    document {json} NOT NULL DEFAULT '{}',
    PRIMARY KEY (project_id, mode, id)
);

-- The events that have been applied to an object, kept for 30 days.
CREATE TABLE IF NOT EXISTS {events} (
    project_id text NOT NULL,
    mode text NOT NULL,
    object_id text NOT NULL,
    id text NOT NULL,
    recorded_at {time} NOT NULL,
    PRIMARY KEY (project_id, mode, object_id, id)
);

CREATE INDEX IF NOT EXISTS {prefix}events_age ON {events} (recorded_at ASC);

-- price_id, product_id, plan_name and quantity are those of the first item; document has all of them.
CREATE TABLE IF NOT EXISTS {subscriptions} (
    project_id text NOT NULL,
    mode text NOT NULL,
    id text NOT NULL,
    user_id text NOT NULL,
    customer_id text NOT NULL,
    status text NOT NULL,
    price_id text NOT NULL,
    product_id text NOT NULL,
    plan_name text NOT NULL,
    quantity {int} NOT NULL,
    current_period_start {time},
    current_period_end {time},
    cancel_at {time},
    canceled_at {time},
    ended_at {time},
    trial_end {time},
    collection_paused {bool} NOT NULL,
    created_at {time} NOT NULL,
    updated_at {time} NOT NULL,
    document {json} NOT NULL,
    PRIMARY KEY (project_id, mode, id)
);

CREATE INDEX IF NOT EXISTS {prefix}subscriptions_user ON {subscriptions} (project_id, mode, user_id);

-- Amounts are in the currency's smallest unit. subscription_id is empty for a one-time payment.
CREATE TABLE IF NOT EXISTS {payments} (
    project_id text NOT NULL,
    mode text NOT NULL,
    id text NOT NULL,
    user_id text NOT NULL,
    customer_id text NOT NULL,
    subscription_id text NOT NULL,
    payment_intent_id text NOT NULL,
    status text NOT NULL,
    amount {int} NOT NULL,
    amount_refunded {int} NOT NULL,
    currency text NOT NULL,
    description text NOT NULL,
    disputed {bool} NOT NULL,
    created_at {time} NOT NULL,
    updated_at {time} NOT NULL,
    document {json} NOT NULL,
    PRIMARY KEY (project_id, mode, id)
);

CREATE INDEX IF NOT EXISTS {prefix}payments_user ON {payments} (project_id, mode, user_id, created_at DESC, id DESC)
WHERE amount > 0;

-- What is being created at Stripe for a user: at most one of each kind.
CREATE TABLE IF NOT EXISTS {intents} (
    project_id text NOT NULL,
    mode text NOT NULL,
    user_id text NOT NULL,
    kind text NOT NULL,
    attempt text NOT NULL,
    object_id text NOT NULL,
    data {bytes} NOT NULL,
    PRIMARY KEY (project_id, mode, user_id, kind)
);

-- Every customer of Stripe that was ever made for a user.
CREATE TABLE IF NOT EXISTS {customers} (
    project_id text NOT NULL,
    mode text NOT NULL,
    id text NOT NULL,
    user_id text NOT NULL,
    PRIMARY KEY (project_id, mode, id)
);

-- The uses of Idempotency-Key; status is NULL while the request is in flight.
CREATE TABLE IF NOT EXISTS {idempotency_keys} (
    project_id text NOT NULL,
    mode text NOT NULL,
    id text NOT NULL,
    holder text NOT NULL,
    fingerprint text NOT NULL,
    reserved_at {time} NOT NULL,
    locked_until {time} NOT NULL,
    expires_at {time} NOT NULL,
    status {int},
    content_type text NOT NULL DEFAULT '',
    body {bytes},
    PRIMARY KEY (project_id, mode, id)
);

CREATE INDEX IF NOT EXISTS {prefix}idempotency_keys_expiry ON {idempotency_keys} (expires_at ASC);
