package main

import (
	"crypto/rand"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/paymount/paymount"
	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/httperr"
	"github.com/paymount/paymount/stripetest"
)

// pastDueGrace is how long a plan stays open in the demo when its renewal fails. Stripe tries again after 3, 8 and 15 days.
const pastDueGrace = 3 * 24 * time.Hour

// demo is what demo mode adds: a fake Stripe with something to sell, a clock to move, a sign-in and a web page.
type demo struct {
	stripe        *stripetest.Server
	clock         clock
	logger        *slog.Logger
	url           string // of this server, without a slash at the end
	origins       []string
	project       string
	tokenSecret   string
	webhookSecret string
	catalog       catalog
}

// startDemo starts the fake Stripe. It sends its webhooks to this server, which listens at addr.
func startDemo(s settings, addr net.Addr, logger *slog.Logger) (*demo, error) {
	host, port, err := net.SplitHostPort(addr.String())
	if err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() {
		host = "127.0.0.1" // an address that listens everywhere is none to go to
	}
	d := &demo{
		url: origin(host, port), logger: logger,
		project: s.project, tokenSecret: s.hs256Secret, webhookSecret: "whsec_" + rand.Text(),
	}
	if d.tokenSecret == "" {
		d.tokenSecret = rand.Text() + rand.Text()
	}
	d.origins = append(slices.Clone(s.origins), d.url, origin("127.0.0.1", port), origin("localhost", port))

	d.stripe, err = stripetest.Start(stripetest.Options{
		Now:      d.clock.now,
		LogLimit: 100,
		Logf: func(format string, args ...any) {
			logger.Warn("from the fake Stripe", "detail", fmt.Sprintf(format, args...))
		},
	})
	if err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	d.catalog = newCatalog(d.stripe.Account)
	_, err = d.stripe.AddWebhook(stripetest.Webhook{
		URL:     d.url + mountPath + "/webhooks/" + url.PathEscape(s.project) + "/" + string(auth.ModeTest),
		Secrets: []string{d.webhookSecret},
		Version: stripetest.VersionEndive, // as an account made today has it
	})
	if err != nil {
		d.stripe.Close()
		return nil, fmt.Errorf("demo: %w", err)
	}
	return d, nil
}

func origin(host, port string) string { return "http://" + net.JoinHostPort(host, port) }

// configure points the service to the fake, and gives it the same clock.
func (d *demo) configure(s settings) settings {
	s.credentials = auth.Static{d.project: {auth.ModeTest: {
		SecretKey: stripetest.TestKey, WebhookSecrets: []string{d.webhookSecret},
	}}}
	s.stripeBase, s.hs256Secret, s.origins = d.stripe.URL, d.tokenSecret, d.origins
	s.pastDueGrace, s.now = pastDueGrace, d.clock.now
	return s
}

// register mounts the page, and what it needs besides the service itself. Pages of other origins can't post there.
func (d *demo) register(mux *http.ServeMux, service *paymount.Service) {
	registerPage(mux)
	own := http.NewServeMux()
	own.HandleFunc("POST /demo/sign-in", d.signIn)
	own.HandleFunc("GET /demo/catalog", func(w http.ResponseWriter, _ *http.Request) {
		httperr.WriteJSON(w, http.StatusOK, d.catalog)
	})
	own.Handle("GET /demo/clock", service.Authenticate(signedIn(d.showClock)))
	own.Handle("POST /demo/clock", service.Authenticate(signedIn(d.advance)))
	own.Handle("POST /demo/card", service.Authenticate(signedIn(d.setCard)))
	mux.Handle("/demo/", http.NewCrossOriginProtection().Handler(own))
}

func (d *demo) close() { d.stripe.Close() }
