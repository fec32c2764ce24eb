package project_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/paymount/paymount/project"
)

func TestStaticResolvesWhatItHolds(t *testing.T) {
	t.Parallel()
	static := project.Static{"p1": {project.ModeTest: credentials()}, "p2": {}}
	got, err := static.ResolveCredentials(t.Context(), "p1", project.ModeTest)
	if err != nil || got.SecretKey != secretKey {
		t.Fatalf("got %v, %v", got, err)
	}
	for _, unknown := range []struct {
		project string
		mode    project.Mode
	}{{"p1", project.ModeLive}, {"p2", project.ModeTest}, {"p3", project.ModeTest}, {"", project.ModeTest}, {"p1", ""}} {
		got, err := static.ResolveCredentials(t.Context(), unknown.project, unknown.mode)
		if !errors.Is(err, project.ErrNotConfigured) || got.SecretKey != "" {
			t.Errorf("%v: got %v, %v; want ErrNotConfigured", unknown, got, err)
		}
	}
	_, err = project.Static(nil).ResolveCredentials(t.Context(), "p1", project.ModeTest)
	if !errors.Is(err, project.ErrNotConfigured) {
		t.Errorf("nil: %v", err)
	}
}

func TestStaticKnowsItsModes(t *testing.T) {
	t.Parallel()
	static := project.Static{"p1": {}, "p2": {project.ModeTest: credentials()}}
	if !static.HasMode(project.ModeTest) || static.HasMode(project.ModeLive) || project.Static(nil).HasMode(project.ModeTest) {
		t.Error("HasMode does not tell which modes are there")
	}
}

func TestStaticValidateReportsEveryMistakeAtOnce(t *testing.T) {
	t.Parallel()
	err := project.Static{
		"good": {project.ModeTest: credentials()},
		"bad":  {project.ModeLive: credentials(), "staging": credentials()},
		"":     {project.ModeTest: {SecretKey: secretKey, WebhookSecrets: []string{""}}},
	}.Validate()
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{`"bad", live`, `"staging"`, "a project id is empty", "webhook signing secret is empty"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error lacks %s: %v", want, err)
		}
	}
	if strings.Contains(err.Error(), `"good"`) {
		t.Errorf("the error names a good project: %v", err)
	}
	if err := (project.Static{"good": {project.ModeTest: credentials()}}).Validate(); err != nil {
		t.Errorf("a good one: %v", err)
	}
}

func TestParseCredentialsReadsTheDocumentedShape(t *testing.T) {
	t.Parallel()
	static, err := project.ParseCredentials([]byte(`{"projects": {
		"p1": {"test": {"secret_key": "sk_test_1", "webhook_secrets": ["whsec_1", "whsec_2"], "prices": ["price_1"]},
		       "live": {"secret_key": "rk_live_1"}},
		"p2": {"test": {"secret_key": "sk_test_2", "webhook_secrets": []}}
	}}`))
	if err != nil {
		t.Fatal(err)
	}
	first := static["p1"][project.ModeTest]
	if first.SecretKey != "sk_test_1" || !slices.Equal(first.WebhookSecrets, []string{"whsec_1", "whsec_2"}) ||
		!slices.Equal(first.Prices, []string{"price_1"}) {
		t.Error("p1, test is not what the file says")
	}
	if len(static) != 2 || static["p1"][project.ModeLive].SecretKey != "rk_live_1" ||
		static["p2"][project.ModeTest].SecretKey != "sk_test_2" {
		t.Error("the other credentials are not what the file says")
	}
}

func TestParseCredentialsTakesNullAndEmptyForNone(t *testing.T) {
	t.Parallel()
	static, err := project.ParseCredentials([]byte(`{"projects": {
		"p": {"test": {"secret_key": "sk_test_1", "webhook_secrets": ["", "whsec_1"], "prices": null}, "live": null}
	}}`))
	if err != nil {
		t.Fatal(err)
	}
	if secrets := static["p"][project.ModeTest].WebhookSecrets; !slices.Equal(secrets, []string{"whsec_1"}) {
		t.Errorf("%d signing secrets", len(secrets))
	}
	if static.HasMode(project.ModeLive) {
		t.Error("there are live credentials")
	}
}

