package memstore_test

import (
	"github.com/paymount/paymount"
	"github.com/paymount/paymount/subscription/memstore"
)

// A test of an app needs no database.
func ExampleNew() {
	config := paymount.Config{Store: memstore.New()}
	_ = config
}
