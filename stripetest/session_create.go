package stripetest

import (
	"net/url"
	"strings"
	"unicode/utf8"
)

const (
	minSessionLife = 30 * 60 // seconds
	maxSessionLife = 24 * 60 * 60
)

func sessionParams() fields {
	return fields{
		"mode": oneOf("payment", "setup", "subscription").must(), "success_url": text, "cancel_url": text,
		"customer": text, "customer_email": text, "client_reference_id": text, "metadata": metadata,
		"customer_creation": oneOf("always", "if_required"), "currency": text, "expires_at": integer,
		"line_items": hashes(fields{
			"price": text, "price_data": hash(linePriceData()), "quantity": integer, "adjustable_quantity": unsupported,
			"dynamic_tax_rates": unsupported, "tax_rates": unsupported,
		}).must(),
		"subscription_data": hash(fields{
			"metadata": metadata, "trial_period_days": integer, "trial_end": integer, "description": text,
			"trial_settings": trialSettings(), "application_fee_percent": unsupported, "billing_cycle_anchor": unsupported,
			"default_tax_rates": unsupported, "invoice_settings": hash(fields{"issuer": issuer()}), "on_behalf_of": unsupported,
			"proration_behavior": unsupported, "transfer_data": unsupported,
		}),
		"payment_intent_data": hash(fields{
			"metadata": metadata, "description": text, "receipt_email": text, "setup_future_usage": futureUsage(),
			"statement_descriptor": text, "statement_descriptor_suffix": text, "transfer_group": text,
			"application_fee_amount": unsupported, "capture_method": oneOf("automatic", "automatic_async"),
			"on_behalf_of": unsupported, "shipping": shipping(), "transfer_data": unsupported,
		}),
		"ui_mode": oneOf("embedded", "hosted"), "allow_promotion_codes": boolean, "locale": locale(),
		"submit_type":                oneOf("auto", "book", "donate", "pay"),
		"billing_address_collection": oneOf("auto", "required"), "payment_method_types": listOf(sessionMethods),
		"phone_number_collection": enabled(), "customer_update": customerUpdate(), "consent_collection": consentCollection(),
		"custom_text": customText(), "custom_fields": customFields(), "payment_method_options": sessionMethodOptions(),
		"payment_method_configuration": text, "payment_method_collection": oneOf("always"),
		"shipping_address_collection": hash(fields{"allowed_countries": field{kind: texts, longest: 2}.must()}),
		"tax_id_collection":           enabled(), "after_expiration": afterExpiration(),
		"automatic_tax": unsupported, "discounts": unsupported, "invoice_creation": unsupported,
		"redirect_on_completion": oneOf("always", "if_required", "never"), "return_url": text, "setup_intent_data": unsupported,
		"shipping_options": unsupported,
	}
}

func createSession(a *Account, r *request) (any, error) {
	p := r.params
	now := a.srv.now()
	s := &Session{
		ID: newID("cs_"+a.mode()+"_a") + newID(""), Mode: p.str("mode"), Status: "open", PaymentStatus: "unpaid",
		Customer: p.str("customer"), CustomerEmail: p.str("customer_email"), Created: now,
		SuccessURL: p.str("success_url"), CancelURL: p.str("cancel_url"), ReturnURL: p.str("return_url"),
		Embedded:          p.str("ui_mode") == "embedded",
		ClientReferenceID: p.str("client_reference_id"), Metadata: p.mergeMetadata(nil, "metadata"),
		SubscriptionMetadata:  p.mergeMetadata(nil, "subscription_data", "metadata"),
		PaymentIntentMetadata: p.mergeMetadata(nil, "payment_intent_data", "metadata"),
		TrialDays:             p.num("subscription_data", "trial_period_days"),
		trialEnd:              p.num("subscription_data", "trial_end"),
		withoutMethod:         p.get("subscription_data").trialEnd("trial_settings"),
		description:           p.str("subscription_data", "description") + p.str("payment_intent_data", "description"),
		ExpiresAt:             now + maxSessionLife,
	}
	for _, check := range []func(*Session, *params) error{
		checkSessionURLs, a.checkSessionCustomer, checkSessionMode, checkSessionTrial, checkSessionExpiry, a.addLineItems,
		a.checkSessionCurrency,
	} {
		if err := check(s, p); err != nil {
			return nil, err
		}
	}
	s.shown = echoed(p)
	// Without a customer, a payment is a guest's unless a customer is asked for; a subscription always makes one.
	if s.Mode == "payment" && s.Customer == "" {
		s.guest = p.str("customer_creation") != "always"
		s.shown["customer_creation"] = map[bool]string{true: "if_required", false: "always"}[s.guest]
	} else if s.Customer == "" {
		s.shown["customer_creation"] = "always"
	}
	insert(a, &a.sessions, s)
	return s.render(a, apiVersion), nil
}

