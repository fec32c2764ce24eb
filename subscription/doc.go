// Package subscription holds the words for what owners have bought: Subscription and Payment, the requests and results of the
// calls that manage them, the errors of all Go calls (ErrConflict and the others), the requirements of paid routes, and the hooks
// that hear of changes.
//
// SubscriptionStore is the interface that a host implements to keep the state in a database of its own; its doc comments
// are its contract and package storetest checks them. A store keeps objects and compares their versions. What is written into
// them, and when, is decided in one place for all stores.
//
// This package never calls Stripe.
package subscription
