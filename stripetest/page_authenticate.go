package stripetest

import "net/http"

// challengeView is the bank's page of a 3-D Secure authentication.
type challengeView struct{ Amount, For string }

func (p *pages) sessionChallenge(w http.ResponseWriter, r *http.Request) {
	p.srv.mu.Lock()
	_, s := p.sessionOf(r)
	if s == nil || s.Status != "open" {
		view, status := closed(s)
		p.srv.mu.Unlock()
		p.show(w, status, "closed", view)
		return
	}
	waiting := s.challenged != ""
	view := challengeView{Amount: money(s.AmountTotal, s.Currency), For: "this purchase"}
	p.srv.mu.Unlock()
	if !waiting {
		redirect(w, "/c/pay/"+r.PathValue("id"))
		return
	}
	p.show(w, http.StatusOK, "authenticate", view)
}

// answerSession is a button of the bank's page. A failed authentication leads back to the checkout page.
func (p *pages) answerSession(w http.ResponseWriter, r *http.Request) {
	success := formValue(w, r, "answer") == "complete"
	p.srv.mu.Lock()
	a, s := p.sessionOf(r)
	if s == nil || s.Status != "open" {
		view, status := closed(s)
		p.srv.mu.Unlock()
		p.show(w, status, "closed", view)
		return
	}
	err := a.answerChallenge(s, success)
	view, target := a.checkoutView(s), successURL(s)
	p.srv.mu.Unlock()
	if err != nil || !success {
		view.Error = "Your card could not be authenticated. Try again, or try another card."
		view.Action = "/c/pay/" + r.PathValue("id")
		p.show(w, http.StatusPaymentRequired, "checkout", view)
		return
	}
	redirect(w, target)
}

func (p *pages) invoiceChallenge(w http.ResponseWriter, r *http.Request) {
	p.srv.mu.Lock()
	a, i := p.invoiceOf(r)
	if i == nil {
		p.srv.mu.Unlock()
		p.missing(w)
		return
	}
	_, waiting := a.waitingIntent(i)
	view := challengeView{Amount: money(i.amountDue(), i.Currency), For: "invoice " + i.Number}
	p.srv.mu.Unlock()
	if !waiting {
		redirect(w, "/i/"+r.PathValue("token"))
		return
	}
	p.show(w, http.StatusOK, "authenticate", view)
}

// answerInvoice is a button of the bank's page.
func (p *pages) answerInvoice(w http.ResponseWriter, r *http.Request) {
	success := formValue(w, r, "answer") == "complete"
	p.srv.mu.Lock()
	a, i := p.invoiceOf(r)
	if i == nil {
		p.srv.mu.Unlock()
		p.missing(w)
		return
	}
	var err error
	if intent, ok := a.waitingIntent(i); ok {
		err = a.authenticate(intent, success)
	}
	view := a.invoiceView(i)
	p.srv.mu.Unlock()
	if err != nil || !success {
		view.Error = "Your card could not be authenticated. Try again, or try another card."
		view.Action = "/i/" + r.PathValue("token")
		p.show(w, http.StatusPaymentRequired, "invoice", view)
		return
	}
	redirect(w, "/i/"+r.PathValue("token"))
}

// waitingIntent is the payment of an open invoice when it waits for an authentication.
func (a *Account) waitingIntent(i *Invoice) (*PaymentIntent, bool) {
	intent, ok := find[*PaymentIntent](a, i.PaymentIntent)
	return intent, ok && i.Status == "open" && intent.Status == "requires_action"
}
