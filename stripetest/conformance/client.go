package conformance

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	version   = "2023-10-16"
	maxBody   = 4 << 20
	maxTries  = 7 // of a call that meets the rate limit
	firstWait = time.Second
)

// client calls the API, not faster than its pace.
type client struct {
	cfg  *Config
	next time.Time // before which no call is made
}

// call makes one call, and makes it again when it meets the rate limit. headers override the usual ones.
func (c *client) call(ctx context.Context, method, path string, form url.Values, headers http.Header) (answer, error) {
	wait := firstWait
	for try := 1; ; try++ {
		out, err := c.once(ctx, method, path, form, headers)
		if err != nil || out.status != http.StatusTooManyRequests || try == maxTries {
			return out, err
		}
		if seconds, err := strconv.Atoi(out.header.Get("Retry-After")); err == nil && seconds >= 0 {
			wait = time.Duration(seconds) * time.Second
		}
		if err := sleep(ctx, wait); err != nil {
			return answer{}, err
		}
		wait *= 2
	}
}

func (c *client) once(ctx context.Context, method, path string, form url.Values, headers http.Header) (answer, error) {
	if err := sleep(ctx, time.Until(c.next)); err != nil {
		return answer{}, err
	}
	c.next = time.Now().Add(c.cfg.Pace)
	target, body := c.cfg.BaseURL+path, ""
	if method == http.MethodPost {
		body = form.Encode()
	} else if len(form) > 0 {
		target += "?" + form.Encode()
	}
	r, err := http.NewRequestWithContext(ctx, method, target, strings.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	r.Header.Set("Authorization", "Bearer "+c.cfg.Key)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Stripe-Version", version)
	maps.Copy(r.Header, headers)
	resp, err := c.cfg.HTTPClient.Do(r)
	if err != nil {
		return answer{}, fmt.Errorf("%s %s was not answered: %w", method, path, err)
	}
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	_ = resp.Body.Close() // all that is wanted of it has been read
	if err != nil {
		return answer{}, fmt.Errorf("%s %s: the answer broke off: %w", method, path, err)
	}
	out := answer{call: method + " " + path, status: resp.StatusCode, header: resp.Header}
	decoder := json.NewDecoder(strings.NewReader(string(raw)))
	decoder.UseNumber()
	if err := decoder.Decode(&out.body); err != nil {
		return answer{}, fmt.Errorf("%s %s: status %d without JSON", method, path, resp.StatusCode)
	}
	return out, nil
}

// sleep waits, unless the context ends first.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
