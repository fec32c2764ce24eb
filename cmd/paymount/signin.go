package main

import (
	"encoding/json"
	"net/http"
	"net/mail"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/paymount/paymount/httperr"
)

// tokenLife is how long a demo sign-in lasts.
const tokenLife = time.Hour

// signIn is POST /demo/sign-in {email} → 200 {token, expires_in}. It stands for the host's identity provider and believes
// everyone, so only the demo has it.
func (d *demo) signIn(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Email string `json:"email"`
	}
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 4<<10)).Decode(&in)
	address, mailErr := mail.ParseAddress(strings.TrimSpace(in.Email))
	if err != nil || mailErr != nil || address.Name != "" {
		httperr.Write(w, r, wrongField("email", "Input should be an email address", "email"))
		return
	}
	token, err := d.token(strings.ToLower(address.Address), time.Now())
	if err != nil {
		httperr.Write(w, r, internalError(err))
		return
	}
	writeJSON(w, map[string]any{"token": token, "expires_in": int(tokenLife.Seconds())})
}

// token returns an access token as the wire contract wants it.
func (d *demo) token(email string, now time.Time) (string, error) {
	return jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"sub": email, "email": email, "project_id": demoProject, "type": "access",
		"iat": now.Unix(), "exp": now.Add(tokenLife).Unix(),
	}).SignedString([]byte(d.tokenSecret))
}
