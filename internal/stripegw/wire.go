package stripegw

import (
	"time"

	"github.com/stripe/stripe-go/v76"
)

// seconds is a time as Stripe writes it: seconds since 1970, 0 or null for none.
type seconds int64

// lastSecond is the end of the year 9999, past which a time has no JSON form.
const lastSecond = 253402300799

// time returns s in UTC; a zero Time for none.
func (s seconds) time() time.Time {
	if s <= 0 || s > lastSecond {
		return time.Time{}
	}
	return time.Unix(int64(s), 0).UTC()
}

// pageSize is the longest page of a list that Stripe gives.
const pageSize = 100

// listParams are the parameters of lists. stripe-go's own embed ListParams, which are made for its iterators and have no
// context for a single call.
type listParams struct {
	stripe.Params `form:"*"`
	Customer      *string                  `form:"customer"`
	Status        *string                  `form:"status"`
	Created       *stripe.RangeQueryParams `form:"created"`
	Limit         *int64                   `form:"limit"`
	StartingAfter *string                  `form:"starting_after"`
}
