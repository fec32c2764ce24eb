package stripetest

import (
	"maps"
	"slices"
	"strings"
)

// Session is https://docs.stripe.com/api/checkout/sessions/object, as far as the fake keeps it.
type Session struct {
	ID                                   string // cs_test_… or cs_live_…
	Mode                                 string // "subscription" or "payment"
	Status                               string // "open", "complete", "expired"
	PaymentStatus                        string // "unpaid", "paid", "no_payment_required"
	Customer, CustomerEmail              string
	Subscription, PaymentIntent, Invoice string
	SuccessURL, CancelURL, ReturnURL     string // as they were sent
	Embedded                             bool   // in the merchant's page, so that there is no hosted one
	ClientReferenceID                    string
	Currency                             string
	AmountTotal                          int64 // due now, in the currency's smallest unit
	LineItems                            []LineItem
	Metadata                             map[string]string
	SubscriptionMetadata                 map[string]string // subscription_data.metadata
	PaymentIntentMetadata                map[string]string // payment_intent_data.metadata
	TrialDays                            int64
	Created, ExpiresAt                   int64 // seconds

	shown       doc // parameters that are only echoed
	guest       bool
	buyer       Buyer
	trialEnd    int64
	description string
	attempted   string // the subscription of the first try
	challenged  string // the payment method that the buyer is asked to authenticate

	withoutMethod string // see Subscription.MissingPaymentMethod
}

// LineItem is one line of a session.
type LineItem struct {
	ID, Price string
	Quantity  int64
}

func (s *Session) ident() string    { return s.ID }
func (s *Session) createdAt() int64 { return s.Created }

func (s *Session) clone() Session {
	out := *s
	out.LineItems = slices.Clone(s.LineItems)
	out.Metadata = maps.Clone(s.Metadata)
	out.SubscriptionMetadata = maps.Clone(s.SubscriptionMetadata)
	out.PaymentIntentMetadata = maps.Clone(s.PaymentIntentMetadata)
	return out
}

