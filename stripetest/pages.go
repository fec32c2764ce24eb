package stripetest

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"strings"
	"time"
)

//go:embed *.html
var pagesHTML embed.FS

// pages serves the hosted pages: checkout, authentication, invoice, portal.
type pages struct {
	srv       *Server
	templates *template.Template
}

func (s *Server) registerPages(mux *http.ServeMux) error {
	templates, err := template.New("pages").ParseFS(pagesHTML, "*.html")
	if err != nil {
		return err
	}
	p := &pages{srv: s, templates: templates}
	mux.HandleFunc("GET /c/pay/{id}", p.checkout)
	mux.HandleFunc("POST /c/pay/{id}", p.pay)
	mux.HandleFunc("GET /c/pay/{id}/authenticate", p.sessionChallenge)
	mux.HandleFunc("POST /c/pay/{id}/authenticate", p.answerSession)
	mux.HandleFunc("GET /i/{token}", p.invoice)
	mux.HandleFunc("POST /i/{token}", p.payInvoice)
	mux.HandleFunc("GET /i/{token}/authenticate", p.invoiceChallenge)
	mux.HandleFunc("POST /i/{token}/authenticate", p.answerInvoice)
	mux.HandleFunc("GET /p/session/{token}", p.portal)
	mux.HandleFunc("POST /p/session/{token}", p.portalAction)
	return nil
}

// closedView is a page on which there is nothing to do.
type closedView struct {
	Title, Text, Link, LinkText string
}

func (p *pages) missing(w http.ResponseWriter) {
	p.show(w, http.StatusNotFound, "closed", closedView{Title: "Nothing here", Text: "There is no such page."})
}

// redirect sends the browser on after a POST. http.Redirect would rewrite a URL; the merchant's goes out as it is.
func redirect(w http.ResponseWriter, target string) {
	w.Header().Set("Location", target)
	w.WriteHeader(http.StatusSeeOther)
}

// form reads a field of a posted form.
func formValue(w http.ResponseWriter, r *http.Request, name string) string {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	return r.PostFormValue(name)
}

// cardNumber is a number as it is typed, without the spaces.
func cardNumber(typed string) string { return strings.ReplaceAll(typed, " ", "") }

// date is a day for a person.
func date(at int64) string { return time.Unix(at, 0).UTC().Format("2 Jan 2006") }

// words is a status or a brand for a person: "Past due", "Visa".
func words(name string) string {
	if name == "" {
		return ""
	}
	return strings.ToUpper(name[:1]) + strings.ReplaceAll(name[1:], "_", " ")
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
	h.Set("Content-Security-Policy",
		"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'")
	w.WriteHeader(status)
	if _, err := page.WriteTo(w); err != nil {
		p.srv.opts.Logf("stripetest: page %s not sent: %v", name, err)
	}
}
