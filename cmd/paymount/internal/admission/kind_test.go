package admission

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// kind is one with room for few requests, whose key is the first part of the path.
func kind(places, bytes int64) Kind {
	return Kind{
		Places: NewShare(2*places, places), Bytes: NewShare(2*bytes, bytes), MaxBody: 64 << 10, Within: time.Minute,
		Key: func(r *http.Request) string { return r.URL.Path },
	}
}

func call(t *testing.T, handler http.Handler, path string, body io.Reader) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, body))
	return w
}

func TestRequestsBeyondTheLimitAreToldToComeAgain(t *testing.T) {
	t.Parallel()
	entered, leave := make(chan struct{}), make(chan struct{})
	handler := kind(2, 1<<20).Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		entered <- struct{}{}
		<-leave
		w.WriteHeader(http.StatusNoContent)
	}))
	served := make(chan int)
	enter := func(path string) {
		go func() { served <- call(t, handler, path, http.NoBody).Code }()
		<-entered
	}
	enter("/a")
	enter("/a")
	if w := call(t, handler, "/a", http.NoBody); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") != "1" {
		t.Errorf("the third is answered with %d, Retry-After %q", w.Code, w.Header().Get("Retry-After"))
	}
	enter("/b") // has room of its own
	leave <- struct{}{}
	if code := <-served; code != http.StatusNoContent {
		t.Errorf("the first is answered with %d", code)
	}
	enter("/b") // room for one more, of the two keys together at most four
	close(leave)
	for range 3 {
		if code := <-served; code != http.StatusNoContent {
			t.Errorf("answered with %d", code)
		}
	}
}

func TestTheHandlerGetsTheBodyWhole(t *testing.T) {
	t.Parallel()
	k := kind(1, 1<<20)
	handler := k.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(w, r.Body); err != nil {
			t.Error(err)
		}
	}))
	for _, size := range []int64{
		0, 1, firstBuffer - 1, firstBuffer, firstBuffer + 1, k.MaxBody - 1, k.MaxBody, k.MaxBody + 1, 3 * k.MaxBody,
	} {
		sent := strings.Repeat("x", int(size))
		if got := call(t, handler, "/a", strings.NewReader(sent)); got.Body.String() != sent {
			t.Errorf("of %d bytes %d arrive: status %d", size, got.Body.Len(), got.Code)
		}
	}
	if k.Bytes.taken != 0 {
		t.Errorf("%d bytes were not given back", k.Bytes.taken)
	}
}

func TestBodiesAreCountedAsTheyArriveAndUpToTheBudget(t *testing.T) {
	t.Parallel()
	k := kind(9, 8<<10)
	entered, leave := make(chan struct{}), make(chan struct{})
	handler := k.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { entered <- struct{}{}; <-leave }))
	large := func() io.Reader { return strings.NewReader(strings.Repeat("x", 5<<10)) }
	served := make(chan int)
	go func() { served <- call(t, handler, "/a", large()).Code }()
	<-entered
	if w := call(t, handler, "/a", large()); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") != "1" {
		t.Errorf("a second large body is answered with %d", w.Code)
	}
	for path, sent := range map[string]io.Reader{"/a": strings.NewReader("small"), "/b": large()} {
		go func() { served <- call(t, handler, path, sent).Code }()
		<-entered
	}
	close(leave)
	for range 3 {
		if code := <-served; code != http.StatusOK {
			t.Errorf("answered with %d", code)
		}
	}
	if k.Bytes.taken != 0 {
		t.Errorf("%d bytes were not given back", k.Bytes.taken)
	}
}

// connect sends the head of a request and returns the connection once the server asks for the body.
func connect(t *testing.T, server *httptest.Server, path string) (net.Conn, *bufio.Reader) {
	t.Helper()
	c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	head := "POST " + path + " HTTP/1.1\r\nHost: test\r\nContent-Length: 1000\r\nExpect: 100-continue\r\n\r\n"
	if _, err := io.WriteString(c, head); err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(c)
	if line, err := r.ReadString('\n'); err != nil || !strings.Contains(line, " 100 ") {
		t.Fatalf("the server answers %q, %v", line, err)
	}
	if _, err := r.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	return c, r
}

func TestClientsThatSendNothingHoldNoPlace(t *testing.T) {
	t.Parallel()
	k := kind(1, 1<<20)
	server := httptest.NewServer(k.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})))
	t.Cleanup(server.Close)
	for range 3 {
		connect(t, server, "/a")
	}
	if w := call(t, server.Config.Handler, "/a", strings.NewReader("{}")); w.Code != http.StatusOK {
		t.Errorf("a request beside three idle ones is answered with %d", w.Code)
	}
	server.CloseClientConnections()
}

func TestABodyThatDoesNotArriveInTimeIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	k := kind(1, 1<<20)
	k.Within = 50 * time.Millisecond
	server := httptest.NewServer(k.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("the handler is asked")
	})))
	t.Cleanup(server.Close)
	c, r := connect(t, server, "/a")
	if _, err := c.Write([]byte("a part")); err != nil {
		t.Fatal(err)
	}
	answer, err := http.ReadResponse(r, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusRequestTimeout || !answer.Close {
		t.Errorf("the answer is %s, closing: %t", answer.Status, answer.Close)
	}
}

func TestARequestOutlivesTheTimeInWhichItWasRead(t *testing.T) {
	t.Parallel()
	k := kind(1, 1<<20)
	k.Within = 50 * time.Millisecond
	server := httptest.NewUnstartedServer(k.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done(): // which the server does once it can't read on
			w.WriteHeader(http.StatusInternalServerError)
		case <-time.After(4 * k.Within):
		}
	})))
	server.Config.ReadTimeout = k.Within
	server.Start()
	t.Cleanup(server.Close)
	for _, sent := range []io.Reader{http.NoBody, strings.NewReader("{}")} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, sent)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := server.Client().Do(request)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			t.Errorf("the answer is %s", answer.Status)
		}
	}
}
