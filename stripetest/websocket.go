package stripetest

import (
	"bufio"
	"crypto/sha1" //nolint:gosec // what RFC 6455 asks for; nothing rests on it
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// websocket is the server's end of a connection as RFC 6455 describes it, with what the Stripe CLI needs of it: text
// messages both ways, pings answered, no extensions. One goroutine may read, any number may write.
type websocket struct {
	conn   net.Conn
	reader *bufio.Reader
	key    string
	mu     sync.Mutex // one frame at a time
}

// The opcodes of RFC 6455, section 5.2.
const (
	opContinuation, opText, opClose, opPing, opPong = 0, 1, 8, 9, 10

	finalFrame, maskedFrame = 0x80, 0x80
)

// websocketPatience is how long the other end may be silent or slow. The Stripe CLI pings every few seconds.
const websocketPatience = time.Minute

var errWebsocket = errors.New("stripetest: websocket")

// upgrade turns a request into a websocket, on which accept has to be called. Until then writes wait, so that nothing is
// missed between the other end's learning of the connection and the first message. When it fails, the request is answered.
func upgrade(w http.ResponseWriter, r *http.Request) (*websocket, error) {
	key := r.Header.Get("Sec-WebSocket-Key")
	if !strings.EqualFold(r.Header.Get("Upgrade"), "websocket") || r.Header.Get("Sec-WebSocket-Version") != "13" || key == "" {
		http.Error(w, "want a websocket", http.StatusUpgradeRequired)
		return nil, fmt.Errorf("%w: no handshake", errWebsocket)
	}
	conn, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, "cannot upgrade", http.StatusInternalServerError)
		return nil, fmt.Errorf("%w: %w", errWebsocket, err)
	}
	s := &websocket{conn: conn, reader: buffered.Reader, key: key}
	s.mu.Lock()
	return s, nil
}

// accept ends the handshake.
func (s *websocket) accept() error {
	defer s.mu.Unlock()
	sum := sha1.Sum([]byte(s.key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")) //nolint:gosec // see the import
	_, err := fmt.Fprintf(s.conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Accept: %s\r\n\r\n", base64.StdEncoding.EncodeToString(sum[:]))
	if err != nil {
		return fmt.Errorf("%w: %w", errWebsocket, err)
	}
	return nil
}

// read returns the next text message. It answers pings, and ends with io.EOF when the other end closes.
func (s *websocket) read() ([]byte, error) {
	var message []byte
	for {
		opcode, final, payload, err := s.readFrame()
		if err != nil {
			return nil, err
		}
		switch opcode {
		case opPing:
			err = s.write(opPong, payload)
		case opClose:
			return nil, errors.Join(io.EOF, s.write(opClose, nil))
		case opText, opContinuation:
			message = append(message, payload...)
			if len(message) > maxBody {
				return nil, fmt.Errorf("%w: message too long", errWebsocket)
			}
			if final {
				return message, nil
			}
		}
		if err != nil {
			return nil, err
		}
	}
}

// readFrame reads one frame of a client, whose payload is masked: section 5.2.
func (s *websocket) readFrame() (opcode byte, final bool, payload []byte, err error) {
	if err := s.conn.SetReadDeadline(time.Now().Add(websocketPatience)); err != nil {
		return 0, false, nil, fmt.Errorf("%w: %w", errWebsocket, err)
	}
	var head [2]byte
	if _, err := io.ReadFull(s.reader, head[:]); err != nil {
		return 0, false, nil, fmt.Errorf("%w: %w", errWebsocket, err)
	}
	size := uint64(head[1] &^ maskedFrame)
	if more := map[uint64]int{126: 2, 127: 8}[size]; more > 0 {
		var long [8]byte
		if _, err := io.ReadFull(s.reader, long[8-more:]); err != nil {
			return 0, false, nil, fmt.Errorf("%w: %w", errWebsocket, err)
		}
		size = binary.BigEndian.Uint64(long[:])
	}
	if head[1]&maskedFrame == 0 || size > maxBody {
		return 0, false, nil, fmt.Errorf("%w: frame not masked or too long", errWebsocket)
	}
	frame := make([]byte, 4+size) // the mask, then the payload
	if _, err := io.ReadFull(s.reader, frame); err != nil {
		return 0, false, nil, fmt.Errorf("%w: %w", errWebsocket, err)
	}
	payload = frame[4:]
	for i := range payload {
		payload[i] ^= frame[i%4]
	}
	return head[0] & 0x0f, head[0]&finalFrame != 0, payload, nil
}

// write sends one message in one frame.
func (s *websocket) write(opcode byte, payload []byte) error {
	frame := []byte{finalFrame | opcode}
	switch size := len(payload); {
	case size < 126:
		frame = append(frame, byte(size))
	case size <= 0xffff:
		frame = binary.BigEndian.AppendUint16(append(frame, 126), uint16(size))
	default:
		frame = binary.BigEndian.AppendUint64(append(frame, 127), uint64(size))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.conn.SetWriteDeadline(time.Now().Add(websocketPatience)); err != nil {
		return fmt.Errorf("%w: %w", errWebsocket, err)
	}
	if _, err := s.conn.Write(append(frame, payload...)); err != nil {
		return fmt.Errorf("%w: %w", errWebsocket, err)
	}
	return nil
}
