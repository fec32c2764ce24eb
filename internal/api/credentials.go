package api

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/paymount/paymount/internal/limitlog"
	"github.com/paymount/paymount/project"
)

// checkedCredentials is the one place through which credentials are found, for requests, webhooks and reconciliations.
type checkedCredentials struct {
	source project.CredentialResolver
	modes  []project.Mode
	log    *limitlog.Logger
}

// CheckedCredentials returns a resolver of what source resolves in one of the modes. Credentials whose key is not of the mode
// are none, and an error in the log: with them, objects of one mode would be taken for those of the other. An id that no
// store can keep never reaches source.
func CheckedCredentials( //nolint:ireturn // it stands in for source
	source project.CredentialResolver, modes []project.Mode, log *limitlog.Logger,
) project.CredentialResolver {
	return checkedCredentials{source, modes, log}
}

// ResolveCredentials implements project.CredentialResolver.
func (c checkedCredentials) ResolveCredentials(
	ctx context.Context, projectID string, mode project.Mode,
) (project.Credentials, error) {
	switch {
	case !slices.Contains(c.modes, mode):
		return project.Credentials{}, fmt.Errorf("%w: this mode is not served", project.ErrNotConfigured)
	case projectID == "", strings.Contains(projectID, "\x00"), !utf8.ValidString(projectID):
		return project.Credentials{}, fmt.Errorf("%w: this can't be the id of a project", project.ErrNotConfigured)
	}
	credentials, err := c.source.ResolveCredentials(ctx, projectID, mode)
	if err != nil {
		return project.Credentials{}, err
	}
	if keyMode, ok := project.KeyMode(credentials.SecretKey); !ok || keyMode != mode {
		c.log.Log(ctx, slog.LevelError, "key of another mode/"+string(mode)+"/"+projectID,
			"the secret key is not one of the mode: the project counts as not configured", "project", projectID, "mode", mode)
		return project.Credentials{}, fmt.Errorf("%w: its secret key is not one of the mode", project.ErrNotConfigured)
	}
	return credentials, nil
}
