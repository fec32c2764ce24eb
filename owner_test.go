package paymount_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/paymount/paymount"
	"github.com/paymount/paymount/auth"
	"github.com/paymount/paymount/stripetest"
	"github.com/paymount/paymount/subscription"
)

// team is an owner that is no user: ada and bob act for it.
const team = "team_7"

// memberOf takes "Bearer USER/OWNER" for a user who acts for an owner.
func memberOf(r *http.Request) (auth.Identity, error) {
	id, err := plainBearer(r)
	id.UserID, id.OwnerID, _ = strings.Cut(id.UserID, "/")
	return id, err
}

func withTeams(c *paymount.Config, _ *stripetest.Options) {
	c.Authenticator = auth.AuthenticatorFunc(memberOf)
}

func (b *bundle) checkoutAs(who string, changes ...map[string]any) answer {
	b.t.Helper()
	return b.as(who, http.MethodPost, "/billing/checkout-session", b.order(changes...))
}

// buyAs makes whoever who acts for a subscriber.
func (b *bundle) buyAs(who string) {
	b.t.Helper()
	a := b.checkoutAs(who)
	want(b.t, "checkout of "+who, a.status, http.StatusOK)
	if err := b.stripe.Complete(a.text("session_id")); err != nil {
		b.t.Fatal(err)
	}
	b.settle()
}

func TestATeamPaysAndItsMembersUse(t *testing.T) {
	t.Parallel()
	changes := make(chan subscription.Change, 10)
	b := setup(t, withTeams, func(c *paymount.Config, _ *stripetest.Options) {
		c.OnChange = func(_ context.Context, change subscription.Change) error {
			changes <- change
			return nil
		}
	})
	b.buyAs("ada/" + team)

	for who, status := range map[string]int{
		"ada/" + team: http.StatusNoContent, "bob/" + team: http.StatusNoContent,
		"ada": http.StatusPaymentRequired, "bob/team_8": http.StatusPaymentRequired,
	} {
		want(t, "the gate for "+who, b.as(who, http.MethodGet, "/pro", nil).status, status)
	}
	mine := b.as("bob/"+team, http.MethodGet, "/billing/my-subscription", nil)
	want(t, "whose it is", mine.text("user_id"), team)
	want(t, "what ada has herself", b.status("ada"), "")
	payments := b.as("bob/"+team, http.MethodGet, "/billing/my-payments", nil)
	want(t, "the team's payments", payments.body["total"], any(float64(1)))
	want(t, "a second one", b.checkoutAs("bob/"+team).code(), "subscription_exists")
	want(t, "one of her own", b.checkoutAs("ada").status, http.StatusOK)

	change := <-changes
	want(t, "the owner in the change", change.New.Owner.ID, team)
	want(t, "who acted", change.ActorID(), "ada")
}

func TestWhatAMemberMakesSaysWhoActed(t *testing.T) {
	t.Parallel()
	b := setup(t, withTeams)
	a := b.checkoutAs("ada/"+team, map[string]any{"metadata": map[string]any{"actor_id": "mallory", "campaign": "spring"}})
	session, _ := b.stripe.Session(a.text("session_id"))
	customer := b.stripe.Customers()[0]
	for what, metadata := range map[string]map[string]string{"session": session.Metadata, "customer": customer.Metadata} {
		want(t, what+": user_id", metadata["user_id"], team)
		want(t, what+": actor_id", metadata["actor_id"], "ada")
	}
	want(t, "client_reference_id", session.ClientReferenceID, team)
	want(t, "the client's own", session.Metadata["campaign"], "spring")

	own := b.checkoutAs("carol", map[string]any{"metadata": map[string]any{"actor_id": "mallory"}})
	session, _ = b.stripe.Session(own.text("session_id"))
	if actor, named := session.Metadata["actor_id"]; named {
		t.Errorf("carol buys for herself, and %q is the actor", actor)
	}
}

func TestTwoAdministratorsWhoAskForTheSameGetTheSameSession(t *testing.T) {
	t.Parallel()
	b := setup(t, withTeams)
	first := b.checkoutAs("ada/" + team)
	second := b.checkoutAs("bob/" + team)
	want(t, "the session", second.text("session_id"), first.text("session_id"))
	want(t, "sessions made", len(b.stripe.Calls("POST", "/v1/checkout/sessions")), 1)
	want(t, "customers made", len(b.stripe.Calls("POST", "/v1/customers")), 1)

	other := b.checkoutAs("bob/"+team, map[string]any{"price_id": b.yearly.ID})
	if other.text("session_id") == first.text("session_id") {
		t.Error("another price got the same session")
	}
	before, _ := b.stripe.Session(first.text("session_id"))
	want(t, "the first session", before.Status, "expired")
}

func TestTheKeysThatAreSetForAMemberCount(t *testing.T) {
	t.Parallel()
	b := setup(t, withTeams)
	metadata := map[string]any{}
	for i := range 48 {
		metadata[fmt.Sprintf("key_%d", i)] = "v"
	}
	want(t, "48 keys of an owner", b.checkoutAs("carol", map[string]any{"metadata": metadata}).status, http.StatusOK)
	a := b.checkoutAs("ada/"+team, map[string]any{"metadata": metadata})
	want(t, "48 keys of a member", a.status, http.StatusUnprocessableEntity)
	if !slices.Equal(a.fields(), []string{"body.metadata"}) {
		t.Errorf("the fields are %v", a.fields())
	}
	delete(metadata, "key_0")
	want(t, "47 keys of a member", b.checkoutAs("ada/"+team, map[string]any{"metadata": metadata}).status, http.StatusOK)
}

func TestIdempotencyKeysBelongToOwnerAndUser(t *testing.T) {
	t.Parallel()
	b := setup(t, withTeams)
	post := func(who string) string {
		t.Helper()
		a := b.as(who, http.MethodPost, "/billing/checkout-session",
			b.order(map[string]any{"mode": "payment", "price_id": b.once.ID}), "Idempotency-Key", "key")
		want(t, who, a.status, http.StatusOK)
		return a.text("session_id")
	}
	sessions := map[string]string{}
	for _, who := range []string{"ada/" + team, "bob/" + team, "ada/team_8", "ada", team} {
		id := post(who)
		if other, taken := sessions[id]; taken {
			t.Errorf("%s and %s share an answer", who, other)
		}
		sessions[id] = who
		want(t, who+" again", post(who), id)
	}
}

func TestAnOwnerThatNoStoreCanKeepIsRefused(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *paymount.Config, _ *stripetest.Options) {
		c.Authenticator = auth.AuthenticatorFunc(func(*http.Request) (auth.Identity, error) {
			return auth.Identity{UserID: "ada", OwnerID: "team\x007", ProjectID: projectID}, nil
		})
	})
	want(t, "status", b.checkout().status, http.StatusUnauthorized)
}
