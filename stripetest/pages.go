package stripetest

import (
	"bytes"
	_ "embed"
	"errors"
	"html/template"
	"net/http"
	"strconv"
	"strings"
)

//go:embed pages.html
var pagesHTML string

// pages serves the hosted checkout page and the portal page.
type pages struct {
	srv       *Server
	templates *template.Template
}

func (s *Server) registerPages(mux *http.ServeMux) error {
	templates, err := template.New("pages").Parse(pagesHTML)
	if err != nil {
		return err
	}
	p := &pages{srv: s, templates: templates}
	mux.HandleFunc("GET /c/pay/{id}", p.checkout)
	mux.HandleFunc("POST /c/pay/{id}", p.pay)
	mux.HandleFunc("GET /p/session/{path}", p.portal)
	return nil
}

func (s *Server) checkoutURL(session *Session) string { return s.URL + "/c/pay/" + session.ID }

type checkoutView struct {
	Lines                                               []lineView
	Total, Terms, Email, Card, Error, Button, CancelURL string
	Recurring, NeedsCard, EmailFixed                    bool
}

type lineView struct {
	Name, Unit, Amount string
	Quantity           int64
}

type closedView struct {
	Title, Text, Link, LinkText string
}

// sessionOf finds the session of a page, in whichever account and mode it is. Called with the lock held.
func (p *pages) sessionOf(r *http.Request) (*Account, *Session) {
	for _, a := range p.srv.accounts {
		if s, ok := find[*Session](a, r.PathValue("id")); ok {
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
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	buyer := Buyer{Email: r.PostFormValue("email"), Card: strings.ReplaceAll(r.PostFormValue("card"), " ", "")}
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
	view.Email, view.Card = buyer.Email, r.PostFormValue("card")
	target := successURL(s)
	p.srv.mu.Unlock()
	if view.Error != "" {
		p.show(w, http.StatusPaymentRequired, "checkout", view)
		return
	}
	// http.Redirect would rewrite a URL; the merchant's goes out as it is.
	w.Header().Set("Location", target)
	w.WriteHeader(http.StatusSeeOther)
}

// pressPay pays or is declined, depending on the card, and returns the message for the page.
func (a *Account) pressPay(s *Session, buyer Buyer) string {
	result, code, message := paid, "", ""
	switch buyer.Card {
	case "4000000000000002":
		result, code, message = declined, "generic_decline", "Your card was declined. Try another card."
	case "4000000000009995":
		result, code, message = declined, "insufficient_funds", "Your card has insufficient funds. Try another card."
	}
	if s.AmountTotal == 0 {
		result, message = paid, ""
	}
	if err := a.checkout(s, buyer, result, code); err != nil {
		if errors.Is(err, ErrState) {
			return "This checkout cannot be completed any more."
		}
		return "Something went wrong. Try again."
	}
	return message
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

type portalView struct {
	Email, ReturnURL string
	Subscriptions    []portalRow
}

type portalRow struct{ Name, Price, Status string }

func (p *pages) portal(w http.ResponseWriter, r *http.Request) {
	p.srv.mu.Lock()
	view, ok := p.portalView(r.URL.Path)
	p.srv.mu.Unlock()
	if !ok {
		p.show(w, http.StatusNotFound, "closed", closedView{Title: "Nothing here", Text: "There is no such page."})
		return
	}
	p.show(w, http.StatusOK, "portal", view)
}

func (p *pages) portalView(path string) (portalView, bool) {
	for _, a := range p.srv.accounts {
		for _, s := range a.portals {
			if s.path != path {
				continue
			}
			view := portalView{ReturnURL: s.ReturnURL}
			if c, ok := a.customer(s.Customer); ok {
				view.Email = c.Email
			}
			for _, sub := range a.subscriptions {
				if sub.Customer == s.Customer && !sub.ended() {
					view.Subscriptions = append(view.Subscriptions, a.portalRow(sub))
				}
			}
			return view, true
		}
	}
	return portalView{}, false
}

func (a *Account) portalRow(sub *Subscription) portalRow {
	row := portalRow{Status: strings.ReplaceAll(sub.Status, "_", " ")}
	if price, ok := find[*Price](a, sub.Items[0].Price); ok {
		row.Name, row.Price = a.productName(price), price.label()
	}
	return row
}

func (p *pages) show(w http.ResponseWriter, status int, name string, view any) {
	var page bytes.Buffer
	if err := p.templates.ExecuteTemplate(&page, name, view); err != nil {
		p.srv.opts.Logf("stripetest: page %s: %v", name, err)
		http.Error(w, "The page could not be made.", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	// No form-action: browsers apply it to the redirect after the payment too, which goes to the merchant.
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'")
	w.WriteHeader(status)
	if _, err := page.WriteTo(w); err != nil {
		p.srv.opts.Logf("stripetest: page %s not sent: %v", name, err)
	}
}
