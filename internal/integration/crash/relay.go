//go:build linux

package crash

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// when says at which moment of a statement a trap springs.
type when int

const (
	// before: the database never sees the statement, and the connection is cut.
	before when = iota
	// after: the database has executed it, and the connection is cut before the answer comes.
	after
	// during: the statement waits until the trap's work is done, and goes on.
	during
)

func (w when) String() string { return [...]string{"before", "after", "during"}[w] }

// trap is work to be done at a statement.
type trap struct {
	at   int // the number of the statement from now on, counted from 1
	when when
	work func() // runs while the connection waits
}

// relay stands between one server and its Postgres, and counts statements: the messages Execute and Query of the protocol
// (https://www.postgresql.org/docs/current/protocol-message-formats.html). The connections must not be encrypted.
type relay struct {
	target   string
	listener net.Listener
	stopped  context.CancelFunc
	ctx      context.Context //nolint:containedctx // the relay's life, which its connections share
	workers  sync.WaitGroup

	mu         sync.Mutex
	statements int
	armed      *trap
}

// startRelay listens on a free port of 127.0.0.1 until stop is called.
func startRelay(ctx context.Context, target string) (*relay, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r := &relay{target: target, listener: listener}
	r.ctx, r.stopped = context.WithCancel(context.WithoutCancel(ctx))
	r.workers.Go(r.accept)
	return r, nil
}

func (r *relay) address() string { return r.listener.Addr().String() }

func (r *relay) stop() {
	r.stopped()
	_ = r.listener.Close() // the accepting goroutine ends with it
	r.workers.Wait()
}

// arm sets the trap and begins to count anew. A trap that has not sprung is forgotten.
func (r *relay) arm(t *trap) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.statements, r.armed = 0, t
}

// next counts a statement and returns the trap that is set for it, or nil.
func (r *relay) next() *trap {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.statements++
	if r.armed == nil || r.armed.at != r.statements {
		return nil
	}
	t := r.armed
	r.armed = nil
	return t
}

func (r *relay) accept() {
	for {
		client, err := r.listener.Accept()
		if err != nil {
			return
		}
		r.workers.Go(func() { r.connect(client) })
	}
}

func (r *relay) connect(client net.Conn) {
	defer client.Close() //nolint:errcheck // both sides are done
	dialer := net.Dialer{Timeout: 5 * time.Second}
	server, err := dialer.DialContext(r.ctx, "tcp4", r.target)
	if err != nil {
		return
	}
	defer server.Close() //nolint:errcheck // both sides are done
	stop := context.AfterFunc(r.ctx, func() { _, _ = client.Close(), server.Close() })
	defer stop()
	w := &wire{relay: r, client: client, server: server}
	var back sync.WaitGroup
	back.Go(w.answers)
	if w.requests() != nil {
		_ = client.Close() // the trap has sprung: nothing more may pass
		_ = server.Close()
	} else if half, ok := server.(*net.TCPConn); ok {
		_ = half.CloseWrite() // the client has gone; what it has sent is still executed
	}
	back.Wait()
}

// wire is one connection.
type wire struct {
	relay          *relay
	client, server net.Conn
	// lost is the trap that waits for the database's answer, which the client is not to get.
	lost atomic.Pointer[trap]
}

var errCut = errors.New("the trap cuts the connection")

// requests passes on what the client sends. It returns nil when the client has gone.
func (w *wire) requests() error {
	in, out := bufio.NewReader(w.client), bufio.NewWriter(w.server)
	kind := byte(0) // the first message has none
	for {
		if kind == 'E' || kind == 'Q' {
			if err := w.statement(); err != nil {
				return err
			}
		}
		if err := copyMessage(in, out, kind); err != nil {
			return nil //nolint:nilerr // one side has gone, and so does the other
		}
		if in.Buffered() == 0 {
			if err := out.Flush(); err != nil {
				return nil //nolint:nilerr // as above
			}
		}
		next, err := in.ReadByte()
		if err != nil {
			return nil //nolint:nilerr // as above
		}
		kind = next
	}
}

// copyMessage copies the rest of a message whose kind has been read: its length, which counts itself, and its body.
func copyMessage(in *bufio.Reader, out *bufio.Writer, kind byte) error {
	head := make([]byte, 4)
	if _, err := io.ReadFull(in, head); err != nil {
		return err
	}
	if kind != 0 {
		if err := out.WriteByte(kind); err != nil {
			return err
		}
	}
	if _, err := out.Write(head); err != nil {
		return err
	}
	_, err := io.CopyN(out, in, int64(binary.BigEndian.Uint32(head))-4)
	return err
}

func (w *wire) statement() error {
	t := w.relay.next()
	if t == nil {
		return nil
	}
	switch t.when {
	case after:
		w.lost.Store(t)
		return nil
	case before, during:
		t.work()
	}
	if t.when == before {
		return errCut
	}
	return nil
}

// answers passes on what the database answers. Answers are small, so that the first part of one comes after the commit.
func (w *wire) answers() {
	defer w.client.Close() //nolint:errcheck // the connection is done
	buffer := make([]byte, 32<<10)
	for {
		n, err := w.server.Read(buffer)
		if t := w.lost.Load(); t != nil {
			t.work()
			return
		}
		if err != nil {
			return
		}
		if _, err := w.client.Write(buffer[:n]); err != nil {
			_, _ = io.Copy(io.Discard, w.server) // the database finishes what it was told
			return
		}
	}
}
