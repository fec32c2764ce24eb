package auth

import "net/http"

// DefaultProject returns an Authenticator for an app with one project: callers whom a finds without a ProjectID act in
// project. With it, Verify does the same for callers whom another middleware has put into the context.
func DefaultProject(a Authenticator, project string) Authenticator { //nolint:ireturn // it stands in for a
	return defaultProject{a, project}
}

type defaultProject struct {
	Authenticator

	project string
}

// Authenticate implements Authenticator.
func (d defaultProject) Authenticate(r *http.Request) (Identity, error) {
	id, err := d.Authenticator.Authenticate(r)
	if err == nil && id.ProjectID == "" {
		id.ProjectID = d.project
	}
	return id, err
}

// Challenge implements Challenger, in the words of the authenticator where it is one.
func (d defaultProject) Challenge(err error) string {
	if c, ok := d.Authenticator.(Challenger); ok {
		return c.Challenge(err)
	}
	return bearerChallenge(err)
}
