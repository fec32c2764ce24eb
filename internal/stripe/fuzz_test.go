package stripe

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"
)

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`{"id":"evt_1","object":"event","type":"invoice.paid","data":{"object":{"id":"in_1","subscription":"sub_1"}}}`,
		`{"id":"evt_1","object":"event","type":"invoice.paid","data":{"object":{"id":"in_1","subscription":{"id":"sub_1"}}}}`,
		`{"id":"evt_1","object":"event","type":"invoice.paid",
			"data":{"object":{"id":"in_1","parent":{"subscription_details":{"subscription":"sub_1"}}}}}`,
		`{"id":"evt_1","object":"event","type":"checkout.session.completed",
			"data":{"object":{"id":"cs_1","mode":"payment","payment_intent":null}}}`,
		`{"id":"evt_1","object":"event","type":"payment_intent.succeeded","data":{"object":{"id":"pi_1","metadata":{"user_id":"u"}}}}`,
		`{"id":"evt_1","object":"v2.core.event"}`, `{}`, `[]`, `null`, `{"data":{"object":[]}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		e, err := Parse(payload)
		if err != nil {
			return
		}
		if !json.Valid(payload) || e.ID == "" || e.Type == "" {
			t.Errorf("accepted %q", payload)
		}
		// Whatever is taken out was in the payload: no id is made up.
		o := e.Object
		for _, id := range []string{e.ID, e.Type, e.Account, o.ID, o.Mode, o.Customer, o.Subscription, o.PaymentIntent} {
			if quoted, _ := json.Marshal(id); id != "" && !strings.Contains(normalize(t, payload), string(quoted)) {
				t.Errorf("%q is not in %q", id, payload)
			}
		}
	})
}

func normalize(t *testing.T, payload []byte) string {
	t.Helper()
	var v any
	if err := json.Unmarshal(payload, &v); err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func FuzzVerify(f *testing.F) {
	now := time.Unix(1_700_000_000, 0)
	f.Add([]byte(`{}`), "t=1700000000,v1=00", "whsec_a")
	f.Add([]byte(`{}`), "t=1700000000, v1=zz,v1=,v0=1,,", "")
	f.Add([]byte(``), "t=-9223372036854775808,v1=00", "x")
	f.Fuzz(func(t *testing.T, payload []byte, header, secret string) {
		if Verify(payload, header, []string{secret}, now) == nil {
			at, _ := parseSignature(header)
			mac := hmac.New(sha256.New, []byte(secret))
			mac.Write([]byte(at + "." + string(payload)))
			if secret == "" || !strings.Contains(strings.ToLower(header), hex.EncodeToString(mac.Sum(nil))) {
				t.Errorf("a signature that is none verifies: %q", header)
			}
		}
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte(strconv.FormatInt(now.Unix(), 10) + "." + string(payload)))
		good := fmt.Sprintf("t=%d,v1=%x", now.Unix(), mac.Sum(nil))
		if err := Verify(payload, good, []string{secret}, now); (err == nil) == (secret == "") {
			t.Errorf("a good signature with secret %q: %v", secret, err)
		}
	})
}
