package openapi_test

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/pb33f/libopenapi-validator/config"
	"github.com/pb33f/libopenapi-validator/errors"

	"github.com/paymount/paymount/internal/openapi"
)

// publishedRoot is where the published document has our root.
const publishedRoot = "/api/v1/payments/stripe"

// checker holds exchanges against the documents, and remembers which answers it has seen.
type checker struct {
	mu sync.Mutex
	// strict and lenient know our document; strict also reports fields that are not in it.
	strict, lenient validator.Validator
	published       validator.Validator
	ours, theirs    document
	seen            map[string]bool
	// done counts the scenarios that came to their end.
	done atomic.Int64
}

// exchange is one request with its answer.
type exchange struct {
	// pattern is the endpoint's on the mux.
	pattern  string
	request  func() *http.Request
	misfit   bool
	response *http.Response
	body     []byte
	code     string
}

func newChecker(t *testing.T) *checker {
	t.Helper()
	ours, theirs := served(t), published(t)
	return &checker{
		strict:    newValidator(t, ours, config.WithFormatAssertions(), config.WithStrictMode()),
		lenient:   newValidator(t, ours, config.WithFormatAssertions()),
		published: newValidator(t, theirs, config.WithFormatAssertions(), config.WithoutSecurityValidation()),
		ours:      parse(t, ours), theirs: parse(t, theirs),
		seen: map[string]bool{},
	}
}

// served returns our document.
func served(t *testing.T) []byte {
	t.Helper()
	recorder := httptest.NewRecorder()
	openapi.Handler().ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/openapi.json", http.NoBody))
	return recorder.Body.Bytes()
}

// published returns the document of the API that ours is compatible with.
func published(t *testing.T) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/published.openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func newValidator(t *testing.T, data []byte, options ...config.Option) validator.Validator {
	t.Helper()
	doc, err := libopenapi.NewDocument(data)
	if err != nil {
		t.Fatal(err)
	}
	v, errs := validator.NewValidator(doc, options...)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	return v
}

// check holds one exchange against both documents.
func (c *checker) check(t *testing.T, e exchange) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	status := e.response.StatusCode
	method, operation := c.ours.operation(e.pattern)
	name := fmt.Sprintf("%s %s: %d", method, e.pattern, status)
	c.seen[answerName(method, e.pattern, status, e.code)] = true

	if status != http.StatusMethodNotAllowed {
		ok, errs := c.lenient.ValidateHttpRequestSync(e.request())
		if ok == e.misfit {
			t.Errorf("%s: the document takes the request: %v\n%s", name, ok, reasons(errs))
		}
	}
	v := c.strict
	if e.pattern == "/openapi.json" {
		v = c.lenient // the document does not describe its own format
	}
	request := e.request()
	request.Method = method // a method that is not served gets the 405 of the one that is
	if wrong := e.wrong(v, request); wrong != "" {
		t.Errorf("%s: the answer is not in the document:\n%s\n%s", name, wrong, e.body)
	}
	known := ordinaryHeaders()
	for header := range c.ours.response(operation, status).Headers {
		known = append(known, http.CanonicalHeaderKey(header))
	}
	for header := range e.response.Header {
		if !slices.Contains(known, header) {
			t.Errorf("%s: the header %s is not in the document", name, header)
		}
	}
	if got := e.response.Header.Get("Cache-Control"); got != "no-store" && e.pattern != "/openapi.json" {
		t.Errorf("%s: Cache-Control: %q", name, got)
	}
	c.checkPublished(t, name, e)
}

// checkPublished holds an exchange against the published document, as far as that tells of it.
func (c *checker) checkPublished(t *testing.T, name string, e exchange) {
	t.Helper()
	_, operation := c.theirs.operation(publishedRoot + e.pattern)
	status := e.response.StatusCode
	if _, ok := operation.Responses[fmt.Sprint(status)]; !ok {
		return
	}
	request := e.request()
	request.URL.Path = publishedRoot + request.URL.Path
	if wrong := e.wrong(c.published, request); wrong != "" {
		t.Errorf("%s: the answer is not as published:\n%s\n%s", name, wrong, e.body)
	}
	request = e.request()
	request.URL.Path = publishedRoot + request.URL.Path
	if ok, errs := c.published.ValidateHttpRequestSync(request); !ok && status == http.StatusOK {
		t.Errorf("%s: the request is not as published:\n%s", name, reasons(errs))
	}
}

// wrong says why the answer to request is not one that v knows; it is empty when it is.
func (e exchange) wrong(v validator.Validator, request *http.Request) string {
	answer := *e.response
	answer.Body = io.NopCloser(bytes.NewReader(e.body))
	ok, errs := v.ValidateHttpResponse(request, &answer)
	if ok {
		return ""
	}
	return reasons(errs)
}

// ordinaryHeaders may come with any answer and are in no document.
func ordinaryHeaders() []string {
	return []string{"Cache-Control", "Content-Length", "Content-Type", "Date"}
}

func answerName(method, pattern string, status int, code string) string {
	return strings.TrimSpace(fmt.Sprintf("%s %s %d %s", method, pattern, status, code))
}

// missing lists the documented answers that were not seen.
func (c *checker) missing() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var missing []string
	for _, name := range c.ours.answers() {
		if !c.seen[name] {
			missing = append(missing, name)
		}
	}
	return missing
}

func reasons(errs []*errors.ValidationError) string {
	lines := map[string]bool{}
	for _, err := range errs {
		lines["  "+err.Message+": "+err.Reason] = true
		for _, detail := range err.SchemaValidationErrors {
			lines["  "+detail.Reason] = true
		}
	}
	return strings.Join(slices.Sorted(maps.Keys(lines)), "\n")
}
