// Package redirect knows to which URLs people may be sent back after they have been at Stripe.
package redirect

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/paymount/paymount/subscription"
)

// maxURL is the longest redirect URL, in bytes, that Stripe takes.
const maxURL = 5000

// Origins is the allow-list of redirect URLs: the origins (scheme, host, port; RFC 6454) that they may have.
// It is safe for concurrent use.
type Origins struct {
	allowed map[string]bool
	written []string
}

// Parse reads origins such as "https://app.example.com" and "http://localhost:3000", and reports every one that is
// none. An empty list allows nothing.
func Parse(list []string) (*Origins, error) {
	o := &Origins{allowed: map[string]bool{}}
	var errs []error
	for _, entry := range list {
		u, err := parse(entry)
		if err == nil && (strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "") {
			err = errors.New("an origin has no path")
		}
		if err == nil && strings.Contains(u.Host, "*") {
			err = errors.New("an origin is that of one host: there are no wildcards")
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("origin %q: %w", entry, err))
			continue
		}
		o.allowed[origin(u)] = true
		o.written = append(o.written, written(u))
	}
	return o, errors.Join(errs...)
}

// List returns the allowed origins as browsers write them in the header Origin (RFC 6454 section 6.2).
func (o *Origins) List() []string { return slices.Clone(o.written) }

// Check returns what is wrong with a redirect URL, as a mistake in that field of a request. The placeholder
// {CHECKOUT_SESSION_ID} may stand anywhere behind the origin. An empty URL is missing.
func (o *Origins) Check(field, raw string) []subscription.FieldError {
	if raw == "" {
		return []subscription.FieldError{{Field: field, Message: "Field required", Kind: "missing"}}
	}
	u, err := parse(raw)
	if err == nil && !o.allowed[origin(u)] {
		err = errors.New("the URL's origin is not allowed")
	}
	if err == nil {
		return nil
	}
	message := err.Error()
	return []subscription.FieldError{{
		Field: field, Message: strings.ToUpper(message[:1]) + message[1:], Kind: "url_not_allowed",
	}}
}

func parse(raw string) (*url.URL, error) {
	// Browsers read a backslash as a slash and skip control characters: what they see could have another host.
	odd := func(r rune) bool { return r == '\\' || unicode.IsSpace(r) || unicode.IsControl(r) }
	if len(raw) > maxURL || strings.ContainsFunc(raw, odd) || !utf8.ValidString(raw) {
		return nil, errors.New("the URL is not valid")
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		return nil, errors.New("the URL is not valid")
	case u.Scheme != "https" && u.Scheme != "http", u.Opaque != "", u.Hostname() == "":
		return nil, errors.New("the URL must be absolute, with http or https")
	case u.User != nil:
		return nil, errors.New("the URL must not name a user")
	case strings.ContainsFunc(u.Host, func(r rune) bool { return r > unicode.MaxASCII }):
		// Case folding would make another host of it: U+0130 becomes an i.
		return nil, errors.New("the host must be in ASCII, as browsers send it: a name in another script is xn--… there")
	}
	u.Host = sameAddress(u)
	return u, nil
}

// sameAddress is the URL's host and port, with an IP address in its one canonical form (RFC 5952).
func sameAddress(u *url.URL) string {
	address, err := netip.ParseAddr(u.Hostname())
	if err != nil || address.Is4() {
		return u.Host // an IPv4 address has one form that is read here
	}
	host := "[" + address.String() + "]"
	if port := u.Port(); port != "" {
		host += ":" + port
	}
	return host
}

// origin is the URL's scheme, host and port, with the default port made explicit.
func origin(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = defaultPort(u)
	}
	return u.Scheme + "://" + strings.ToLower(u.Hostname()) + ":" + port
}

func defaultPort(u *url.URL) string {
	if u.Scheme == "http" {
		return "80"
	}
	return "443"
}

// written is the URL's origin as browsers write it: without the default port, and an IPv6 address in its shortest form.
func written(u *url.URL) string {
	host := strings.ToLower(u.Hostname())
	if address, err := netip.ParseAddr(host); err == nil && address.Is6() {
		host = "[" + address.String() + "]"
	}
	if port := u.Port(); port != "" && port != defaultPort(u) {
		host += ":" + port
	}
	return u.Scheme + "://" + host
}
