package simulation

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// expected are the statuses that the contract has for an answer to a well-formed request of a user.
func expected() []int {
	return []int{
		http.StatusOK, http.StatusNoContent, http.StatusBadRequest, http.StatusPaymentRequired, http.StatusNotFound,
		http.StatusConflict, http.StatusUnprocessableEntity, http.StatusTooManyRequests, http.StatusBadGateway,
		http.StatusServiceUnavailable,
	}
}

var ids = regexp.MustCompile(`\b(sub|cus|cs|pi|in|si)_[A-Za-z0-9_]+`)

// judge looks whether an answer is one of those that the contract has, and holds nothing of somebody else.
func (w *world) judge(k *task, r *http.Request, out *httptest.ResponseRecorder) {
	body := out.Body.String()
	w.keepsSecrets("an answer", body)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stats.Checks++
	w.heard = append(w.heard, fmt.Sprintf("%s: answered %s", k.class, code(out)))
	if strings.HasPrefix(r.URL.Path, "/webhooks/") {
		if out.Code != http.StatusOK && out.Code != http.StatusInternalServerError {
			w.violatedf("a webhook is answered 200 or 500", "%d %s", out.Code, body)
		}
		return
	}
	if !slices.Contains(expected(), out.Code) {
		w.violatedf("an answer is one of the contract's", "%s %s: %d %s", r.Method, r.URL.Path, out.Code, body)
	}
	// What the client can mend, such as a price in another currency, has another code.
	if out.Code == http.StatusBadGateway && r.URL.Path == "/checkout-session" && !w.everStrange(r.Header.Get("X-Owner")) {
		w.violatedf("a refusal by Stripe that is the client's to mend says so", "%s %s: %d %s", r.Method, r.URL.Path, out.Code, body)
	}
	for _, id := range ids.FindAllString(body, -1) {
		w.shown[id] = true
		if n := w.names[id]; n != nil && len(n.owners) > 0 && !slices.Contains(n.owners, r.Header.Get("X-Owner")) {
			w.violatedf("an answer shows nothing of another user", "%s sees %s of %s", r.Header.Get("X-Owner"), id, n.owners)
		}
	}
}

// code says an answer in words.
func code(out *httptest.ResponseRecorder) string {
	var body struct {
		Code string `json:"code"`
	}
	if json.Unmarshal(out.Body.Bytes(), &body) != nil || body.Code == "" {
		return strconv.Itoa(out.Code)
	}
	return fmt.Sprintf("%d %s", out.Code, body.Code)
}

// keepsSecrets looks whether a text holds a key or something that Stripe has said.
func (w *world) keepsSecrets(what, text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stats.Checks++
	for secret := range w.secrets {
		if strings.Contains(text, secret) {
			w.violatedf("no key and no text of Stripe's gets out", "%s holds %q: %s", what, secret, text)
		}
	}
}
