package stripetest

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
)

func (s *Server) checkoutURL(session *Session) string { return s.URL + "/c/pay/" + session.ID }

type checkoutView struct {
	Lines                                               []lineView
	Total, Terms, Email, Card, Error, Button, CancelURL string
	Action                                              string // where the form goes, empty for the page itself
	Recurring, NeedsCard, EmailFixed                    bool
}

type lineView struct {
	Name, Unit, Amount string
	Quantity           int64
}

// sessionOf finds the session of a page, in whichever account and mode it is; an embedded one has none. Called with the lock
// held.
func (p *pages) sessionOf(r *http.Request) (*Account, *Session) {
	for _, a := range p.srv.accounts {
		if s, ok := find[*Session](a, r.PathValue("id")); ok && !s.Embedded {
			a.catchUp()
			return a, s
		}
	}
	return nil, nil
}

func (p *pages) checkout(w http.ResponseWriter, r *http.Request) {
	p.srv.mu.Lock()
	a, s := p.sessionOf(r)
	if s == nil || s.Status != "open" {
		view, status := closed(s)
		p.srv.mu.Unlock()
		p.show(w, status, "closed", view)
		return
	}
	view := a.checkoutView(s)
	p.srv.mu.Unlock()
	p.show(w, http.StatusOK, "checkout", view)
}

// closed explains why there is nothing to pay. A missing session is nil.
func closed(s *Session) (closedView, int) {
	switch {
	case s == nil:
		return closedView{Title: "Nothing here", Text: "There is no such checkout page."}, http.StatusNotFound
	case s.Status == "complete":
		return closedView{
			Title: "Already complete", Text: "This checkout has been completed. You have not been charged again.",
			Link: successURL(s), LinkText: "Continue",
		}, http.StatusOK
	default:
		return closedView{
			Title: "This page has expired", Text: "Go back to the shop and start again. You have not been charged.",
			Link: cancelURL(s), LinkText: "Back",
		}, http.StatusGone
	}
}

// successURL is where a paid session goes on. Stripe replaces the literal placeholder and nothing else, so the URL is
// kept as it was sent.
func successURL(s *Session) string {
	return strings.ReplaceAll(s.SuccessURL, "{CHECKOUT_SESSION_ID}", s.ID)
}

func cancelURL(s *Session) string {
	return strings.ReplaceAll(s.CancelURL, "{CHECKOUT_SESSION_ID}", s.ID)
}

func (a *Account) checkoutView(s *Session) checkoutView {
	view := checkoutView{
		Total: money(s.AmountTotal, s.Currency), Email: a.sessionEmail(s), EmailFixed: a.givenEmail(s) != "",
		Card: "4242 4242 4242 4242", CancelURL: cancelURL(s), Recurring: s.Mode == "subscription",
		NeedsCard: s.AmountTotal > 0 || s.Mode == "subscription", Button: "Pay " + money(s.AmountTotal, s.Currency),
	}
	for _, line := range s.LineItems {
		price, ok := find[*Price](a, line.Price)
		if !ok {
			continue
		}
		view.Lines = append(view.Lines, lineView{
			Name: a.productName(price), Unit: price.label(), Quantity: line.Quantity,
			Amount: money(price.UnitAmount*line.Quantity, price.Currency),
		})
	}
	if view.Recurring && s.AmountTotal > 0 {
		view.Terms = "due now, then on every renewal until cancelled"
	}
	if s.TrialDays > 0 {
		view.Terms = "due now; the trial lasts " + strconv.FormatInt(s.TrialDays, 10) + " days"
		view.Button = "Start trial"
	}
	return view
}

// pay is the Pay button.
func (p *pages) pay(w http.ResponseWriter, r *http.Request) {
	typed := formValue(w, r, "card")
	buyer := Buyer{Email: r.PostFormValue("email"), Card: cardNumber(typed)}
	p.srv.mu.Lock()
	a, s := p.sessionOf(r)
	if s == nil || s.Status != "open" {
		view, status := closed(s)
		p.srv.mu.Unlock()
		p.show(w, status, "closed", view)
		return
	}
	view := a.checkoutView(s)
	if view.Error = checkCard(buyer.Card); view.Error == "" || !view.NeedsCard {
		view.Error = a.pressPay(s, buyer)
	}
	view.Email, view.Card = buyer.Email, typed
	target := successURL(s)
	if s.challenged != "" {
		target = r.URL.Path + "/authenticate"
	}
	p.srv.mu.Unlock()
	if view.Error != "" {
		p.show(w, http.StatusPaymentRequired, "checkout", view)
		return
	}
	redirect(w, target)
}

// pressPay pays, is declined or is asked to authenticate, depending on the card, and returns the message for the page.
func (a *Account) pressPay(s *Session, buyer Buyer) string {
	result, code := bankRule(buyer.Card)
	if s.AmountTotal == 0 && result == declined {
		result = paid // nothing is charged yet
	}
	if err := a.checkout(s, buyer, result, code); err != nil {
		if errors.Is(err, ErrState) {
			return "This checkout cannot be completed any more."
		}
		return "Something went wrong. Try again."
	}
	if result == declined {
		return declineMessage(code)
	}
	return ""
}

func declineMessage(code string) string {
	if code == "insufficient_funds" {
		return "Your card has insufficient funds. Try another card."
	}
	return "Your card was declined. Try another card."
}

// checkCard returns the message for a number that no card can have.
func checkCard(number string) string {
	sum := 0
	for i := range len(number) {
		digit := int(number[len(number)-1-i]) - '0'
		if digit < 0 || digit > 9 {
			return "Your card number is invalid."
		}
		if i%2 == 1 {
			if digit *= 2; digit > 9 {
				digit -= 9
			}
		}
		sum += digit
	}
	if len(number) < 12 || len(number) > 19 || sum%10 != 0 {
		return "Your card number is invalid."
	}
	return ""
}
