package subscription

// Change is what the host is notified of: a subscription that changed, or a one-time payment that has been paid.
type Change struct {
	// ID is the same whenever the host is notified of the same change again, because it failed to take it, and different for
	// every other change: use it to do the work only once.
	ID string
	// Old and New are the subscription as the host took it last, nil at first, and as it is now. Steps that followed each other
	// while the host could not be notified come as one change.
	Old, New *Subscription
	// Payment is the one-time payment that has been paid, with the status succeeded, even if it was refunded before the host
	// could be notified: AmountRefunded shows that. Old and New are nil then.
	Payment *Payment
}

// Object returns the id of the object that changed.
func (c Change) Object() string {
	switch {
	case c.New != nil:
		return c.New.ID
	case c.Payment != nil:
		return c.Payment.ID
	}
	return ""
}
