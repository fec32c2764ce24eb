package stripetest

import (
	"net/http"
	"slices"
)

type portalView struct {
	Email, ReturnURL, Card, Typed, Done, Error string
	// AllowsSubscriptions and AllowsCard say what can be done on the page, and All that anything can.
	AllowsSubscriptions, AllowsCard, All bool
	Subscriptions                        []portalRow
	Invoices                             []portalInvoice
}

type portalRow struct {
	ID, Name, Price, Status, Note string
	CanCancel, CanKeep            bool
}

type portalInvoice struct{ Date, Number, Amount, Status, URL string }

// portalOf finds the session of a portal page. Called with the lock held.
func (p *pages) portalOf(r *http.Request) (*Account, *PortalSession) {
	path := "/p/session/" + r.PathValue("token")
	for _, a := range p.srv.accounts {
		a.catchUp()
		for _, s := range a.portals {
			if s.path == path {
				return a, s
			}
		}
	}
	return nil, nil
}

func (p *pages) portal(w http.ResponseWriter, r *http.Request) {
	p.srv.mu.Lock()
	a, s := p.portalOf(r)
	if s == nil {
		p.srv.mu.Unlock()
		p.missing(w)
		return
	}
	view := a.portalView(s)
	p.srv.mu.Unlock()
	view.Done = map[string]string{
		"cancel": "Your plan is cancelled. You can take that back until it ends.", "keep": "Your plan goes on.",
		"card": "Your card is saved.",
	}[r.URL.Query().Get("done")]
	p.show(w, http.StatusOK, "portal", view)
}

func (a *Account) portalView(s *PortalSession) portalView {
	view := portalView{
		ReturnURL: s.ReturnURL, Typed: "4242 4242 4242 4242",
		AllowsSubscriptions: s.Flow != "payment_method_update", AllowsCard: s.FlowSubscription == "", All: s.Flow == "",
	}
	if c, ok := a.customer(s.Customer); ok {
		view.Email = c.Email
		view.Card = a.cardLabel(c.DefaultPaymentMethod)
	}
	for _, sub := range a.subscriptions {
		if sub.Customer != s.Customer || sub.ended() {
			continue
		}
		if s.FlowSubscription == "" || s.FlowSubscription == sub.ID {
			row := a.portalRow(sub)
			row.CanCancel = row.CanCancel && s.allows("cancel")
			row.CanKeep = row.CanKeep && s.allows("keep")
			view.Subscriptions = append(view.Subscriptions, row)
		}
		if view.Card == "" {
			view.Card = a.cardLabel(sub.DefaultPaymentMethod)
		}
	}
	for _, i := range slices.Backward(a.invoices) {
		if i.Customer == s.Customer && i.path != "" {
			view.Invoices = append(view.Invoices, portalInvoice{
				Date: date(i.Created), Number: i.Number, Amount: money(i.amountDue(), i.Currency), Status: words(i.Status),
				URL: i.path,
			})
		}
	}
	return view
}

// allows reports whether the page has the action.
func (s *PortalSession) allows(action string) bool {
	switch s.Flow {
	case "payment_method_update":
		return action == "card"
	case "subscription_cancel":
		return action == "cancel"
	case "subscription_update":
		return false // this page changes no plan
	}
	return true
}

func (a *Account) cardLabel(id string) string {
	if m, ok := find[*PaymentMethod](a, id); ok && m.Type == "card" {
		return words(m.Brand) + " ending in " + m.Last4
	}
	return ""
}

func (a *Account) portalRow(sub *Subscription) portalRow {
	row := portalRow{ID: sub.ID, Status: words(sub.Status), CanCancel: sub.Schedule == ""}
	if price, ok := find[*Price](a, sub.Items[0].Price); ok {
		row.Name, row.Price = a.productName(price), price.label()
	}
	switch {
	case sub.CancelAt != 0:
		row.Note = "Ends on " + date(sub.CancelAt)
		row.CanKeep, row.CanCancel = row.CanCancel, false
	case sub.Status == "trialing":
		row.Note = "The trial ends on " + date(sub.TrialEnd)
	default:
		row.Note = "Renews on " + date(sub.CurrentPeriodEnd)
	}
	return row
}

// portalAction is a button of the portal page.
func (p *pages) portalAction(w http.ResponseWriter, r *http.Request) {
	action := formValue(w, r, "action")
	typed, id := r.PostFormValue("card"), r.PostFormValue("subscription")
	p.srv.mu.Lock()
	a, s := p.portalOf(r)
	if s == nil {
		p.srv.mu.Unlock()
		p.missing(w)
		return
	}
	message := "That is not possible any more."
	switch {
	case !s.allows(action) || s.FlowSubscription != "" && s.FlowSubscription != id:
	case action == "card":
		message = a.replaceCard(s.Customer, cardNumber(typed))
	case action == "cancel", action == "keep":
		if a.schedulePortal(s, id, action == "cancel") {
			message = ""
		}
	}
	view := a.portalView(s)
	p.srv.mu.Unlock()
	if message != "" {
		view.Error = message
		if action == "card" {
			view.Typed = typed
		}
		p.show(w, http.StatusUnprocessableEntity, "portal", view)
		return
	}
	if s.AfterURL != "" {
		redirect(w, s.AfterURL)
		return
	}
	redirect(w, s.path+"?done="+action)
}

// schedulePortal cancels at the period's end or takes that back, and reports whether that was possible.
func (a *Account) schedulePortal(s *PortalSession, id string, on bool) bool {
	sub, ok := find[*Subscription](a, id)
	if !ok || sub.Customer != s.Customer || sub.ended() || sub.Schedule != "" {
		return false
	}
	a.change("customer.subscription.updated", sub, func() {
		a.scheduleAtPeriodEnd(sub, on)
		if !on {
			a.scheduleAt(sub, 0) // a date of its own is taken back too
		}
	})
	return true
}

// replaceCard makes a card the one that is charged from now on, and returns the message for a number that no card has.
func (a *Account) replaceCard(customerID, number string) string {
	if message := checkCard(number); message != "" {
		return message
	}
	c, ok := a.customer(customerID)
	if !ok {
		return "That is not possible any more."
	}
	if result, code := bankRule(number); result == declined && number != "4000000000000341" {
		return declineMessage(code)
	}
	method := a.newCard(c.Email, number)
	a.attach(method, c)
	a.change("customer.updated", c, func() { c.DefaultPaymentMethod = method.ID })
	for _, sub := range a.subscriptions {
		if sub.Customer == c.ID && !sub.ended() && sub.DefaultPaymentMethod != "" {
			a.change("customer.subscription.updated", sub, func() { sub.DefaultPaymentMethod = method.ID })
		}
	}
	return ""
}
