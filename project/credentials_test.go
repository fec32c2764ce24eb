package project_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/paymount/paymount/project"
)

const (
	secretKey     = "sk_test_51SecretPart"
	webhookSecret = "whsec_SecretPart"
)

func credentials() project.Credentials {
	return project.Credentials{SecretKey: secretKey, WebhookSecrets: []string{webhookSecret}, Prices: []string{"price_1"}}
}

// holders returns Credentials in everything that they are usually held in.
func holders() map[string]any {
	c := credentials()
	type host struct {
		Name  string
		Creds project.Credentials
		Ptr   *project.Credentials
		Any   any
	}
	return map[string]any{
		"value":             c,
		"pointer":           &c,
		"slice":             []project.Credentials{c},
		"map":               map[string]project.Credentials{"p": c},
		"map of pointers":   map[string]*project.Credentials{"p": &c},
		"static":            project.Static{"p": {project.ModeTest: c}},
		"struct":            host{Name: "h", Creds: c, Ptr: &c, Any: c},
		"pointer to struct": &host{Name: "h", Creds: c, Ptr: &c, Any: &c},
	}
}

func wantNoKey(t *testing.T, output string) {
	t.Helper()
	for _, secret := range []string{secretKey, webhookSecret} {
		for _, form := range []string{secret, fmt.Sprintf("%x", secret), fmt.Sprintf("%X", secret), fmt.Sprintf("% x", secret)} {
			if strings.Contains(output, form) {
				t.Errorf("the output shows a key: %s", output)
			}
		}
	}
	if strings.Contains(output, "SecretPart") {
		t.Errorf("the output shows a part of a key: %s", output)
	}
}

func TestCredentialsNeverShowTheirKeysWhenPrinted(t *testing.T) {
	t.Parallel()
	verbs := []string{
		"%v", "%+v", "%#v", "%20v", "%s", "%q", "%x", "%X", "% x", "%d", "%t", "%e", "%c", "%U", "%b", "%o", "%!", "%z",
	}
	for name, holder := range holders() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, verb := range verbs {
				wantNoKey(t, fmt.Sprintf(verb, holder))
			}
			wantNoKey(t, fmt.Sprint(holder))
			wantNoKey(t, fmt.Sprintln(holder))
			wantNoKey(t, fmt.Errorf("failed: %v", holder).Error())
		})
	}
}

func TestCredentialsNeverShowTheirKeysInALog(t *testing.T) {
	t.Parallel()
	for name, holder := range holders() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			options := &slog.HandlerOptions{Level: slog.LevelDebug}
			for _, handler := range []slog.Handler{slog.NewTextHandler(&out, options), slog.NewJSONHandler(&out, options)} {
				logger := slog.New(handler)
				logger.Info("plain", "credentials", holder)
				logger.With("credentials", holder).Info("with")
				logger.WithGroup("g").Info("group", slog.Group("inner", slog.Any("credentials", holder)))
			}
			if got := strings.Count(out.String(), "credentials"); got < 6 {
				t.Fatalf("the log names the attribute %d times, want 6 or more: %s", got, out.String())
			}
			wantNoKey(t, out.String())
		})
	}
}

func TestCredentialsNeverShowTheirKeysWhenEncoded(t *testing.T) {
	t.Parallel()
	for name, holder := range holders() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data, err := json.Marshal(holder)
			if err != nil {
				t.Fatal(err)
			}
			wantNoKey(t, string(data))
		})
	}
	data, err := xml.Marshal(credentials())
	if err != nil {
		t.Fatal(err)
	}
	wantNoKey(t, string(data))
}

func TestCredentialsDescribeThemselves(t *testing.T) {
	t.Parallel()
	const want = "Credentials(mode=test, webhook_secrets=1, prices=1)"
	c := credentials()
	for _, got := range []string{c.String(), c.GoString(), fmt.Sprintf("%+v", c), fmt.Sprintf("%#v", &c), c.LogValue().String()} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestValidateAcceptsOnlyKeysOfTheMode(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		mode project.Mode
		key  string
		ok   bool
	}{
		"secret test key":             {project.ModeTest, "sk_test_1", true},
		"restricted test key":         {project.ModeTest, "rk_test_1", true},
		"secret live key":             {project.ModeLive, "sk_live_1", true},
		"restricted live key":         {project.ModeLive, "rk_live_1", true},
		"live key in test mode":       {project.ModeTest, "sk_live_1", false},
		"test key in live mode":       {project.ModeLive, "rk_test_1", false},
		"publishable key":             {project.ModeTest, "pk_test_1", false},
		"nothing after the prefix":    {project.ModeTest, "sk_test_", false},
		"no key":                      {project.ModeTest, "", false},
		"prefix in the middle":        {project.ModeTest, "xsk_test_1", false},
		"prefix in upper case":        {project.ModeTest, "SK_TEST_1", false},
		"unknown mode":                {"staging", "sk_test_1", false},
		"no mode":                     {"", "sk_test_1", false},
		"no mode and the key of none": {"", "sk__1", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := project.Credentials{SecretKey: tt.key}.Validate(tt.mode)
			if (err == nil) != tt.ok {
				t.Fatalf("Validate: %v, want ok = %t", err, tt.ok)
			}
		})
	}
}

func TestValidateRefusesEmptySecretsAndPrices(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]project.Credentials{
		"webhook secret": {SecretKey: secretKey, WebhookSecrets: []string{webhookSecret, ""}},
		"price":          {SecretKey: secretKey, Prices: []string{""}},
	} {
		err := c.Validate(project.ModeTest)
		if err == nil || !strings.Contains(err.Error(), "empty") {
			t.Errorf("%s: Validate: %v, want an error about an empty one", name, err)
		}
	}
}

func TestValidationErrorsShowNoKey(t *testing.T) {
	t.Parallel()
	c := credentials()
	c.WebhookSecrets = append(c.WebhookSecrets, "")
	static := project.Static{"p": {project.ModeLive: c, project.ModeTest: c, "other": c}, "": {}}
	wantNoKey(t, errors.Join(c.Validate(project.ModeLive), c.Validate(project.ModeTest), static.Validate()).Error())
}

func TestKeyModeIsTheModeOfThePrefix(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]project.Mode{
		"sk_test_1": project.ModeTest, "rk_test_1": project.ModeTest, "sk_live_1": project.ModeLive, "rk_live_1": project.ModeLive,
		"pk_live_1": "", "sk_test_": "", "sk_live": "", "": "", "whsec_1": "", "x-sk_test_1": "",
	} {
		got, ok := project.KeyMode(key)
		if got != want || ok != (want != "") {
			t.Errorf("KeyMode(%q) = %q, %t; want %q", key, got, ok, want)
		}
	}
}

func TestModeIsValidOnlyWhenItIsOneOfTheTwo(t *testing.T) {
	t.Parallel()
	for mode, want := range map[project.Mode]bool{"test": true, "live": true, "": false, "Test": false, "other": false} {
		if got := mode.Valid(); got != want {
			t.Errorf("Mode(%q).Valid() = %t", string(mode), got)
		}
	}
}

func TestSellsEveryPriceUnlessPricesAreListed(t *testing.T) {
	t.Parallel()
	all, some := project.Credentials{}, project.Credentials{Prices: []string{"price_1", "price_2"}}
	if !all.Sells("price_9") {
		t.Error("without a list, a price is not sold")
	}
	if !some.Sells("price_2") || some.Sells("price_9") || some.Sells("") || some.Sells("PRICE_1") {
		t.Error("with a list, not exactly the listed prices are sold")
	}
}
