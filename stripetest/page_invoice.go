package stripetest

import "net/http"

// invoiceView is the hosted page of an invoice, on which it can be paid.
type invoiceView struct {
	Number, Status, Credit, Due, Card, Error string
	Action                                   string // where the form goes, empty for the page itself
	Lines                                    []lineView
	Open, Waiting                            bool
}

// invoiceOf finds the invoice of a page, in whichever account and mode it is. Called with the lock held.
func (p *pages) invoiceOf(r *http.Request) (*Account, *Invoice) {
	path := "/i/" + r.PathValue("token")
	for _, a := range p.srv.accounts {
		a.catchUp()
		for _, i := range a.invoices {
			if i.path == path {
				return a, i
			}
		}
	}
	return nil, nil
}

func (a *Account) invoiceView(i *Invoice) invoiceView {
	_, waiting := a.waitingIntent(i)
	view := invoiceView{
		Number: i.Number, Status: words(i.Status), Due: money(i.amountDue(), i.Currency), Card: "4242 4242 4242 4242",
		Open: i.Status == "open", Waiting: waiting, Action: i.path,
	}
	if used := i.Total - i.amountDue(); used != 0 {
		view.Credit = money(-used, i.Currency)
	}
	for _, line := range i.Lines {
		view.Lines = append(view.Lines, lineView{Name: line.Description, Amount: money(line.Amount, i.Currency)})
	}
	return view
}

func (p *pages) invoice(w http.ResponseWriter, r *http.Request) {
	p.srv.mu.Lock()
	a, i := p.invoiceOf(r)
	if i == nil {
		p.srv.mu.Unlock()
		p.missing(w)
		return
	}
	view := a.invoiceView(i)
	p.srv.mu.Unlock()
	p.show(w, http.StatusOK, "invoice", view)
}

// payInvoice is the Pay button.
func (p *pages) payInvoice(w http.ResponseWriter, r *http.Request) {
	typed := formValue(w, r, "card")
	p.srv.mu.Lock()
	a, i := p.invoiceOf(r)
	if i == nil {
		p.srv.mu.Unlock()
		p.missing(w)
		return
	}
	target := i.path
	message := checkCard(cardNumber(typed))
	if message == "" && i.Status == "open" {
		card := a.newCard("", cardNumber(typed))
		switch err := a.pay(i, card); {
		case card.outcome() == challenged:
			target += "/authenticate"
		case err != nil:
			message = declineMessage(card.declineCode)
		}
	}
	view := a.invoiceView(i)
	p.srv.mu.Unlock()
	if message != "" && view.Open {
		view.Error, view.Card = message, typed
		p.show(w, http.StatusPaymentRequired, "invoice", view)
		return
	}
	redirect(w, target)
}
