package auth_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/httperr"
)

func alice() auth.Identity {
	return auth.Identity{UserID: "alice", ProjectID: "p1", Email: "alice@example.com"}
}

// answering returns an Authenticator that always answers the same.
func answering(id auth.Identity, err error) auth.AuthenticatorFunc {
	return func(*http.Request) (auth.Identity, error) { return id, err }
}

// challenger is an Authenticator with a challenge of its own.
type challenger struct{ auth.AuthenticatorFunc }

func (challenger) Challenge(err error) string { return fmt.Sprintf(`Own reason="%v"`, err) }

// serve sends a request through the middlewares, outermost first, and tells whom the handler at the end saw.
func serve(
	ctx context.Context, middlewares ...func(http.Handler) http.Handler,
) (answer *httptest.ResponseRecorder, saw *auth.Identity) {
	var handler http.Handler = http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		id, ok := auth.FromContext(r.Context())
		if ok {
			saw = &id
		} else if id != (auth.Identity{}) {
			panic("FromContext returned an identity that it did not vouch for")
		}
	})
	for _, middleware := range slices.Backward(middlewares) {
		handler = middleware(handler)
	}
	answer = httptest.NewRecorder()
	handler.ServeHTTP(answer, httptest.NewRequestWithContext(ctx, http.MethodGet, "/", http.NoBody))
	return answer, saw
}

func TestVerifyLetsEveryRequestPass(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		authenticator auth.Authenticator
		verified      bool
	}{
		"verified":                    {answering(alice(), nil), true},
		"no credentials":              {answering(auth.Identity{}, auth.ErrNoCredentials), false},
		"bad credentials":             {answering(auth.Identity{}, auth.ErrInvalidCredentials), false},
		"unavailable":                 {answering(auth.Identity{}, auth.ErrUnavailable), false},
		"identity beside an error":    {answering(alice(), auth.ErrInvalidCredentials), false},
		"identity without a user":     {answering(auth.Identity{ProjectID: "p1"}, nil), false},
		"identity without a project":  {answering(auth.Identity{UserID: "alice"}, nil), false},
		"identity of nobody, nowhere": {answering(auth.Identity{}, nil), false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answer, saw := serve(t.Context(), auth.Verify(tt.authenticator))
			if answer.Code != http.StatusOK {
				t.Fatalf("answered %d, want 200", answer.Code)
			}
			if tt.verified != (saw != nil) || (saw != nil && *saw != alice()) {
				t.Errorf("the handler saw %+v, verified: %t", saw, tt.verified)
			}
		})
	}
}

func TestVerifyKeepsTheCallerOfTheContext(t *testing.T) {
	t.Parallel()
	other := auth.Identity{UserID: "bob", ProjectID: "p2"}
	called := false
	second := auth.AuthenticatorFunc(func(*http.Request) (auth.Identity, error) {
		called = true
		return other, nil
	})
	for name, outer := range map[string]func(http.Handler) http.Handler{
		"of NewContext": func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				next.ServeHTTP(w, r.WithContext(auth.NewContext(r.Context(), alice())))
			})
		},
		"of an earlier Verify": auth.Verify(answering(alice(), nil)),
	} {
		_, saw := serve(t.Context(), outer, auth.Verify(second))
		if called || saw == nil || *saw != alice() {
			t.Errorf("%s: asked again: %t, saw %+v", name, called, saw)
		}
	}
}

func TestRequireRejectsWithOneAnswerPerReason(t *testing.T) {
	t.Parallel()
	const bare, invalid = `Bearer realm="paymount"`, `Bearer realm="paymount", error="invalid_token"`
	nobody := auth.Identity{}
	tests := map[string]struct {
		authenticator auth.Authenticator
		status        int
		challenge     string
		retryAfter    string
	}{
		"no credentials":  {answering(nobody, auth.ErrNoCredentials), 401, bare, ""},
		"bad credentials": {answering(nobody, fmt.Errorf("eve: %w", auth.ErrInvalidCredentials)), 401, invalid, ""},
		"no project":      {answering(auth.Identity{UserID: "u"}, nil), 401, invalid, ""},
		"own challenge": {
			challenger{answering(nobody, auth.ErrNoCredentials)}, 401, `Own reason="auth: no credentials"`, "",
		},
		"unavailable":          {answering(nobody, fmt.Errorf("keys: %w", auth.ErrUnavailable)), 503, "", "2"},
		"failed in an odd way": {challenger{answering(nobody, errors.New("eve"))}, 503, "", "2"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answer, saw := serve(t.Context(), auth.Verify(tt.authenticator), auth.Require(tt.authenticator, nil))
			if answer.Code != tt.status || saw != nil {
				t.Fatalf("answered %d, want %d; the handler saw %+v", answer.Code, tt.status, saw)
			}
			if got := answer.Header().Get("WWW-Authenticate"); got != tt.challenge {
				t.Errorf("challenge %q, want %q", got, tt.challenge)
			}
			if got := answer.Header().Get("Retry-After"); got != tt.retryAfter {
				t.Errorf("Retry-After %q, want %q", got, tt.retryAfter)
			}
			wantBody(t, answer, tt.status)
		})
	}
}

