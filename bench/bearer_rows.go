package main

import (
	"context"
	"net/http"

	"github.com/golang-jwt/jwt/v5"

	"github.com/paymount/paymount/bench/internal/fixture"
)

func bearerRows(ctx context.Context, b bench) ([]row, error) {
	var warm, cold []row
	for _, algorithm := range []string{"ES256", "RS256", "EdDSA", "HS256"} {
		s, err := newSigning(ctx, algorithm)
		if err != nil {
			return nil, err
		}
		w, err := warmRow(ctx, b, s)
		if err == nil {
			var c row
			c, err = coldRow(ctx, b, s)
			warm, cold = append(warm, w), append(cold, c)
		}
		s.close()
		if err != nil {
			return nil, err
		}
	}
	return append(warm, cold...), nil
}

// warmRow compares what a token costs that has been seen before: the middlewares with each other, and the authenticator
// alone with a bare parse.
func warmRow(ctx context.Context, b bench, s *signing) (row, error) {
	a, err := s.ours(ctx, 0)
	if err != nil {
		return row{}, err
	}
	token, err := s.token(nil)
	if err != nil {
		return row{}, err
	}
	r, err := withToken(ctx, token)
	if err != nil {
		return row{}, err
	}
	m, err := s.middlewares(a)
	if err != nil {
		return row{}, err
	}
	parse := s.bare()
	through := func(h http.Handler) func() error { return func() error { return fixture.Call(h, r) } }
	read, err := b.measure(1,
		side{name: "paymount", do: through(m.ours)},
		side{name: "go-jwt-middleware", do: through(m.auth0)},
		side{name: "jwtauth", do: through(m.chi)},
		side{name: "the authenticator", do: func() error { _, err := a.Authenticate(r); return err }},
		side{name: "jwt", do: func() error { return parse(token) }},
	)
	if err != nil {
		return row{}, err
	}
	alone := read[3]
	ratios := map[string]float64{
		"go-jwt-middleware": ratio(read[1], read[0]), "jwtauth": ratio(read[2], read[0]), "bare": ratio(read[4], alone),
	}
	var checks []check
	for _, name := range []string{"go-jwt-middleware", "jwtauth", "bare"} {
		c := told("%.0fx faster", ratios[name])
		if s.algorithm == "ES256" || s.algorithm == "RS256" { // the others have no goal: their signatures cost too little
			c = atLeast(ratios[name], 30, "%.0fx faster")
		}
		c.measured = name + " " + c.measured
		checks = append(checks, c)
	}
	return row{
		path: "bearer, warm token, " + s.algorithm, against: "go-jwt-middleware v3, jwtauth v5, bare jwt v5",
		checks: append(checks,
			atMost(median(alone.nanoseconds), 1000, "%.0f ns"), atMost(median(alone.allocations), 3, "%.0f allocations")),
	}, nil
}

// coldTokens are so many that the small cache of coldRow has forgotten each of them when its turn comes again.
const coldTokens, coldCache = 64, 8

// coldRow compares the first look at a token, at which the authenticator verifies and remembers it, with a bare parse.
func coldRow(ctx context.Context, b bench, s *signing) (row, error) {
	a, err := s.ours(ctx, coldCache)
	if err != nil {
		return row{}, err
	}
	var tokens []string
	var requests []*http.Request
	for i := range coldTokens {
		token, err := s.token(jwt.MapClaims{"n": i})
		if err != nil {
			return row{}, err
		}
		r, err := withToken(ctx, token)
		if err != nil {
			return row{}, err
		}
		tokens, requests = append(tokens, token), append(requests, r)
	}
	parse, i, j := s.bare(), 0, 0
	read, err := b.measure(1,
		side{name: "paymount", do: func() error {
			i++
			_, err := a.Authenticate(requests[i%coldTokens])
			return err
		}},
		side{name: "jwt", do: func() error {
			j++
			return parse(tokens[j%coldTokens])
		}},
	)
	if err != nil {
		return row{}, err
	}
	return row{
		path: "bearer, cold token, " + s.algorithm, against: "bare jwt v5 parse with the key in hand",
		checks: []check{
			atMost(ratio(read[0], read[1]), 1.10, "%.2fx"), told("%s", duration(median(read[0].nanoseconds))),
		},
	}, nil
}
