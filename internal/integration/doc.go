// Package integration tests the module with what it meets in production: real databases, servers and browsers. It is a
// module of its own, so that their drivers are nobody's dependencies, and it is never released.
package integration
