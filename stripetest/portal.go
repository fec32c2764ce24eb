package stripetest

// PortalSession is https://docs.stripe.com/api/customer_portal/sessions/object.
type PortalSession struct {
	ID, Customer, ReturnURL string
	Created                 int64 // seconds

	path string // of its page: not the id, which is no secret
}

func (s *PortalSession) ident() string    { return s.ID }
func (s *PortalSession) createdAt() int64 { return s.Created }

func (s *PortalSession) render(a *Account, _ Version) doc {
	return doc{
		"id": s.ID, "object": "billing_portal.session", "configuration": "bpc_" + a.ID[len("acct_"):],
		"created": s.Created, "customer": s.Customer, "flow": nil, "livemode": a.Livemode, "locale": nil,
		"on_behalf_of": nil, "return_url": orNull(s.ReturnURL), "url": a.srv.URL + s.path,
	}
}

func portalOperations() []operation {
	return []operation{{"POST", "/v1/billing_portal/sessions", fields{
		"customer": text.must(), "return_url": text, "configuration": text,
		"locale":    locale("en-AU", "en-CA", "en-IE", "en-IN", "en-NZ", "en-SG"),
		"flow_data": unsupported, "on_behalf_of": unsupported,
	}, createPortalSession}}
}

func createPortalSession(a *Account, r *request) (any, error) {
	p := r.params
	if _, ok := a.customer(p.str("customer")); !ok {
		return nil, missingParam("customer", p.str("customer"), "customer")
	}
	if err := checkURLs(p, "return_url"); err != nil {
		return nil, err
	}
	s := insert(a, &a.portals, &PortalSession{
		ID: newID("bps_"), Customer: p.str("customer"), ReturnURL: p.str("return_url"), Created: a.srv.now(),
		path: newID("/p/session/"),
	})
	a.emit("billing_portal.session.created", s)
	return s.render(a, apiVersion), nil
}
