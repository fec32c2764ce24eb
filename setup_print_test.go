package paymount_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/paymount/paymount"
	"github.com/paymount/paymount/auth/bearer"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/stripetest"
	"github.com/paymount/paymount/subscription/memstore"
)

// prints returns how v looks in every way in which a host might print or log it.
func prints(v any) map[string]string {
	out := map[string]string{}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		out[verb] = fmt.Sprintf(verb, v)
	}
	if _, ok := v.(paymount.Service); ok {
		out = map[string]string{"%v": out["%v"], "%+v": out["%+v"], "%#v": out["%#v"]} // fmt looks behind pointers for a wrong verb
	}
	for name, handler := range map[string]func(*bytes.Buffer) slog.Handler{
		"slog text": func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) },
		"slog JSON": func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) },
	} {
		var log bytes.Buffer
		slog.New(handler(&log)).Info("started", "value", v)
		out[name] = log.String()
	}
	encoded, _ := json.Marshal(v) //nolint:errchkjson // what does not encode shows nothing
	out["JSON"] = string(encoded)
	return out
}

func TestNothingThatHoldsAKeyShowsItWhenPrinted(t *testing.T) {
	t.Parallel()
	secrets := map[string]string{
		"secret key": "sk_test_TheSecretKey", "signing secret": "whsec_TheSigningSecret",
		"quote key": "TheQuoteKeyTheQuoteKeyTheQuoteKey", "token secret": "TheTokenSecretTheTokenSecretToken",
		"password in a URL": "ThePasswordOfTheProvider",
	}
	verifier := bearer.Config{HS256Secret: []byte(secrets["token secret"]), Issuer: "https://id.example.com"}
	authenticator, err := bearer.New(t.Context(), verifier)
	if err != nil {
		t.Fatal(err)
	}
	credentials := project.Credentials{SecretKey: secrets["secret key"], WebhookSecrets: []string{secrets["signing secret"]}}
	config := paymount.Config{
		Store: memstore.New(), Credentials: project.Static{projectID: {project.ModeTest: credentials}}, Authenticator: authenticator,
		RedirectOrigins: []string{origin}, Modes: []project.Mode{project.ModeTest}, EntitlementMode: project.ModeTest,
		QuoteKey: []byte(secrets["quote key"]), StripeURL: stripetest.New(t).URL,
	}
	service, err := paymount.New(config)
	if err != nil {
		t.Fatal(err)
	}
	for name, v := range map[string]any{
		"a Service": service, "what a Service points to": *service, "a Config": config, "a pointer to a Config": &config,
		"a Config in a struct": struct{ Billing paymount.Config }{config}, "a bearer.Config": verifier,
		"a bearer.Config with a URL": bearer.Config{JWKSURL: "https://user:" + secrets["password in a URL"] + "@id.example.com"},
		"an Authenticator":           authenticator, "what it points to": *authenticator,
		"credentials":     credentials,
		"all credentials": config.Credentials,
	} {
		for how, text := range prints(v) {
			for what, key := range secrets {
				if shows(text, key) {
					t.Errorf("%s shows the %s with %s: %s", name, what, how, text)
				}
			}
		}
	}
}

// shows reports whether a text holds the key, as it is, or as its bytes would be printed.
func shows(text, key string) bool {
	data := []byte(key)
	decimal := strings.Trim(fmt.Sprintf("%d", data), "[]")
	for _, form := range []string{
		key, decimal, strings.ReplaceAll(decimal, " ", ", "), hex.EncodeToString(data),
		base64.StdEncoding.EncodeToString(data), strings.Trim(fmt.Sprintf("%#v", data), "[]byte{}"),
	} {
		if strings.Contains(text, form) {
			return true
		}
	}
	return false
}
