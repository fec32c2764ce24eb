package fidelity_test

import (
	"testing"

	"github.com/paymount/paymount/internal/stripemock"
)

// startStripeMock runs stripe-mock, and returns a client of it that writes down what it answers.
func startStripeMock(t *testing.T) *recorder {
	t.Helper()
	r := newRecorder(t, stripemock.Start(t))
	r.key = stripemock.Key
	return r
}
