package bearer_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/auth/bearer"
)

// An identity provider publishes its keys, and its tokens name the tenant in a claim of its own.
func ExampleNew_jwks() {
	ctx, stop := context.WithCancel(context.Background())
	defer stop() // ends the loading of keys

	authenticator, err := bearer.New(ctx, bearer.Config{
		JWKSURL:      "https://idp.example.com/.well-known/jwks.json",
		Issuer:       "https://idp.example.com/",
		Audience:     "https://api.example.com",
		ProjectClaim: "https://example.com/tenant",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	mux := http.NewServeMux()
	mux.Handle("GET /me", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id, _ := auth.FromContext(r.Context())
		_, _ = fmt.Fprintln(w, id.UserID)
	}))
	_ = auth.Verify(authenticator)(auth.Require(authenticator, nil)(mux))
}

// An app with one project signs its own tokens with a secret.
func ExampleNew_secret() {
	secret := []byte("thirty-two bytes of randomness..")
	authenticator, err := bearer.New(context.Background(), bearer.Config{HS256Secret: secret, Project: "shop"})
	if err != nil {
		fmt.Println(err)
		return
	}
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"sub": "alice", "email": "alice@example.com", "exp": time.Now().Add(time.Hour).Unix(),
	}).SignedString(secret)
	if err != nil {
		fmt.Println(err)
		return
	}
	request := httptest.NewRequestWithContext(context.Background(), http.MethodGet, "/", http.NoBody)
	request.Header.Set("Authorization", "Bearer "+token)

	id, err := authenticator.Authenticate(request)
	fmt.Println(id.UserID, id.ProjectID, id.Email, err)
	// Output: alice shop alice@example.com <nil>
}

// A mistake in the configuration is reported with all others.
func ExampleNew_mistakes() {
	_, err := bearer.New(context.Background(), bearer.Config{HS256Secret: []byte("short"), Leeway: time.Hour})
	fmt.Println(err)
	// Output:
	// auth/bearer: HS256Secret is too short for HS256: want at least 32 bytes
	// auth/bearer: Leeway is 1h0m0s: want 0 to 1m0s
}
