package stripetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
)

// cliSocket is where "stripe listen" connects to.
const cliSocket = "/v1/stripecli/websocket"

// cliSession lets one "stripe listen" of the official Stripe CLI connect. The CLI keeps one as long as it runs, over
// several connections. See https://docs.stripe.com/cli/listen.
type cliSession struct {
	id, secret string
	forwards   bool // to a URL, and tells what that answered
}

// cliConn is a connected "stripe listen". It stands in for the HTTP client that delivers to other endpoints: the fake signs,
// the CLI forwards, and reports the answer.
type cliConn struct {
	session *cliSession
	socket  *websocket

	mu      sync.Mutex
	answers map[string]chan int // the status of each delivery that is under way, by its conversation
	gone    chan struct{}       // closed with the connection
}

func listenOperations() []operation {
	return []operation{
		{"POST", "/v1/stripecli/sessions", fields{
			"device_name": text.must(), "websocket_features": texts, "filters": text, "forward_to_url": text.orEmpty(),
			"forward_connect_to_url": text.orEmpty(), "forward_thin_to_url": text.orEmpty(), // of these, none are sent
			"forward_thin_connect_to_url": text.orEmpty(),
		}, createCLISession},
		{"POST", "/v1/events/{id}/retry", fields{
			"for_stripecli": boolean, "account": unsupported, "webhook_endpoint": unsupported,
		}, retryEvent},
	}
}

func createCLISession(a *Account, r *request) (any, error) {
	session := &cliSession{id: newID("cliws_"), secret: newID("whsec_"), forwards: r.params.str("forward_to_url") != ""}
	a.cliSessions = append(a.cliSessions, session)
	return doc{
		"default_version": string(apiVersion), "latest_version": string(apiVersion), "device_token": "",
		"display_connect_filter_warning": false, "reconnect_delay": 24 * 60 * 60, "secret": session.secret,
		"websocket_authorized_feature": "webhooks", "websocket_id": session.id,
		"websocket_url": strings.Replace(a.srv.URL, "http", "ws", 1) + cliSocket,
	}, nil
}

// retryEvent is "stripe events resend": to the CLIs that listen, or to every endpoint.
func retryEvent(a *Account, r *request) (any, error) {
	e, ok := find[*Event](a, r.id())
	if !ok {
		return nil, missing("event", r.id(), "id")
	}
	a.enqueueFor(e, func(endpoint *Endpoint) bool { return !r.params.truth("for_stripecli") || endpoint.cli != nil })
	return e.render(a, apiVersion), nil
}

// serveCLI serves the connection of a CLI until either end closes it. The session's id is what authorizes it.
func (s *Server) serveCLI(w http.ResponseWriter, r *http.Request) {
	account, session := s.cliSession(r.Header.Get("Websocket-Id"))
	if session == nil {
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = io.WriteString(w, `{"error":{"message":"Unknown WebSocket ID."}}`) // the CLI knows these words
		return
	}
	socket, err := upgrade(w, r)
	if err != nil {
		s.opts.Logf("stripetest: stripe listen: %v", err)
		return
	}
	stop := context.AfterFunc(s.ctx, func() { _ = socket.conn.Close() }) //nolint:contextcheck // the server's end ends it
	defer stop()
	defer func() { _ = socket.conn.Close() }()
	conn := &cliConn{session: session, socket: socket, answers: map[string]chan int{}, gone: make(chan struct{})}
	defer close(conn.gone)
	endpoint := newEndpoint(account, Webhook{
		URL: "stripe listen", Secrets: []string{session.secret}, Version: apiVersion, Events: []string{"*"},
	})
	endpoint.cli = conn
	if err := account.register(endpoint, 1); err != nil {
		return
	}
	defer endpoint.Remove()
	err = socket.accept()
	if err == nil {
		err = conn.readAnswers()
	}
	if !errors.Is(err, io.EOF) && s.ctx.Err() == nil {
		s.opts.Logf("stripetest: stripe listen: %v", err)
	}
}

func (s *Server) cliSession(id string) (*Account, *cliSession) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.accounts {
		for _, session := range a.cliSessions {
			if session.id == id {
				return a, session
			}
		}
	}
	return nil, nil
}

// readAnswers hands what the CLI reports to the deliveries that wait for it, until the connection ends.
func (c *cliConn) readAnswers() error {
	for {
		message, err := c.socket.read()
		if err != nil {
			return err
		}
		var answer struct {
			Type         string `json:"type"` // "event_ack" on arrival, "webhook_response" after forwarding
			Conversation string `json:"webhook_conversation_id"`
			Status       int    `json:"status"`
		}
		if err := json.Unmarshal(message, &answer); err != nil {
			return fmt.Errorf("stripetest: %w", err)
		}
		if answer.Type == "event_ack" && !c.session.forwards {
			answer.Type, answer.Status = "webhook_response", http.StatusOK
		}
		c.mu.Lock()
		if waiting := c.answers[answer.Conversation]; waiting != nil && answer.Type == "webhook_response" {
			waiting <- answer.Status
			delete(c.answers, answer.Conversation)
		}
		c.mu.Unlock()
	}
}

// deliver sends one signed event through the CLI and returns the status that the application answered.
func (c *cliConn) deliver(ctx context.Context, body []byte, header http.Header) (int, error) {
	headers := map[string]string{}
	for name := range header {
		headers[name] = header.Get(name)
	}
	conversation := newID("wc_")
	message, err := json.Marshal(doc{
		"type": "webhook_event", "endpoint": doc{"api_version": nil}, "event_payload": string(body), "http_headers": headers,
		"webhook_conversation_id": conversation, "webhook_id": c.session.id,
	})
	if err != nil {
		return 0, fmt.Errorf("stripetest: %w", err)
	}
	answer := make(chan int, 1)
	c.mu.Lock()
	c.answers[conversation] = answer
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.answers, conversation)
	}()
	if err := c.socket.write(opText, message); err != nil {
		return 0, err
	}
	select {
	case status := <-answer:
		return status, nil
	case <-c.gone:
		return 0, fmt.Errorf("%w: stripe listen has ended", ErrState)
	case <-ctx.Done():
		return 0, fmt.Errorf("stripetest: %w", context.Cause(ctx))
	}
}
