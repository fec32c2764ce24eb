package auth_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"

	"github.com/paymount/paymount/auth"
)

// cookies knows users by the app's own sessions.
type cookies map[string]string

func (c cookies) Authenticate(r *http.Request) (auth.Identity, error) {
	cookie, err := r.Cookie("session")
	if err != nil {
		return auth.Identity{}, auth.ErrNoCredentials
	}
	user, ok := c[cookie.Value]
	if !ok {
		return auth.Identity{}, auth.ErrInvalidCredentials
	}
	return auth.Identity{UserID: user, ProjectID: "shop", Email: user + "@example.com"}, nil
}

// Challenge is what a browser is told with a 401: not to ask for a bearer token.
func (cookies) Challenge(err error) string {
	if errors.Is(err, auth.ErrInvalidCredentials) {
		return `Cookie realm="shop", error="expired"`
	}
	return `Cookie realm="shop"`
}

func get(path string) *http.Request {
	return httptest.NewRequestWithContext(context.Background(), http.MethodGet, path, http.NoBody)
}

// An app with a sign-in of its own tells who is calling. Verify is for all routes, Require for those that need a user.
func Example() {
	users := cookies{"8c1f": "ada"}
	hello := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, signedIn := auth.FromContext(r.Context())
		_, _ = fmt.Fprintln(w, "Hello", user.UserID, signedIn)
	})
	mux := http.NewServeMux()
	mux.Handle("/", auth.Verify(users)(hello))
	mux.Handle("/account", auth.Verify(users)(auth.Require(users, nil)(hello)))
	for _, path := range []string{"/", "/account"} {
		for _, session := range []string{"", "8c1f"} {
			r := get(path)
			if session != "" {
				r.AddCookie(&http.Cookie{Name: "session", Value: session})
			}
			w := httptest.NewRecorder()
			mux.ServeHTTP(w, r)
			fmt.Print(path, " ", w.Code, " ", w.Header().Get("WWW-Authenticate"), " ", w.Body)
		}
	}
	// Output:
	// / 200  Hello  false
	// / 200  Hello ada true
	// /account 401 Cookie realm="shop" {"detail":"Sign in to use this endpoint.","code":"unauthorized"}
	// /account 200  Hello ada true
}

// A test of a handler says who is calling, and so does an app whose own middleware has verified the user already: Verify keeps
// the caller that it finds.
func ExampleNewContext() {
	account := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, _ := auth.FromContext(r.Context())
		_, _ = fmt.Fprint(w, "The account of ", user.UserID)
	})
	r := get("/account")
	w := httptest.NewRecorder()
	account.ServeHTTP(w, r.WithContext(auth.NewContext(r.Context(), auth.Identity{UserID: "ada", ProjectID: "shop"})))
	fmt.Println(w.Body)
	// Output: The account of ada
}

// An app with one project does not have to name it in each identity. Config.DefaultProject does the same for a whole service.
func ExampleDefaultProject() {
	users := auth.DefaultProject(auth.AuthenticatorFunc(func(*http.Request) (auth.Identity, error) {
		return auth.Identity{UserID: "ada"}, nil
	}), "shop")
	user, err := users.Authenticate(get("/"))
	fmt.Println(user.UserID, user.ProjectID, err)
	// Output: ada shop <nil>
}

// An identity that names no user is the app's own mistake: its caller is answered like one with wrong credentials.
func ExampleAuthenticatorFunc_incomplete() {
	users := auth.AuthenticatorFunc(func(*http.Request) (auth.Identity, error) { return auth.Identity{ProjectID: "shop"}, nil })
	w := httptest.NewRecorder()
	auth.Verify(users)(auth.Require(users, nil)(http.NotFoundHandler())).
		ServeHTTP(w, get("/"))
	fmt.Println(w.Code, errors.Is(auth.ErrIncomplete, auth.ErrInvalidCredentials))
	// Output: 401 true
}

// An authenticator that can't tell now, because its keys are not loaded or its database is away, says so: 503 instead of 401.
func ExampleAuthenticator_unavailable() {
	users := auth.AuthenticatorFunc(func(*http.Request) (auth.Identity, error) {
		return auth.Identity{}, fmt.Errorf("%w: the sessions' database is away", auth.ErrUnavailable)
	})
	w := httptest.NewRecorder()
	auth.Verify(users)(auth.Require(users, nil)(http.NotFoundHandler())).
		ServeHTTP(w, get("/"))
	fmt.Println(w.Code, w.Header().Get("Retry-After"))
	// Output: 503 2
}

// The scopes of a JWT say what its bearer may do: here everybody may look, and only who has billing:write may buy and change.
func ExampleRequireScope() {
	authorize := auth.RequireScope(map[auth.Action]string{auth.Buy: "billing:write", auth.Manage: "billing:write"})
	member := auth.Identity{UserID: "bob", OwnerID: "team_7", ProjectID: "shop", Scope: "openid billing:read"}
	for _, action := range []auth.Action{auth.View, auth.Manage} {
		err := authorize(context.Background(), member, action)
		fmt.Println(action, err, errors.Is(err, auth.ErrForbidden))
	}
	// Output:
	// view <nil> false
	// manage auth: the scope "billing:write" is missing true
}

// An app that keeps the roles of a team's members itself asks its own database.
func ExampleAuthorize() {
	administrators := map[string][]string{"team_7": {"ada"}}
	var authorize auth.Authorize = func(_ context.Context, caller auth.Identity, action auth.Action) error {
		if action == auth.View || caller.Owner() == caller.UserID || slices.Contains(administrators[caller.OwnerID], caller.UserID) {
			return nil
		}
		return auth.ErrForbidden
	}
	for _, user := range []string{"ada", "bob"} {
		fmt.Println(user, authorize(context.Background(), auth.Identity{UserID: user, OwnerID: "team_7", ProjectID: "shop"}, auth.Buy))
	}
	// Output:
	// ada <nil>
	// bob auth: forbidden
}
