package stripe

import (
	"context"
	"net/http"
	"slices"

	sdk "github.com/stripe/stripe-go/v76"

	"github.com/paymount/paymount/project"
)

// productNames are the names of products by their ids, for one walk. A list can't expand them: at four levels Stripe's
// expansion ends (https://docs.stripe.com/expand#how-it-works).
type productNames map[string]string

// manyProducts is how many names are kept: more than a sane catalogue has, few enough for any memory.
const manyProducts = 10_000

// productParams ask for certain products.
type productParams struct {
	sdk.Params `form:"*"`
	IDs        []*string `form:"ids"`
	Limit      *int64    `form:"limit"`
}

// name puts the names of products into references to them. One that is not there any more stays without.
func (l *Lister) name(ctx context.Context, c project.Credentials, refs []*Ref[productObject]) error {
	var unknown []string
	if len(l.products) > manyProducts {
		l.products = productNames{}
	}
	for _, ref := range refs {
		if _, known := l.products[ref.ID]; !known && ref.ID != "" {
			l.products[ref.ID] = ""
			unknown = append(unknown, ref.ID)
		}
	}
	for ids := range slices.Chunk(unknown, pageSize) {
		if err := l.ask(ctx, c, ids); err != nil {
			for _, id := range unknown {
				delete(l.products, id)
			}
			return err
		}
	}
	for _, ref := range refs {
		ref.Object = &productObject{Name: l.products[ref.ID]}
	}
	return nil
}

func (l *Lister) ask(ctx context.Context, c project.Credentials, ids []string) error {
	params := &productParams{IDs: sdk.StringSlice(ids), Limit: sdk.Int64(pageSize)}
	var out listed[struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	}]
	if err := l.call(ctx, c, http.MethodGet, "/v1/products", params, "", &out); err != nil {
		return err
	}
	for _, product := range out.Data {
		l.products[product.ID] = product.Name
	}
	return nil
}
