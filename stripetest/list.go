package stripetest

import (
	"slices"
)

// shownRows is how many rows Stripe shows of a list that stands in another object; has_more says whether there are others
// (https://docs.stripe.com/api/pagination: a page has 10 objects unless a limit is given, and here nobody can give one).
const shownRows = 10

// listParams are the parameters of every list; see https://docs.stripe.com/api/pagination.
func listParams() fields {
	return fields{"limit": integer, "starting_after": text, "ending_before": text}
}

// listed answers with one page of the rows that pass keep, newest first.
func listed[T object](a *Account, r *request, rows []T, keep func(T) bool) (any, error) {
	p := r.params
	limit, err := p.limit()
	if err != nil {
		return nil, err
	}
	var kept []T
	for _, row := range slices.Backward(rows) {
		if keep(row) && inRange(p.get("created"), row.createdAt()) {
			kept = append(kept, row)
		}
	}
	page, more, err := cut(kept, p, limit)
	if err != nil {
		return nil, err
	}
	docs := []doc{}
	for _, row := range page {
		docs = append(docs, row.render(a, r.version))
	}
	return listDoc(r.http.URL.Path, docs, more), nil
}

// limit is the length of a page.
func (p *params) limit() (int, error) {
	limit := p.num("limit")
	if !p.has("limit") {
		limit = 10
	}
	if limit < 1 || limit > 100 {
		return 0, refuse("limit", "parameter_invalid_integer", "Invalid limit: must be between 1 and 100")
	}
	if p.has("starting_after") && p.has("ending_before") {
		return 0, refuse("starting_after", "", "You can only specify one of starting_after and ending_before")
	}
	return int(limit), nil
}

// cut takes the page that limit, starting_after and ending_before ask for.
func cut[T object](rows []T, p *params, limit int) (page []T, more bool, err error) {
	position := func(name string) (int, error) {
		id := p.str(name)
		at := slices.IndexFunc(rows, func(row T) bool { return row.ident() == id })
		if at < 0 {
			return 0, missingParam("object", id, name)
		}
		return at, nil
	}
	switch {
	case p.has("starting_after"):
		at, err := position("starting_after")
		if err != nil {
			return nil, false, err
		}
		rows = rows[at+1:]
	case p.has("ending_before"):
		at, err := position("ending_before")
		if err != nil {
			return nil, false, err
		}
		from := max(0, at-limit)
		return rows[from:at], from > 0, nil
	}
	if len(rows) > limit {
		return rows[:limit], true, nil
	}
	return rows, false, nil
}

// inRange tests a timestamp against created=N or created[gte]=N and the like.
func inRange(p *params, at int64) bool {
	if p == nil {
		return true
	}
	if p.leaf {
		return p.num() == at
	}
	return (!p.has("gt") || at > p.num("gt")) && (!p.has("gte") || at >= p.num("gte")) &&
		(!p.has("lt") || at < p.num("lt")) && (!p.has("lte") || at <= p.num("lte"))
}

// wanted reports whether a filter parameter is absent or equal to the value.
func (p *params) wanted(name, value string) bool { return !p.has(name) || p.str(name) == value }
