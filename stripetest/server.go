package stripetest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
)

// The keys of the account that [New] and [Start] make when [Options.Keys] is empty. The restricted forms (rk_test_…,
// rk_live_…) with the same ending are accepted as well.
const (
	TestKey = "sk_test_stripetest"
	LiveKey = "sk_live_stripetest"
)

// TB is the part of [testing.TB] that [New] needs. It is declared here so that a program which embeds the fake does
// not link package testing.
type TB interface {
	Helper()
	Cleanup(func())
	Fatalf(format string, args ...any)
	Logf(format string, args ...any)
}

// Options configures a [Server]. The zero value is ready to use.
type Options struct {
	// Addr is the TCP address to listen on. Default: 127.0.0.1:0, a free port of the loopback interface.
	Addr string

	// InProcess starts the server without a listener: calls reach it by [Server.ServeHTTP] alone, and its URL is only a name.
	// A test in a bubble of testing/synctest needs that, since network I/O keeps the bubble's time from moving.
	InProcess bool

	// HTTPClient delivers the webhooks. Default: one of the server's own, with WebhookTimeout.
	HTTPClient *http.Client

	// Now is the clock of everything that the fake creates, signs, renews and expires. Default: time.Now, which
	// [Server.Advance] can move. It is called with the server's lock held, possibly from several goroutines one after the
	// other, so it must not call back into the server.
	Now func() time.Time

	// Keys are the API keys of the default account, see [Server.AddAccount]. Default: [TestKey] and [LiveKey].
	Keys []string

	// Hold starts the server with webhook deliveries held, see [Server.Hold].
	Hold bool

	// RetryDelays are the pauses before the second, third, … try of a webhook delivery; a delivery is given up when they
	// are used up. Real time, not the clock of Now. Default: 50 ms, 200 ms, 1 s. An empty, non-nil slice means one try.
	RetryDelays []time.Duration

	// PaymentRetries are the pauses before the second, third, … try to collect an invoice of a subscription that goes on,
	// by the clock of Now. Default: 3, 5 and 7 days. An empty, non-nil slice means one try.
	PaymentRetries []time.Duration

	// AfterRetries is what becomes of a subscription when the last try has failed: "canceled", "unpaid" or "past_due".
	// Default: "canceled". See https://docs.stripe.com/billing/revenue-recovery/smart-retries.
	AfterRetries string

	// DraftTime is how long the invoice of a renewal stays a draft before it is finalized and collected. At Stripe that
	// is about an hour. Default: 0.
	DraftTime time.Duration

	// InvoicePayments includes the "payments" list in the invoices of events of [VersionBasil] and later. Stripe shows it
	// only where it is asked for with expand, which events cannot do, so the default is without.
	InvoicePayments bool

	// NullPaymentIntents makes "payment_intent" and "charge" of every invoice, and "invoice" of every payment intent and charge,
	// null where a version before basil has them, as happens to accounts whose invoices can have several payments. GET
	// /v1/invoice_payments still finds them.
	NullPaymentIntents bool

	// DelayedIncomplete keeps a subscription incomplete while its first payment is on its way, as a bank debit is for days;
	// without it the subscription is active at once. Stripe does the one or the other, by the payment method
	// (https://docs.stripe.com/billing/subscriptions/overview#subscription-statuses).
	DelayedIncomplete bool

	// DebitTime is how long a payment from a bank account is on its way when an invoice is charged to one without a checkout:
	// until then the payment intent is processing and the subscription stays as it is. Default: 0, it arrives at once. See
	// https://docs.stripe.com/billing/subscriptions/sepa-debit.
	DebitTime time.Duration

	// CanceledIncomplete makes an incomplete subscription that is cancelled canceled, with customer.subscription.deleted and an
	// invoice that stays open, as the page of that call reads (https://docs.stripe.com/api/subscriptions/cancel). Without, such
	// a subscription is incomplete_expired, as users have reported (https://github.com/pay-rails/pay/issues/91).
	CanceledIncomplete bool

	// KeepPending leaves pending prorations where they are when a subscription is cancelled without invoice_now. The page of that
	// call has said in one version or another that they are removed always, only with certain parameters, and only without.
	KeepPending bool

	// LogLimit bounds the logs of [Server.Calls] and [Server.Attempts] for a server that runs for long: only so many of
	// the newest entries are kept. Default: 0, all of them.
	LogLimit int

	// WebhookTimeout bounds one try of one webhook delivery. Default: 10 s.
	WebhookTimeout time.Duration

	// Logf receives one line for each webhook try that was not answered with 2xx. Default: silent; New uses tb.Logf.
	Logf func(format string, args ...any)
}

