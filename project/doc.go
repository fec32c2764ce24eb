// Package project says where something is bought: in which project, in which of Stripe's two modes, and with whose keys.
//
// A CredentialResolver turns a project and a Mode into Stripe Credentials, which never show their keys. Static and File are two;
// a host with a table of projects writes its own.
//
// It imports only the standard library and never calls Stripe.
package project