// echoed are the parameters that only show up in the answer again.
func echoed(p *params) doc {
	out := doc{}
	for _, name := range []string{"locale", "submit_type", "billing_address_collection"} {
		if p.has(name) {
			out[name] = p.str(name)
		}
	}
	if p.str("ui_mode") == "embedded" {
		out["redirect_on_completion"] = "always"
		if p.has("redirect_on_completion") {
			out["redirect_on_completion"] = p.str("redirect_on_completion")
		}
	}
	if p.has("allow_promotion_codes") {
		out["allow_promotion_codes"] = p.truth("allow_promotion_codes")
	}
	if types := p.strings("payment_method_types"); len(types) > 0 {
		out["payment_method_types"] = types
	}
	return out
}

// checkSessionURLs checks where the buyer goes afterwards: a hosted page knows a success_url, one that is embedded in the
// merchant's own a return_url. See https://docs.stripe.com/api/checkout/sessions/create.
func checkSessionURLs(s *Session, p *params) error {
	wanted, foreign := "success_url", []string{"return_url", "redirect_on_completion"}
	if s.Embedded {
		wanted, foreign = "return_url", []string{"success_url", "cancel_url"}
	}
	for _, name := range foreign {
		if p.has(name) {
			return refuse(name, "", "You can not pass `%s` when `ui_mode` is `%s`.", name, s.uiMode())
		}
	}
	stays := p.str("redirect_on_completion") == "never"
	switch {
	case stays && p.has("return_url"):
		return refuse("return_url", "", "You can not pass `return_url` when `redirect_on_completion` is `never`.")
	case !stays && !p.has(wanted):
		return refuse(wanted, "parameter_missing", "Missing required param: %s.", wanted)
	}
	return checkURLs(p, "success_url", "cancel_url", "return_url")
}

func checkURLs(p *params, names ...string) error {
	for _, name := range names {
		if !p.has(name) {
			continue
		}
		// The placeholder is no valid part of a host or a port, but Stripe accepts it anywhere else.
		u, err := url.Parse(strings.ReplaceAll(p.str(name), "{CHECKOUT_SESSION_ID}", "ID"))
		if err != nil || u.Scheme == "" || u.Host == "" {
			return refuse(name, "url_invalid", "Invalid URL: An explicit scheme (such as https) must be provided.")
		}
	}
	return nil
}

func (a *Account) checkSessionCustomer(s *Session, p *params) error {
	if p.has("customer") && p.has("customer_email") {
		return refuse("customer_email", "", "You may only specify one of these parameters: customer, customer_email.")
	}
	if p.has("customer") && p.has("customer_creation") {
		return refuse("customer_creation", "", "You may only specify one of these parameters: customer, customer_creation.")
	}
	if _, ok := a.customer(s.Customer); p.has("customer") && !ok {
		return missingParam("customer", s.Customer, "customer")
	}
	if utf8.RuneCountInString(s.ClientReferenceID) > 200 {
		return refuse("client_reference_id", "", "Invalid string: must be at most 200 characters")
	}
	return nil
}

func checkSessionMode(s *Session, p *params) error {
	switch {
	case s.Mode == "setup":
		return refuse("mode", "", "stripetest does not implement setup mode")
	case s.Mode == "payment" && p.has("subscription_data"):
		return refuse("subscription_data", "", "You can not pass `subscription_data` in `payment` mode.")
	case s.Mode == "subscription" && p.has("payment_intent_data"):
		return refuse("payment_intent_data", "", "You can not pass `payment_intent_data` in `subscription` mode.")
	case s.Mode == "subscription" && p.has("customer_creation"):
		return refuse("customer_creation", "", "`customer_creation` can only be used in `payment` mode.")
	}
	return nil
}

func checkSessionTrial(s *Session, p *params) error {
	days, end := p.has("subscription_data", "trial_period_days"), p.has("subscription_data", "trial_end")
	switch {
	case days && (s.TrialDays < 1 || s.TrialDays > 730):
		return refuse("subscription_data[trial_period_days]", "", "The trial must be between 1 and 730 days.")
	case end && (days || s.trialEnd < s.Created+48*60*60):
		return refuse("subscription_data[trial_end]", "",
			"trial_end must be at least 48 hours in the future and excludes trial_period_days.")
	}
	return nil
}

func checkSessionExpiry(s *Session, p *params) error {
	if !p.has("expires_at") {
		return nil
	}
	s.ExpiresAt = p.num("expires_at")
	switch life := s.ExpiresAt - s.Created; {
	case life < minSessionLife:
		return refuse("expires_at", "",
			"The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.")
	case life > maxSessionLife:
		return refuse("expires_at", "",
			"The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.")
	}
	return nil
}

