// Package customer is about those who pay: each owner has one customer at Stripe.
package customer
