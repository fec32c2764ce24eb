// Package admission decides which requests a server works on at the same time. The server gives each kind of work its own
// places, and each project a part of them, so that no kind and no project shuts the others out. It reads bodies before a
// request gets its place, so that a client that sends slowly, or nothing, holds up nobody.
//
// It answers 503 at once to what it does not admit, and never queues: clients and Stripe come again.
package admission
