package redirect_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/paymount/paymount/internal/redirect"
)

func TestOriginsCompareSchemeHostAndPort(t *testing.T) {
	t.Parallel()
	origins, err := redirect.Parse([]string{"https://app.example.com", "http://localhost:3000/", "https://[::1]:8443"})
	if err != nil {
		t.Fatal(err)
	}
	for raw, allowed := range map[string]bool{
		"https://app.example.com":                                 true,
		"https://APP.example.com:443/a?b={CHECKOUT_SESSION_ID}#c": true,
		"http://localhost:3000/":                                  true,
		"https://[::1]:8443/x":                                    true,
		"http://localhost/":                                       false,
		"https://localhost:3000/":                                 false,
		"https://app.example.com.evil.com/":                       false,
		"https://app.example.com:444/":                            false,
		"https://app.example.com./":                               false,
		"https://user@app.example.com/":                           false,
		"https://evil.com/https://app.example.com":                false,
		"https://app.example.com\\@evil.com/":                     false,
		"https://app.example.com/a b":                             false,
		"https://app.example.com/\n":                              false,
		"//app.example.com/":                                      false,
		"https:app.example.com":                                   false,
		"ftp://app.example.com/":                                  false,
		"":                                                        false,
		"https://app.example.com/\xff":                            false,
		"https://app.example.com/" + strings.Repeat("x", 5000-24): true,
		"https://app.example.com/" + strings.Repeat("x", 5001-24): false,
	} {
		if mistakes := origins.Check("url", raw); (len(mistakes) == 0) != allowed {
			t.Errorf("%q: %v", raw, mistakes)
		}
	}
}

func TestHostsThatAreNotASCIIAreRefused(t *testing.T) {
	t.Parallel()
	origins, err := redirect.Parse([]string{"https://iki.example", "https://kk.example", "https://xn--bcher-kva.example"})
	if err != nil {
		t.Fatal(err)
	}
	for raw, allowed := range map[string]bool{
		"https://\u0130ki.example/":          false, // lower case makes an i of it
		"https://%C4%B0ki.example/":          false,
		"https://\u212Ak.example/":           false, // the sign for kelvin, which becomes a k
		"https://bücher.example/":            false,
		"https://xn--bcher-kva.example/":     true,
		"https://iki.example/ä?ö={X}#\u0130": true,
	} {
		if mistakes := origins.Check("url", raw); (len(mistakes) == 0) != allowed {
			t.Errorf("%q: %v", raw, mistakes)
		}
	}
	_, err = redirect.Parse([]string{"https://\u0130ki.example", "https://bücher.example", "https://ok.example"})
	if err == nil || strings.Count(err.Error(), "ASCII") != 2 || strings.Contains(err.Error(), "ok.example") {
		t.Errorf("the configuration is told: %v", err)
	}
}

func TestAddressesAreComparedAsAddresses(t *testing.T) {
	t.Parallel()
	origins, err := redirect.Parse([]string{"http://[0:0:0:0:0:0:0:1]:3000", "https://[2001:DB8::0001]", "http://127.0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	for raw, allowed := range map[string]bool{
		"http://[::1]:3000/":             true,
		"http://[0000::0001]:3000/":      true,
		"http://[::0.0.0.1]:3000/":       true,
		"http://[::1]/":                  false,
		"http://[::2]:3000/":             false,
		"https://[2001:db8:0:0::1]:443/": true,
		"http://127.0.0.1:80/":           true,
		"http://[::ffff:127.0.0.1]/":     false,
		"http://127.1/":                  false,
		"http://[::1%25lo]:3000/":        false,
	} {
		if mistakes := origins.Check("url", raw); (len(mistakes) == 0) != allowed {
			t.Errorf("%q: %v", raw, mistakes)
		}
	}
}

func FuzzOrigins(f *testing.F) {
	origins, err := redirect.Parse([]string{"https://good.com"})
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{
		"https://good.com/", "https://good.com@evil.com/", "https://evil.com\\@good.com", "https://good.com:443", "https://good.com%2eevil.com",
		"https://good.com\x00.evil.com", "https://good.com#@evil.com", "https:/\\good.com", "HTTPS://GOOD.COM",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		if len(origins.Check("url", raw)) > 0 {
			return
		}
		// An independent reading: scheme, two slashes, and the authority up to the next delimiter.
		rest, ok := strings.CutPrefix(strings.ToLower(raw), "https://")
		if !ok {
			t.Fatalf("%q has another scheme", raw)
		}
		if i := strings.IndexAny(rest, "/?#\\"); i >= 0 {
			rest = rest[:i]
		}
		if rest = strings.TrimSuffix(rest, ":443"); strings.TrimSuffix(rest, ":") != "good.com" {
			t.Errorf("%q has the authority %q", raw, rest)
		}
		if u, err := url.Parse(raw); err != nil || u.User != nil {
			t.Errorf("%q: %v", raw, err)
		}
	})
}
