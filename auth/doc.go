// Package auth says who is calling, for whom, and what they may.
//
// An Authenticator turns a request into an Identity; Verify runs it and Require rejects, as two middlewares, so that a
// public route can know its user too. An Identity names the user who acts and the owner who pays, which can be a team. Whether
// that user may buy for the owner, or cancel, an Authorize says.
//
// It is used by every handler of this module and by hosts that sign their users in their own way: an app with session
// cookies implements Authenticator and links no JWT library. Package auth/bearer has the Authenticator for JWTs. This
// package never calls Stripe.
package auth