// addLineItems checks the lines against the mode and each other, and computes what is due now.
func (a *Account) addLineItems(s *Session, p *params) error {
	var recurring *Price
	for i, line := range p.list("line_items") {
		at := join("line_items", p.get("line_items").names[i])
		price, err := a.linePrice(line, at)
		if err != nil {
			return err
		}
		if err := checkLine(s, line, at, price, recurring); err != nil {
			return err
		}
		if price.Recurring() {
			recurring = price
		}
		s.Currency = price.Currency
		s.LineItems = append(s.LineItems, LineItem{ID: newID("li_"), Price: price.ID, Quantity: line.num("quantity")})
		if !price.Recurring() || s.TrialDays == 0 && s.trialEnd == 0 {
			s.AmountTotal += price.UnitAmount * line.num("quantity")
		}
	}
	if s.Mode == "subscription" && recurring == nil {
		return refuse("line_items", "",
			"You must provide at least one recurring price in `subscription` mode when using prices.")
	}
	return nil
}

// checkLine checks a line against the mode, the currency of the lines before and the recurring price among them.
func checkLine(s *Session, line *params, at string, price, recurring *Price) error {
	if err := checkQuantity(line, at, price); err != nil {
		return err
	}
	switch {
	case price.Recurring() && s.Mode == "payment":
		return refuse(join2(at, "price"), "", "You specified `payment` mode but passed a recurring price. "+
			"Either switch to `subscription` mode or use only one-time prices.")
	case price.Recurring() && recurring != nil && !price.sameInterval(recurring):
		return refuse("line_items", "", "All recurring prices must have the same billing interval.")
	case s.Currency != "" && s.Currency != price.Currency:
		return refuse("line_items", "", "All prices must have the same currency.")
	}
	return nil
}

// checkSessionCurrency refuses a subscription in another currency than what the customer has. One-time payments may have any
// (https://support.stripe.com/questions/set-or-change-currency-for-an-invoice-or-customer-in-stripe-billing).
func (a *Account) checkSessionCurrency(s *Session, _ *params) error {
	if s.Mode != "subscription" {
		return nil
	}
	return a.checkCurrencies(s.Customer, s.Currency)
}

// checkCurrencies refuses a second currency for a customer, in the words of
// https://github.com/Automattic/woocommerce-payments/issues/7732.
func (a *Account) checkCurrencies(customer, currency string) error {
	for _, sub := range a.subscriptions {
		if sub.Customer == customer && !sub.ended() && sub.Currency != currency {
			return refuse("", "", "You cannot combine currencies on a single customer. This customer has an active subscription, "+
				"subscription schedule, discount, quote, or invoice item with currency %s.", sub.Currency)
		}
	}
	return nil
}

// checkQuantity wants a quantity for every price but a metered one, for which Stripe takes none. The texts are those of
// https://github.com/better-auth/better-auth/issues/8920 and https://github.com/stripe/stripe-java/issues/1584.
func checkQuantity(line *params, at string, price *Price) error {
	switch {
	case price.Metered && line.has("quantity"):
		return refuse(join2(at, "quantity"), "", "Quantity should not be specified where usage_type is `metered`. "+
			"Remove `quantity` from `%s`", at)
	case price.Metered:
	case !line.has("quantity"):
		return refuse(join2(at, "quantity"), "parameter_missing", "Quantity is required. Add `quantity` to `%s`", at)
	case line.num("quantity") < 1:
		return refuse(join2(at, "quantity"), "parameter_invalid_integer", "This value must be greater than or equal to 1.")
	}
	return nil
}

// linePrice finds the price of a line, or makes the one that price_data describes.
func (a *Account) linePrice(line *params, at string) (*Price, error) {
	if line.has("price") == line.has("price_data") {
		return nil, refuse(at, "parameter_missing", "Each line item needs exactly one of `price` and `price_data`.")
	}
	if line.has("price_data") {
		return a.inlinePrice(line.get("price_data"), join2(at, "price_data"))
	}
	price, ok := find[*Price](a, line.str("price"))
	if !ok {
		return nil, missingParam("price", line.str("price"), join2(at, "price"))
	}
	product, ok := find[*Product](a, price.Product)
	if !price.Active {
		return nil, refuse(join2(at, "price"), "",
			"The price specified is inactive. This field only accepts active prices.")
	}
	if ok && !product.Active {
		return nil, refuse(join2(at, "price"), "", "The product of the price specified is inactive.")
	}
	return price, nil
}

// inlinePrice makes the price of price_data. Stripe archives such prices and products at once.
func (a *Account) inlinePrice(p *params, at string) (*Price, error) {
	if p.has("product") == p.has("product_data") {
		return nil, refuse(at, "parameter_missing", "You must specify exactly one of product and product_data.")
	}
	product, ok := find[*Product](a, p.str("product"))
	if p.has("product") && !ok {
		return nil, missingParam("product", p.str("product"), join2(at, "product"))
	}
	if err := checkPriceData(p, at); err != nil {
		return nil, err
	}
	if p.has("product_data") {
		product = a.newProduct(p.str("product_data", "name"), "")
		product.Active = false
		product.Description = p.str("product_data", "description")
		product.Metadata = p.mergeMetadata(nil, "product_data", "metadata")
	}
	price, err := a.priceFrom(p, at, product)
	if err != nil {
		return nil, err
	}
	price.Active = false
	return price, nil
}
