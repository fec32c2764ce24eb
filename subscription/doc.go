// Package subscription is the local picture of what users have bought: Subscription and Payment, the store that keeps
// them, and what a host's users see of them — the gate in front of paid routes and the endpoints about their
// subscription.
//
// SubscriptionStore is the interface that a host implements to keep the state in a database of its own; its doc comments
// are its contract and package storetest checks them. Object holds the rules of one tracked object (tickets, what the
// host has been told), so that every store shares them.
//
// This package never calls Stripe on its own: package refetch brings state in, and handlers declare the calls that they
// need as an interface.
package subscription
