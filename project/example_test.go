package project_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"

	"github.com/paymount/paymount/project"
)

// An app with few projects has their keys in its configuration. Keys never show when they are printed.
func ExampleStatic() {
	credentials := project.Static{
		"shop": {
			project.ModeTest: {SecretKey: "sk_test_123", WebhookSecrets: []string{"whsec_abc"}, Prices: []string{"price_pro"}},
		},
	}
	fmt.Println(credentials.Validate(), credentials.HasMode(project.ModeLive))
	found, err := credentials.ResolveCredentials(context.Background(), "shop", project.ModeTest)
	fmt.Println(found.Sells("price_pro"), found.Sells("price_other"), err)
	_, err = credentials.ResolveCredentials(context.Background(), "shop", project.ModeLive)
	fmt.Println(errors.Is(err, project.ErrNotConfigured))
	// Output:
	// <nil> false
	// true false <nil>
	// true
}

// A file is read again when it changes, so that a key is replaced without a restart.
func ExampleOpenFile() {
	resolver := func() (project.CredentialResolver, error) {
		return project.OpenFile("/etc/shop/stripe.json", slog.Default())
	}
	_ = resolver
}

// Every mistake is reported at once, and none of them shows a key.
func ExampleParseCredentials() {
	_, err := project.ParseCredentials([]byte(`{"projects": {"shop": {
		"test": {"secret_key": "sk_live_123"},
		"live": {"secret_key": "sk_live_456", "webhook_secrets": ["abc"]}
	}}}`))
	fmt.Println(err != nil)
	// Output: true
}

func ExampleKeyMode() {
	for _, key := range []string{"sk_test_123", "rk_live_456", "pk_live_789"} {
		mode, ok := project.KeyMode(key)
		fmt.Printf("%s %q %t\n", key[:8], mode, ok)
	}
	// Output:
	// sk_test_ "test" true
	// rk_live_ "live" true
	// pk_live_ "" false
}

// keysTable finds the keys of an app with many projects in its database. It is asked for each request: a real one answers from
// memory.
type keysTable struct{ db *sql.DB }

func (t keysTable) ResolveCredentials(ctx context.Context, projectID string, mode project.Mode) (project.Credentials, error) {
	var c project.Credentials
	var secret string
	err := t.db.QueryRowContext(ctx, "SELECT secret_key, webhook_secret FROM stripe_keys WHERE project = $1 AND mode = $2",
		projectID, string(mode)).Scan(&c.SecretKey, &secret)
	if errors.Is(err, sql.ErrNoRows) {
		return c, project.ErrNotConfigured
	}
	c.WebhookSecrets = []string{secret}
	return c, err
}

func ExampleCredentialResolver() {
	var resolver project.CredentialResolver = keysTable{} // paymount.Config.Credentials
	_ = resolver
}

// Clients know Stripe's objects by an id that tells nothing about the account, and is always the same.
func ExampleScope_UUID() {
	shop := project.Scope{ProjectID: "shop", Mode: project.ModeLive}
	fmt.Println(shop.UUID("sub_123"))
	fmt.Println(project.Scope{ProjectID: "shop", Mode: project.ModeTest}.UUID("sub_123") == shop.UUID("sub_123"))
	// Output:
	// a3ede102-1328-579a-bac4-6264c78643b9
	// false
}
