// Package stripeevent verifies the events that Stripe sends and takes the ids out of them. The webhook handler uses it.
//
// It reads payloads of any API version since 2022-11-15, in one pass that decodes nothing but what is taken: events can
// have many kilobytes, of which a few ids matter. It never stores or returns the rest.
package stripeevent
