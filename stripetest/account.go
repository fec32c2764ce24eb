package stripetest

import (
	"fmt"
	"maps"
	"strings"
)

// Account is one mode, test or live, of one Stripe account: its objects, its webhook endpoints and its idempotency
// keys. The two modes of an account share its id and nothing else.
//
// All methods are safe for concurrent use.
type Account struct {
	ID       string // acct_…
	Livemode bool

	srv *Server

	// Below: guarded by srv.mu.
	objects        map[string]object // every object by its id
	products       []*Product        // each list in the order of creation
	prices         []*Price
	customers      []*Customer
	sessions       []*Session
	subscriptions  []*Subscription
	invoices       []*Invoice
	invoiceItems   []*InvoiceItem
	intents        []*PaymentIntent
	charges        []*Charge
	refunds        []*Refund
	disputes       []*Dispute
	paymentMethods []*PaymentMethod
	portals        []*PortalSession
	events         []*Event

	endpoints   []*Endpoint
	cliSessions []*cliSession
	keys        map[string]*stored // idempotency keys
	cause       cause              // the API call that is being executed
}

// cause names the API call behind an event; it is empty for what the hosted pages, the clock or a test does.
type cause struct {
	requestID      string
	idempotencyKey string
}

// object is anything that has an id and can be shown in an API answer or an event.
type object interface {
	ident() string
	createdAt() int64
	render(a *Account, v Version) doc
}

// doc is a JSON object in the making.
type doc = map[string]any

// AddAccount registers another Stripe account with its API keys. Each key is sk_ or rk_, then test_ or live_, then any
// ending: the second part gives the mode. It fails when a key is malformed or taken.
func (s *Server) AddAccount(keys ...string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := newID("acct_")
	test := &Account{ID: id, srv: s, objects: map[string]object{}, keys: map[string]*stored{}}
	live := &Account{ID: id, srv: s, objects: map[string]object{}, keys: map[string]*stored{}, Livemode: true}
	added := map[string]*Account{}
	for _, key := range keys {
		kind, rest, _ := strings.Cut(key, "_")
		mode, name, _ := strings.Cut(rest, "_")
		switch {
		case kind != "sk" && kind != "rk", mode != "test" && mode != "live", name == "":
			return fmt.Errorf("stripetest: malformed key %q: want sk_test_…, sk_live_…, rk_test_… or rk_live_…", key)
		case s.keys[key] != nil || added[key] != nil:
			return fmt.Errorf("stripetest: key %q is registered already", key)
		case mode == "live":
			added[key] = live
		default:
			added[key] = test
		}
	}
	maps.Copy(s.keys, added)
	s.accounts = append(s.accounts, test, live)
	return nil
}

// AccountFor returns the account and mode that an API key belongs to, or nil when the key is not registered.
func (s *Server) AccountFor(key string) *Account {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.keys[key]
}

// RevokeKey makes a key invalid: calls with it are answered with 401 from now on.
func (s *Server) RevokeKey(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.keys, key)
}

// lock takes the server's lock and applies what is due by the clock; the returned function unlocks.
func (a *Account) lock() (unlock func()) {
	a.srv.mu.Lock()
	a.catchUp()
	return a.srv.mu.Unlock
}

// insert files a new object under its id and in the list of its kind.
func insert[T object](a *Account, list *[]T, o T) T {
	a.objects[o.ident()] = o
	*list = append(*list, o)
	return o
}

// find returns the object with the id when it exists and is of kind T.
func find[T object](a *Account, id string) (T, bool) {
	o, ok := a.objects[id].(T)
	return o, ok
}

// snapshot returns copies of the objects in a list, in the order of creation.
func snapshot[T any](a *Account, list *[]*T, clone func(*T) T) []T {
	defer a.lock()()
	out := make([]T, 0, len(*list))
	for _, o := range *list {
		out = append(out, clone(o))
	}
	return out
}

// read returns a copy of one object.
func read[T any, P interface {
	*T
	object
}](a *Account, id string, clone func(*T) T,
) (T, bool) {
	defer a.lock()()
	if o, ok := find[P](a, id); ok {
		return clone((*T)(o)), true
	}
	var zero T
	return zero, false
}

// mode is the part of an id or a key that tells test from live.
func (a *Account) mode() string {
	if a.Livemode {
		return "live"
	}
	return "test"
}
