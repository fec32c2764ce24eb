package stripe

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	sdk "github.com/stripe/stripe-go/v76"

	"github.com/paymount/paymount/project"
)

// timeout bounds one try of a call; the SDK's own default is 80 seconds.
const timeout = 10 * time.Second

// Gateway makes calls to Stripe. It is safe for concurrent use and serves any number of accounts: the key comes with each
// call.
type Gateway struct {
	backend sdk.Backend
	retries int
	// before is called ahead of each try, unless it is nil.
	before func(context.Context) error
}

// New returns a Gateway for the API at baseURL, or Stripe's own when it is empty. A nil client means one with a timeout of
// 10 seconds.
func New(baseURL string, client *http.Client) *Gateway {
	if client == nil {
		client = &http.Client{Timeout: timeout, Transport: newTransport()}
	}
	config := &sdk.BackendConfig{
		HTTPClient: withLengths(client),
		// The SDK's logger writes bodies, with client secrets in them, to standard error.
		LeveledLogger: &sdk.LeveledLogger{Level: sdk.LevelNull},
		// The SDK's own retries sleep without regard to the context.
		MaxNetworkRetries: sdk.Int64(0),
		EnableTelemetry:   sdk.Bool(false),
	}
	if baseURL != "" {
		config.URL = sdk.String(baseURL)
	}
	return &Gateway{backend: sdk.GetBackendWithConfig(sdk.APIBackend, config), retries: maxRetries}
}

// WithoutRetries returns a Gateway that makes each call once.
func (g *Gateway) WithoutRetries() *Gateway { return &Gateway{backend: g.backend, before: g.before} }

// newTransport keeps more idle connections to Stripe than the default of two, which would redial under load.
func newTransport() http.RoundTripper {
	transport, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return http.DefaultTransport
	}
	transport = transport.Clone()
	transport.MaxIdleConnsPerHost = 64
	return transport
}

// call makes one call, with tries as in retry.go, and decodes the answer into out. All tries carry the same idempotency key:
// the given one, or one that is made for the call.
func (g *Gateway) call(
	ctx context.Context, c project.Credentials, method, path string, params sdk.ParamsContainer, idempotencyKey string,
	out sdk.LastResponseSetter,
) error {
	p := params.GetParams()
	p.Context = ctx
	if method != http.MethodGet {
		p.IdempotencyKey = sdk.String(cmp.Or(idempotencyKey, "pm_"+rand.Text()))
	}
	for try := 0; ; try++ {
		if err := g.await(ctx); err != nil {
			return err
		}
		err := g.backend.Call(method, path, c.SecretKey, params, out)
		if err == nil {
			return nil
		}
		if try == g.retries || !retryable(method, err) || !pause(ctx, try) {
			return convert(ctx, err)
		}
	}
}

// await waits until a call may be made.
func (g *Gateway) await(ctx context.Context) error {
	if g.before == nil {
		return nil
	}
	if err := g.before(ctx); err != nil {
		return &Error{Kind: Unreachable, Cause: err}
	}
	return nil
}

// convert turns an error of the SDK, which holds Stripe's text and the answer's body, into one that holds neither.
func convert(ctx context.Context, err error) error {
	var e *sdk.Error
	if !errors.As(err, &e) {
		return &Error{Kind: Unreachable, Cause: transportCause(ctx, err)}
	}
	out := &Error{
		Kind: kind(e), Code: code(e), Param: param(e), Status: e.HTTPStatusCode, RequestID: e.RequestID,
	}
	if e.LastResponse != nil {
		if seconds, err := strconv.Atoi(e.LastResponse.Header.Get("Retry-After")); err == nil && seconds > 0 {
			out.RetryAfter = time.Duration(min(seconds, 3600)) * time.Second
		}
	}
	return out
}

func kind(e *sdk.Error) Kind {
	switch {
	case e.HTTPStatusCode == http.StatusTooManyRequests:
		return RateLimited
	case e.HTTPStatusCode == http.StatusConflict:
		return KeyInUse
	case e.Type == sdk.ErrorTypeIdempotency:
		return KeyReused
	case e.HTTPStatusCode >= http.StatusInternalServerError:
		return Broken
	case e.Code == sdk.ErrorCodeResourceMissing, strings.HasPrefix(e.Msg, "No such "),
		e.HTTPStatusCode == http.StatusNotFound && !strings.HasPrefix(e.Msg, "Unrecognized request URL"):
		return Missing
	}
	return Refused
}

// unlessNotFound returns err, or nil where the answer was that there is no such thing.
func unlessNotFound(err error) error {
	var e *Error
	if errors.As(err, &e) && e.Status == http.StatusNotFound {
		return nil
	}
	return err
}

// param is the parameter that the error is about. Of a customer that is gone only the text tells for sure.
func param(e *sdk.Error) string {
	if strings.HasPrefix(e.Msg, "No such customer") {
		return "customer"
	}
	return e.Param
}

// code is the error's code. Of a second currency only the text tells: "You cannot combine currencies on a single customer."
// (https://github.com/Automattic/woocommerce-payments/issues/7732).
func code(e *sdk.Error) string {
	if strings.Contains(e.Msg, "combine currencies") {
		return CodeOtherCurrency
	}
	return string(e.Code)
}

// errNotStripe stands for an answer that is not Stripe's, such as a proxy's error page. The SDK's error quotes its body.
var errNotStripe = errors.New("the answer could not be read")

func transportCause(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	var network interface {
		error
		Timeout() bool
	}
	if errors.As(err, &network) {
		return network
	}
	return errNotStripe
}

// path builds the path of an object, refusing an id that is not one of that kind: an empty id would turn a retrieve into
// a list, and anything else into another path.
func path(format, prefix, id string) (string, error) {
	if !strings.HasPrefix(id, prefix) || len(id) == len(prefix) || len(id) > maxID || id == "." || id == ".." {
		return "", &Error{Kind: Missing, Code: "resource_missing"}
	}
	return sdk.FormatURLPath(format, id), nil
}

// maxID is the longest id that Stripe may have (https://docs.stripe.com/upgrades#what-changes-does-stripe-consider-to-be-backward-compatible).
const maxID = 255
