// Package paymount adds Stripe billing to a web app that has its own mux, users and database: mount its handlers, plug in
// a store and credentials, and billing is right.
//
// New takes a Config and returns a Service, whose Handler serves all endpoints on a ServeMux rooted at "/"; use
// http.StripPrefix to mount it elsewhere. Every endpoint is a plain http.Handler of its own, too. Service.Require opens
// and closes the app's paid routes.
//
// Go code does the same without HTTP: Service.For returns the Account of an owner, with a method for all that an endpoint does.
//
// Two interfaces make it pluggable: subscription.SubscriptionStore keeps the state (packages memstore and sqlstore have
// implementations) and project.CredentialResolver finds a project's Stripe keys. An auth.Authenticator says who is calling;
// package auth/bearer has one for JWTs.
//
// The words of requests and results are in packages checkout and subscription, errors as they look over HTTP in package httperr.
package paymount
