package paymount_test

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/paymount/paymount"
	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/checkout"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/stripetest"
	"github.com/paymount/paymount/subscription"
	"github.com/paymount/paymount/subscription/memstore"
)

func TestNewReportsEveryMistakeAtOnce(t *testing.T) {
	t.Parallel()
	_, err := paymount.New(paymount.Config{
		DefaultMode: "prod", Modes: []project.Mode{"staging"}, MaxQuantity: -1, StripeURL: "::",
		CheckoutOptions: checkout.Options{TrialDays: -1}, TrustedOrigins: []string{"www.example.com"},
		Prorations:      []subscription.Proration{subscription.AlwaysInvoice, "free"},
		RedirectOrigins: []string{"app.example.com", "https://ok.example.com", "https://x.example.com/path", "https://*.example"},
	})
	if err == nil {
		t.Fatal("no error")
	}
	for _, part := range []string{
		"Store", "Credentials", "Authenticator", "DefaultMode", "Modes", "MaxQuantity", "StripeURL",
		`Prorations: unknown behaviour "free"`, "EntitlementMode", "TrialDays",
		`"app.example.com"`, `"https://x.example.com/path"`, `"https://*.example"`, `"www.example.com"`,
	} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%s is not reported: %v", part, err)
		}
	}
	if strings.Contains(err.Error(), "ok.example.com") {
		t.Errorf("a good origin is reported: %v", err)
	}
}

// working is a configuration that New takes.
func working() paymount.Config {
	return paymount.Config{
		Store: memstore.New(), Authenticator: auth.AuthenticatorFunc(plainBearer), RedirectOrigins: []string{origin},
		Credentials: project.Static{projectID: {project.ModeLive: {SecretKey: stripetest.LiveKey, WebhookSecrets: []string{secret}}}},
	}
}

func TestNewRefusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	fine := working()
	for _, origins := range [][]string{{origin}, {}} { // none, on purpose, is fine
		fine.RedirectOrigins = origins
		if _, err := paymount.New(fine); err != nil {
			t.Fatal(err)
		}
	}
	live := func(c project.Credentials) func(*paymount.Config) {
		return func(config *paymount.Config) { config.Credentials = project.Static{projectID: {project.ModeLive: c}} }
	}
	for name, test := range map[string]struct {
		change func(*paymount.Config)
		text   string
	}{
		"a key of the other mode": {
			live(project.Credentials{SecretKey: stripetest.TestKey}), "the secret key is not a key of live mode, it is one of test mode",
		},
		"no key":                {live(project.Credentials{}), "it is empty"},
		"a publishable key":     {live(project.Credentials{SecretKey: "pk_live_TheKey"}), "it is a publishable key"},
		"a key without its end": {live(project.Credentials{SecretKey: "sk_live_"}), "it is none of Stripe's"},
		"a signing secret that is none": {
			live(project.Credentials{SecretKey: stripetest.LiveKey, WebhookSecrets: []string{secret, "we_TheKey"}}),
			"a webhook signing secret is none",
		},
		"an empty signing secret": {
			live(project.Credentials{SecretKey: stripetest.LiveKey, WebhookSecrets: []string{""}}), "a webhook signing secret is empty",
		},
		"a default mode that is not served": {
			func(c *paymount.Config) { c.Modes = []project.Mode{project.ModeLive} }, "Config.DefaultMode: test is not one of Config.Modes",
		},
		"a gate of a mode that is not served": {
			func(c *paymount.Config) { c.Modes = []project.Mode{project.ModeTest} },
			"Config.EntitlementMode: live is not one of Config.Modes",
		},
		"credentials of another mode than the gate's": {
			func(c *paymount.Config) {
				c.Credentials = project.Static{projectID: {project.ModeTest: {SecretKey: stripetest.TestKey}}}
			}, "no project has a key of live mode",
		},
		"no origins":          {func(c *paymount.Config) { c.RedirectOrigins = nil }, "Config.RedirectOrigins is required"},
		"an origin of many":   {func(c *paymount.Config) { c.RedirectOrigins = []string{"https://*.example"} }, "wildcards"},
		"negative trial days": {func(c *paymount.Config) { c.CheckoutOptions.TrialDays = -1 }, "TrialDays: -1"},
	} {
		config := working()
		test.change(&config)
		_, err := paymount.New(config)
		if err == nil || !strings.Contains(err.Error(), test.text) || strings.Contains(err.Error(), "TheKey") {
			t.Errorf("%s: got %v, want %q", name, err, test.text)
		}
	}
}

func TestNewLooksIntoACredentialsFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "credentials.json")
	content := `{"projects": {"p": {"test": {"secret_key": "` + stripetest.TestKey + `"}, "live": null}}}`
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := project.OpenFile(path, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	config := working()
	config.Credentials = file
	if _, err := paymount.New(config); err == nil || !strings.Contains(err.Error(), "no project has a key of live mode") {
		t.Errorf("a gate without a key: %v", err)
	}
	config.EntitlementMode = project.ModeTest
	if _, err := paymount.New(config); err != nil {
		t.Errorf("a gate with a key: %v", err)
	}
}
