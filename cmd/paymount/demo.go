package main

import (
	"crypto/rand"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/paymount/paymount"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/stripetest"
)

// demoGrace is how long a plan stays open in the demo when its renewal fails. Stripe tries again after 3, 8 and 15 days.
const demoGrace = 3 * 24 * time.Hour

// demoProject is the only project of a demo. It has a name of its own, so that a demo on a database that is kept never takes
// the fake's objects for those of a real project.
const demoProject = "demo"

// demo is what the demo adds to the reference server: a fake Stripe with something to sell, a clock to move, a sign-in and a
// web page.
type demo struct {
	stripe *stripetest.Server
	clock  clock
	logger *slog.Logger
	url    string // of this server, without a slash at the end
	port   string
	// tokenSecret and webhookSecret are made at the start, and known to nobody else.
	tokenSecret   string
	webhookSecret string
	catalog       catalog
}

// startDemo starts the fake Stripe. It sends its webhooks to this server, which listens at addr.
func startDemo(addr net.Addr, logger *slog.Logger) (*demo, error) {
	host, port, err := net.SplitHostPort(addr.String())
	if err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	d := &demo{
		url: origin(host, port), port: port, logger: logger,
		tokenSecret: rand.Text() + rand.Text(), webhookSecret: "whsec_" + rand.Text(),
	}
	d.stripe, err = stripetest.Start(stripetest.Options{
		Now:      d.clock.now,
		LogLimit: 100,
		// A machine that is busy for some seconds must not lose a payment, as it would not with Stripe.
		RetryDelays: []time.Duration{
			50 * time.Millisecond, 200 * time.Millisecond, time.Second, 5 * time.Second, 15 * time.Second, time.Minute, 5 * time.Minute,
		},
		Logf: func(format string, args ...any) {
			logger.Warn("from the fake Stripe", "detail", fmt.Sprintf(format, args...))
		},
	})
	if err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	d.catalog = newCatalog(d.stripe.Account)
	_, err = d.stripe.AddWebhook(stripetest.Webhook{
		URL:     d.url + mountPath + "/webhooks/" + demoProject + "/" + string(project.ModeTest),
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

// configure returns the demo's settings with those of the service, which are all its own.
func (d *demo) configure(s demoSettings) settings {
	return settings{
		database: s.database,
		credentials: project.Static{demoProject: {project.ModeTest: {
			SecretKey: stripetest.TestKey, WebhookSecrets: []string{d.webhookSecret},
		}}},
		stripeBase: d.stripe.URL, hs256Secret: d.tokenSecret, mode: project.ModeTest,
		origins:        []string{d.url, origin("127.0.0.1", d.port), origin("localhost", d.port)},
		reconcileEvery: defaultInterval, pastDueGrace: demoGrace, now: d.clock.now,
	}
}

// register mounts the page, and what it needs besides the service itself. Pages of other origins can't post there.
func (d *demo) register(mux *http.ServeMux, service *paymount.Service) {
	registerPage(mux)
	own := http.NewServeMux()
	own.HandleFunc("POST /demo/sign-in", d.signIn)
	own.HandleFunc("GET /demo/catalog", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, d.catalog)
	})
	own.Handle("GET /demo/clock", service.Authenticate(signedIn(d.showClock)))
	own.Handle("POST /demo/clock", service.Authenticate(signedIn(d.advance)))
	own.Handle("POST /demo/card", service.Authenticate(signedIn(d.setCard)))
	mux.Handle("/demo/", http.NewCrossOriginProtection().Handler(own))
}

func (d *demo) close() error {
	d.stripe.Close()
	return nil
}
