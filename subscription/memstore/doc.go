// Package memstore keeps the state of subscriptions in memory: for tests, demos and a first look. Only its own process
// sees it, and its end forgets it, so it never belongs into production. Package sqlstore is for that.
package memstore
