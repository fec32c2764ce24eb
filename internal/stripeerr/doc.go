// Package stripeerr says what went wrong with a call to Stripe, in the terms that handlers decide by. Gateway
// implementations return an *Error; refetch and the handlers look at its Kind. It never carries Stripe's text.
package stripeerr
