package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
)

// variable is one setting: an environment variable, and the two flags that override it.
type variable struct{ name, usage string }

// flag is the variable's short flag: STRIPE_API_BASE is -stripe-api-base, PAYMOUNT_ADDR is -addr.
func (v variable) flag() string {
	return strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(v.name, "PAYMOUNT_")), "_", "-")
}

func variables() []variable {
	return []variable{
		{"PAYMOUNT_ADDR", "listen address (default " + defaultAddr + ")"},
		{"PAYMOUNT_DATABASE_URL", "sqlite:PATH, postgres://… or memory: (default sqlite:" + defaultSQLite + ")"},
		{"PAYMOUNT_CREDENTIALS", "JSON file with the Stripe credentials of all projects"},
		{"STRIPE_SECRET_KEY", "Stripe key of a single project; its prefix gives the mode"},
		{"STRIPE_WEBHOOK_SECRET", "signing secret of that project's webhook endpoint"},
		{"PAYMOUNT_PROJECT", "id of that project (default " + defaultProject + ")"},
		{"STRIPE_API_BASE", "base URL of Stripe's API, to point at a fake"},
		{"PAYMOUNT_JWKS_URL", "JWK Set with which tokens are verified"},
		{"PAYMOUNT_HS256_SECRET", "or the secret, of 32 bytes or more, that signs them"},
		{"PAYMOUNT_ISSUER", "the tokens' issuer, checked when set"},
		{"PAYMOUNT_AUDIENCE", "the tokens' audience, checked when set"},
		{"PAYMOUNT_REDIRECT_ORIGINS", "comma-separated origins that redirect URLs may have"},
		{"PAYMOUNT_RECONCILE_INTERVAL", "how often to look for what webhooks did not bring; 0 for never (default 15m)"},
		{"PAYMOUNT_MODE", "mode that the gate counts: test or live (default live when there are live credentials)"},
	}
}

func usage() string {
	var text strings.Builder
	text.WriteString("Usage: server [flags]\n\n" +
		"Each setting is an environment variable; a flag of either name overrides it, as in -addr or -PAYMOUNT_ADDR.\n" +
		"Other users of the machine can see flags, so keep secrets in variables.\n" +
		"With neither PAYMOUNT_CREDENTIALS nor STRIPE_SECRET_KEY the server starts in demo mode.\n\n")
	for _, v := range variables() {
		fmt.Fprintf(&text, "  %-26s -%-22s %s\n", v.name, v.flag(), v.usage)
	}
	return text.String()
}

// readValues returns the value of each variable: the flag's, else the environment's. It returns flag.ErrHelp when help was
// asked for. Its errors quote no argument, for that can be a key.
func readValues(args []string, getenv func(string) string) (map[string]string, error) {
	flags := flag.NewFlagSet("server", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	texts := map[string]*string{}
	for _, v := range variables() {
		text := getenv(v.name)
		flags.StringVar(&text, v.flag(), text, v.usage)
		flags.StringVar(&text, v.name, text, v.usage)
		texts[v.name] = &text
	}
	err := flags.Parse(args)
	switch parsed := len(args) - flags.NArg(); {
	case errors.Is(err, flag.ErrHelp):
		return nil, flag.ErrHelp
	case err != nil:
		return nil, fmt.Errorf("argument %d is not a known flag with a value: see -h", parsed)
	case flags.NArg() > 0:
		return nil, fmt.Errorf("argument %d is not a flag: see -h", parsed+1)
	}
	values := map[string]string{}
	for name, text := range texts {
		values[name] = strings.TrimSpace(*text)
	}
	return values, nil
}
