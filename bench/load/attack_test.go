package main

import (
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	vegeta "github.com/tsenart/vegeta/v12/lib"
)

func TestOverloadMayShedAndNothingElse(t *testing.T) {
	t.Parallel()
	shed := &vegeta.Result{Code: http.StatusServiceUnavailable, Headers: http.Header{"Retry-After": {"1"}}}
	for name, c := range map[string]struct {
		result          *vegeta.Result
		usual, overload bool // whether it is right
	}{
		"answered":               {&vegeta.Result{Code: http.StatusOK}, true, true},
		"shed":                   {shed, false, true},
		"503 without advice":     {&vegeta.Result{Code: http.StatusServiceUnavailable}, false, false},
		"failed":                 {&vegeta.Result{Code: http.StatusInternalServerError}, false, false},
		"no answer":              {&vegeta.Result{Error: "connection reset"}, false, false},
		"answered, but not what": {&vegeta.Result{Code: http.StatusBadRequest}, false, false},
	} {
		var o outcome
		o.add(c.result)
		if (o.verdict(false) == nil) != c.usual || (o.verdict(true) == nil) != c.overload {
			t.Errorf("%s: %v, and under overload %v", name, o.verdict(false), o.verdict(true))
		}
	}
}

func TestEveryRequestIsAboutAnotherUserAndSigned(t *testing.T) {
	t.Parallel()
	for _, p := range paths("http://127.0.0.1", 10) {
		seen := map[string]bool{}
		for range 5 {
			var target vegeta.Target
			if err := p.next(&target); err != nil {
				t.Fatal(err)
			}
			if _, err := target.Request(); err != nil {
				t.Error(err)
			}
			seen[target.Header.Get("Authorization")+target.Header.Get("Stripe-Signature")] = true
		}
		if len(seen) != 5 || seen[""] {
			t.Errorf("%s: %d different requests of 5", p.name, len(seen))
		}
	}
}

func TestUsageOfAProcessGrows(t *testing.T) {
	t.Parallel()
	before, err := usageOf(os.Getpid())
	if err != nil {
		t.Skipf("NOT TESTED: %v", err)
	}
	deadline := time.Now().Add(30 * time.Second)
	for {
		signed := strings.TrimPrefix(token("user_1"), "Bearer ")
		_, err := jwt.Parse(signed, func(*jwt.Token) (any, error) { return []byte(tokenSecret), nil })
		after, usageErr := usageOf(os.Getpid())
		switch {
		case err != nil || usageErr != nil || after.memory == 0 || after.peak < after.memory || time.Now().After(deadline):
			t.Fatalf("%+v, %v, %v", after, err, usageErr)
		case after.cpu > before.cpu:
			return
		}
	}
}
