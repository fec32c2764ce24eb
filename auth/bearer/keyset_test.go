package bearer_test

import (
	"crypto/ecdh"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/MicahParks/jwkset"
	"github.com/golang-jwt/jwt/v5"

	"github.com/paymount/paymount/auth"
)

// TestAKeyThatCanNotVerifyIsLeftOutAlone publishes an unusable key in front of a good one, and then alone.
func TestAKeyThatCanNotVerifyIsLeftOutAlone(t *testing.T) {
	t.Parallel()
	good, bad := newKey(t, "ES256", "good"), newKey(t, "ES256", "bad")
	rsaKey := newKey(t, "RS256", "bad")
	private, err := jwkset.NewJWKFromKey(bad.signer, jwkset.JWKOptions{
		Marshal: jwkset.JWKMarshalOptions{Private: true}, Metadata: jwkset.JWKMetadataOptions{KID: "bad"},
	})
	if err != nil {
		t.Fatal(err)
	}
	with := func(k key, field string, value any) map[string]any {
		m := k.jwk(t)
		m[field] = value
		return m
	}
	tests := map[string]struct {
		jwk  any
		sign key
	}{
		"for encryption":          {with(bad, "use", "enc"), bad},
		"for an unknown use":      {with(bad, "use", "other"), bad},
		"for signing only":        {with(bad, "key_ops", []string{"sign"}), bad},
		"for unknown operations":  {with(bad, "key_ops", []string{"verify", "other"}), bad},
		"for another algorithm":   {with(rsaKey, "alg", "RSA-OAEP"), rsaKey},
		"private":                 {private.Marshal(), bad},
		"not on its curve":        {with(bad, "x", base64.RawURLEncoding.EncodeToString(make([]byte, 32))), bad},
		"of an unknown curve":     {with(bad, "crv", "secp256k1"), bad},
		"of an unknown type":      {with(bad, "kty", "AKP"), bad},
		"without a type":          {with(bad, "kty", nil), bad},
		"without a coordinate":    {with(bad, "y", nil), bad},
		"not in base64":           {with(bad, "x", "!"), bad},
		"with a number for a kid": {with(bad, "kid", 1), bad},
		"RSA without an exponent": {with(rsaKey, "e", ""), rsaKey},
		"with a broken x5c":       {with(bad, "x5c", []string{"AAAA"}), bad},
		"null":                    {nil, bad},
		"a text":                  {"bad", bad},
		"a list":                  {[]any{}, bad},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProvider(t)
			p.publishJSON(t, map[string]any{"keys": []any{tt.jwk, good.jwk(t)}})
			a := newAuthenticator(t.Context(), t, p.serve(t))
			wantAccepted(t, a, good.sign(t, claimsOf(nil), nil))
			wantError(t, a, tt.sign.sign(t, claimsOf(nil), nil), auth.ErrInvalidCredentials)
			wantError(t, a, tt.sign.sign(t, claimsOf(nil), map[string]any{"kid": nil}), auth.ErrInvalidCredentials)

			p.publishJSON(t, map[string]any{"keys": []any{tt.jwk}})
			alone := newAuthenticator(t.Context(), t, p.serve(t))
			wantError(t, alone, tt.sign.sign(t, claimsOf(nil), nil), auth.ErrUnavailable)
		})
	}
}

func TestShortRSAKeysAreLeftOut(t *testing.T) {
	t.Parallel()
	const size = 1024
	private, err := rsa.GenerateKey(rand.Reader, size)
	if err != nil {
		t.Fatal(err)
	}
	short := key{kid: "short", method: jwt.SigningMethodRS256, signer: private}
	good := newKey(t, "ES256", "good")
	a := newAuthenticator(t.Context(), t, newProvider(t, short, good).serve(t))
	wantAccepted(t, a, good.sign(t, claimsOf(nil), nil))
	wantError(t, a, short.sign(t, claimsOf(nil), nil), auth.ErrInvalidCredentials)
}

func TestSymmetricAndAgreementKeysAreLeftOut(t *testing.T) {
	t.Parallel()
	good := newKey(t, "ES256", "good")
	x25519, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	oct := map[string]any{"kty": "oct", "kid": "oct", "alg": "HS256", "k": base64.RawURLEncoding.EncodeToString(secret(32))}
	agreement := map[string]any{
		"kty": "OKP", "crv": "X25519", "kid": "x", "x": base64.RawURLEncoding.EncodeToString(x25519.PublicKey().Bytes()),
	}
	p := newProvider(t)
	p.publishJSON(t, map[string]any{"keys": []any{oct, agreement, good.jwk(t)}})
	a := newAuthenticator(t.Context(), t, p.serve(t))
	wantAccepted(t, a, good.sign(t, claimsOf(nil), nil))
	wantError(t, a, secretToken(t, claimsOf(nil), map[string]any{"kid": "oct"}), auth.ErrInvalidCredentials)
	wantError(t, a, newKey(t, "EdDSA", "x").sign(t, claimsOf(nil), nil), auth.ErrInvalidCredentials)

	p.publishJSON(t, map[string]any{"keys": []any{oct}})
	alone := newAuthenticator(t.Context(), t, p.serve(t))
	wantError(t, alone, secretToken(t, claimsOf(nil), map[string]any{"kid": "oct"}), auth.ErrUnavailable)
}