// wantBody checks the wire format, and that the reason stays inside.
func wantBody(t *testing.T, answer *httptest.ResponseRecorder, status int) {
	t.Helper()
	var body struct {
		Detail string `json:"detail"`
		Code   string `json:"code"`
	}
	if err := json.Unmarshal(answer.Body.Bytes(), &body); err != nil {
		t.Fatalf("body %q: %v", answer.Body, err)
	}
	want := map[int]string{http.StatusUnauthorized: "unauthorized", http.StatusServiceUnavailable: "unavailable"}[status]
	if body.Code != want || body.Detail == "" {
		t.Errorf("body %q, want the code %q and a sentence", answer.Body, want)
	}
	for _, inside := range []string{"eve", "auth:"} {
		if got := answer.Body.String(); strings.Contains(got, inside) {
			t.Errorf("body %q shows the reason", got)
		}
	}
}

func TestRequireLetsVerifiedCallersPass(t *testing.T) {
	t.Parallel()
	a := answering(alice(), nil)
	answer, saw := serve(t.Context(), auth.Verify(a), auth.Require(a, nil))
	if answer.Code != http.StatusOK || saw == nil || *saw != alice() {
		t.Errorf("answered %d, the handler saw %+v", answer.Code, saw)
	}
	answer, saw = serve(auth.NewContext(t.Context(), alice()), auth.Require(a, nil))
	if answer.Code != http.StatusOK || saw == nil || *saw != alice() {
		t.Errorf("with NewContext: answered %d, the handler saw %+v", answer.Code, saw)
	}
}

func TestRequireRejectsWhereNobodyVerified(t *testing.T) {
	t.Parallel()
	answer, saw := serve(t.Context(), auth.Require(answering(alice(), nil), nil))
	if answer.Code != http.StatusUnauthorized || saw != nil {
		t.Errorf("answered %d, the handler saw %+v", answer.Code, saw)
	}
}

func TestRequireUsesTheEncoderOfTheHost(t *testing.T) {
	t.Parallel()
	var got *httperr.Error
	encode := func(w http.ResponseWriter, _ *http.Request, e *httperr.Error) {
		got = e
		w.WriteHeader(http.StatusTeapot)
	}
	cause := fmt.Errorf("expired: %w", auth.ErrInvalidCredentials)
	a := challenger{answering(auth.Identity{}, cause)}
	answer, _ := serve(t.Context(), auth.Verify(a), auth.Require(a, encode))
	if answer.Code != http.StatusTeapot || got == nil || got.Status != http.StatusUnauthorized || !errors.Is(got, cause) {
		t.Errorf("answered %d, the encoder was given %v", answer.Code, got)
	}
}

func TestFromContextIsEmptyWithoutACaller(t *testing.T) {
	t.Parallel()
	if id, ok := auth.FromContext(t.Context()); ok || id != (auth.Identity{}) {
		t.Errorf("got %+v, %t", id, ok)
	}
	if id, ok := auth.FromContext(auth.NewContext(t.Context(), alice())); !ok || id != alice() {
		t.Errorf("got %+v, %t", id, ok)
	}
}

func TestRequireRefusesAnIdentityWithoutUserOrProject(t *testing.T) {
	t.Parallel()
	refuse := auth.Require(nil, nil)(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("an incomplete identity passed")
	}))
	for _, id := range []auth.Identity{{}, {UserID: "u"}, {ProjectID: "p"}} {
		r := httptest.NewRequestWithContext(auth.NewContext(t.Context(), id), http.MethodGet, "/", http.NoBody)
		w := httptest.NewRecorder()
		refuse.ServeHTTP(w, r)
		if w.Code != http.StatusUnauthorized {
			t.Errorf("%+v: %d", id, w.Code)
		}
	}
}
