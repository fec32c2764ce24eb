package conformance

import (
	"net/http"
	"slices"
	"strings"
)

const (
	errorsPage      = "https://docs.stripe.com/api/errors"
	errorCodes      = "stripe-go error.go"
	idempotencyPage = "https://docs.stripe.com/api/idempotent_requests"
	metadataSays    = "Individual keys can be unset by posting an empty value to them. All keys can be unset by posting an empty value to `metadata`."
)

// apiBeliefs are about refusals, metadata and expansion.
func apiBeliefs() []Belief {
	return []Belief{
		{
			ID: "api/unknown-parameter", Rank: Cosmetic,
			Statement: "A parameter that Stripe does not know is refused with 400, naming it.",
			Breaks:    "A misspelt parameter would be ignored, and nobody would notice.",
			Sources:   from(errorCodes, `"parameter_unknown"`),
			check: func(p *probe) {
				a := p.post("/v1/customers", append(p.mark(), "flavour", "sweet")...)
				p.refused(a, http.StatusBadRequest, "type", "invalid_request_error", "code", "parameter_unknown", "param", "flavour")
			},
		},
		{
			ID: "api/missing-parameter", Rank: Cosmetic,
			Statement: "A required parameter that is missing is refused with 400, naming it.",
			Breaks:    "The refusal would be reported to the wrong field.",
			Sources:   from(errorsPage, "400: The request was unacceptable, often due to missing a required parameter."),
			check: func(p *probe) {
				p.refused(p.post("/v1/products", p.mark()...), http.StatusBadRequest, "code", "parameter_missing", "param", "name")
			},
		},
		{
			ID: "api/missing-object", Rank: Access,
			Statement: "An object that does not exist is answered with 404 and resource_missing.",
			Breaks:    "An object that is gone would be taken for an outage, and its event delivered again for days.",
			Sources:   from("https://github.com/CarSnoop-Inc/carsnoop-issues/issues/159", "code resource_missing, message No such subscription, param id"),
			check: func(p *probe) {
				for _, path := range []string{
					"/v1/customers/cus_none", "/v1/subscriptions/sub_none", "/v1/invoices/in_none", "/v1/prices/price_none",
					"/v1/checkout/sessions/cs_test_none", "/v1/payment_intents/pi_none", "/v1/charges/ch_none",
				} {
					p.refused(p.get(path), http.StatusNotFound, "code", "resource_missing")
				}
			},
		},
		{
			ID: "api/missing-object-of-parameter", Rank: Access,
			Statement: "An object that a parameter names and that does not exist is refused with 400 and resource_missing, naming the parameter.",
			Breaks:    "A customer who was deleted would not be told from another mistake, and could never buy again.",
			Sources: from("https://github.com/redwoodjs/example-store-stripe/pull/168",
				"POST /v1/checkout/sessions: code resource_missing, message No such customer: '5', param customer"),
			check: func(p *probe) {
				a := p.post("/v1/subscriptions", p.subscription("cus_none", basic())...)
				p.refused(a, http.StatusBadRequest, "code", "resource_missing", "param", "customer")
				a = p.post("/v1/checkout/sessions", p.session("subscription", basic(), "customer", "cus_none")...)
				p.refused(a, http.StatusBadRequest, "code", "resource_missing", "param", "customer")
			},
		},
		{
			ID: "api/request-id", Rank: Cosmetic,
			Statement: "Every answer, a refusal too, has a Request-Id that begins with req_.",
			Breaks:    "A log line could not be found in Stripe's dashboard.",
			Sources:   from("stripe-go stripe.go", `res.Header.Get("Request-Id")`),
			check: func(p *probe) {
				for _, a := range []answer{p.get("/v1/customers", "limit", "1"), p.get("/v1/customers/cus_none")} {
					id := a.header.Get("Request-Id")
					p.expect(strings.HasPrefix(id, "req_"), a.call+" has a Request-Id that begins with req_", id)
				}
			},
		},
		{
			ID: "api/bad-key", Rank: Access,
			Statement: "A key that Stripe does not know is answered with 401.",
			Breaks:    "A key that was revoked would be taken for an outage.",
			Sources:   from(errorsPage, "401: No valid API key provided."),
			check: func(p *probe) {
				a := p.send(http.MethodGet, "/v1/customers", nil, header("Authorization", "Bearer sk_test_thisisnokeyatall0000"))
				p.refused(a, http.StatusUnauthorized, "type", "invalid_request_error")
			},
		},
		{
			ID: "api/bad-version", Rank: Cosmetic,
			Statement: "An API version that does not exist is refused with 400.",
			Breaks:    "A pinned version would not protect from a typing mistake.",
			check: func(p *probe) {
				a := p.send(http.MethodGet, "/v1/customers", nil, header("Stripe-Version", "2001-01-01"))
				p.refused(a, http.StatusBadRequest, "type", "invalid_request_error")
			},
		},
		{
			ID: "api/empty-id", Rank: Money,
			Statement: "A path that ends with a slash, where an id should stand, is an unknown URL: 404.",
			Breaks:    "An empty id would be answered as the list, and the first of all customers taken for the one asked for.",
			Sources: append(from("https://github.com/onetimesecret/onetimesecret/issues/569",
				"Unrecognized request URL (GET: /v1/customers/). If you are trying to list objects, remove the trailing slash."),
				from("stripe-mock v0.183.0", "Unrecognized request URL (GET: /v1/invoices/).")...),
			check: func(p *probe) {
				p.refused(p.get("/v1/customers/"), http.StatusNotFound, "type", "invalid_request_error")
			},
		},
		{
			ID: "api/metadata-merges", Rank: Access,
			Statement: "An update merges its metadata into those of the object. An empty value removes a key, empty metadata remove all.",
			Breaks:    "An update would lose the names of user and project, and with them whose the object is.",
			Sources:   openAPI(metadataSays),
			check: func(p *probe) {
				path := "/v1/customers/" + p.customer("", "metadata[a]", "1", "metadata[b]", "2")
				a := p.make(path, "metadata[b]", "", "metadata[c]", "3")
				p.want(a, "metadata.a", "1")
				p.want(a, "metadata.b", nil)
				p.want(a, "metadata.c", "3")
				p.want(p.make(path, "metadata", ""), "metadata", map[string]any{})
			},
		},
		{
			ID: "api/metadata-limits", Rank: Access,
			Statement: "Metadata have at most 50 keys of 40 characters with values of 500 characters; more is refused with 400.",
			Breaks:    "Checkout would fail at Stripe with an error that names no field of the request.",
			Sources:   from("https://docs.stripe.com/api/metadata", "You can specify up to 50 keys, with key names up to 40 characters long and values up to 500 characters long."),
			check: func(p *probe) {
				full := repeat(50, "metadata[k%d]", "v")
				p.accepted(p.make("/v1/customers", full...))
				p.refused(p.post("/v1/customers", append(full, "metadata[one_more]", "v")...), http.StatusBadRequest)
				p.accepted(p.make("/v1/customers", "metadata["+strings.Repeat("k", 40)+"]", strings.Repeat("v", 500)))
				p.refused(p.post("/v1/customers", "metadata["+strings.Repeat("k", 41)+"]", "v"), http.StatusBadRequest)
				p.refused(p.post("/v1/customers", "metadata[k]", strings.Repeat("v", 501)), http.StatusBadRequest)
			},
		},
		{
			ID: "api/expand", Rank: Access,
			Statement: "expand[] replaces ids by objects, also in objects that are expanded themselves. What cannot be expanded is refused with 400.",
			Breaks:    "Reading a subscription with its invoice and payment would take a call for each.",
			Sources:   from("https://docs.stripe.com/api/expanding_objects", "You can expand recursively by specifying nested fields after a dot (.)"),
			check: func(p *probe) {
				customer, sub := p.subscribed(basic())
				path := "/v1/subscriptions/" + sub.id()
				a := p.read(path, "expand[]", "customer", "expand[]", "latest_invoice.payment_intent")
				p.want(a, "customer.id", customer)
				p.want(a, "latest_invoice.payment_intent.object", "payment_intent")
				p.want(p.read(path), "customer", customer)
				p.refused(p.get(path, "expand[]", "colour"), http.StatusBadRequest)
			},
		},
	}
}

