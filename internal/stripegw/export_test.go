package stripegw

import (
	"context"
	"time"

	"github.com/paymount/paymount/auth"
)

// FailedSince makes the calls about a subscription that is past_due.
func (g *Gateway) FailedSince(ctx context.Context, c auth.Credentials, subscriptionID string) (time.Time, error) {
	return g.failedSince(ctx, c, subscriptionID)
}

// RestOfItems makes the call for the items of a subscription that has more than Stripe shows in it.
func (g *Gateway) RestOfItems(ctx context.Context, c auth.Credentials, subscriptionID string) error {
	o := &subscriptionObject{ID: subscriptionID}
	o.Items.More = true
	return g.addItems(ctx, c, o)
}