// Server is a running fake Stripe. It embeds its default account in test mode, so srv.AddPrice(…) and srv.Complete(…)
// act there; other accounts and live mode are reached with [Server.AccountFor].
//
// All methods are safe for concurrent use.
type Server struct {
	*Account

	// URL is the base URL, "http://127.0.0.1:PORT", for STRIPE_API_BASE. It serves the API and the hosted pages.
	URL string

	opts    Options
	handle  http.Handler
	http    *http.Server // nil in process
	client  *http.Client
	ctx     context.Context //nolint:containedctx // the life of the server, which its workers share
	stop    context.CancelFunc
	workers sync.WaitGroup

	mu       sync.Mutex // guards everything below and all that the accounts hold
	accounts []*Account
	keys     map[string]*Account
	calls    []*Call
	faults   []*activeFault
	closed   bool
	held     bool
	offset   time.Duration // what Advance added to the clock
	at       int64         // the time of what catchUp brings about; 0 outside of it
	policy   func(Delivery) Fate
	queue    []*Delivery   // not yet delivered, in the order of their events
	attempts []Attempt     // every webhook try so far
	changed  chan struct{} // closed and replaced whenever the queue changes
}

// New starts a fake Stripe for a test and stops it when the test ends. It takes at most one Options value.
func New(tb TB, opts ...Options) *Server {
	tb.Helper()
	var o Options
	if len(opts) > 0 {
		o = opts[0]
	}
	if o.Logf == nil {
		o.Logf = tb.Logf
	}
	srv, err := Start(o)
	if err != nil {
		tb.Fatalf("stripetest: %v", err)
		return nil
	}
	tb.Cleanup(srv.Close)
	return srv
}

// Start starts a fake Stripe that runs until [Server.Close]. It fails when the address cannot be listened on or a key
// is malformed.
func Start(opts Options) (*Server, error) {
	opts = withDefaults(opts)
	if !slices.Contains([]string{"canceled", "unpaid", "past_due"}, opts.AfterRetries) {
		return nil, fmt.Errorf("%w: AfterRetries %q", ErrInvalid, opts.AfterRetries)
	}
	srv := &Server{
		opts:    opts,
		keys:    map[string]*Account{},
		held:    opts.Hold,
		changed: make(chan struct{}),
		client:  opts.HTTPClient,
	}
	if err := srv.AddAccount(opts.Keys...); err != nil {
		return nil, err
	}
	srv.Account = srv.accounts[0]

	handler, err := srv.handler()
	if err != nil {
		return nil, fmt.Errorf("stripetest: %w", err)
	}
	srv.handle = handler
	srv.ctx, srv.stop = context.WithCancel(context.Background())
	if opts.InProcess {
		srv.URL = "http://stripe.test"
		return srv, nil
	}
	if err := srv.listen(); err != nil {
		srv.stop()
		return nil, fmt.Errorf("stripetest: %w", err)
	}
	return srv, nil
}

func (s *Server) listen() error {
	var config net.ListenConfig
	listener, err := config.Listen(s.ctx, "tcp", s.opts.Addr)
	if err != nil {
		return err
	}
	s.URL = "http://" + listener.Addr().String()
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	s.workers.Go(func() {
		// Serve always ends with an error; after Close it is ErrServerClosed.
		if err := s.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			s.opts.Logf("stripetest: serve: %v", err)
		}
	})
	return nil
}

// ServeHTTP serves the API and the hosted pages, as the server's URL does.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handle.ServeHTTP(w, r) }

func withDefaults(o Options) Options {
	if o.Addr == "" {
		o.Addr = "127.0.0.1:0"
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if len(o.Keys) == 0 {
		o.Keys = []string{TestKey, LiveKey, "rk" + TestKey[2:], "rk" + LiveKey[2:]}
	}
	if o.RetryDelays == nil {
		o.RetryDelays = []time.Duration{50 * time.Millisecond, 200 * time.Millisecond, time.Second}
	}
	if o.PaymentRetries == nil {
		o.PaymentRetries = []time.Duration{3 * day * time.Second, 5 * day * time.Second, 7 * day * time.Second}
	}
	if o.AfterRetries == "" {
		o.AfterRetries = "canceled"
	}
	if o.WebhookTimeout == 0 {
		o.WebhookTimeout = 10 * time.Second
	}
	if o.HTTPClient == nil {
		o.HTTPClient = &http.Client{
			Transport:     &http.Transport{MaxIdleConnsPerHost: 16, IdleConnTimeout: 30 * time.Second},
			Timeout:       o.WebhookTimeout,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}
	}
	if o.Logf == nil {
		o.Logf = func(string, ...any) {}
	}
	return o
}

// Close stops the listener, drops open connections, abandons webhook deliveries and waits for every goroutine of the
// server to end. It may be called more than once.
func (s *Server) Close() {
	s.mu.Lock()
	s.closed = true // from here on, own lets nothing new begin
	s.mu.Unlock()
	s.stop()
	if s.http != nil {
		if err := s.http.Close(); err != nil {
			s.opts.Logf("stripetest: close: %v", err)
		}
	}
	s.workers.Wait()
	s.client.CloseIdleConnections()
}

// own counts one more piece of work that Close waits for, unless the server is closed. Called with the lock held; the
// caller calls s.workers.Done in the end.
func (s *Server) own() bool {
	if s.closed {
		return false
	}
	s.workers.Add(1)
	return true
}
