package main

import (
	"net/http"
	"time"

	"github.com/paymount/paymount/httperr"
)

// maxInFlight is how many requests are worked on at the same time. It is far more than keep the database busy, since a success
// page may be waiting for its payment; beyond it, requests would only wait longer and take memory.
const maxInFlight = 512

// limit lets as many requests in at the same time as its capacity, and answers the others with 503 at once: clients and Stripe
// come again.
type limit chan struct{}

func (l limit) handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case l <- struct{}{}:
			defer func() { <-l }()
			next.ServeHTTP(w, r)
		default:
			httperr.Write(w, r, httperr.Unavailable("Too many requests at once. Try again shortly.", time.Second, nil))
		}
	})
}
