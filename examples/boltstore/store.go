package boltstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.etcd.io/bbolt"
	bbolterrors "go.etcd.io/bbolt/errors"

	"github.com/paymount/paymount/subscription"
)

// lockTimeout is how long Open waits for the lock of a process that is about to end, as in a restart.
const lockTimeout = time.Second

// errNotDone rolls a write back that has not been done.
var errNotDone = errors.New("boltstore: not done")

// Store keeps everything in one file. It implements subscription.SubscriptionStore, IdempotencyStore, OpenLister and
// OwnerLoader, and is safe for concurrent use. Its errors wrap those of bbolt, and the context's once that is done.
type Store struct {
	db *bbolt.DB
	// writing holds a token while a write runs. bbolt lets one write at a time run as well, but waits without a context.
	writing chan struct{}
}

var (
	_ subscription.SubscriptionStore = (*Store)(nil)
	_ subscription.IdempotencyStore  = (*Store)(nil)
	_ subscription.OpenLister        = (*Store)(nil)
	_ subscription.OwnerLoader       = (*Store)(nil)
)

// Open opens the file at path, or makes it, for its owner alone to read. When the file is already open, here or in another
// process, it waits for a second and then fails with an error that wraps ErrTimeout of go.etcd.io/bbolt/errors.
func Open(path string) (*Store, error) {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: lockTimeout})
	if errors.Is(err, bbolterrors.ErrTimeout) {
		return nil, fmt.Errorf("boltstore: %s is already open, here or in another process: %w", path, err)
	}
	if err != nil {
		return nil, fmt.Errorf("boltstore: open %s: %w", path, err)
	}
	if err := db.Update(createBuckets); err != nil {
		return nil, errors.Join(fmt.Errorf("boltstore: prepare %s: %w", path, err), db.Close())
	}
	return &Store{db: db, writing: make(chan struct{}, 1)}, nil
}

// Close waits for calls that are under way and closes the file. Calls that come later fail.
func (s *Store) Close() error { return s.db.Close() }

// view runs read on the file as it stands at one moment.
func (s *Store) view(ctx context.Context, read func(tx *bbolt.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.db.View(read)
}

// update runs write, and keeps what it has done if it reports true.
func (s *Store) update(ctx context.Context, write func(tx *bbolt.Tx) (done bool, err error)) (done bool, err error) {
	select {
	case s.writing <- struct{}{}:
		defer func() { <-s.writing }()
	case <-ctx.Done():
		return false, ctx.Err()
	}
	// Where both were possible, select may have taken either.
	if err := ctx.Err(); err != nil {
		return false, err
	}
	err = s.db.Update(func(tx *bbolt.Tx) error {
		if done, err = write(tx); err == nil && !done {
			return errNotDone
		}
		return err
	})
	if errors.Is(err, errNotDone) {
		return false, nil
	}
	return err == nil, err
}
