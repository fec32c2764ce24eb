// Package testpg gives tests a Postgres: the one that PAYMOUNT_TEST_POSTGRES_URL names, else a cluster of their own that
// ends with them. It needs the programs of Debian's package postgresql, or PAYMOUNT_TEST_PGBIN to say where others are.
// Where there is none, tests are skipped, and fail when CI is "true".
//
// A package of tests has
//
//	func TestMain(m *testing.M) { os.Exit(testpg.Main(m)) }
//
// and its tests call New for a schema of their own.
package testpg
