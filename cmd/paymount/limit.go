package main

import (
	"net/http"
	"time"

	"github.com/paymount/paymount/httperr"
)

// maxInFlight is how many requests are worked on at the same time, far more than keep the database busy: beyond it, they would
// only wait longer and take memory.
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

// mount mounts the payments API within a limit, which it returns for what else is to share it. Success pages, which may be
// waiting half a minute for a payment, have one of their own: else those who wait would shut out those who pay.
func mount(mux *http.ServeMux, api http.Handler, size int) limit {
	working, waiting := make(limit, size), make(limit, size)
	mux.Handle(mountPath+"/", working.handler(api))
	mux.Handle("GET "+mountPath+"/checkout-session/{id}", waiting.handler(api))
	return working
}