// idempotencyBeliefs are about https://docs.stripe.com/api/idempotent_requests.
func idempotencyBeliefs() []Belief {
	create := func(p *probe, key string, pairs ...string) answer {
		return p.send(http.MethodPost, "/v1/customers", append(p.mark(), pairs...), header("Idempotency-Key", key))
	}
	return []Belief{
		{
			ID: "idempotency/replay", Rank: Money,
			Statement: "The same call under the same idempotency key gets the answer of the first, and nothing happens a second time.",
			Breaks:    "A repeated checkout would make a second session, and a retry a second customer.",
			Sources:   from(idempotencyPage, "Retries with the same key return the saved response, including 500 errors."),
			check: func(p *probe) {
				key := "replay-" + p.run.newName()
				first, second := p.need(create(p, key)), create(p, key)
				p.want(second, "id", first.id())
				p.expect(second.header.Get("Idempotent-Replayed") == "true", "the second answer has Idempotent-Replayed: true",
					second.header.Get("Idempotent-Replayed"))
			},
		},
		{
			ID: "idempotency/other-parameters", Rank: Money,
			Statement: "The same idempotency key with other parameters is refused with 400 and idempotency_error.",
			Breaks:    "Somebody would get the session of another purchase, or a mistake would look like an outage.",
			Sources: append(from("https://docs.stripe.com/idempotency", "compares incoming parameters to those of the original request and errors if they’re not the same"),
				from("stripe-go error.go", "IdempotencyError occurs when an Idempotency-Key is re-used on a request")...),
			check: func(p *probe) {
				key := "other-" + p.run.newName()
				p.need(create(p, key, "name", "Ann"))
				p.refused(create(p, key, "name", "Bob"), http.StatusBadRequest, "type", "idempotency_error")
			},
		},
		{
			ID: "idempotency/other-endpoint", Rank: Access,
			Statement: "The same idempotency key at another endpoint is refused with 400 and idempotency_error.",
			Breaks:    "Keys would have to name the endpoint.",
			Sources: from("https://stripe.dev/stripe-terminal-java/external/com.stripe.stripeterminal.external.api/-api-error-type/-i-d-e-m-p-o-t-e-n-c-y_-e-r-r-o-r/index.html",
				"re-used on a request that does not match the first request's API endpoint and parameters"),
			check: func(p *probe) {
				key := "endpoint-" + p.run.newName()
				p.need(create(p, key, "name", "Ann"))
				a := p.send(http.MethodPost, "/v1/products", append(p.mark(), "name", "Ann"), header("Idempotency-Key", key))
				p.refused(a, http.StatusBadRequest, "type", "idempotency_error")
			},
		},
		{
			ID: "idempotency/invalid-is-not-kept", Rank: Access,
			Statement: "A call whose parameters are invalid leaves its idempotency key free for other parameters.",
			Breaks:    "After one refusal the key of an attempt could not be used any more.",
			Sources:   from("https://docs.stripe.com/idempotency", "We save results only after the execution of an endpoint begins. If incoming parameters fail validation, or the request conflicts"),
			check: func(p *probe) {
				key := "invalid-" + p.run.newName()
				p.refused(create(p, key, "flavour", "sweet"), http.StatusBadRequest)
				p.accepted(create(p, key, "name", "Ann"))
			},
		},
		{
			ID: "idempotency/length", Rank: Access,
			Statement: "An idempotency key has at most 255 characters; a longer one is refused with 400.",
			Breaks:    "A key made of several ids would be cut, and two calls be taken for one.",
			Sources:   from("https://docs.stripe.com/idempotency", "Idempotency keys are up to 255 characters long."),
			check: func(p *probe) {
				name := p.run.newName()
				p.accepted(create(p, name+strings.Repeat("k", 255-len(name))))
				p.refused(create(p, name+strings.Repeat("k", 256-len(name))), http.StatusBadRequest)
			},
		},
		{
			ID: "idempotency/decline-is-kept", Rank: Money,
			Statement: "A decline is kept under its idempotency key: the same call gets the same 402 again, even when the card works by then.",
			Breaks:    "An attempt that was declined could be repeated under its key, and would be closed too early now.",
			Sources:   from("https://docs.stripe.com/idempotency", "saving the resulting status code and body of the first request made for any given idempotency key, regardless of whether it succeeds or fails"),
			check: func(p *probe) {
				customer, key := p.customer(failingCard), header("Idempotency-Key", "decline-"+p.run.newName())
				pairs := p.subscription(customer, basic(), "payment_behavior", "error_if_incomplete")
				p.refused(p.send(http.MethodPost, "/v1/subscriptions", pairs, key), http.StatusPaymentRequired, "code", "card_declined")
				p.giveCard(customer, goodCard)
				p.refused(p.send(http.MethodPost, "/v1/subscriptions", pairs, key), http.StatusPaymentRequired, "code", "card_declined")
			},
		},
	}
}

