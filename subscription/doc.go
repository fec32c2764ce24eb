// Package subscription is the local picture of what users have bought: Subscription and Payment, the store that keeps
// them, and what a host's users see of them — the gate in front of paid routes and the endpoints about their
// subscription.
//
// SubscriptionStore is the interface that a host implements to keep the state in a database of its own; its doc comments
// are its contract and package storetest checks them. A store keeps objects and compares their versions. What is written into
// them, and when, is decided in one place for all stores.
//
// This package never calls Stripe.
package subscription
