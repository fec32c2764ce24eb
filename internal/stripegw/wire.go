package stripegw

import (
	"strings"
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

// storable replaces the character NUL, which no store takes: Postgres refuses it.
func storable(text string) string { return strings.ReplaceAll(text, "\x00", "\uFFFD") }

func storableMetadata(metadata map[string]string) map[string]string {
	out := make(map[string]string, len(metadata))
	for key, value := range metadata {
		out[storable(key)] = storable(value)
	}
	return out
}

// pageSize is the longest page of a list that Stripe gives.
const pageSize = 100

// listParams are the parameters of lists. stripe-go's own embed ListParams, which are made for its iterators and have no
// context for a single call.
type listParams struct {
	stripe.Params `form:"*"`
	Customer      *string                  `form:"customer"`
	Invoice       *string                  `form:"invoice"`
	Subscription  *string                  `form:"subscription"`
	Pending       *bool                    `form:"pending"`
	Status        *string                  `form:"status"`
	Created       *stripe.RangeQueryParams `form:"created"`
	Limit         *int64                   `form:"limit"`
	StartingAfter *string                  `form:"starting_after"`
	Expand        []*string                `form:"expand"`
}

// expand asks for an object in place of its id. It stands for the AddExpand of Params, with which the SDK refuses a struct
// that is not its own.
func (p *listParams) expand(path string) { p.Expand = append(p.Expand, stripe.String(path)) }
