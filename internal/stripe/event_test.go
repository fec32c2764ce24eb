package stripe

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestReferencesAreFoundInThePlacesOfEveryVersion(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		object string
		want   Object
	}{
		"an id":           {`"subscription":"sub_1","customer":"cus_1"`, Object{Subscription: "sub_1", Customer: "cus_1"}},
		"null":            {`"subscription":null,"payment_intent":null,"parent":null`, Object{}},
		"an expanded one": {`"subscription":{"object":"subscription","id":"sub_1","status":"active"}`, Object{Subscription: "sub_1"}},
		"an odd shape":    {`"customer":["cus_1"],"subscription":7,"payment_intent":"pi_1"`, Object{PaymentIntent: "pi_1"}},
		"escaped ids": {
			`"customer":"\u0063us_1","subscription":"sub_\u0031\/"`, Object{Customer: "cus_1", Subscription: "sub_1/"},
		},
		"an invalid UTF-8": {"\"customer\":\"cus_\xff\"", Object{Customer: "cus_\ufffd"}},
		"the parent": {
			`"parent":{"type":"subscription_details","quote_details":{"subscription":"sub_2"},
				"subscription_details":{"metadata":{"subscription":"sub_3"},"subscription":"sub_1"}}`,
			Object{Subscription: "sub_1"},
		},
		"an expanded one in the parent": {
			`"parent":{"subscription_details":{"subscription":{"id":"sub_1","customer":"cus_2"}}}`, Object{Subscription: "sub_1"},
		},
		"a parent of another shape": {`"parent":{"subscription_details":"sub_2"},"mode":"payment"`, Object{Mode: "payment"}},
		"both places": {
			`"subscription":"sub_1","parent":{"subscription_details":{"subscription":"sub_2"}}`, Object{Subscription: "sub_1"},
		},
		"the old place, no parent": {`"subscription":"sub_1","parent":null`, Object{Subscription: "sub_1"}},
		"metadata":                 {`"metadata": {"user_id":"u"} `, Object{Metadata: []byte(`{"user_id":"u"}`)}},
	} {
		data := `{"previous_attributes":{"id":"no"},"object":{"id":"o_1",` + test.object + `}}`
		e, err := Parse([]byte(`{"id":"evt_1","type":"x","data":` + data + `}`))
		test.want.ID = "o_1"
		if err != nil || !reflect.DeepEqual(e.Object, test.want) {
			t.Errorf("%s: %+v, want %+v, error %v", name, e.Object, test.want, err)
		}
	}
}

func TestTheReaderTakesWhatIsJSONAndNothingElse(t *testing.T) {
	t.Parallel()
	texts := []string{
		strings.Repeat("[", maxDepth) + strings.Repeat("]", maxDepth),
		strings.Repeat("[", maxDepth+1) + strings.Repeat("]", maxDepth+1),
		"[" + strings.Repeat("{},", maxDepth) + "[]]", // many, but not deep
		`{}`, `[]`, `"\u12"`, `"\`, `"\u`, `{"a":1,}`, `[1 2]`, `-`, `01`, `1.`, `1e`, `tru`,
	}
	for c := range 256 { // every byte in every place that has a rule of its own
		for _, format := range []string{`"%c"`, `"\%c"`, `"\u00%c0"`, `1%c1`, `%c1`, `[1%c]`, `{"a"%c1}`, `1%c`} {
			texts = append(texts, strings.ReplaceAll(format, "%c", string([]byte{byte(c)})))
		}
	}
	for _, text := range texts {
		r := reader{data: []byte(text)}
		r.skip()
		r.end()
		if json.Valid([]byte(text)) == r.failed {
			t.Errorf("%.40q: failed is %v", text, r.failed)
		}
	}
}

func TestASignatureHoldsFiveMinutesBothWays(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_700_000_000, 0)
	for seconds, good := range map[int64]bool{-301: false, -300: true, 0: true, 300: true, 301: false} {
		at := now.Unix() + seconds
		mac := hmac.New(sha256.New, []byte("whsec_a"))
		mac.Write(fmt.Appendf(nil, "%d.{}", at))
		err := Verify([]byte("{}"), fmt.Sprintf("t=%d,v1=%x", at, mac.Sum(nil)), []string{"", "whsec_b", "whsec_a"}, now)
		if (err == nil) != good {
			t.Errorf("signed %d s from now: %v", seconds, err)
		}
	}
}
