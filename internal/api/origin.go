package api

import (
	"net/http"
	"strings"

	"github.com/paymount/paymount/httperr"
)

// SameOrigin answers 403 to a POST that a browser may have sent in the name of a signed-in user from a page of another
// origin. With trusted origins those are let through.
func (c *Config) SameOrigin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if ambient(r) && c.CrossOrigin.Check(r) != nil {
			c.Encode(w, r, httperr.New(http.StatusForbidden, httperr.CodeCrossOrigin,
				"Requests from pages of another origin are not accepted."))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// ambient reports whether the request carries nothing but what a browser adds to any request by itself: cookies, a client
// certificate, or what the user has entered in its own sign-in dialog (RFC 7617, RFC 7616, RFC 4559). Only a script of a page
// that the host trusts can send any other Authorization header.
func ambient(r *http.Request) bool {
	scheme, _, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	switch strings.ToLower(scheme) {
	case "", "basic", "digest", "negotiate", "ntlm":
		return true
	}
	return false
}
