package bearer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"time"
)

const (
	// loadTimeout bounds one load, and so for how long a request waits for one.
	loadTimeout = 5 * time.Second
	// maxJWKSSize bounds the answer, in bytes after decompression.
	maxJWKSSize = 1 << 20
)

// load puts the JWK Set into force when it is good.
func (k *remoteKeys) load(ctx context.Context) {
	k.begin()
	set, out, err := k.fetch(ctx)
	changed := err == nil && k.take(set)
	before := k.end(err)
	if changed {
		k.logger.InfoContext(ctx, "signing keys have changed",
			"keys", len(set.fingerprints), "left_out", out.count, "reason", out.first)
	}
	switch {
	case ctx.Err() != nil: // not a failure: the host shuts down
	case err != nil && before == nil:
		k.logger.ErrorContext(ctx, "signing keys can't be loaded, trying again",
			"error", err, "have_keys", k.fresh(k.now()) != nil)
	case err == nil && before != nil:
		k.logger.InfoContext(ctx, "signing keys can be loaded again")
	}
}

// take puts a set into force and reports whether it is another one than before. The same keys once more stay the same
// *keySet, so that the tokens which they have verified are still known.
func (k *remoteKeys) take(set *keySet) (changed bool) {
	latest := k.latest.Load()
	changed = latest == nil || !slices.Equal(latest.set.fingerprints, set.fingerprints)
	if !changed {
		set = latest.set
	}
	k.latest.Store(&loadedSet{set, k.now()})
	return changed
}

// maxRedirects is how many redirects net/http follows by default.
const maxRedirects = 10

// keepTLS returns a client that follows no redirect from https to plain http, where anybody on the way could put in keys of
// their own.
func keepTLS(client *http.Client) *http.Client {
	kept := *client
	kept.CheckRedirect = func(next *http.Request, via []*http.Request) error {
		switch {
		case next.URL.Scheme != "https" && via[len(via)-1].URL.Scheme == "https":
			return errors.New("redirected from https to plain http")
		case client.CheckRedirect != nil:
			return client.CheckRedirect(next, via)
		case len(via) >= maxRedirects:
			return fmt.Errorf("redirected more than %d times", maxRedirects)
		}
		return nil
	}
	return &kept
}

func (k *remoteKeys) fetch(ctx context.Context) (*keySet, leftOut, error) {
	ctx, cancel := context.WithTimeout(ctx, loadTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, k.url, http.NoBody)
	if err != nil {
		return nil, leftOut{}, err
	}
	request.Header.Set("Accept", "application/jwk-set+json, application/json")
	response, err := k.client.Do(request)
	if err != nil {
		var withURL *url.Error
		if errors.As(err, &withURL) {
			err = withURL.Err // a URL can hold an access key, and the error is for the log
		}
		return nil, leftOut{}, fmt.Errorf("JWK Set: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, leftOut{}, fmt.Errorf("JWK Set: answered with status %d", response.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxJWKSSize+1))
	if err != nil {
		return nil, leftOut{}, fmt.Errorf("JWK Set: %w", err)
	}
	if len(body) > maxJWKSSize {
		return nil, leftOut{}, fmt.Errorf("JWK Set: larger than %d bytes", maxJWKSSize)
	}
	return parseKeySet(ctx, body, k.algorithms)
}