func TestParseCredentialsRefusesEverythingElse(t *testing.T) {
	t.Parallel()
	for name, data := range map[string]string{
		"empty":               "",
		"not JSON":            `{"projects": sk_test_51SecretPart`,
		"another shape":       `["sk_test_51SecretPart"]`,
		"no projects":         `{}`,
		"null":                `null`,
		"empty projects":      `{"projects": {}}`,
		"key of another type": `{"projects": {"p": {"test": {"secret_key": 51}}}}`,
		"key of another mode": `{"projects": {"p": {"live": {"secret_key": "sk_test_51SecretPart"}}}}`,
		"unknown mode":        `{"projects": {"p": {"staging": {"secret_key": "sk_test_51SecretPart"}}}}`,
		"no key":              `{"projects": {"p": {"test": {"webhook_secrets": ["whsec_SecretPart"]}}}}`,
		"empty project":       `{"projects": {"": {"test": {"secret_key": "sk_test_51SecretPart"}}}}`,
		"more after the end":  `{"projects": {"p": {"test": {"secret_key": "sk_test_51SecretPart"}}}} {}`,
	} {
		_, err := project.ParseCredentials([]byte(data))
		if err == nil {
			t.Errorf("%s: accepted", name)
			continue
		}
		wantNoKey(t, err.Error())
	}
}

// credentialsFile is a file with one project, and the File that follows it.
type credentialsFile struct {
	t     *testing.T
	path  string
	clock time.Time
	log   *lockedBuffer
	file  *project.File
}

func newCredentialsFile(t *testing.T) *credentialsFile {
	t.Helper()
	f := &credentialsFile{
		t: t, path: filepath.Join(t.TempDir(), "credentials.json"), clock: time.Unix(1_700_000_000, 0), log: &lockedBuffer{},
	}
	f.write(keyFile("sk_test_1"))
	var err error
	if f.file, err = project.OpenFile(f.path, slog.New(slog.NewTextHandler(f.log, nil))); err != nil {
		t.Fatal(err)
	}
	return f
}

func keyFile(key string) string {
	return fmt.Sprintf(`{"projects": {"p": {"test": {"secret_key": %q}}}}`, key)
}

// write replaces the content in place. Each write has a time of its own, as writes of a person have.
func (f *credentialsFile) write(content string) {
	f.t.Helper()
	if err := os.WriteFile(f.path, []byte(content), 0o600); err != nil {
		f.t.Fatal(err)
	}
	f.clock = f.clock.Add(time.Second)
	if err := os.Chtimes(f.path, f.clock, f.clock); err != nil {
		f.t.Fatal(err)
	}
}

func (f *credentialsFile) wantKey(want string) {
	f.t.Helper()
	got, err := f.file.ResolveCredentials(f.t.Context(), "p", project.ModeTest)
	if err != nil || got.SecretKey != want {
		f.t.Errorf("the key is %q (%v), want %q", got.SecretKey, err, want)
	}
}

func (f *credentialsFile) wantLogLines(want int) {
	f.t.Helper()
	if got := strings.Count(f.log.String(), "level=ERROR"); got != want {
		f.t.Errorf("%d errors in the log, want %d: %s", got, want, f.log.String())
	}
	wantNoKey(f.t, f.log.String())
}

type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func TestFileFollowsAChangeInPlace(t *testing.T) {
	t.Parallel()
	f := newCredentialsFile(t)
	f.wantKey("sk_test_1")
	f.write(keyFile("sk_test_2")) // of the same size
	f.wantKey("sk_test_2")
	f.write(keyFile("sk_test_longer"))
	f.wantKey("sk_test_longer")
	f.wantLogLines(0)
}

