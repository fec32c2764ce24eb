package main

import "strings"

// variable is one setting: an environment variable, and the two flags that override it.
type variable struct {
	name  string
	usage string
	usual string // what holds when it is not set, for the help; empty when nothing does
}

// values are the settings as they were written, by the names of their variables. What is not set is empty.
type values map[string]string

// flag is the variable's short flag: STRIPE_API_BASE is -stripe-api-base, PAYMOUNT_ADDR is -addr.
func (v variable) flag() string {
	return strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(v.name, "PAYMOUNT_")), "_", "-")
}

func serveVariables() []variable {
	return []variable{
		{"PAYMOUNT_ADDR", "listen address", defaultAddr},
		{"PAYMOUNT_DATABASE_URL", "sqlite:PATH, postgres://… or memory:", "sqlite:" + defaultSQLite},
		{"PAYMOUNT_CREDENTIALS", "JSON file with the Stripe credentials of all projects, read again when it changes", ""},
		{"STRIPE_SECRET_KEY", "Stripe key of a single project; its prefix gives the mode", ""},
		{"STRIPE_WEBHOOK_SECRET", "signing secret of that project's webhook endpoint", ""},
		{"PAYMOUNT_PROJECT", "id of that project", defaultProject},
		{"STRIPE_API_BASE", "base URL of Stripe's API, to point at a fake", "Stripe's own"},
		{"PAYMOUNT_JWKS_URL", "JWK Set with which tokens are verified", ""},
		{"PAYMOUNT_HS256_SECRET", "or the secret, of 32 bytes or more, that signs them", ""},
		{"PAYMOUNT_ISSUER", "the tokens' issuer, checked when set", ""},
		{"PAYMOUNT_AUDIENCE", "the tokens' audience, checked when set", ""},
		{"PAYMOUNT_OWNER_CLAIM", "the claim that names who pays, such as a team; a token without it is refused", "the user pays"},
		{"PAYMOUNT_MANAGE_SCOPE", "the scope that a token needs for every POST", ""},
		{"PAYMOUNT_TRIAL_DAYS", "the trial of each user's first subscription", "0"},
		{"PAYMOUNT_PAST_DUE_GRACE", "how long a failed payment keeps the gate open", defaultGrace.String()},
		{"PAYMOUNT_REDIRECT_ORIGINS", "comma-separated origins that redirect URLs may have", ""},
		{"PAYMOUNT_PRORATIONS", "comma-separated behaviours that clients may ask for", "create_prorations,always_invoice"},
		{"PAYMOUNT_MODE", "mode that the gate counts: test or live", "live when there are live credentials at start, else test"},
		{"PAYMOUNT_RECONCILE_INTERVAL", "how often to look for what webhooks did not bring; 0 for never", defaultInterval.String()},
	}
}

func demoVariables() []variable {
	return []variable{
		{"PAYMOUNT_ADDR", "listen address, on loopback", defaultAddr},
		{"PAYMOUNT_DATABASE_URL", "sqlite:PATH or memory:", "a file that is removed in the end"},
	}
}

// laterVariables are settings that are reserved for features that do not exist yet. A host that sets one expects what it does,
// which can be who may do what, so the server refuses to start instead of leaving it out.
func laterVariables() []string {
	return []string{
		"PAYMOUNT_PLANS", "PAYMOUNT_PROJECTS", "PAYMOUNT_ENCRYPTION_KEYS", "PAYMOUNT_PUBLIC_URL",
	}
}
