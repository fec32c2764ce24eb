package fidelity_test

import (
	"strings"
	"testing"
)

func TestTheCheckNoticesWhatDoesNotFit(t *testing.T) {
	t.Parallel()
	d := describe(t, mainVersion)
	good := `{"id": "prod_1", "object": "product", "active": true, "created": 1, "updated": 1, "features": [], "images": [],
		"livemode": false, "metadata": {"a": "b"}, "name": "Pro", "default_price": null, "description": null,
		"package_dimensions": null, "shippable": null, "tax_code": null, "url": null}`
	if problem := d.validate(t, decode(t, []byte(good)), "components", "schemas", "product"); problem != "" {
		t.Errorf("a good product: %s", problem)
	}
	for name, change := range map[string][2]string{
		"another property":  {`"name"`, `"colour": "red", "name"`},
		"a wrong type":      {`"created": 1`, `"created": "1"`},
		"null":              {`"livemode": false`, `"livemode": null`},
		"a missing one":     {`"active": true,`, ``},
		"a word not listed": {`"product",`, `"price",`},
		"an inner type":     {`{"a": "b"}`, `{"a": 1}`},
		"an expanded other": {`"default_price": null`, `"default_price": {"id": "cus_1", "object": "customer"}`},
	} {
		bad := strings.Replace(good, change[0], change[1], 1)
		if problem := d.validate(t, decode(t, []byte(bad)), "components", "schemas", "product"); problem == "" {
			t.Errorf("%s is not noticed", name)
		}
	}
}
