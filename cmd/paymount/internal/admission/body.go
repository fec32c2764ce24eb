package admission

import (
	"bytes"
	"errors"
	"io"
	"os"
)

// firstBuffer is the size of a buffer that is not counted: the connection itself takes more.
const firstBuffer = 512

var errBusy = errors.New("admission: too much at once")

// body is what has been read of a request's body. Its buffer grows with what arrives, not with what the client has announced:
// a client that sends nothing takes nothing.
type body struct {
	limit int64
	take  func(n int64) bool
	taken int64
	data  []byte
}

// from reads until the end, or until there is more than the limit, and reports whether that is the whole.
func (b *body) from(r io.Reader) (whole bool, err error) {
	b.data = make([]byte, 0, firstBuffer)
	for int64(len(b.data)) <= b.limit {
		if len(b.data) == cap(b.data) && !b.grow() {
			return false, errBusy
		}
		n, err := r.Read(b.data[len(b.data):cap(b.data)])
		b.data = b.data[:len(b.data)+n]
		if errors.Is(err, io.EOF) {
			return true, nil
		}
		if err != nil {
			return false, err
		}
	}
	return false, nil
}

func (b *body) grow() bool {
	more := int64(cap(b.data))
	if !b.take(more) {
		return false
	}
	b.taken += more
	b.data = append(make([]byte, 0, 2*cap(b.data)), b.data...)
	return true
}

// arrived is a body of which the first part is in memory.
type arrived struct {
	io.Reader
	io.Closer
}

// then is the body for the handler: what has been read, and the rest.
func (b *body) then(rest io.ReadCloser) io.ReadCloser {
	return arrived{io.MultiReader(bytes.NewReader(b.data), rest), rest}
}

func isTimeout(err error) bool { return errors.Is(err, os.ErrDeadlineExceeded) }
