package stripetest

import (
	"maps"
	"slices"
)

// Product is https://docs.stripe.com/api/products/object, as far as the fake keeps it.
type Product struct {
	ID, Name, Description string
	Active                bool
	DefaultPrice          string // price_…
	Images                []string
	UnitLabel, URL        string
	Metadata              map[string]string
	Created, Updated      int64 // seconds
}

func (p *Product) ident() string    { return p.ID }
func (p *Product) createdAt() int64 { return p.Created }

func (p *Product) clone() Product {
	out := *p
	out.Images, out.Metadata = slices.Clone(p.Images), maps.Clone(p.Metadata)
	return out
}

func (p *Product) render(a *Account, v Version) doc {
	images := slices.Clone(p.Images)
	if images == nil {
		images = []string{}
	}
	out := doc{
		"id": p.ID, "object": "product", "active": p.Active, "created": p.Created, "updated": p.Updated,
		"default_price": orNull(p.DefaultPrice), "description": orNull(p.Description), "images": images,
		"livemode": a.Livemode, "metadata": metadataDoc(p.Metadata), "name": p.Name, "package_dimensions": nil,
		"shippable": nil, "statement_descriptor": nil, "tax_code": nil, "unit_label": orNull(p.UnitLabel),
		"url": orNull(p.URL),
	}
	if v.since(Version20240410) {
		out["marketing_features"] = []doc{}
	} else {
		out["features"] = []doc{}
	}
	return out
}

func productOperations() []operation {
	return []operation{
		{"POST", "/v1/products", fields{
			"id": text, "name": text.must(), "active": boolean, "description": text, "images": texts, "metadata": metadata,
			"unit_label": text, "url": text, "default_price_data": hash(priceData()), "features": hashes(fields{"name": text.must()}),
			"package_dimensions": packageDimensions(), "shippable": boolean, "statement_descriptor": text, "tax_code": text,
		}, createProduct},
		{"GET", "/v1/products", listParams().with(fields{
			"active": boolean, "created": timeRange, "ids": texts, "shippable": unsupported, "url": text,
		}), listProducts},
		{"GET", "/v1/products/{id}", fields{}, retrieve[*Product]("product", "id")},
		{"POST", "/v1/products/{id}", fields{
			"name": text, "active": boolean, "description": text.orEmpty(), "metadata": metadata,
			"default_price": text, "unit_label": text.orEmpty(), "url": text.orEmpty(),
		}, updateProduct},
	}
}

func createProduct(a *Account, r *request) (any, error) {
	p := r.params
	if id := p.str("id"); id != "" && a.objects[id] != nil {
		return nil, refuse("id", "resource_already_exists", "Product already exists.")
	}
	product := a.newProduct(p.str("name"), p.str("id"))
	product.Description, product.Images = p.str("description"), p.strings("images")
	product.UnitLabel, product.URL = p.str("unit_label"), p.str("url")
	product.Metadata = p.mergeMetadata(nil, "metadata")
	if p.has("active") {
		product.Active = p.truth("active")
	}
	a.emit("product.created", product)
	if p.has("default_price_data") {
		price, err := a.priceFrom(p.get("default_price_data"), "default_price_data", product)
		if err != nil {
			return nil, err
		}
		a.emit("price.created", price)
		a.change("product.updated", product, func() { product.DefaultPrice = price.ID })
	}
	return product.render(a, apiVersion), nil
}

// newProduct files a product without telling anyone yet.
func (a *Account) newProduct(name, id string) *Product {
	if id == "" {
		id = newID("prod_")
	}
	now := a.srv.now()
	return insert(a, &a.products, &Product{ID: id, Name: name, Active: true, Created: now, Updated: now})
}

func listProducts(a *Account, r *request) (any, error) {
	ids := r.params.strings("ids")
	return listed(a, r, a.products, func(p *Product) bool {
		return (!r.params.has("active") || r.params.truth("active") == p.Active) && r.params.wanted("url", p.URL) &&
			(len(ids) == 0 || slices.Contains(ids, p.ID))
	})
}

func updateProduct(a *Account, r *request) (any, error) {
	product, ok := find[*Product](a, r.id())
	if !ok {
		return nil, missing("product", r.id(), "id")
	}
	p := r.params
	if id := p.str("default_price"); id != "" {
		if price, ok := find[*Price](a, id); !ok || price.Product != product.ID {
			return nil, missingParam("price", id, "default_price")
		}
	}
	a.change("product.updated", product, func() {
		p.set("name", &product.Name)
		p.set("description", &product.Description)
		p.set("unit_label", &product.UnitLabel)
		p.set("url", &product.URL)
		p.set("default_price", &product.DefaultPrice)
		if p.has("active") {
			product.Active = p.truth("active")
		}
		product.Metadata = p.mergeMetadata(product.Metadata, "metadata")
		product.Updated = a.srv.now()
	})
	return product.render(a, apiVersion), nil
}

// set copies a text parameter when it was sent.
func (p *params) set(name string, to *string) {
	if p.has(name) {
		*to = p.str(name)
	}
}
