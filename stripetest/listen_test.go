package stripetest_test

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/paymount/paymount/stripetest"
)

// listener is the other end of the connection that "stripe listen" makes.
type listener struct {
	t      *testing.T
	conn   net.Conn
	reader *bufio.Reader
	secret string
}

// listen opens a session and connects to it.
func listen(t *testing.T, srv *stripetest.Server) *listener {
	t.Helper()
	session := newClient(t, srv).post("/v1/stripecli/sessions", "device_name", "test", "websocket_features[]", "webhooks",
		"forward_to_url", "http://localhost/").ok()
	id, _ := session.at("websocket_id").(string)
	secret, _ := session.at("secret").(string)
	target, _ := session.at("websocket_url").(string)
	l, status := dial(t, target, id)
	if status != http.StatusSwitchingProtocols {
		t.Fatalf("the handshake is answered %d", status)
	}
	l.secret = secret
	return l
}

// dial makes the handshake of RFC 6455.
func dial(t *testing.T, target, id string) (l *listener, status int) {
	t.Helper()
	u, err := url.Parse(target)
	must(t, err)
	dialer := net.Dialer{Deadline: time.Now().Add(time.Minute)}
	conn, err := dialer.DialContext(t.Context(), "tcp", u.Host)
	must(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	must(t, conn.SetDeadline(time.Now().Add(time.Minute)))
	_, err = fmt.Fprintf(conn, "GET %s?websocket_feature=webhooks HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\n"+
		"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nWebsocket-Id: %s\r\n\r\n",
		u.Path, u.Host, id)
	must(t, err)
	l = &listener{t: t, conn: conn, reader: bufio.NewReader(conn)}
	response, err := http.ReadResponse(l.reader, nil)
	must(t, err)
	defer func() { must(t, response.Body.Close()) }()
	// The key and its answer are the example of RFC 6455, section 1.3.
	accept := response.Header.Get("Sec-WebSocket-Accept")
	if response.StatusCode == http.StatusSwitchingProtocols && accept != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" {
		t.Errorf("the handshake is accepted with %q", accept)
	}
	return l, response.StatusCode
}

// send writes one masked frame; head is the first byte of it.
func (l *listener) send(head byte, payload string) {
	l.t.Helper()
	mask := []byte{1, 2, 3, 4}
	frame := append(binary.BigEndian.AppendUint16([]byte{head, 0x80 | 126}, uint16(len(payload))), mask...)
	for i, c := range []byte(payload) {
		frame = append(frame, c^mask[i%4])
	}
	_, err := l.conn.Write(frame)
	must(l.t, err)
}

// receive reads one frame.
func (l *listener) receive() (opcode byte, payload []byte) {
	l.t.Helper()
	var head [2]byte
	_, err := io.ReadFull(l.reader, head[:])
	must(l.t, err)
	size := uint64(head[1])
	if size >= 126 {
		long := make([]byte, map[byte]int{126: 2, 127: 8}[head[1]])
		_, err = io.ReadFull(l.reader, long)
		must(l.t, err)
		size = binary.BigEndian.Uint64(append(make([]byte, 8-len(long)), long...))
	}
	payload = make([]byte, size)
	_, err = io.ReadFull(l.reader, payload)
	must(l.t, err)
	return head[0] & 0x0f, payload
}

// event reads one event and returns its id and the conversation to answer in.
func (l *listener) event() (id, conversation string) {
	l.t.Helper()
	var message struct {
		Type         string            `json:"type"`
		HTTPHeaders  map[string]string `json:"http_headers"`
		Payload      string            `json:"event_payload"`
		Conversation string            `json:"webhook_conversation_id"`
	}
	_, raw := l.receive()
	must(l.t, json.Unmarshal(raw, &message))
	signature := message.HTTPHeaders["Stripe-Signature"]
	at, _, _ := strings.Cut(strings.TrimPrefix(signature, "t="), ",")
	var seconds int64
	_, err := fmt.Sscan(at, &seconds)
	must(l.t, err)
	if want := stripetest.Sign([]byte(message.Payload), seconds, l.secret); message.Type != "webhook_event" || signature != want {
		l.t.Errorf("%s signed %q; want %q", message.Type, signature, want)
	}
	var event struct {
		ID string `json:"id"`
	}
	must(l.t, json.Unmarshal([]byte(message.Payload), &event))
	return event.ID, message.Conversation
}

func (l *listener) answer(conversation string, status int) {
	l.t.Helper()
	answer := fmt.Sprintf(`{"type":"webhook_response","webhook_conversation_id":%q,"status":%d}`, conversation, status)
	l.send(0x01, answer[:10]) // in two frames, as a long message comes
	l.send(0x80, answer[10:])
}

func TestAListeningCLIGetsEachEventOnceAndOnRequestAgain(t *testing.T) {
	t.Parallel()
	srv := stripetest.New(t)
	l := listen(t, srv)
	srv.AddCustomer("a@example.com")
	first, conversation := l.event()
	l.send(0x89, "ping")
	if opcode, payload := l.receive(); opcode != 10 || string(payload) != "ping" {
		t.Errorf("a ping is answered %d %q", opcode, payload)
	}
	l.answer(conversation, 500) // is not tried again
	must(t, srv.Settle(t.Context()))
	newClient(t, srv).post("/v1/events/"+first+"/retry", "for_stripecli", "true").ok()
	again, conversation := l.event()
	l.answer(conversation, 200)
	must(t, srv.Settle(t.Context()))
	attempts := srv.Attempts()
	if again != first || len(attempts) != 2 || attempts[0].Status != 500 || attempts[1].Status != 200 {
		t.Errorf("%s, then %s: %+v", first, again, attempts)
	}
	newClient(t, srv).post("/v1/events/evt_none/retry").refused(404, "resource_missing", "id")

	l.send(0x88, "")
	if opcode, _ := l.receive(); opcode != 8 {
		t.Errorf("a close is answered %d", opcode)
	}
	if _, err := l.reader.ReadByte(); err == nil {
		t.Error("the connection stays open after it was closed")
	}
}

func TestOnlyAKnownCLISessionConnects(t *testing.T) {
	t.Parallel()
	srv := stripetest.New(t)
	target := strings.Replace(srv.URL, "http", "ws", 1) + "/v1/stripecli/websocket"
	if _, status := dial(t, target, "cliws_none"); status != http.StatusUnauthorized {
		t.Errorf("an unknown session is answered %d; want 401", status)
	}
}
