package subscription_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/paymount/paymount"
	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
	"github.com/paymount/paymount/subscription/memstore"
)

// The errors of Go calls match by their reason, and say the rest for a person and for a form.
func ExampleError() {
	explain := func(err error) {
		var reason *subscription.Error
		switch {
		case errors.Is(err, subscription.ErrSeveral):
			fmt.Println("ask which one")
		case errors.Is(err, subscription.ErrBusy), errors.Is(err, subscription.ErrUnavailable):
			fmt.Println("try again later")
		case errors.As(err, &reason):
			fmt.Println(reason.Code, reason.Message)
			for _, field := range reason.Fields {
				fmt.Println("  " + field.Field + ": " + field.Message)
			}
		}
	}
	explain(subscription.ErrSeveral)
	explain(subscription.ErrUnavailable)
	explain(subscription.ErrPaymentInProgress)
	explain(subscription.Invalid(subscription.FieldError{Field: "quantity", Message: "A metered price takes no quantity"}))
	// Output:
	// ask which one
	// try again later
	// payment_in_progress A payment is on its way. Wait until it has arrived or failed.
	// validation_error The request is not valid.
	//   quantity: A metered price takes no quantity
}

// A hook of the app's refuses with a reason of its own.
func ExampleError_Because() {
	err := subscription.ErrConflict.Because("Nothing is sold on Sundays.")
	fmt.Println(errors.Is(err, subscription.ErrConflict), err)
	// Output: true conflict: Nothing is sold on Sundays.
}

// Some routes are for some plans only: by the price, the product, the plan's name, or whatever the app asks of an item.
func ExampleRequirement() {
	atLeast := func(seats int64) subscription.Requirement {
		return func(item subscription.Item) bool { return item.Quantity >= seats }
	}
	var billing *paymount.Service // from paymount.New
	mount := func(mux *http.ServeMux, exports, audits, team http.Handler) {
		mux.Handle("/exports", billing.Require(subscription.Product("prod_pro", "prod_team"))(exports))
		mux.Handle("/audits", billing.Require(subscription.Price("price_audits"), subscription.Plan("Enterprise"))(audits))
		mux.Handle("/team", billing.Require(atLeast(5))(team))
	}
	_ = mount
}

// A handler behind the gate finds what opened it, and a test of the handler says it.
func ExampleFromContext() {
	seats := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		plan, _ := subscription.FromContext(r.Context())
		_, _ = fmt.Fprintf(w, "%d seats of %s", plan.Plan().Quantity, plan.Plan().PlanName)
	})
	team := &subscription.Subscription{Items: []subscription.Item{{PlanName: "Team", Quantity: 5}}}
	r := httptest.NewRequestWithContext(context.Background(), http.MethodGet, "/seats", http.NoBody)
	w := httptest.NewRecorder()
	seats.ServeHTTP(w, r.WithContext(subscription.NewContext(r.Context(), team)))
	fmt.Println(w.Body)
	// Output: 5 seats of Team
}

// A form asks why somebody leaves, and offers what Stripe keeps.
func ExampleCancellation() {
	fmt.Println(strings.Join(subscription.CancellationReasons(), ", "))
	var account paymount.Account // from Service.For
	cancel := func(ctx context.Context, reason, comment string) (ends time.Time, err error) {
		plan, err := account.Cancel(ctx, subscription.Cancellation{Reason: reason, Comment: comment})
		return plan.CancelAt, err // paid for until then
	}
	_ = cancel
	// Output: customer_service, low_quality, missing_features, other, switched_service, too_complex, too_expensive, unused
}

// The hook hears of a change once it is stored, and again until it has returned nil. The same change has the same ID.
func ExampleOnChange() {
	var hook subscription.OnChange = func(_ context.Context, change subscription.Change) error {
		switch {
		case change.Payment != nil:
			fmt.Println(change.Payment.Owner.ID, "paid", change.Payment.Amount, change.Payment.Currency)
		case change.Old == nil:
			fmt.Println(change.New.Owner.ID, "is new, and", change.New.Status)
		case change.New.Status.Ended() && !change.Old.Status.Ended():
			fmt.Println(change.New.Owner.ID, "has left")
		}
		return nil
	}
	ada := subscription.Owner{Scope: project.Scope{ProjectID: "shop", Mode: project.ModeLive}, ID: "ada"}
	trial := &subscription.Subscription{Owner: ada, Status: subscription.StatusTrialing}
	ended := &subscription.Subscription{Owner: ada, Status: subscription.StatusCanceled}
	ctx := context.Background()
	_ = hook(ctx, subscription.Change{ID: "1", New: trial})
	_ = hook(ctx, subscription.Change{ID: "2", Old: trial, New: ended})
	_ = hook(ctx, subscription.Change{ID: "3", Payment: &subscription.Payment{Owner: ada, Amount: 500, Currency: "usd"}})
	// Output:
	// ada is new, and trialing
	// ada has left
	// ada paid 500 usd
}

