//go:build linux && !race

package crash

// raced says that the tests look for data races, and then the servers do too.
const raced = false
