package httperr_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"

	"github.com/paymount/paymount/httperr"
)

// The default is the wire contract's shape.
func ExampleWrite() {
	w := httptest.NewRecorder()
	e := httperr.New(http.StatusUnprocessableEntity, httperr.CodeValidation, "The request is not valid.")
	e.Fields = []httperr.Field{{Loc: []string{"body", "seats"}, Msg: "Input should be a whole number", Type: "int"}}
	httperr.Write(w, httptest.NewRequestWithContext(context.Background(), http.MethodPost, "/seats", http.NoBody), e)
	fmt.Print(w.Code, " ", w.Body)
	// Output:
	// 422 {"detail":[{"loc":["body","seats"],"msg":"Input should be a whole number","type":"int"}],"code":"validation_error"}
}

// An app that answers errors as problem details (RFC 9457) gives its encoder to paymount.Config.EncodeError.
func ExampleEncoder() {
	var asProblem httperr.Encoder = func(w http.ResponseWriter, r *http.Request, e *httperr.Error) {
		w.Header().Set("Content-Type", "application/problem+json")
		maps.Copy(w.Header(), e.Header) // such as WWW-Authenticate
		if e.RetryAfter > 0 {
			w.Header().Set("Retry-After", fmt.Sprintf("%.0f", e.RetryAfter.Seconds()))
		}
		w.WriteHeader(e.Status)
		problem := map[string]string{"type": "/problems/" + e.Code, "title": e.Detail, "instance": r.URL.Path}
		_ = json.NewEncoder(w).Encode(problem) //nolint:errchkjson // the client may have gone
	}
	w := httptest.NewRecorder()
	asProblem(w, httptest.NewRequestWithContext(context.Background(), http.MethodGet, "/pro", http.NoBody),
		httperr.New(http.StatusPaymentRequired, httperr.CodeSubscriptionRequired, "This needs a subscription."))
	fmt.Print(w.Code, " ", w.Body)
	// Output: 402 {"instance":"/pro","title":"This needs a subscription.","type":"/problems/subscription_required"}
}

// The errors of Go calls carry the codes, and a page of the app's own answers with the status that they have over HTTP.
func ExampleStatus() {
	for _, code := range []string{httperr.CodeSubscriptionExists, httperr.CodeConflict, httperr.CodeStripe, "blocked"} {
		fmt.Println(code, httperr.Status(code))
	}
	// Output:
	// subscription_exists 400
	// conflict 409
	// stripe_error 502
	// blocked 500
}

// A hook refuses in the app's own words: this is the answer that the client gets.
func ExampleNew() {
	err := error(httperr.New(http.StatusForbidden, "blocked", "Your account is blocked."))
	fmt.Println(err)
	// Output: blocked: Your account is blocked.
}