// What an app sold before it had paymount is found again by the customer's address.
func ExampleFindOwner() {
	var db *sql.DB
	config := paymount.Config{
		Owner: func(ctx context.Context, found subscription.Found) (userID string, err error) {
			err = db.QueryRowContext(ctx, "SELECT id FROM users WHERE email = $1", found.Email).Scan(&userID)
			if errors.Is(err, sql.ErrNoRows) {
				return "", nil // nobody's: it is left alone
			}
			return userID, err
		},
	}
	_ = config
}

// Access can be decided without a request too, as of any time. A payment that failed is given a week, or what the app says.
func ExampleSubscription_Entitles() {
	failed := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	s := subscription.Subscription{Status: subscription.StatusPastDue, PastDueSince: failed}
	fmt.Println(s.Entitles(failed.Add(6*24*time.Hour), 0), s.Entitles(failed.Add(8*24*time.Hour), 0))
	fmt.Println(s.Entitles(failed.Add(8*24*time.Hour), 2*subscription.DefaultPastDueGrace))
	// Output:
	// true false
	// true
}

// A page of the app's staff reads the store, which keeps no order.
func ExampleRanked() {
	var store subscription.SubscriptionStore = memstore.New()
	list := func(ctx context.Context, owner subscription.Owner) ([]subscription.Subscription, error) {
		all, err := store.Subscriptions(ctx, owner)
		return append(subscription.Ranked(all), subscription.Past(all)...), err
	}
	nothing, err := list(context.Background(), subscription.Owner{ID: "ada"})
	fmt.Println(len(nothing), err)
	// Output: 0 <nil>
}

// All payments of an owner, page by page, for a statement of account.
func ExamplePaymentPage() {
	var account paymount.Account // from Service.For
	total := func(ctx context.Context) (paid int64, err error) {
		for page, seen := 1, 0; ; page++ {
			p, err := account.Payments(ctx, page, 100)
			if err != nil {
				return 0, err
			}
			for _, payment := range p.Payments {
				if payment.Status.Paid() {
					paid += payment.Amount - payment.AmountRefunded
				}
			}
			if seen += len(p.Payments); seen >= p.Total || len(p.Payments) == 0 {
				return paid, nil
			}
		}
	}
	_ = total
}

// In a team somebody buys for all of them. The owner is the team, and the actor who bought.
func ExampleChange_ActorID() {
	team := subscription.Owner{Scope: project.Scope{ProjectID: "shop", Mode: project.ModeLive}, ID: "team_7"}
	bought := &subscription.Subscription{ID: "sub_1", Owner: team, Metadata: map[string]string{
		subscription.MetadataOwner: "team_7", subscription.MetadataProject: "shop", subscription.MetadataActor: "ada",
	}}
	change := subscription.Change{New: bought}
	fmt.Println(change.ActorID(), "has bought for", change.New.Owner.ID)
	// Output: ada has bought for team_7
}

// What an app made at Stripe by itself is an owner's too if its metadata say so, with the project.
func ExampleOwnerIn() {
	scope := project.Scope{ProjectID: "shop", Mode: project.ModeLive}
	for _, metadata := range []map[string]string{
		{subscription.MetadataOwner: "team_7", subscription.MetadataProject: "shop"},
		{subscription.MetadataOwner: "42"}, // of another app on the same Stripe account
	} {
		fmt.Printf("%q\n", subscription.OwnerIn(metadata, scope))
	}
	// Output:
	// "team_7"
	// ""
}

// A team sets its seats itself, within what was agreed. Who is over the bound is told why; what the app sets has none.
func ExampleCustomizeUpdate() {
	const agreed = 20
	var customize subscription.CustomizeUpdate = func(
		_ context.Context, id auth.Identity, _ subscription.Subscription, update *subscription.Update,
	) error {
		if id.UserID != "" && update.Quantity > agreed {
			return subscription.ErrConflict.Because("For more than 20 seats, write to us.")
		}
		return nil
	}
	for _, user := range []string{"ada", ""} {
		wanted := &subscription.Update{Quantity: 30}
		err := customize(context.Background(), auth.Identity{UserID: user}, subscription.Subscription{}, wanted)
		fmt.Println(errors.Is(err, subscription.ErrConflict))
	}
	// Output:
	// true
	// false
}
