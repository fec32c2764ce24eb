package stripetest

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
)

const maxBody = 1 << 20

// operation is one endpoint of the API.
type operation struct {
	method, path string
	params       fields                                // nil only for an unknown URL
	run          func(*Account, *request) (any, error) // with the lock held
}

// version is the one that the operation answers in.
func (op operation) version() Version {
	if op.path == invoicePaymentsPath {
		return VersionBasil
	}
	return apiVersion
}

// request is one API call on its way through the server.
type request struct {
	http    *http.Request
	account *Account
	params  *params
	call    *Call
	version Version // of the answer
}

// id is the {id} of the URL path, as in /v1/customers/{id}.
func (r *request) id() string { return r.http.PathValue("id") }

// answer is a complete HTTP answer; it is what an idempotency key stores.
type answer struct {
	status int
	body   []byte
	header map[string]string
}

func (s *Server) handler() (http.Handler, error) {
	mux := http.NewServeMux()
	for _, op := range operations() {
		mux.HandleFunc(op.method+" "+op.path, func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, op) })
	}
	for _, path := range searches() {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, operation{run: unknownURL}) })
	}
	mux.HandleFunc("GET "+cliSocket, s.serveCLI)
	mux.HandleFunc("/v1/", func(w http.ResponseWriter, r *http.Request) {
		s.serve(w, r, operation{run: unknownURL})
	})
	if err := s.registerPages(mux); err != nil {
		return nil, err
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		open := s.own()
		s.mu.Unlock()
		if !open {
			return
		}
		defer s.workers.Done()
		// A path such as /v1/customers/ is an unknown URL, as an empty id in a client's path is at Stripe
		// (https://github.com/onetimesecret/onetimesecret/issues/569).
		mux.ServeHTTP(w, r)
	}), nil
}

// operations lists the API, resource by resource.
func operations() []operation {
	var all []operation
	for _, part := range [][]operation{
		accountOperations(), productOperations(), priceOperations(), customerOperations(), sessionOperations(),
		subscriptionOperations(), subscriptionItemOperations(), invoiceOperations(), invoiceItemOperations(),
		invoicePaymentOperations(), paymentOperations(),
		paymentMethodOperations(), refundOperations(), disputeOperations(), portalOperations(), eventOperations(),
		listenOperations(),
	} {
		all = append(all, part...)
	}
	return all
}

// searches are the paths of Stripe's search, which the fake lacks. Without them they would be taken for an object's.
func searches() []string {
	var out []string
	for _, noun := range []string{"charges", "customers", "invoices", "payment_intents", "prices", "products", "subscriptions"} {
		out = append(out, "/v1/"+noun+"/search")
	}
	return out
}

func unknownURL(_ *Account, r *request) (any, error) {
	return nil, &apiError{
		status: http.StatusNotFound, kind: "invalid_request_error",
		message: "Unrecognized request URL (" + r.http.Method + ": " + r.http.URL.Path + ")",
	}
}

// serve takes one API call through authentication, the idempotency key, the injected fault and the operation.
func (s *Server) serve(w http.ResponseWriter, httpRequest *http.Request, op operation) {
	r, encoded, err := s.accept(w, httpRequest, op.version())
	if err != nil {
		s.reply(w, r, errorAnswer(err))
		return
	}
	reserved, conflict := s.reserve(r, encoded)
	if conflict != nil {
		s.reply(w, r, *conflict)
		return
	}
	fault := s.matchFault(r.call)

	if fault.stops(beforeExecution) {
		failure, keep := fault.strike(s.ctx, httpRequest.Context(), r.call)
		if failure != nil || fault.Drop {
			s.settle(r, reserved, failure, keep)
			s.fail(w, r, failure)
			return
		}
	}
	result, keep := s.replayOrRun(r, reserved, op)
	if fault.stops(afterExecution) {
		failure, _ := fault.strike(s.ctx, httpRequest.Context(), r.call)
		if failure != nil {
			result = *failure // the answer that the caller saw is the one that a retry sees
		}
		if fault.Drop {
			s.settle(r, reserved, &result, keep)
			s.fail(w, r, nil)
			return
		}
	}
	s.settle(r, reserved, &result, keep)
	s.reply(w, r, result)
}

