package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

const (
	testKey  = "sk_test_ofTheConfigTests"
	liveKey  = "sk_live_ofTheConfigTests"
	hsSecret = "a secret of the tests, 32 bytes or more"
)

// parse reads the settings of serve from variables and flags. What is logged meanwhile fails the test.
func parse(t *testing.T, environment map[string]string, args ...string) (settings, error) {
	t.Helper()
	var logs bytes.Buffer
	p := &program{
		getenv: func(name string) string { return environment[name] }, logger: slog.New(slog.NewTextHandler(&logs, nil)),
		stdout: io.Discard,
	}
	var s settings
	c := p.command("serve", "", serveVariables(), func(_ context.Context, v values) (err error) {
		s, err = parseServe(v, p.getenv, p.logger)
		return err
	})
	c.ExitErrHandler = func(context.Context, *cli.Command, error) {}
	err := c.Run(t.Context(), append([]string{"serve"}, args...))
	if logs.Len() > 0 {
		t.Errorf("parsing has logged: %s", &logs)
	}
	return s, err
}

// problems are the mistakes that an error reports.
func problems(err error) []string {
	var m mistakes
	errors.As(err, &m)
	return m
}

// configured is the environment of a server with credentials, changed by pairs of a name and a value.
func configured(pairs ...string) map[string]string {
	environment := map[string]string{
		"STRIPE_SECRET_KEY": testKey, "STRIPE_WEBHOOK_SECRET": "whsec_ofTheConfigTests",
		"PAYMOUNT_HS256_SECRET": hsSecret, "PAYMOUNT_REDIRECT_ORIGINS": "https://app.example.com",
	}
	for i := 0; i < len(pairs); i += 2 {
		environment[pairs[i]] = pairs[i+1]
	}
	return environment
}

func credentialsFile(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "credentials.json")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestWithoutStripeCredentialsOrAWayToVerifyTokensTheServerDoesNotStart(t *testing.T) {
	t.Parallel()
	for name, environment := range map[string]map[string]string{
		"nothing":     nil,
		"blank":       {"STRIPE_SECRET_KEY": " ", "PAYMOUNT_HS256_SECRET": "", "PAYMOUNT_CREDENTIALS": " "},
		"demo, or so": {"PAYMOUNT_DEMO": "1", "DEMO": "true"},
	} {
		_, err := parse(t, environment)
		got := problems(err)
		if len(got) != 2 || !strings.Contains(got[0], "STRIPE_SECRET_KEY or PAYMOUNT_CREDENTIALS") || !bothNamed(got[1]) {
			t.Errorf("%s: %q, want what is missing", name, got)
		}
	}
}

