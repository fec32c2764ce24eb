// Package guard calls the host's hooks, which may panic: work that no HTTP server stands behind must not end the process.
package guard

import (
	"fmt"
	"runtime/debug"
)

// Call returns what f returns, or an error with the stack when f panics. what names f in it.
func Call[T any](what string, f func() (T, error)) (v T, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%s panicked: %v\n%s", what, p, debug.Stack())
		}
	}()
	return f()
}
