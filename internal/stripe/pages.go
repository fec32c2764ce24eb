package stripe

import (
	"encoding/json"
	"time"
)

// Query names a page.
type Query struct {
	// CreatedUntil leaves out what was created later: so the list stays as it is while it is walked.
	CreatedUntil time.Time
	// After is Page.Last of the page before, empty for the first one.
	After string
	// Customers asks for the rows' customers, beyond their ids.
	Customers bool
}

// Page is a page of a list.
type Page struct {
	// Rows are those of its objects that can be ours.
	Rows []Listed
	// Last is the id of the last object on the page, whatever it is; empty for an empty page. More says that others follow.
	Last string
	More bool
}

// EventPage is a page of the list of events.
type EventPage struct {
	Events []json.RawMessage
	Last   string
	More   bool
}