func TestASettingOfAFeatureThatIsNotThereIsAMistake(t *testing.T) {
	t.Parallel()
	for _, name := range laterVariables() {
		_, err := parse(t, configured(name, "something"))
		if got := problems(err); len(got) != 1 || !strings.HasPrefix(got[0], name+" ") {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestEachVariableIsRead(t *testing.T) {
	t.Parallel()
	s, err := parse(t, configured(
		"PAYMOUNT_ADDR", "0.0.0.0:9000", "PAYMOUNT_DATABASE_URL", "memory:", "PAYMOUNT_PROJECT", "shop",
		"STRIPE_API_BASE", "http://127.0.0.1:12111", "PAYMOUNT_ISSUER", "https://id.example.com", "PAYMOUNT_AUDIENCE", "shop-api",
		"PAYMOUNT_OWNER_CLAIM", "org_id", "PAYMOUNT_MANAGE_SCOPE", "billing:manage",
		"PAYMOUNT_REDIRECT_ORIGINS", "https://a.example, http://localhost:3000,", "PAYMOUNT_MODE", " test ",
		"PAYMOUNT_PRORATIONS", "always_invoice, none,", "PAYMOUNT_TRIAL_DAYS", "14",
		"PAYMOUNT_PAST_DUE_GRACE", "72h", "PAYMOUNT_RECONCILE_INTERVAL", "1h",
	))
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.credentials.ResolveCredentials(t.Context(), "shop", project.ModeTest)
	if err != nil || got.SecretKey != testKey || !slices.Equal(got.WebhookSecrets, []string{"whsec_ofTheConfigTests"}) {
		t.Errorf("credentials of shop: %v, %v", got, err)
	}
	s.credentials = nil
	want := settings{
		addr: "0.0.0.0:9000", database: location{kind: kindMemory}, project: "shop", stripeBase: "http://127.0.0.1:12111",
		hs256Secret: hsSecret, issuer: "https://id.example.com", audience: "shop-api",
		ownerClaim: "org_id", manageScope: "billing:manage",
		origins: []string{"https://a.example", "http://localhost:3000"}, mode: project.ModeTest,
		prorations: []subscription.Proration{subscription.AlwaysInvoice, subscription.ProrationNone}, modeChosen: true,
		trialDays: 14, pastDueGrace: 72 * time.Hour, reconcileEvery: time.Hour,
	}
	if !equal(s, want) {
		t.Errorf("settings are\n%+v, want\n%+v", s, want)
	}
}

// equal compares settings but for their credentials.
func equal(a, b settings) bool {
	return slices.Equal(a.origins, b.origins) && slices.Equal(a.warnings, b.warnings) &&
		a.addr == b.addr && a.database == b.database && a.project == b.project &&
		a.stripeBase == b.stripeBase && a.jwksURL == b.jwksURL && a.hs256Secret == b.hs256Secret &&
		a.modeChosen == b.modeChosen && slices.Equal(a.modes, b.modes) && slices.Equal(a.prorations, b.prorations) &&
		a.trialDays == b.trialDays &&
		a.pastDueGrace == b.pastDueGrace && a.reconcileEvery == b.reconcileEvery &&
		a.issuer == b.issuer && a.audience == b.audience && a.mode == b.mode
}

func TestFlagsOfBothNamesOverrideTheEnvironment(t *testing.T) {
	t.Parallel()
	environment := configured("PAYMOUNT_ADDR", "127.0.0.1:1", "STRIPE_API_BASE", "http://one.example")
	for _, args := range [][]string{
		{"-addr", "127.0.0.1:2", "-stripe-api-base=http://two.example"},
		{"--PAYMOUNT_ADDR=127.0.0.1:2", "-STRIPE_API_BASE", "http://two.example"},
	} {
		s, err := parse(t, environment, args...)
		if err != nil || s.addr != "127.0.0.1:2" || s.stripeBase != "http://two.example" {
			t.Errorf("%q: address %q, base %q, %v", args, s.addr, s.stripeBase, err)
		}
	}
}

func TestTheGateCountsLiveModeWhereThereAreLiveCredentials(t *testing.T) {
	t.Parallel()
	const both = `{"projects": {"a": {"test": {"secret_key": "sk_test_a", "webhook_secrets": ["whsec_a"]}},
		"b": {"live": {"secret_key": "rk_live_b", "webhook_secrets": ["whsec_b"], "prices": ["price_b"]}}}}`
	const onlyTest = `{"projects": {"a": {"test": {"secret_key": "sk_test_a", "webhook_secrets": ["whsec_a"]}}}}`
	tests := map[string]struct {
		environment map[string]string
		want        project.Mode
		warns       bool
	}{
		"a test key":                {configured(), project.ModeTest, false},
		"a live key":                {configured("STRIPE_SECRET_KEY", liveKey), project.ModeLive, true}, // which sells any price
		"a live key, test wanted":   {configured("STRIPE_SECRET_KEY", liveKey, "PAYMOUNT_MODE", "test"), project.ModeTest, true},
		"a test key, live wanted":   {configured("PAYMOUNT_MODE", "live"), project.ModeLive, true},
		"a file with a live key":    {fromFile(t, both), project.ModeLive, false},
		"a file without a live key": {fromFile(t, onlyTest), project.ModeTest, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := parse(t, tt.environment)
			if err != nil || s.mode != tt.want || (len(s.warnings) > 0) != tt.warns {
				t.Errorf("mode %q, warnings %q, %v; want mode %q", s.mode, s.warnings, err, tt.want)
			}
		})
	}
}

func TestLiveKeysGoToAnotherMachineEncryptedAlone(t *testing.T) {
	t.Parallel()
	const liveFile = `{"projects": {"b": {"live": {"secret_key": "rk_live_b"}}}}`
	tests := map[string]struct {
		environment map[string]string
		ok          bool
	}{
		"a live key, https":            {configured("STRIPE_SECRET_KEY", liveKey, "STRIPE_API_BASE", "https://stripe.example"), true},
		"a live key, loopback":         {configured("STRIPE_SECRET_KEY", liveKey, "STRIPE_API_BASE", "http://[::1]:1"), true},
		"a live key, http":             {configured("STRIPE_SECRET_KEY", liveKey, "STRIPE_API_BASE", "http://stripe.example"), false},
		"a test key, http":             {configured("STRIPE_API_BASE", "http://stripe.example"), true},
		"live wanted, http":            {configured("STRIPE_API_BASE", "http://stripe.example", "PAYMOUNT_MODE", "live"), false},
		"a name like loopback, http":   {configured("STRIPE_SECRET_KEY", liveKey, "STRIPE_API_BASE", "http://localhost.example"), false},
		"a live key in the file, http": {fromFile(t, liveFile, "STRIPE_API_BASE", "http://stripe.example"), false},
	}
	for name, tt := range tests {
		_, err := parse(t, tt.environment)
		if got := problems(err); (len(got) == 0) != tt.ok || !tt.ok && !strings.HasPrefix(got[0], "STRIPE_API_BASE ") {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// fromFile is the environment of a server with a credentials file.
func fromFile(t *testing.T, content string, pairs ...string) map[string]string {
	t.Helper()
	environment := configured(pairs...)
	environment["STRIPE_SECRET_KEY"], environment["STRIPE_WEBHOOK_SECRET"] = "", ""
	environment["PAYMOUNT_CREDENTIALS"] = credentialsFile(t, content)
	return environment
}

func TestADatabaseIsNamedByItsKind(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]location{
		"":                           {kindSQLite, "paymount.db"},
		"memory:":                    {kind: kindMemory},
		"sqlite:data/p.db":           {kindSQLite, "data/p.db"},
		"sqlite:/var/lib/p.db":       {kindSQLite, "/var/lib/p.db"},
		"sqlite:///var/lib/p.db":     {kindSQLite, "/var/lib/p.db"},
		"postgres://u:p@db/paymount": {kindPostgres, "postgres://u:p@db/paymount"},
		"postgresql:///paymount":     {kindPostgres, "postgresql:///paymount"},
	} {
		s, err := parse(t, configured("PAYMOUNT_DATABASE_URL", address))
		if err != nil || s.database != want {
			t.Errorf("%q is %+v, %v; want %+v", address, s.database, err, want)
		}
	}
}

func TestABadValueIsReportedByItsNameAlone(t *testing.T) {
	t.Parallel()
	const secret = "Hunter2" // part of every bad value
	for name, values := range map[string][]string{
		"PAYMOUNT_ADDR": {secret, secret + ":http", "127.0.0.1:" + secret, "127.0.0.1:70000"},
		"PAYMOUNT_DATABASE_URL": {
			"mysql://u:" + secret + "@db", "sqlite:", "sqlite::memory:", "memory:" + secret, "postgres://u:" + secret + "@d:x",
		},
		"STRIPE_SECRET_KEY":           {secret, "pk_test_" + secret, "sk_test_", "sk_" + secret},
		"STRIPE_WEBHOOK_SECRET":       {secret, "sk_test_" + secret, "whsec_"},
		"STRIPE_API_BASE":             {secret, "ftp://u:" + secret + "@x", "http://", "http://u:" + secret + "%zz@x"},
		"PAYMOUNT_REDIRECT_ORIGINS":   {"https://ok.example,https://u:" + secret + "@x", "https://x/" + secret, secret},
		"PAYMOUNT_PRORATIONS":         {secret, "create_prorations," + secret, ","},
		"PAYMOUNT_MANAGE_SCOPE":       {secret + " x", "a\"b", "zür"},
		"PAYMOUNT_TRIAL_DAYS":         {secret, "-1", "1.5", "99999999999"},
		"PAYMOUNT_PAST_DUE_GRACE":     {secret, "-1h", "7d"},
		"PAYMOUNT_RECONCILE_INTERVAL": {secret, "-1h", "1ms"},
		"PAYMOUNT_MODE":               {secret, "LIVE", "both"},
		"PAYMOUNT_CREDENTIALS": {
			filepath.Join(t.TempDir(), "missing.json"), credentialsFile(t, `[`),
			credentialsFile(t, `{"projects": {"a": {"test": {"secret_key": "`+secret+`"}}}}`),
			credentialsFile(t, `{"projects": {"a": {"test": {"secret_key": "sk_live_`+secret+`"}}}}`),
			credentialsFile(t, `{"projects": {"a": {}, "b": {"live": null}}}`),
		},
	} {
		for _, value := range values {
			environment := configured(name, value)
			if name == "PAYMOUNT_CREDENTIALS" {
				environment["STRIPE_SECRET_KEY"] = ""
			}
			_, err := parse(t, environment)
			if err == nil || !strings.HasPrefix(err.Error(), name+" ") {
				t.Errorf("%s=%s: %v, want an error that begins with its name", name, value, err)
			}
			if err != nil && strings.Contains(err.Error(), secret) {
				t.Errorf("%s: the error shows the value: %v", name, err)
			}
		}
	}
}

func TestTokensCanBeVerifiedInExactlyOneWay(t *testing.T) {
	t.Parallel()
	for name, environment := range map[string]map[string]string{
		"neither": configured("PAYMOUNT_HS256_SECRET", ""),
		"both":    configured("PAYMOUNT_JWKS_URL", "https://id.example.com/jwks"),
	} {
		_, err := parse(t, environment)
		if got := problems(err); len(got) != 1 || !bothNamed(got[0]) {
			t.Errorf("%s: %v, want one error that names both variables", name, err)
		}
	}
	if s, err := parse(t, configured("PAYMOUNT_HS256_SECRET", "", "PAYMOUNT_JWKS_URL", "https://id.example.com/jwks")); err != nil || s.jwksURL == "" {
		t.Errorf("a JWK Set alone: %q, %v", s.jwksURL, err)
	}
}

func bothNamed(text string) bool {
	return strings.Contains(text, "PAYMOUNT_JWKS_URL") && strings.Contains(text, "PAYMOUNT_HS256_SECRET")
}

func TestAFileAndAKeyOfOneProjectExcludeEachOther(t *testing.T) {
	t.Parallel()
	environment := fromFile(t, `{"projects": {"a": {"test": {"secret_key": "sk_test_a"}}}}`)
	environment["STRIPE_SECRET_KEY"] = testKey
	_, err := parse(t, environment)
	if err == nil || !strings.Contains(err.Error(), "STRIPE_SECRET_KEY") || strings.Contains(err.Error(), testKey) {
		t.Errorf("both: %v", err)
	}
}

func TestAllMistakesAreReportedAtOnce(t *testing.T) {
	t.Parallel()
	_, err := parse(t, map[string]string{
		"PAYMOUNT_ADDR": "nowhere", "PAYMOUNT_DATABASE_URL": "what", "STRIPE_SECRET_KEY": "wrong", "PAYMOUNT_MODE": "both",
	})
	if got := problems(err); len(got) != 5 { // the fifth: no way to verify tokens
		t.Errorf("%d mistakes are reported, want 5: %v", len(got), err)
	}
}

func TestWhatIsProbablyNotMeantIsWarnedOf(t *testing.T) {
	t.Parallel()
	for name, environment := range map[string]map[string]string{
		"PAYMOUNT_REDIRECT_ORIGINS": configured("PAYMOUNT_REDIRECT_ORIGINS", ""),
		"STRIPE_WEBHOOK_SECRET":     configured("STRIPE_WEBHOOK_SECRET", ""),
		"STRIPE_SECRET_KEY":         configured("STRIPE_SECRET_KEY", liveKey),
		`PAYMOUNT_CREDENTIALS has live credentials without "prices":`: fromFile(t,
			`{"projects": {"a": {"live": {"secret_key": "sk_live_a", "webhook_secrets": ["whsec_a"], "prices": []}}}}`),
		`PAYMOUNT_CREDENTIALS has no signing secret for "a" in live mode, "a" in test mode, "c" in test mode:`: fromFile(t,
			`{"projects": {"a": {"test": {"secret_key": "sk_test_a", "webhook_secrets": [""]},
			"live": {"secret_key": "sk_live_a", "prices": ["price_a"]}},
			"b": {"test": {"secret_key": "sk_test_b", "webhook_secrets": ["whsec_b"]}},
			"c": {"test": {"secret_key": "sk_test_c", "webhook_secrets": []}}}}`),
		"PAYMOUNT_PROJECT": fromFile(t, `{"projects": {"a": {"test": {"secret_key": "sk_test_a", "webhook_secrets": ["whsec_a"]}}}}`,
			"PAYMOUNT_PROJECT", "shop"),
	} {
		s, err := parse(t, environment)
		if err != nil || len(s.warnings) != 1 || !strings.HasPrefix(s.warnings[0], name+" ") {
			t.Errorf("%s: warnings %q, %v", name, s.warnings, err)
		}
	}
}

func TestAShortTokenSecretIsAMistake(t *testing.T) {
	t.Parallel()
	for size, mistaken := range map[int]int{31: 1, 32: 0} {
		_, err := parse(t, configured("PAYMOUNT_HS256_SECRET", strings.Repeat("s", size)))
		if got := problems(err); len(got) != mistaken {
			t.Errorf("%d bytes: %q", size, got)
		}
	}
}