func TestKeysWithLittleSaidAboutThemAreUsed(t *testing.T) {
	t.Parallel()
	k := newKey(t, "ES256", "k1")
	jwk := k.jwk(t)
	delete(jwk, "use")
	delete(jwk, "alg")
	jwk["key_ops"] = []string{"verify"}
	jwk["x-own"] = map[string]any{"a": 1}
	p := newProvider(t)
	p.publishJSON(t, map[string]any{"keys": []any{jwk}, "more": true})
	wantAccepted(t, newAuthenticator(t.Context(), t, p.serve(t)), k.sign(t, claimsOf(nil), nil))

	delete(jwk, "kid")
	p.publishJSON(t, map[string]any{"keys": []any{jwk}})
	unnamed := newAuthenticator(t.Context(), t, p.serve(t))
	wantAccepted(t, unnamed, k.sign(t, claimsOf(nil), map[string]any{"kid": nil}))
}

// TestAnAnswerWithoutKeysIsNoSet covers every answer that must neither be taken for a key set nor replace one.
func TestAnAnswerWithoutKeysIsNoSet(t *testing.T) {
	t.Parallel()
	k, next := newKey(t, "ES256", "k1"), newKey(t, "ES256", "k2")
	for name, spoil := range spoiledAnswers(t, next) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProvider(t)
			spoil(p)
			cfg := p.serve(t)
			log := &lockedBuffer{}
			cfg.Logger = slog.New(slog.NewJSONHandler(log, nil))
			first := newAuthenticator(t.Context(), t, cfg)
			wantError(t, first, k.sign(t, claimsOf(nil), nil), auth.ErrUnavailable)

			p.publish(t, k)
			a := newAuthenticator(t.Context(), t, cfg)
			wantAccepted(t, a, k.sign(t, claimsOf(nil), nil))
			loads := p.count()
			spoil(p)
			wantError(t, a, next.sign(t, claimsOf(nil), nil), auth.ErrUnavailable) // for which the set is loaded again
			if p.count() == loads {
				t.Fatal("the set was not loaded again")
			}
			wantAccepted(t, a, k.sign(t, claimsOf(nil), nil))
			wantAccepted(t, a, k.sign(t, claimsOf(jwt.MapClaims{"email": "new@example.com"}), nil))
			awaitLog(t, log, "signing keys can't be loaded")
			if text := log.String(); len(text) > 4000 {
				t.Errorf("the log tells too much: %.4000s", text)
			}
		})
	}
}

func TestASetOfTheLargestSizeIsTaken(t *testing.T) {
	t.Parallel()
	k := newKey(t, "ES256", "k1")
	data, err := json.Marshal(map[string]any{"keys": []any{k.jwk(t)}})
	if err != nil {
		t.Fatal(err)
	}
	p := newProvider(t)
	p.respond(http.StatusOK, string(data)+strings.Repeat(" ", 1<<20-len(data)))
	wantAccepted(t, newAuthenticator(t.Context(), t, p.serve(t)), k.sign(t, claimsOf(nil), nil))
}

func TestTheLogTellsWhyNoKeyOfASetIsUsable(t *testing.T) {
	t.Parallel()
	first, second, third := newKey(t, "ES256", "k1").jwk(t), newKey(t, "ES256", "k2").jwk(t), newKey(t, "ES256", "k3").jwk(t)
	first["use"], second["alg"], third["alg"] = "enc", "ES999", "ES999"
	p := newProvider(t)
	p.publishJSON(t, map[string]any{"keys": []any{first, second, third}})
	cfg := p.serve(t)
	log := &lockedBuffer{}
	cfg.Logger = slog.New(slog.NewTextHandler(log, nil))
	a := newAuthenticator(t.Context(), t, cfg)
	wantError(t, a, newKey(t, "ES256", "k1").sign(t, claimsOf(nil), nil), auth.ErrUnavailable)
	awaitLog(t, log, "no usable key among its 3, the first: ")
	wantLog(t, log, "ES999", 0)
}

func spoiledAnswers(t *testing.T, next key) map[string]func(*provider) {
	t.Helper()
	good, err := json.Marshal(map[string]any{"keys": []any{next.jwk(t)}})
	if err != nil {
		t.Fatal(err)
	}
	answers := map[string]func(*provider){
		"larger than 1 MiB": func(p *provider) {
			p.respond(http.StatusOK, `{"pad":"`+strings.Repeat("x", 1<<20)+`",`+string(good[1:]))
		},
		"larger than 1 MiB by spaces": func(p *provider) {
			p.respond(http.StatusOK, string(good)+strings.Repeat(" ", 1<<20))
		},
		"without an end": func(p *provider) {
			p.handle(func(w http.ResponseWriter, _ *http.Request) {
				for range 1 << 10 {
					if _, err := w.Write([]byte(strings.Repeat(" ", 1<<16))); err != nil {
						return // as it should be, after what the buffers between the two hold
					}
				}
				t.Error("64 MiB were read")
			})
		},
		"cut off": func(p *provider) {
			p.handle(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Length", fmt.Sprint(len(good)+10))
				_, _ = w.Write(good)
				panic(http.ErrAbortHandler)
			})
		},
		"redirected in a circle": func(p *provider) {
			p.handle(func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path, http.StatusFound) })
		},
	}
	for name, body := range map[string]string{
		"empty object": `{}`, "no keys": `{"keys":[]}`, "null keys": `{"keys":null}`, "null": `null`, "nothing": ``, "list": `[]`,
		"HTML": `<html>Sign in</html>`, "keys of another type": `{"keys":{"a":1}}`, "half": string(good[:len(good)/2]),
		"many bad keys": `{"keys":[` + strings.Repeat(`0,`, 100_000) + `0]}`,
	} {
		answers[name] = func(p *provider) { p.respond(http.StatusOK, body) }
	}
	for _, status := range []int{201, 404, 429, 500} {
		answers[fmt.Sprint(status)] = func(p *provider) { p.respond(status, string(good)) }
	}
	return answers
}
