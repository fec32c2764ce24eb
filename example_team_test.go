package paymount_test

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/paymount/paymount"
	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/checkout"
	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

// workspace is a team of an app that charges by the member. The app keeps its members in a table of its own.
type workspace struct {
	billing *paymount.Service
	id      string

	mu      sync.Mutex
	members []string
}

func (w *workspace) account(by ...auth.Identity) paymount.Account {
	owner := subscription.Owner{Scope: project.Scope{ProjectID: "shop", Mode: project.ModeTest}, ID: w.id}
	return w.billing.For(owner, by...)
}

// join commits the new member first, and then lets the seats follow. A job that calls syncSeats for each team once a day makes up
// for a process that died in between.
func (w *workspace) join(ctx context.Context, user string) error {
	w.mu.Lock()
	w.members = append(w.members, user)
	w.mu.Unlock()
	return w.syncSeats(ctx)
}

func (w *workspace) syncSeats(ctx context.Context) error {
	_, err := w.account().SyncQuantity(ctx, "", "", func(context.Context) (int64, error) { // SELECT count(*) FROM members …
		w.mu.Lock()
		defer w.mu.Unlock()
		return int64(len(w.members)), nil
	})
	return err
}

// A team pays for its members: ada buys, and whoever joins gets a seat, however many do so at once.
func Example_team() {
	ctx := context.Background()
	stripe, app := newShop()
	defer stripe.Close()
	team := &workspace{billing: app.billing, id: "team_7", members: []string{"ada"}}

	ada := auth.Identity{UserID: "ada", OwnerID: team.id, ProjectID: "shop"}
	session, err := team.account(ada).Checkout(ctx, checkout.Request{
		Lines:      []checkout.Line{{PriceID: app.price}},
		SuccessURL: "https://app.example.com/welcome", CancelURL: "https://app.example.com/plans",
	})
	if err != nil {
		fmt.Println(err)
	}
	_ = stripe.Complete(session.URL[strings.LastIndex(session.URL, "/")+1:]) // a person pays
	bought, err := team.account().CheckoutSession(ctx, session.ID, 0)
	fmt.Println(bought.Subscription.Owner.ID, "pays,", bought.Subscription.ActorID(), "has bought:", err)

	var joining sync.WaitGroup
	for i := range 9 {
		joining.Go(func() {
			if err := team.join(ctx, fmt.Sprint("member ", i)); err != nil {
				fmt.Println(err)
			}
		})
	}
	joining.Wait()
	plan, _, err := team.account().Subscription(ctx)
	fmt.Println(plan.Plan().Quantity, "seats", err)
	// Output:
	// team_7 pays, ada has bought: <nil>
	// 10 seats <nil>
}