// accept authenticates a call, reads its parameters and logs it. The returned request is never nil.
func (s *Server) accept(w http.ResponseWriter, httpRequest *http.Request, answers Version) (*request, string, *apiError) {
	encoded := httpRequest.URL.RawQuery
	var bodyErr error
	if httpRequest.Method != http.MethodGet {
		var body []byte
		body, bodyErr = io.ReadAll(http.MaxBytesReader(w, httpRequest.Body, maxBody))
		encoded = strings.Trim(encoded+"&"+string(body), "&")
	}
	r := &request{http: httpRequest, call: s.record(httpRequest, encoded), version: answers}
	account, err := s.authenticate(httpRequest)
	if err != nil {
		return r, "", err
	}
	r.account = account
	s.identify(r.call, account)
	version := httpRequest.Header.Get("Stripe-Version")
	if version != "" && version != string(answers) {
		return r, "", refuse("", "", "Invalid Stripe API version: %s; stripetest answers as %s", version, answers)
	}
	if bodyErr != nil {
		return r, "", refuse("", "", "The request body could not be read")
	}
	r.params, err = parseParams(encoded)
	return r, encoded, err
}

// authenticate finds the account of the request's key, sent as a bearer token or as the user of basic authentication.
func (s *Server) authenticate(r *http.Request) (*Account, *apiError) {
	key, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		key, _, ok = r.BasicAuth()
	}
	if !ok || key == "" {
		return nil, &apiError{
			status: http.StatusUnauthorized, kind: "invalid_request_error",
			message: "You did not provide an API key.",
		}
	}
	if account := s.AccountFor(key); account != nil {
		return account, nil
	}
	return nil, &apiError{
		status: http.StatusUnauthorized, kind: "invalid_request_error",
		message: "Invalid API Key provided: " + masked(key),
	}
}

func masked(key string) string {
	if len(key) < 12 {
		return "****"
	}
	return key[:8] + "****" + key[len(key)-4:]
}

// run executes an operation. keep is false for refusals that come before execution begins: they are not stored under
// an idempotency key.
func (s *Server) run(r *request, op operation) (result answer, keep bool) {
	if op.params == nil { // an unknown URL: nothing to execute
		_, err := op.run(r.account, r)
		return errorAnswer(err), false
	}
	if err := op.params.with(fields{"expand": texts}).check(r.params, ""); err != nil {
		return errorAnswer(err), false
	}
	a := r.account
	defer a.lock()()
	a.cause = cause{r.call.RequestID, r.call.IdempotencyKey}
	defer func() { a.cause = cause{} }()

	value, err := op.run(a, r)
	if err == nil {
		err = a.expand(value, r.params.strings("expand"), r.version)
	}
	if err != nil {
		return errorAnswer(err), true
	}
	body, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return errorAnswer(err), true
	}
	return answer{status: http.StatusOK, body: body}, true
}

func errorAnswer(err error) answer {
	var refusal *apiError
	if !errors.As(err, &refusal) {
		refusal = &apiError{status: http.StatusInternalServerError, kind: "api_error", message: err.Error()}
	}
	body, err := json.MarshalIndent(refusal.doc(""), "", "  ")
	if err != nil {
		body = []byte(`{"error":{"type":"api_error","message":"unencodable error"}}`)
	}
	return answer{status: refusal.status, body: body}
}

func (s *Server) reply(w http.ResponseWriter, r *request, result answer) {
	s.finish(r.call, result.status)
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Request-Id", r.call.RequestID)
	h.Set("Stripe-Version", string(r.version))
	if r.call.IdempotencyKey != "" {
		h.Set("Idempotency-Key", r.call.IdempotencyKey)
	}
	for name, value := range result.header {
		h.Set(name, value)
	}
	w.WriteHeader(result.status)
	if _, err := w.Write(result.body); err != nil {
		s.opts.Logf("stripetest: answer not sent: %v", err)
	}
}

// fail answers with an injected failure, or closes the connection without an answer when there is none.
func (s *Server) fail(w http.ResponseWriter, r *request, failure *answer) {
	if failure != nil {
		s.reply(w, r, *failure)
		return
	}
	s.finish(r.call, 0)
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		s.opts.Logf("stripetest: connection not dropped: %v", err)
		return
	}
	// The break comes within the status line: when not a single byte has come, Go's transport silently sends a GET again.
	_, err = conn.Write([]byte("HTTP/1.1 "))
	if err := errors.Join(err, conn.Close()); err != nil {
		s.opts.Logf("stripetest: connection not dropped cleanly: %v", err)
	}
}

// form flattens encoded parameters for the log of calls.
func form(encoded string) url.Values {
	values, err := url.ParseQuery(encoded)
	if err != nil {
		return url.Values{} // refused as malformed by parseParams
	}
	return values
}