// listBeliefs are about https://docs.stripe.com/api/pagination.
func listBeliefs() []Belief {
	const page = "https://docs.stripe.com/api/pagination"
	prices := func(p *probe, n int) (product string, ids []string) {
		product = p.make("/v1/products", append(p.mark(), "name", "Conformance "+p.run.newName())...).id()
		for range n {
			id := p.make("/v1/prices", append(p.mark(), "product", product, "currency", "usd", "unit_amount", "100")...).id()
			ids = append([]string{id}, ids...) // newest first
		}
		return product, ids
	}
	return []Belief{
		{
			ID: "lists/ten", Rank: Money,
			Statement: "A list without a limit has ten rows, and has_more says whether there are others.",
			Breaks:    "An owner of more than ten subscriptions would have some of them overlooked.",
			Sources:   from(page, "limit: optional, default is 10. This specifies a limit on the number of objects to return, ranging between 1 and 100."),
			check: func(p *probe) {
				product, _ := prices(p, 11)
				a := p.read("/v1/prices", "product", product)
				p.expect(len(a.ids()) == 10, "a page of 10 rows", a.text("data"))
				p.want(a, "has_more", true)
			},
		},
		{
			ID: "lists/cursor", Rank: Money,
			Statement: "starting_after an id goes on with the row that follows it, and the last page has no more.",
			Breaks:    "Reconciling would skip objects or never end.",
			Sources:   from(page, "starting_after is an object ID that defines your place in the list."),
			check: func(p *probe) {
				product, ids := prices(p, 3)
				first := p.read("/v1/prices", "product", product, "limit", "2")
				p.want(first, "has_more", true)
				if p.over() {
					return
				}
				second := p.read("/v1/prices", "product", product, "limit", "2", "starting_after", first.ids()[1])
				p.want(second, "has_more", false)
				got := append(first.ids(), second.ids()...)
				slices.Sort(got)
				slices.Sort(ids)
				p.expect(slices.Equal(got, ids), "all of "+strings.Join(ids, " "), strings.Join(got, " "))
			},
		},
		{
			ID: "lists/limit", Rank: Access,
			Statement: "A limit of 100 is accepted, and 0 and 101 are refused with 400.",
			Breaks:    "Listing by pages of 100 would be refused, or could be larger.",
			Sources:   from(page, "This specifies a limit on the number of objects to return, ranging between 1 and 100."),
			check: func(p *probe) {
				p.accepted(p.get("/v1/customers", "limit", "100"))
				p.refused(p.get("/v1/customers", "limit", "101"), http.StatusBadRequest, "param", "limit")
				p.refused(p.get("/v1/customers", "limit", "0"), http.StatusBadRequest, "param", "limit")
			},
		},
		{
			ID: "lists/bad-cursor", Rank: Access,
			Statement: "starting_after an id that does not exist is refused with 400.",
			Breaks:    "A cursor to an object that was deleted would silently begin anew.",
			check: func(p *probe) {
				a := p.get("/v1/customers", "starting_after", "cus_none")
				p.refused(a, http.StatusBadRequest, "param", "starting_after")
			},
		},
	}
}
