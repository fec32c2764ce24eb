package stripetest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Webhook describes a webhook endpoint of an account.
type Webhook struct {
	// URL receives the events as POST requests.
	URL string

	// Secrets sign the events, at least one. With several, as during a rotation, each makes its own v1 signature.
	Secrets []string

	// Version is the API version in which the events are rendered. Default: [Version20231016].
	Version Version

	// Events are the types to send, such as "invoice.paid", or "*". Stripe takes no other pattern
	// (https://docs.stripe.com/api/webhook_endpoints/create#create_webhook_endpoint-enabled_events). Default: all.
	Events []string

	// Concurrency is the number of events that may be under way to the endpoint at once. Default: 1, which delivers
	// in the order of the events except for retries.
	Concurrency int
}

// Endpoint is a registered webhook endpoint.
type Endpoint struct {
	account *Account
	url     string
	version Version
	events  []string
	kick    chan struct{} // wakes the workers up
	cli     *cliConn      // delivers, when it is a "stripe listen"

	// Below: guarded by the server's lock.
	secrets []string
	removed bool
}

// AddWebhook registers a webhook endpoint: events of this account and mode that happen from now on are sent to it. It
// fails with [ErrInvalid] when the URL, the secrets, the version or the events are missing or malformed, and with
// [ErrState] when the server is closed.
func (a *Account) AddWebhook(w Webhook) (*Endpoint, error) {
	if w.Version == "" {
		w.Version = apiVersion
	}
	if err := w.Version.validate(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	if w.URL == "" || len(w.Secrets) == 0 || slices.Contains(w.Secrets, "") {
		return nil, fmt.Errorf("%w: a webhook needs a URL and at least one secret, none empty", ErrInvalid)
	}
	for _, event := range w.Events {
		if event != "*" && strings.Contains(event, "*") {
			return nil, fmt.Errorf("%w: %q is no event type", ErrInvalid, event)
		}
	}
	if len(w.Events) == 0 {
		w.Events = []string{"*"}
	}
	endpoint := newEndpoint(a, w)
	if err := a.register(endpoint, max(1, w.Concurrency)); err != nil {
		return nil, err
	}
	return endpoint, nil
}

func newEndpoint(a *Account, w Webhook) *Endpoint {
	return &Endpoint{
		account: a, url: w.URL, version: w.Version, events: w.Events,
		secrets: slices.Clone(w.Secrets), kick: make(chan struct{}, 1),
	}
}

// register lets an endpoint have the events from now on, and starts its workers.
func (a *Account) register(endpoint *Endpoint, workers int) error {
	a.srv.mu.Lock()
	defer a.srv.mu.Unlock()
	for range workers {
		if !a.srv.own() {
			return fmt.Errorf("%w: the server is closed", ErrState)
		}
		go func() {
			defer a.srv.workers.Done()
			a.srv.work(endpoint)
		}()
	}
	a.endpoints = append(a.endpoints, endpoint)
	return nil
}

// Rotate replaces the signing secrets; deliveries from now on are signed with all of them.
func (e *Endpoint) Rotate(secrets ...string) {
	e.account.srv.mu.Lock()
	defer e.account.srv.mu.Unlock()
	e.secrets = slices.Clone(secrets)
}

// Remove unregisters the endpoint and forgets its pending deliveries.
func (e *Endpoint) Remove() {
	s := e.account.srv
	s.mu.Lock()
	defer s.mu.Unlock()
	e.removed = true
	e.account.endpoints = slices.DeleteFunc(e.account.endpoints, func(o *Endpoint) bool { return o == e })
	for _, d := range slices.Clone(s.queue) {
		if d.endpoint == e {
			s.dequeue(d)
		}
	}
	e.wake()
}

func (e *Endpoint) wants(eventType string) bool {
	return slices.ContainsFunc(e.events, func(pattern string) bool { return matchesType(pattern, eventType) })
}

// wake tells the workers to look at the queue. A worker that takes the kick passes it on while there is work.
func (e *Endpoint) wake() {
	select {
	case e.kick <- struct{}{}:
	default: // a kick is waiting already
	}
}

// Sign returns the value of a Stripe-Signature header for a payload sent at a time in seconds:
// t=TIME,v1=HMAC-SHA256(secret, "TIME.payload"), with one v1 for each secret.
// See https://docs.stripe.com/webhooks#verify-manually.
func Sign(payload []byte, at int64, secrets ...string) string {
	parts := []string{fmt.Sprintf("t=%d", at)}
	for _, secret := range secrets {
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte(strconv.FormatInt(at, 10) + "."))
		mac.Write(payload)
		parts = append(parts, "v1="+hex.EncodeToString(mac.Sum(nil)))
	}
	return strings.Join(parts, ",")
}
