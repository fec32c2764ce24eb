// Package openapi holds the answers of every endpoint against the OpenAPI document that the service serves, and against
// the published one of the API that it is compatible with (testdata/published.openapi.json). It has tests only.
package openapi
