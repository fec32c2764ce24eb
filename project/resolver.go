package project

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"sync"
	"sync/atomic"
)

// Static is a CredentialResolver over a fixed map: project id, then mode. Do not change it once it is in use.
type Static map[string]map[Mode]Credentials

// ResolveCredentials implements CredentialResolver.
func (s Static) ResolveCredentials(_ context.Context, projectID string, mode Mode) (Credentials, error) {
	c, ok := s[projectID][mode]
	if !ok {
		return Credentials{}, ErrNotConfigured
	}
	return c, nil
}

// Validate reports every entry that is not usable, all at once.
func (s Static) Validate() error {
	var errs []error
	for project, modes := range s {
		if project == "" {
			errs = append(errs, errors.New("project: a project id is empty"))
		}
		for mode, c := range modes {
			if err := c.Validate(mode); err != nil {
				errs = append(errs, fmt.Errorf("project %q, %s: %w", project, mode, err))
			}
		}
	}
	return errors.Join(errs...)
}

// HasMode reports whether any project has credentials in mode.
func (s Static) HasMode(mode Mode) bool {
	for _, modes := range s {
		if _, ok := modes[mode]; ok {
			return true
		}
	}
	return false
}

// File is a CredentialResolver over a JSON file, which it reads again when the file changes:
//
//	{"projects": {"ID": {
//	  "test": {"secret_key": "sk_test_…", "webhook_secrets": ["whsec_…"], "prices": ["price_…"]},
//	  "live": {…}
//	}}}
//
// "prices" is optional, and so is either mode, which can also be null. An empty signing secret counts as none. While a
// changed file is missing or not valid, the last good content stays in force and the mistake is logged once per change.
// A File is safe for concurrent use.
type File struct {
	path      string
	logger    *slog.Logger
	reloading sync.Mutex
	latest    atomic.Pointer[fileContent]
}

// fileContent is one look at the file. A File points to it, because fmt prints an unexported field without asking its
// methods, but follows no pointer in it: so no key shows when a File is printed.
type fileContent struct {
	credentials Static
	seen        os.FileInfo // nil when the file was missing
}

// OpenFile reads the credentials file at path. It fails when the file can't be read or is not valid.
// A nil logger means slog.Default.
func OpenFile(path string, logger *slog.Logger) (*File, error) {
	if logger == nil {
		logger = slog.Default()
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("project: credentials file: %w", err)
	}
	credentials, err := readFile(path)
	if err != nil {
		return nil, err
	}
	f := &File{path: path, logger: logger}
	f.latest.Store(&fileContent{credentials, info})
	return f, nil
}

// ResolveCredentials implements CredentialResolver.
func (f *File) ResolveCredentials(ctx context.Context, projectID string, mode Mode) (Credentials, error) {
	return f.Current().ResolveCredentials(ctx, projectID, mode)
}

// Current returns what the file says now. Do not change it.
func (f *File) Current() Static {
	info, err := os.Stat(f.path)
	latest := f.latest.Load()
	if sameFile(info, latest.seen) {
		return latest.credentials
	}
	credentials, err := f.reload(info, err)
	if err != nil {
		f.logger.Error("credentials file not usable, keeping the last good content", "error", err)
	}
	return credentials
}

// reload takes the file's changed content when it is good. The caller saw info, or failed with err. An error is returned
// to the first caller who sees a change.
func (f *File) reload(info os.FileInfo, err error) (Static, error) {
	f.reloading.Lock()
	defer f.reloading.Unlock()
	credentials := f.latest.Load().credentials
	if sameFile(info, f.latest.Load().seen) {
		return credentials, nil
	}
	if err == nil {
		var changed Static
		if changed, err = readFile(f.path); err == nil {
			credentials = changed
		}
	}
	f.latest.Store(&fileContent{credentials, info})
	return credentials, err
}

// sameFile reports whether two looks at the file found the same content: a rewrite changes the time or the size, a
// rename into place the identity. Two nils are two looks that found no file.
func sameFile(a, b os.FileInfo) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return os.SameFile(a, b) && a.ModTime().Equal(b.ModTime()) && a.Size() == b.Size()
}

func readFile(path string) (Static, error) {
	data, err := os.ReadFile(path) // #nosec G304 -- the host names its own credentials file
	if err != nil {
		return nil, fmt.Errorf("project: credentials file: %w", err)
	}
	return ParseCredentials(data)
}

// ParseCredentials reads the JSON that File describes, and validates it. Errors name projects and modes but no key.
func ParseCredentials(data []byte) (Static, error) {
	var file struct {
		Projects map[string]map[Mode]*struct {
			SecretKey      string   `json:"secret_key"`
			WebhookSecrets []string `json:"webhook_secrets"`
			Prices         []string `json:"prices"`
		} `json:"projects"`
	}
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, fmt.Errorf("project: credentials: not valid JSON of the documented shape: %w", err)
	}
	if len(file.Projects) == 0 {
		return nil, errors.New(`auth: credentials: no "projects"`)
	}
	content := Static{}
	for project, modes := range file.Projects {
		content[project] = map[Mode]Credentials{}
		for mode, c := range modes {
			if c == nil {
				continue
			}
			secrets := slices.DeleteFunc(c.WebhookSecrets, func(secret string) bool { return secret == "" })
			content[project][mode] = Credentials{SecretKey: c.SecretKey, WebhookSecrets: secrets, Prices: c.Prices}
		}
	}
	return content, content.Validate()
}
