// Package oidc tests that the tokens of real identity providers open the endpoints: one in the same process, and one of node
// that is installed with npm. Without node and npm those tests are skipped, and fail when CI is "true".
package oidc
