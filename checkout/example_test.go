package checkout_test

import (
	"context"
	"fmt"

	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/checkout"
	"github.com/paymount/paymount/subscription"
)

// A host gives its students a longer trial, and sells nothing to who is locked out.
func ExampleCustomize() {
	var customize checkout.Customize = func(_ context.Context, id auth.Identity, session *checkout.SessionParams) error {
		switch id.UserID {
		case "mallory":
			return subscription.ErrConflict.Because("Your account is locked.")
		case "ada":
			session.TrialDays = 30
		}
		session.Metadata["campaign"] = "spring"
		return nil
	}
	for _, user := range []string{"ada", "bob", "mallory"} {
		session := checkout.SessionParams{Metadata: map[string]string{}, Options: checkout.Options{TrialDays: 7}}
		err := customize(context.Background(), auth.Identity{UserID: user, ProjectID: "shop"}, &session)
		fmt.Println(user, session.TrialDays, err)
	}
	// Output:
	// ada 30 <nil>
	// bob 7 <nil>
	// mallory 7 conflict: Your account is locked.
}
