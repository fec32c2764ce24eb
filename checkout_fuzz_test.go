package paymount_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/paymount/paymount"
	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/stripetest"
	"github.com/paymount/paymount/subscription/memstore"
)

// FuzzCheckoutBody posts what anybody could: it is refused as the client's mistake, or sold as it was asked for.
func FuzzCheckoutBody(f *testing.F) {
	stripe := stripetest.New(f)
	price := stripe.AddPrice(stripetest.PriceSpec{Product: "Pro", Amount: 1200, Interval: "month"})
	once := stripe.AddPrice(stripetest.PriceSpec{Product: "Sticker", Amount: 500})
	service, err := paymount.New(paymount.Config{
		Store:       memstore.New(),
		Credentials: project.Static{projectID: {project.ModeTest: project.Credentials{SecretKey: stripetest.TestKey}}},
		Authenticator: auth.AuthenticatorFunc(func(*http.Request) (auth.Identity, error) {
			return auth.Identity{UserID: user, ProjectID: projectID}, nil
		}),
		RedirectOrigins: []string{origin},
		EntitlementMode: project.ModeTest,
		StripeURL:       stripe.URL,
	})
	if err != nil {
		f.Fatal(err)
	}
	handler := service.Handler()
	for _, seed := range []string{
		`{"price_id":"PRICE","success_url":"URL/?s={CHECKOUT_SESSION_ID}","cancel_url":"URL"}`,
		`{"price_id":"ONCE","mode":"payment","quantity":3,"success_url":"URL/a","cancel_url":"URL/b","metadata":{"a":1,"b":true}}`,
		`{"price_id":"PRICE","success_url":"URL/\u0000","cancel_url":"URL","metadata":{"user_id":"mallory","a[b]":"c"}}`,
		`{"price_id":1,"mode":[],"quantity":1.5,"success_url":{},"cancel_url":null,"metadata":"x","allow_existing_subscription":"yes"}`,
		`{"price_id":"PRICE","price_id":"ONCE"} {}`, `[]`, ``, "\xff", `{"quantity":1e999}`, strings.Repeat("[", 10_000),
	} {
		f.Add(seed)
	}
	ours := strings.NewReplacer("PRICE", price.ID, "ONCE", once.ID, "URL", origin)
	refusals := []int{http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity}
	f.Fuzz(func(t *testing.T, body string) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/checkout-session", strings.NewReader(ours.Replace(body)))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		var answer struct {
			Code      string `json:"code"`
			SessionID string `json:"session_id"`
		}
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
			t.Fatalf("%d %q: %v", w.Code, w.Body, err)
		}
		if w.Code != http.StatusOK {
			if !slices.Contains(refusals, w.Code) || answer.Code == "" {
				t.Fatalf("%d %s", w.Code, w.Body)
			}
			return
		}
		session, ok := stripe.Session(answer.SessionID)
		switch {
		case !ok:
			t.Errorf("there is no session %q", answer.SessionID)
		case session.Metadata["user_id"] != user, session.Metadata["project_id"] != projectID:
			t.Errorf("the session is that of %v", session.Metadata)
		case !strings.HasPrefix(session.SuccessURL, origin), !strings.HasPrefix(session.CancelURL, origin):
			t.Errorf("the session leads to %q and %q", session.SuccessURL, session.CancelURL)
		}
	})
}
