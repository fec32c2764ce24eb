package stripe

import (
	"cmp"
	"context"
	"maps"
	"net/http"
	"time"

	sdk "github.com/stripe/stripe-go/v76"

	"github.com/paymount/paymount/project"
)

type priceObject struct {
	sdk.APIResource
	ID        string             `json:"id"`
	Active    *bool              `json:"active"`
	Nickname  string             `json:"nickname"`
	Type      string             `json:"type"`
	Recurring *recurring         `json:"recurring"`
	Product   Ref[productObject] `json:"product"`
}

// recurring is how a price recurs (https://docs.stripe.com/api/prices/object#price_object-recurring).
type recurring struct {
	UsageType string `json:"usage_type"`
}

// metered reports whether a price is billed by use; r is nil for a one-time price.
func (r *recurring) metered() bool {
	return r != nil && r.UsageType == string(sdk.PriceRecurringUsageTypeMetered)
}

// Price returns a price and whether it and its product can be sold.
func (g *Gateway) Price(ctx context.Context, c project.Credentials, id string) (Price, error) {
	path, err := path("/v1/prices/%s", "price_", id)
	if err != nil {
		return Price{}, err
	}
	params := &sdk.PriceParams{}
	params.AddExpand("product")
	var out priceObject
	if err := g.call(ctx, c, http.MethodGet, path, params, "", &out); err != nil {
		return Price{}, err
	}
	price := Price{
		ID: out.ID, Name: out.Nickname, Active: isTrue(out.Active),
		Recurring: out.Recurring != nil || out.Type == string(sdk.PriceTypeRecurring), Metered: out.Recurring.metered(),
	}
	if product := out.Product.Object; product != nil {
		price.Name = cmp.Or(product.Name, price.Name)
		price.Active = price.Active && isTrue(product.Active)
	}
	return price, nil
}

// isTrue reads a flag that is true unless the answer says otherwise.
func isTrue(flag *bool) bool { return flag == nil || *flag }

type customerObject struct {
	sdk.APIResource
	ID       string            `json:"id"`
	Email    string            `json:"email"`
	Name     string            `json:"name"`
	Metadata map[string]string `json:"metadata"`
	Deleted  bool              `json:"deleted"`
}

// Customer returns a customer; one that has been deleted has nothing but its id.
func (g *Gateway) Customer(ctx context.Context, c project.Credentials, id string) (Customer, error) {
	path, err := path("/v1/customers/%s", "cus_", id)
	if err != nil {
		return Customer{}, err
	}
	var out customerObject
	if err := g.call(ctx, c, http.MethodGet, path, &sdk.CustomerParams{}, "", &out); err != nil {
		return Customer{}, err
	}
	return *out.customer(), nil
}

func (o *customerObject) customer() *Customer {
	return &Customer{
		ID: o.ID, Email: storable(o.Email), Name: storable(o.Name), Metadata: storableMetadata(o.Metadata), Deleted: o.Deleted,
	}
}

// CreateCustomer creates a customer and returns its id.
func (g *Gateway) CreateCustomer(
	ctx context.Context, c project.Credentials, p CustomerParams, idempotencyKey string,
) (string, error) {
	params := &sdk.CustomerParams{Metadata: p.Metadata}
	if p.Email != "" {
		params.Email = sdk.String(p.Email)
	}
	var out customerObject
	if err := g.call(ctx, c, http.MethodPost, "/v1/customers", params, idempotencyKey, &out); err != nil {
		return "", err
	}
	return out.ID, nil
}

// DeleteCustomer deletes a customer (https://docs.stripe.com/api/customers/delete).
func (g *Gateway) DeleteCustomer(ctx context.Context, c project.Credentials, id string) error {
	path, err := path("/v1/customers/%s", "cus_", id)
	if err != nil {
		return err
	}
	var out customerObject
	return g.call(ctx, c, http.MethodDelete, path, &sdk.Params{}, "", &out)
}

// FindCustomer returns the customer that was created with p between two times, if there is one, else an empty id. It
// reads the list, however long it is: Stripe's search does not find what has just been written.
func (g *Gateway) FindCustomer(
	ctx context.Context, c project.Credentials, p CustomerParams, from, until time.Time,
) (string, error) {
	params := &listParams{
		Created: &sdk.RangeQueryParams{GreaterThanOrEqual: from.Unix(), LesserThanOrEqual: until.Unix()},
	}
	all, err := listAll(ctx, g, c, "/v1/customers", params, func(o *customerObject) string { return o.ID })
	for _, customer := range all {
		if maps.Equal(customer.Metadata, p.Metadata) {
			return customer.ID, nil
		}
	}
	return "", err
}
