package oidc_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/url"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/paymount/paymount/auth/bearer"
)

const (
	// clientID and its secret are those of testdata/provider/server.mjs.
	clientID     = "ada"
	clientSecret = "secret"
	// lifetime bounds what runs outside of this process.
	lifetime = 2 * time.Minute
)

// provider is an identity provider that runs on node. Each start gives it new keys.
type provider struct {
	folder string
	issuer string
	kill   context.CancelFunc
	ended  chan struct{}
}

// newProvider installs the provider and starts it at a free port. It ends with the test.
func newProvider(t *testing.T) *provider {
	t.Helper()
	p := &provider{folder: install(t)}
	p.start(t, "0")
	t.Cleanup(func() { p.stop() })
	return p
}

// install puts the provider with what it depends on into a folder of its own.
func install(t *testing.T) string {
	t.Helper()
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			lacks(t, program+" is missing")
		}
	}
	folder := t.TempDir()
	if err := os.CopyFS(folder, os.DirFS("testdata/provider")); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), lifetime)
	defer cancel()
	npm := exec.CommandContext(ctx, "npm", "ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund")
	npm.Dir = folder
	if out, err := npm.CombinedOutput(); err != nil {
		lacks(t, "npm ci: "+err.Error()+": "+string(out))
	}
	return folder
}

// lacks skips a test for want of something, or fails it in CI.
func lacks(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("NOT TESTED: %s", what)
	}
	t.Skipf("NOT TESTED: %s", what)
}

// start starts the server and waits until it listens.
func (p *provider) start(t *testing.T, port string) {
	t.Helper()
	ctx, kill := context.WithTimeout(context.WithoutCancel(t.Context()), lifetime)
	server := exec.CommandContext(ctx, "node", "server.mjs", port)
	server.Dir = p.folder
	var problems bytes.Buffer
	server.Stderr = &problems
	_, err := server.StdinPipe() // the server ends with it, so also when this process is killed
	if err != nil {
		t.Fatal(err)
	}
	output, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	p.kill, p.ended = kill, make(chan struct{})
	issuer := make(chan string, 1)
	go func(ended chan struct{}) {
		defer close(ended)
		line, _, _ := bufio.NewReader(output).ReadLine() // nothing, when the server can't start
		issuer <- string(line)
		_, _ = io.Copy(io.Discard, output)
		_ = server.Wait() // it is killed
	}(p.ended)
	if p.issuer = <-issuer; p.issuer == "" {
		p.stop()
		t.Fatalf("the identity provider does not start: %s", &problems)
	}
}

// stop ends the server, if it still runs, and waits for it.
func (p *provider) stop() {
	p.kill()
	<-p.ended
}

// restart starts the server again, at the same address.
func (p *provider) restart(t *testing.T) {
	t.Helper()
	u, err := url.Parse(p.issuer)
	if err != nil {
		t.Fatal(err)
	}
	p.start(t, u.Port())
}

// config is that of an API at host which accepts the provider's tokens.
func (p *provider) config(host string) bearer.Config {
	return bearer.Config{JWKSURL: p.issuer + "/jwks", Issuer: p.issuer, Audience: host}
}

// token returns a token for the API at host.
func (p *provider) token(t *testing.T, host, alg string) string {
	t.Helper()
	return requestToken(t, p.issuer+"/token", url.Values{
		"client_id": {clientID}, "client_secret": {clientSecret}, "grant_type": {"client_credentials"},
		"resource": {"https://" + host + "/" + alg},
	})
}
