package sqlstore

import (
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"sync/atomic"

	"github.com/paymount/paymount/subscription"
)

// Config is how a Store names its tables.
type Config struct {
	// Schema is the schema that holds the tables, which must exist: lower-case letters, digits and underscores. It is for
	// Postgres only. Empty means the first one of the connection's search_path.
	Schema string
	// Prefix begins the name of every table and index: at most 32 lower-case letters, digits and underscores. Empty means
	// "paymount_".
	Prefix string
}

// Store keeps everything in a database. It implements subscription.SubscriptionStore, IdempotencyStore, OpenLister and
// OwnerLoader, and is safe for concurrent use, also by several processes on one database. Its errors wrap those of the driver,
// and the context's once that is done.
type Store struct {
	db            *sql.DB
	dialect       Dialect
	naming        naming
	queries       queries
	subscriptions table[subscription.Subscription]
	payments      table[subscription.Payment]
	reservations  atomic.Uint64
}

var (
	_ subscription.SubscriptionStore = (*Store)(nil)
	_ subscription.IdempotencyStore  = (*Store)(nil)
	_ subscription.OpenLister        = (*Store)(nil)
	_ subscription.OwnerLoader       = (*Store)(nil)
)

// New returns a store in db. It doesn't use the database yet: call Migrate before anything else, or apply Migrations with
// a tool of your own. The caller keeps db and closes it.
func New(db *sql.DB, dialect Dialect, config Config) (*Store, error) {
	naming, err := newNaming(dialect, config)
	if db == nil {
		err = errors.Join(err, errors.New("sqlstore: the database is nil"))
	}
	if err != nil {
		return nil, err
	}
	return &Store{
		db: db, dialect: dialect, naming: naming, queries: newQueries(naming),
		subscriptions: newTable(naming, "subscriptions", subscriptionColumns()),
		payments:      newTable(naming, "payments", paymentColumns()),
	}, nil
}

// naming turns statements as they are written in this package into those of a database.
type naming struct {
	dialect Dialect
	schema  string // with its dot
	prefix  string
}

func newNaming(dialect Dialect, config Config) (naming, error) {
	n := naming{dialect: dialect, prefix: config.Prefix}
	if n.prefix == "" {
		n.prefix = "paymount_"
	}
	var errs []error
	if dialect != Postgres && dialect != SQLite {
		errs = append(errs, fmt.Errorf("sqlstore: unknown dialect %d", dialect))
	}
	if !regexp.MustCompile(`^[a-z_][a-z0-9_]{0,31}$`).MatchString(n.prefix) {
		errs = append(errs, fmt.Errorf("sqlstore: %q can't be the prefix of a table's name", n.prefix))
	}
	switch {
	case config.Schema == "":
	case dialect == SQLite:
		errs = append(errs, errors.New("sqlstore: SQLite has no schemas"))
	case !regexp.MustCompile(`^[a-z_][a-z0-9_]{0,62}$`).MatchString(config.Schema):
		errs = append(errs, fmt.Errorf("sqlstore: %q can't be the name of a schema", config.Schema))
	default:
		n.schema = `"` + config.Schema + `".`
	}
	return n, errors.Join(errs...)
}
