package api

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/paymount/paymount/httperr"
	"github.com/paymount/paymount/internal/customer"
	"github.com/paymount/paymount/internal/sleep"
	"github.com/paymount/paymount/subscription"
)

const (
	// maxKey is the longest Idempotency-Key, in bytes.
	maxKey = 255
	// keepReply is how long an answer is kept.
	keepReply = 24 * time.Hour
	// lockReply is for how long a request without an answer counts as in flight: longer than any endpoint works.
	lockReply = time.Minute
	// keepLimit is for how long it is tried to keep an answer, with keepPause between two tries.
	keepLimit = 5 * time.Second
	keepPause = 250 * time.Millisecond
)

// once is a request that carries an Idempotency-Key.
type once struct {
	key, route string
	buyer      customer.Buyer
	body       []byte
	serve      func(http.ResponseWriter) error
}

// once serves o, or repeats the answer that the same request got before
// (https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/).
func (c *Config) once(w http.ResponseWriter, r *http.Request, o once) error {
	if len(o.key) > maxKey {
		return invalidKey("The key should have at most 255 characters", "string_too_long")
	}
	// Owners share a scope, users an owner, and all of them each route: the stored key tells them apart, and never shows what was
	// sent.
	parts := []string{o.buyer.Owner.ID, o.route, strings.Trim(o.key, `"`)}
	if actor := o.buyer.Actor(); actor != "" {
		parts = append(parts, actor)
	}
	key := digest(parts...)
	now := c.Now()
	mine := subscription.Reservation{
		Holder: rand.Text(), Fingerprint: digest(string(o.body)),
		At: now, LockedUntil: now.Add(lockReply), ExpiresAt: now.Add(keepReply),
	}
	existing, reserved, err := c.Idempotency.ReserveKey(r.Context(), o.buyer.Owner.Scope, key, mine)
	switch {
	case err != nil:
		return err
	case reserved:
		if err := c.Quota.take(o.buyer.Owner, now); err != nil {
			return errors.Join(err, c.finish(r, o, key, mine.Holder, nil))
		}
		return c.first(w, r, o, key, mine.Holder)
	case existing.Fingerprint != mine.Fingerprint:
		return invalidKey("The key was used with another request", "idempotency_key_reused")
	case existing.Reply == nil:
		return httperr.New(http.StatusConflict, httperr.CodeConflict, "A request with this Idempotency-Key is in progress.")
	}
	w.Header().Set("Content-Type", existing.Reply.ContentType)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Idempotent-Replayed", "true")
	w.WriteHeader(existing.Reply.Status)
	_, _ = w.Write(existing.Reply.Body) // the client has gone; there is nobody left to tell
	return nil
}

// first serves the request that holds the key, and keeps the answer unless it was one to try again.
func (c *Config) first(w http.ResponseWriter, r *http.Request, o once, key, holder string) error {
	rec := &recorder{ResponseWriter: w, status: http.StatusOK}
	if err := o.serve(rec); err != nil {
		c.Fail(rec, r, o.buyer.Owner.Scope, err)
	}
	var reply *subscription.Reply
	if rec.status < 500 && rec.status != http.StatusTooManyRequests && rec.status != http.StatusConflict {
		reply = &subscription.Reply{Status: rec.status, ContentType: rec.Header().Get("Content-Type"), Body: rec.body.Bytes()}
	}
	if err := c.finish(r, o, key, holder, reply); err != nil {
		err = errors.Join(errors.New("the answer to an idempotent request could not be kept"), err)
		if reply != nil {
			return err // an answer that can't be repeated is none: the client has to ask again
		}
		c.Logger.ErrorContext(r.Context(), "idempotency key not released", "error", err)
	}
	w.WriteHeader(rec.status)
	_, _ = w.Write(rec.body.Bytes()) // the client has gone; there is nobody left to tell
	return nil
}

// finish keeps the answer, or gives the key back when there is none to keep. A store that is away for a moment is waited
// for. The work is done: its answer is kept even if the client has gone.
func (c *Config) finish(r *http.Request, o once, key, holder string, reply *subscription.Reply) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), keepLimit)
	defer cancel()
	for {
		err := c.Idempotency.FinishKey(ctx, o.buyer.Owner.Scope, key, holder, reply)
		if err == nil {
			return nil
		}
		if sleep.For(ctx, keepPause) != nil {
			return err
		}
	}
}

func invalidKey(msg, kind string) error {
	return invalid(httperr.Field{Loc: []string{"header", "Idempotency-Key"}, Msg: msg, Type: kind})
}

// digest is a SHA-256 over the parts, which can't run into each other.
func digest(parts ...string) string {
	h := sha256.New()
	for _, part := range parts {
		sum := sha256.Sum256([]byte(part))
		h.Write(sum[:])
	}
	return hex.EncodeToString(h.Sum(nil))
}

// recorder holds an answer back until it has been kept; headers go straight to the real writer.
type recorder struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

func (r *recorder) WriteHeader(status int)         { r.status = status }
func (r *recorder) Write(data []byte) (int, error) { return r.body.Write(data) }
