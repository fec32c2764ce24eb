//go:build linux

package crash

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"time"
)

const (
	// requestLimit is how long a request may hang before it counts as a failure of its own: more than any endpoint works.
	requestLimit = 60 * time.Second
	// patience is for how long a client tries in all.
	patience = 90 * time.Second
	// conflicts is how often a client tries again while its Idempotency-Key is in flight.
	conflicts = 2
)

// request is what a client wants.
type request struct {
	user, method, path string
	body               map[string]any
	key                string // the Idempotency-Key, or none
	first              int    // the replica that is asked first
}

// answer is what a client got in the end. Its status is 0 when it has given up.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a answer) String() string { return fmt.Sprintf("%d %s", a.status, bytes.TrimSpace(a.body)) }

func (a answer) field(name string) string {
	var fields map[string]any
	_ = json.Unmarshal(a.body, &fields) // what is no object has no fields
	text, _ := fields[name].(string)
	return text
}

// send makes a request as real clients do: it goes to the other server when one can't be reached, and comes back when it
// is told to.
func (w *world) send(ctx context.Context, r request) answer {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	last, busy := answer{}, 0
	for try := r.first; ctx.Err() == nil; try++ {
		a, err := w.once(ctx, w.replicas[try%len(w.replicas)], r)
		if err != nil {
			w.figures.unanswered.Add(1)
			if os.IsTimeout(err) && ctx.Err() == nil {
				w.divergef("%s %s of %s hangs: %v", r.method, r.path, r.user, err)
			}
			pause(ctx, 50*time.Millisecond)
			continue
		}
		wait, again := w.comeBack(r, a)
		if last = a; !again {
			return a
		}
		if a.status == http.StatusConflict {
			busy++
		}
		if busy > conflicts {
			return a
		}
		pause(ctx, wait)
	}
	last.status = 0
	return last
}

// comeBack reads from an answer whether and when to try again.
func (w *world) comeBack(r request, a answer) (time.Duration, bool) {
	switch a.status {
	case http.StatusServiceUnavailable, http.StatusTooManyRequests:
		seconds, err := strconv.Atoi(a.header.Get("Retry-After"))
		if err != nil || seconds < 1 {
			w.divergef("%s %s is answered %s without Retry-After", r.method, r.path, a)
			seconds = 1
		}
		return time.Duration(seconds) * time.Second, true
	case http.StatusConflict:
		return time.Second, r.key != ""
	}
	return 0, false
}

// once sends a request to one replica.
func (w *world) once(ctx context.Context, replica *replica, r request) (answer, error) {
	var body io.Reader
	if r.body != nil {
		data, err := json.Marshal(r.body)
		if err != nil {
			return answer{}, err
		}
		body = bytes.NewReader(data)
	}
	ctx, cancel := context.WithTimeout(ctx, requestLimit)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, r.method, replica.url+r.path, body)
	if err != nil {
		return answer{}, err
	}
	request.Header.Set("Authorization", "Bearer "+token(r.user))
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if r.key != "" {
		request.Header.Set("Idempotency-Key", r.key)
	}
	w.figures.requests.Add(1)
	response, err := w.client.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		return answer{}, err
	}
	return answer{response.StatusCode, response.Header, data}, nil
}

// token is an access token of a user (RFC 7519, HS256).
func token(user string) string {
	claims, err := json.Marshal(map[string]any{
		"sub": user, "email": user + "@example.com", "project_id": projectID, "type": "access", "exp": time.Now().Add(time.Hour).Unix(),
	})
	if err != nil {
		return ""
	}
	encode := base64.RawURLEncoding.EncodeToString
	signed := encode([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + encode(claims)
	mac := hmac.New(sha256.New, []byte(tokenSecret))
	mac.Write([]byte(signed))
	return signed + "." + encode(mac.Sum(nil))
}
