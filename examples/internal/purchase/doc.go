// Package purchase is the test that the framework examples share: a person buys a plan and a paid route opens. Only their
// tests import it.
package purchase