func TestFileFollowsARenameIntoPlace(t *testing.T) {
	t.Parallel()
	f := newCredentialsFile(t)
	before, err := os.Stat(f.path)
	if err != nil {
		t.Fatal(err)
	}
	next := f.path + ".next"
	if err := os.WriteFile(next, []byte(keyFile("sk_test_2")), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(next, before.ModTime(), before.ModTime()); err != nil { // only the identity tells them apart
		t.Fatal(err)
	}
	if err := os.Rename(next, f.path); err != nil {
		t.Fatal(err)
	}
	f.wantKey("sk_test_2")
}

func TestFileFollowsASymbolicLink(t *testing.T) {
	t.Parallel()
	dir := t.TempDir() // as secrets are mounted into containers: the link is swapped to another folder
	link := filepath.Join(dir, "credentials.json")
	for i, key := range []string{"sk_test_1", "sk_test_2"} {
		if err := os.WriteFile(filepath.Join(dir, strconv.Itoa(i)), []byte(keyFile(key)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("0", link); err != nil {
		t.Fatal(err)
	}
	file, err := project.OpenFile(link, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Symlink("1", link+".next"), os.Rename(link+".next", link)); err != nil {
		t.Fatal(err)
	}
	if got := file.Current()["p"][project.ModeTest].SecretKey; got != "sk_test_2" {
		t.Errorf("the key is %q, want sk_test_2", got)
	}
}

func TestFileKeepsTheLastGoodContent(t *testing.T) {
	t.Parallel()
	tests := map[string]func(f *credentialsFile){
		"while it is broken":  func(f *credentialsFile) { f.write(`{"projects": {"p": {"test": "sk_test_51SecretPart`) },
		"while it is empty":   func(f *credentialsFile) { f.write("") },
		"while it is invalid": func(f *credentialsFile) { f.write(keyFile("sk_live_51SecretPart")) },
		"while it is gone": func(f *credentialsFile) {
			if err := os.Remove(f.path); err != nil {
				f.t.Fatal(err)
			}
		},
	}
	for name, spoil := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newCredentialsFile(t)
			spoil(f)
			for range 3 {
				f.wantKey("sk_test_1")
			}
			f.wantLogLines(1)
			f.write(keyFile("sk_test_2"))
			f.wantKey("sk_test_2")
			f.wantLogLines(1)
			spoil(f)
			f.wantKey("sk_test_2")
			f.wantLogLines(2)
		})
	}
}

func TestFileIsNotOpenedWhenItIsNotUsable(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := project.OpenFile(filepath.Join(dir, "missing"), nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing: %v", err)
	}
	if _, err := project.OpenFile(dir, nil); err == nil {
		t.Error("a folder was accepted")
	}
	path := filepath.Join(dir, "broken")
	if err := os.WriteFile(path, []byte(keyFile("sk_live_51SecretPart")), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := project.OpenFile(path, nil)
	if err == nil {
		t.Fatal("a file that is not valid was accepted")
	}
	wantNoKey(t, err.Error())
}

func TestFileNeverShowsItsKeys(t *testing.T) {
	t.Parallel()
	f := newCredentialsFile(t)
	f.write(keyFile(secretKey))
	f.wantKey(secretKey)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%p", "%w"} {
		wantNoKey(t, fmt.Sprintf(verb, f.file))
		wantNoKey(t, fmt.Sprintf(verb, struct{ Resolver project.CredentialResolver }{f.file}))
		wantNoKey(t, fmt.Sprintf(verb, struct{ resolver project.CredentialResolver }{f.file}))
		wantNoKey(t, fmt.Sprintf(verb, struct{ file *project.File }{f.file}))
	}
	var out bytes.Buffer
	slog.New(slog.NewTextHandler(&out, nil)).Info("open", "file", f.file)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("open", "file", f.file)
	wantNoKey(t, out.String())
	data, err := json.Marshal(map[string]any{"file": f.file})
	if err != nil {
		t.Fatal(err)
	}
	wantNoKey(t, string(data))
}

func TestFileLogsOutsideItsLock(t *testing.T) {
	t.Parallel()
	f := newCredentialsFile(t)
	var file *project.File
	asked := make(chan struct{}, 1)
	file, err := project.OpenFile(f.path, slog.New(slog.NewTextHandler(writerFunc(func(p []byte) (int, error) {
		file.Current() // a host's log handler may itself use what it logs about
		asked <- struct{}{}
		return len(p), nil
	}), nil)))
	if err != nil {
		t.Fatal(err)
	}
	f.write("")
	go file.Current()
	select {
	case <-asked:
	case <-time.After(10 * time.Second):
		t.Fatal("the log handler is stuck")
	}
}

type writerFunc func(p []byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func TestFileIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	f := newCredentialsFile(t)
	stop := make(chan struct{})
	var readers sync.WaitGroup
	for range 8 {
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				c, err := f.file.ResolveCredentials(t.Context(), "p", project.ModeTest)
				if err != nil || !strings.HasPrefix(c.SecretKey, "sk_test_") {
					t.Errorf("got %q, %v", c.SecretKey, err)
					return
				}
			}
		})
	}
	for i := range 50 {
		f.write(keyFile(fmt.Sprintf("sk_test_%d", i)))
	}
	close(stop)
	readers.Wait()
	f.wantKey("sk_test_49")
}