func (s *Session) render(a *Account, v Version) doc {
	out := doc{
		"id": s.ID, "object": "checkout.session", "after_expiration": nil, "allow_promotion_codes": nil,
		"amount_subtotal": s.AmountTotal, "amount_total": s.AmountTotal,
		"automatic_tax":              doc{"enabled": false, "liability": nil, "status": nil},
		"billing_address_collection": nil, "cancel_url": orNull(s.CancelURL),
		"client_reference_id": orNull(s.ClientReferenceID), "client_secret": nil, "consent": nil,
		"consent_collection": nil, "created": s.Created, "currency": s.Currency, "currency_conversion": nil,
		"custom_fields": []doc{}, "customer": orNull(s.Customer), "customer_creation": nil, "customer_details": nil,
		"custom_text": doc{
			"after_submit": nil, "shipping_address": nil, "submit": nil, "terms_of_service_acceptance": nil,
		},
		"customer_email": orNull(s.CustomerEmail), "expires_at": s.ExpiresAt, "invoice": orNull(s.Invoice),
		"invoice_creation": nil, "livemode": a.Livemode, "locale": nil, "metadata": metadataDoc(s.Metadata),
		"mode": s.Mode, "payment_intent": orNull(s.PaymentIntent), "payment_link": nil,
		"payment_method_collection": "always", "payment_method_configuration_details": nil,
		"payment_method_options": doc{}, "payment_method_types": []string{"card"}, "payment_status": s.PaymentStatus,
		"phone_number_collection": doc{"enabled": false}, "recovered_from": nil, "setup_intent": nil,
		"shipping_address_collection": nil, "shipping_cost": nil, "shipping_options": []doc{}, "status": s.Status,
		"submit_type": nil, "subscription": orNull(s.Subscription), "success_url": orNull(s.SuccessURL),
		"total_details": doc{"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
		"ui_mode":       "hosted", "url": nil,
	}
	maps.Copy(out, s.shown)
	if s.Mode == "payment" {
		out["payment_method_collection"], out["invoice_creation"] = "if_required", doc{
			"enabled": false, "invoice_data": doc{
				"account_tax_ids": nil, "custom_fields": nil, "description": nil, "footer": nil, "issuer": nil,
				"metadata": metadataDoc(nil), "rendering_options": nil,
			},
		}
	}
	if s.Status == "open" && !s.Embedded {
		out["url"] = a.srv.checkoutURL(s)
	}
	if s.Embedded {
		out["ui_mode"] = s.uiMode()
		if s.ReturnURL != "" {
			out["return_url"] = s.ReturnURL
		}
		if s.Status == "open" {
			out["client_secret"] = s.ID + "_secret_fake"
		}
	}
	if email := a.sessionEmail(s); email != "" || s.Status == "complete" {
		out["customer_details"] = doc{
			"address": nil, "email": orNull(email), "name": orNull(s.buyer.Name), "phone": nil, "tax_exempt": "none",
			"tax_ids": []doc{},
		}
	}
	s.drift(out, v)
	return out
}

// drift turns the 2023-10-16 shape into a later one.
func (s *Session) drift(out doc, v Version) {
	if !v.since(VersionBasil) {
		out["shipping_details"] = nil
	} else {
		out["collected_information"] = doc{"shipping_details": nil}
		out["discounts"] = []doc{}
	}
	if v.since(VersionDahlia) {
		out["ui_mode"] = s.uiMode() + "_page"
	}
}

func (s *Session) uiMode() string {
	if s.Embedded {
		return "embedded"
	}
	return "hosted"
}

// sessionEmail is what the page and customer_details show.
func (a *Account) sessionEmail(s *Session) string {
	if s.buyer.Email != "" {
		return s.buyer.Email
	}
	return a.givenEmail(s)
}

// givenEmail is what the merchant knows already; the buyer cannot change it on the page.
func (a *Account) givenEmail(s *Session) string {
	if c, ok := a.customer(s.Customer); ok && c.Email != "" {
		return c.Email
	}
	return s.CustomerEmail
}

func (a *Account) lineItemsDoc(s *Session) doc {
	var rows []doc
	for _, line := range s.LineItems {
		price, ok := find[*Price](a, line.Price)
		if !ok {
			continue
		}
		amount := price.UnitAmount * line.Quantity
		rows = append(rows, doc{
			"id": line.ID, "object": "item", "amount_discount": 0, "amount_subtotal": amount, "amount_tax": 0,
			"amount_total": amount, "currency": price.Currency, "description": a.productName(price),
			"price": price.render(a, apiVersion), "quantity": price.quantity(line.Quantity),
		})
	}
	return listDoc("/v1/checkout/sessions/"+s.ID+"/line_items", rows, false)
}

func (a *Account) productName(price *Price) string {
	if product, ok := find[*Product](a, price.Product); ok {
		return product.Name
	}
	return price.Product
}

func sessionOperations() []operation {
	return []operation{
		{"POST", "/v1/checkout/sessions", sessionParams(), createSession},
		{"GET", "/v1/checkout/sessions", listParams().with(fields{
			"created": timeRange, "customer": text, "status": oneOf("open", "complete", "expired"), "subscription": text,
			"payment_intent": text, "payment_link": text, "customer_details": hash(fields{"email": text.must()}),
		}), listSessions},
		{"GET", "/v1/checkout/sessions/{id}", fields{}, retrieve[*Session]("checkout.session", "session")},
		{"GET", "/v1/checkout/sessions/{id}/line_items", listParams(), onSession(listLineItems)},
		{"POST", "/v1/checkout/sessions/{id}/expire", fields{}, onSession(
			func(a *Account, _ *request, s *Session) (any, error) {
				if s.Status != "open" {
					return nil, refuse("", "", `Only Checkout Sessions with a status in ["open"] can be expired. `+
						"This Checkout Session has a status of `%s`.", s.Status)
				}
				a.expireSession(s)
				return s.render(a, apiVersion), nil
			})},
	}
}

// onSession looks up the session of the path before f runs.
func onSession(f func(*Account, *request, *Session) (any, error)) func(*Account, *request) (any, error) {
	return func(a *Account, r *request) (any, error) {
		s, ok := find[*Session](a, r.id())
		if !ok {
			return nil, missing("checkout.session", r.id(), "session")
		}
		return f(a, r, s)
	}
}

func listSessions(a *Account, r *request) (any, error) {
	p := r.params
	return listed(a, r, a.sessions, func(s *Session) bool {
		return p.wanted("customer", s.Customer) && p.wanted("status", s.Status) &&
			p.wanted("subscription", s.Subscription) && p.wanted("payment_intent", s.PaymentIntent) &&
			!p.has("payment_link") &&
			(!p.has("customer_details") || strings.EqualFold(p.str("customer_details", "email"), a.sessionEmail(s)))
	})
}

func listLineItems(a *Account, r *request, s *Session) (any, error) {
	all := a.lineItemsDoc(s)
	limit := 10
	if r.params.has("limit") {
		limit = int(r.params.num("limit"))
	}
	rows, ok := all["data"].([]doc)
	if ok && limit > 0 && len(rows) > limit {
		all["data"], all["has_more"] = rows[:limit], true
	}
	return all, nil
}

func (a *Account) expireSession(s *Session) {
	s.Status = "expired"
	a.emit("checkout.session.expired", s)
}
