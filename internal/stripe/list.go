package stripe

import (
	"context"
	"errors"
	"net/http"

	sdk "github.com/stripe/stripe-go/v76"

	"github.com/paymount/paymount/project"
)

// pageSize is the longest page of a list that Stripe gives.
const pageSize = 100

// listParams are the parameters of lists. stripe-go's own embed ListParams, which are made for its iterators and have no
// context for a single call.
type listParams struct {
	sdk.Params    `form:"*"`
	Customer      *string               `form:"customer"`
	Invoice       *string               `form:"invoice"`
	Subscription  *string               `form:"subscription"`
	PaymentIntent *string               `form:"payment_intent"`
	Payment       *paymentFilter        `form:"payment"`
	Pending       *bool                 `form:"pending"`
	Status        *string               `form:"status"`
	Created       *sdk.RangeQueryParams `form:"created"`
	Limit         *int64                `form:"limit"`
	StartingAfter *string               `form:"starting_after"`
	Expand        []*string             `form:"expand"`
}

// paymentFilter narrows a list of invoice payments to those by one payment.
type paymentFilter struct {
	Type          *string `form:"type"`
	PaymentIntent *string `form:"payment_intent"`
}

// expand asks for an object in place of its id. It stands for the AddExpand of Params, with which the SDK refuses a struct
// that is not its own.
func (p *listParams) expand(path string) { p.Expand = append(p.Expand, sdk.String(path)) }

// listed is a page of a list as it is decoded.
type listed[T any] struct {
	sdk.APIResource
	Data []T  `json:"data"`
	More bool `json:"has_more"`
}

// errEndless says that a list goes on after an object without an id, so that the next page can't be asked for.
var errEndless = errors.New("stripegw: a list goes on after an object without an id")

// listAll returns all rows of a list, page by page, in Stripe's order. It sets the paging of params.
func listAll[T any](
	ctx context.Context, g *Gateway, c project.Credentials, path string, params *listParams, id func(*T) string,
) ([]T, error) {
	params.Limit = sdk.Int64(pageSize)
	var all []T
	for {
		var page listed[T]
		if err := g.call(ctx, c, http.MethodGet, path, params, "", &page); err != nil {
			return nil, err
		}
		all = append(all, page.Data...)
		if !page.More || len(page.Data) == 0 {
			return all, nil
		}
		last := id(&page.Data[len(page.Data)-1])
		if last == "" {
			return nil, errEndless
		}
		params.StartingAfter = sdk.String(last)
	}
}
