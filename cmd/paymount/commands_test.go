package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"
)

func TestTheDemoTakesNothingButAnAddressAndADatabaseFromTheEnvironment(t *testing.T) {
	t.Parallel()
	environment := configured("PAYMOUNT_DATABASE_URL", "postgres://paymount:Hunter2@127.0.0.1:1/production", "PAYMOUNT_MODE", "live",
		"STRIPE_SECRET_KEY", liveKey, "PAYMOUNT_PROJECT", "shop", "PAYMOUNT_ISSUER", "https://id.example.com",
		"PAYMOUNT_AUDIENCE", "shop-api", "PAYMOUNT_JWKS_URL", "https://id.example.com/jwks", "STRIPE_API_BASE", "http://127.0.0.1:1")
	s := startTheDemo(t, environment)
	if mode, _ := s.logs.attribute("listening", "gate_mode"); mode != "test" {
		t.Errorf("the gate of the demo counts mode %q", mode)
	}
	if database, _ := s.logs.attribute("listening", "database"); database != kindTemporary {
		t.Errorf("the demo uses the database %q", database)
	}
	parsed, _, err := jwt.NewParser().ParseUnverified(s.signIn(t, "ada@example.com"), jwt.MapClaims{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := jwt.Parse(parsed.Raw, func(*jwt.Token) (any, error) { return []byte(hsSecret), nil }); err == nil {
		t.Error("the demo signs with the host's secret")
	}
	forged := token(t, jwt.MapClaims{"project_id": demoProject})
	s.want(t, http.StatusUnauthorized, http.MethodGet, mountPath+"/my-subscription", forged, "")
}

func TestTheDemoListensOnLoopbackAlone(t *testing.T) {
	t.Parallel()
	for addr, ok := range map[string]bool{
		"127.0.0.1:0": true, "[::1]:8080": true, "localhost:8080": true, "": true,
		":8080": false, "0.0.0.0:8080": false, "[::]:8080": false, "192.0.2.1:80": false, "shop.example:80": false,
	} {
		_, err := parseDemo(values{"PAYMOUNT_ADDR": addr})
		if got := problems(err); (len(got) == 0) != ok {
			t.Errorf("%q: %q", addr, got)
		}
	}
}

func TestADemosDatabaseIsAFileOrMemory(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]struct {
		database location
		warnings int
	}{
		"": {location{kind: kindTemporary}, 0}, "memory:": {location{kind: kindMemory}, 0},
		"sqlite:kept.db": {location{kindSQLite, "kept.db"}, 1}, "postgres://db/kept": {location{kind: kindTemporary}, 1},
	} {
		s, err := parseDemo(values{"PAYMOUNT_DATABASE_URL": address})
		if err != nil || s.database != want.database || len(s.warnings) != want.warnings {
			t.Errorf("%q: database %+v, warnings %q, %v", address, s.database, s.warnings, err)
		}
	}
	if _, err := parseDemo(values{"PAYMOUNT_DATABASE_URL": "mysql://db"}); err == nil {
		t.Error("a database of another kind is accepted")
	}
}

func TestWithoutACommandNothingStarts(t *testing.T) {
	t.Parallel()
	environment := configured()
	for _, args := range [][]string{
		nil, {""}, {"start"}, {"-addr", ":1"}, {"--", "demo", "x"}, {"serve", "demo"}, {"demo", "serve"},
	} {
		var stdout, stderr output
		if code := run(t.Context(), args, func(name string) string { return environment[name] }, &stdout, &stderr); code != 2 {
			t.Errorf("%q: exit code %d, want 2: %s", args, code, &stderr)
		}
	}
}

func TestHelpListsEveryVariable(t *testing.T) {
	t.Parallel()
	for command, variables := range map[string][]variable{"serve": serveVariables(), "demo": demoVariables()} {
		var stdout, stderr output
		run(t.Context(), []string{command, "-h"}, func(string) string { return "" }, &stdout, &stderr)
		for _, v := range variables {
			if !strings.Contains(stdout.String(), "--"+v.name+" ") || !strings.Contains(stdout.String(), "--"+v.flag()+" ") {
				t.Errorf("the help of %s does not name %s and -%s: %s", command, v.name, v.flag(), &stdout)
			}
		}
	}
}

func TestABadArgumentIsReportedWithoutItsText(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		"there is a flag that is not known":      {"-addr=:1", "-" + liveKey},
		"there is an argument that is no flag":   {"-addr", ":1", liveKey},
		"there is a flag that is not known, or ": {"-addr"},
	} {
		_, err := parse(t, configured(), args...)
		if err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), liveKey) {
			t.Errorf("%q: %v, want %q", args, err, want)
		}
	}
}
