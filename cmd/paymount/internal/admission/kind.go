package admission

import (
	"errors"
	"net/http"
	"time"

	"github.com/paymount/paymount/httperr"
)

// Kind is a kind of work with limits of its own.
type Kind struct {
	// Places are for the requests that are worked on.
	Places *Share
	// Bytes are for the bodies that are being read, and that wait for their answer.
	Bytes *Share
	// MaxBody is the size of the largest body that is read here. The handler finds a larger one unread beyond that.
	MaxBody int64
	// Within is how long a body may take to arrive.
	Within time.Duration
	// Key names whose part of the limits a request uses, such as its project.
	Key func(*http.Request) string
}

// Handler reads the body of each request, finds it a place and hands it to next.
func (k Kind) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key := k.Key(r)
		read := body{limit: k.MaxBody, take: func(n int64) bool { return k.Bytes.Take(key, n) }}
		defer func() { k.Bytes.Return(key, read.taken) }()
		if err := k.receive(w, r, &read); err != nil {
			w.Header().Set("Connection", "close") // what is left of the body is not waited for
			refuse(w, r, err)
			return
		}
		if !k.Places.Take(key, 1) {
			refuse(w, r, errBusy)
			return
		}
		defer k.Places.Return(key, 1)
		next.ServeHTTP(w, r)
	})
}

// receive replaces the request's body with one that has arrived.
func (k Kind) receive(w http.ResponseWriter, r *http.Request, read *body) error {
	control := http.NewResponseController(w)
	if r.Body != nil && r.Body != http.NoBody {
		if err := ignoreUnsupported(control.SetReadDeadline(time.Now().Add(k.Within))); err != nil {
			return err
		}
		rest := r.Body
		whole, err := read.from(rest)
		if err != nil {
			return err
		}
		r.Body = read.then(rest)
		if !whole {
			return nil // the deadline stays, for nothing else bounds what the server discards in the end
		}
	}
	// The server looks for a client that goes away by reading on. A deadline that passed meanwhile would look like one.
	return ignoreUnsupported(control.SetReadDeadline(time.Time{}))
}

// ignoreUnsupported drops the error of a writer that is not a connection's.
func ignoreUnsupported(err error) error {
	if errors.Is(err, http.ErrNotSupported) {
		return nil
	}
	return err
}

func refuse(w http.ResponseWriter, r *http.Request, err error) {
	answer := httperr.New(http.StatusBadRequest, httperr.CodeBadRequest, "The body could not be read.")
	switch {
	case errors.Is(err, errBusy):
		answer = httperr.New(http.StatusServiceUnavailable, httperr.CodeUnavailable, "Too many requests at once. Try again shortly.")
		answer.RetryAfter = time.Second
	case isTimeout(err):
		answer = httperr.New(http.StatusRequestTimeout, httperr.CodeBadRequest, "The body did not arrive in time.")
	}
	httperr.Write(w, r, answer)
}
