// Package openapi holds and serves the OpenAPI 3.1 description of the mounted endpoints (https://spec.openapis.org/oas/v3.1.0).
// Package paymount mounts it at GET /openapi.json; openapi.json itself can be given to generators and viewers as it is.
//
// The document is kept by hand. The integration tests hold every endpoint's real answers against it, so an endpoint that
// changes without it fails them. It describes the default configuration and never changes with a host's.
package openapi
