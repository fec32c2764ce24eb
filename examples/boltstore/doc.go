// Package boltstore keeps the state of subscriptions in a file of bbolt (https://pkg.go.dev/go.etcd.io/bbolt). It is an example
// of a store that is none of the module's own, for a host that runs one process on one file:
//
//	store, err := boltstore.Open("billing.db")
//	if err != nil {
//		return err
//	}
//	defer store.Close()
//	service, err := paymount.New(paymount.Config{Store: store, …})
//
// The file is locked while it is open. It must be on a local disk, since the lock and the memory map that bbolt uses are not
// reliable on network drives.
//
// Idempotency keys that have expired, and records of events that are 30 days old, are deleted a few at a time by later writes.
// The file keeps its size then, and the room is used again. All else is kept for good.
//
// It leaves out: a file that several processes share, backups (bbolt.Tx has CopyFile), versions of the file's layout, and
// batches of writes, so each write waits for the disk. It calls neither Stripe nor a clock: all times are the caller's.
package boltstore
