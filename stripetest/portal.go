package stripetest

// PortalSession is https://docs.stripe.com/api/customer_portal/sessions/object.
type PortalSession struct {
	ID, Customer, ReturnURL string
	// Flow is the one thing that the session is for: payment_method_update, subscription_cancel or subscription_update; empty for
	// anything. FlowSubscription is the subscription that the latter two are about.
	Flow, FlowSubscription string
	// AfterCompletion is what comes after it: portal_homepage, hosted_confirmation, or redirect to AfterURL.
	AfterCompletion, AfterURL string
	Created                   int64 // seconds

	path string // of its page: not the id, which is no secret
}

func (s *PortalSession) ident() string    { return s.ID }
func (s *PortalSession) createdAt() int64 { return s.Created }

func (s *PortalSession) render(a *Account, _ Version) doc {
	return doc{
		"id": s.ID, "object": "billing_portal.session", "configuration": "bpc_" + a.ID[len("acct_"):],
		"created": s.Created, "customer": s.Customer, "flow": s.flow(), "livemode": a.Livemode, "locale": nil,
		"on_behalf_of": nil, "return_url": orNull(s.ReturnURL), "url": a.srv.URL + s.path,
	}
}

func portalOperations() []operation {
	return []operation{{"POST", "/v1/billing_portal/sessions", fields{
		"customer": text.must(), "return_url": text, "configuration": text,
		"locale":    locale("en-AU", "en-CA", "en-IE", "en-IN", "en-NZ", "en-SG"),
		"flow_data": portalFlow(), "on_behalf_of": unsupported,
	}, createPortalSession}}
}

// portalFlow is https://docs.stripe.com/api/customer_portal/sessions/create#create_portal_session-flow_data.
func portalFlow() field {
	return hash(fields{
		"type": oneOf("payment_method_update", "subscription_cancel", "subscription_update").must(),
		"after_completion": hash(fields{
			"type":                oneOf("hosted_confirmation", "portal_homepage", "redirect").must(),
			"redirect":            hash(fields{"return_url": text.must()}),
			"hosted_confirmation": unsupported,
		}),
		"subscription_cancel":         hash(fields{"subscription": text.must(), "retention": unsupported}),
		"subscription_update":         hash(fields{"subscription": text.must()}),
		"subscription_update_confirm": unsupported,
	})
}

// flow is https://docs.stripe.com/api/customer_portal/sessions/object#portal_session_object-flow.
func (s *PortalSession) flow() any {
	if s.Flow == "" {
		return nil
	}
	after := doc{"type": s.AfterCompletion, "redirect": nil, "hosted_confirmation": nil}
	if s.AfterURL != "" {
		after["redirect"] = doc{"return_url": s.AfterURL}
	}
	out := doc{
		"type": s.Flow, "after_completion": after,
		"subscription_cancel": nil, "subscription_update": nil, "subscription_update_confirm": nil,
	}
	switch s.Flow {
	case "subscription_cancel":
		out[s.Flow] = doc{"subscription": s.FlowSubscription, "retention": nil}
	case "subscription_update":
		out[s.Flow] = doc{"subscription": s.FlowSubscription}
	}
	return out
}

func createPortalSession(a *Account, r *request) (any, error) {
	p := r.params
	if _, ok := a.customer(p.str("customer")); !ok {
		return nil, missingParam("customer", p.str("customer"), "customer")
	}
	if err := checkURLs(p, "return_url"); err != nil {
		return nil, err
	}
	s := &PortalSession{
		ID: newID("bps_"), Customer: p.str("customer"), ReturnURL: p.str("return_url"), Created: a.srv.now(),
		path: newID("/p/session/"),
	}
	if p.has("flow_data") {
		if err := a.setFlow(s, p.get("flow_data")); err != nil {
			return nil, err
		}
	}
	insert(a, &a.portals, s)
	a.emit("billing_portal.session.created", s)
	return s.render(a, apiVersion), nil
}

// setFlow reads flow_data into s.
func (a *Account) setFlow(s *PortalSession, flow *params) error {
	s.Flow, s.AfterCompletion = flow.str("type"), "portal_homepage"
	if flow.has("after_completion") {
		s.AfterCompletion = flow.str("after_completion", "type")
	}
	if s.AfterCompletion == "redirect" {
		if err := checkURLs(flow.get("after_completion", "redirect"), "return_url"); err != nil {
			return err
		}
		if s.AfterURL = flow.str("after_completion", "redirect", "return_url"); s.AfterURL == "" {
			return refuse("flow_data[after_completion][redirect]", "parameter_missing",
				"Missing required param: flow_data[after_completion][redirect].")
		}
	}
	if s.Flow == "payment_method_update" {
		return nil
	}
	s.FlowSubscription = flow.str(s.Flow, "subscription")
	param := "flow_data[" + s.Flow + "][subscription]"
	sub, ok := find[*Subscription](a, s.FlowSubscription)
	switch {
	case s.FlowSubscription == "":
		return refuse(param, "parameter_missing", "Missing required param: %s.", param)
	case !ok || sub.Customer != s.Customer || sub.ended():
		return missingParam("subscription", s.FlowSubscription, param)
	}
	return nil
}
