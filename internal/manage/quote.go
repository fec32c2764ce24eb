package manage

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"

	"github.com/paymount/paymount/internal/customer"
	"github.com/paymount/paymount/internal/stripe"
	"github.com/paymount/paymount/subscription"
)

// quoteLife is for how long a quote holds.
const quoteLife = 15 * time.Minute

// quote is what an owner was shown: it binds the update that carries it.
type quote struct {
	Owner     subscription.Owner `json:"owner"`
	Update    stripe.ItemUpdate  `json:"update"`
	AmountDue int64              `json:"amount_due"`
	Currency  string             `json:"currency"`
	// ProrationDate is the time that the amount was computed for.
	ProrationDate time.Time `json:"proration_date"`
	ExpiresAt     time.Time `json:"expires_at"`
}

// fits reports whether the quote was given to owner for the update u, whenever that is made.
func (q quote) fits(owner subscription.Owner, u stripe.ItemUpdate) bool {
	q.Update.ProrationDate = u.ProrationDate
	return q.Owner == owner && q.Update == u
}

// sign makes the quote for an update that costs what p says: its JSON and an HMAC-SHA256 (RFC 2104) of it, in base64url.
func (m *Manager) sign(buyer customer.Buyer, u stripe.ItemUpdate, p subscription.Preview) string {
	data, _ := json.Marshal(quote{ //nolint:errchkjson // it fails for years past 9999 only
		Owner: buyer.Owner, Update: u, AmountDue: p.AmountDue, Currency: p.Currency,
		ProrationDate: u.ProrationDate, ExpiresAt: m.Now().UTC().Add(quoteLife),
	})
	payload := base64.RawURLEncoding.EncodeToString(data)
	return payload + "." + base64.RawURLEncoding.EncodeToString(m.mac(buyer, payload))
}

// read returns the quote in token, if it was signed here.
func (m *Manager) read(buyer customer.Buyer, token string) (quote, bool) {
	var q quote
	payload, signature, _ := strings.Cut(token, ".")
	given, err := base64.RawURLEncoding.DecodeString(signature)
	if err != nil || !hmac.Equal(given, m.mac(buyer, payload)) {
		return q, false
	}
	data, err := base64.RawURLEncoding.DecodeString(payload)
	return q, err == nil && json.Unmarshal(data, &q) == nil
}

func (m *Manager) mac(buyer customer.Buyer, payload string) []byte {
	key := m.QuoteKey
	if len(key) == 0 {
		// All replicas have the project's secret key. What is derived from it tells nothing about it.
		key = hash([]byte(buyer.Credentials.SecretKey), "paymount quote key")
	}
	return hash(key, "paymount quote\x00"+payload)
}

func hash(key []byte, message string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(message))
	return h.Sum(nil)
}
