-- version counts the writes of an intent: a write compares it, not the attempt, which several writes share.
ALTER TABLE {intents} ADD COLUMN {if_absent} version {int} NOT NULL DEFAULT 1;
