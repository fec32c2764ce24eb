package stripe

import (
	"bytes"
	"io"
	"net/http"
)

// sized gives each request's body a length. The SDK sets none, so that over HTTP/1.1 bodies would go out in chunks, which
// some proxies and servers do not read.
type sized struct{ next http.RoundTripper }

// withLengths returns a copy of the client that sends every body with its length.
func withLengths(client *http.Client) *http.Client {
	out := *client
	if out.Transport == nil {
		out.Transport = http.DefaultTransport
	}
	out.Transport = sized{out.Transport}
	return &out
}

// RoundTrip implements http.RoundTripper.
func (s sized) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body == nil || r.ContentLength > 0 {
		return s.next.RoundTrip(r)
	}
	body, err := io.ReadAll(r.Body)
	if closeErr := r.Body.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return nil, err
	}
	r = r.WithContext(r.Context()) // a copy: a RoundTripper must not change the request
	r.ContentLength = int64(len(body))
	r.GetBody = func() (io.ReadCloser, error) {
		if len(body) == 0 {
			return http.NoBody, nil
		}
		return io.NopCloser(bytes.NewReader(body)), nil
	}
	r.Body, err = r.GetBody()
	if err != nil {
		return nil, err
	}
	return s.next.RoundTrip(r)
}
