package simulation

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/stripetest"
)

// wideActions are what can happen in a wide world besides, by how often.
func wideActions() []action {
	return []action{
		{4, (*world).changeMetadata},
		{3, (*world).addByHand},
		{2, (*world).deleteTestData},
		{2, (*world).mixUpKeys},
	}
}

// wideEvery is how many steps of a wide world there are for each one that is replaced by one of the wideActions.
const wideEvery = 8

// actionOf returns what happens in a step. In a wide world that can be another action than the planned one. The draw is one of
// its own, so that all other steps, and all worlds that are not wide, are what they were before there were wide ones.
func (w *world) actionOf(s step) action {
	if !w.wide || !w.odds(wideEvery, fmt.Sprintf("wide step %d", s.index)) {
		return s.action
	}
	return choose(wideActions(), w.chance("wide action %d", s.index))
}

// widen adds to a wide world what the others do not have: somebody else where the first owner is, and an account of Stripe's
// that is nobody's project.
func (w *world) widen(t testing.TB) {
	t.Helper()
	if !w.wide {
		return
	}
	for _, user := range []string{"ada", "bob"} {
		if first := w.owners[0]; w.find(first.scope, user) == nil {
			w.owners = append(w.owners, &owner{scope: first.scope, user: user})
		}
	}
	if err := w.stripe.AddAccount(strangeKey); err != nil {
		t.Fatal(err)
	}
	w.secrets[strangeKey] = true
}

// addPlans fills the catalog.
func (w *world) addPlans(s *scope) {
	specs := []stripetest.PriceSpec{
		{Product: "Pro", Amount: 1200, Interval: "month"},
		{Product: "Pro yearly", Amount: 12000, Interval: "year"},
		{Product: "Team", Amount: 4900, Interval: "month"},
	}
	if w.wide {
		specs = append(specs,
			stripetest.PriceSpec{Product: "Calls", Amount: 3, Interval: "month", Metered: true},
			stripetest.PriceSpec{Product: "Pro in Europe", Amount: 1100, Currency: "eur", Interval: "month"},
		)
	}
	s.plans = nil
	for _, spec := range specs {
		s.plans = append(s.plans, s.account.AddPrice(spec))
	}
	s.once = s.account.AddPrice(stripetest.PriceSpec{Product: "Sticker", Amount: 500})
}

// changeMetadata lets the dashboard change whom the metadata of a subscription name.
func (w *world) changeMetadata(o *owner, _ *process) string {
	s, ok := oneOf(w.random, w.living(o))
	if !ok {
		return ""
	}
	form, words := url.Values{}, "nobody"
	switch w.random.IntN(5) {
	case 0:
		form.Set("metadata", "")
	case 1:
		form.Set("metadata[user_id]", "")
	case 2:
		form.Set("metadata[project_id]", "elsewhere")
	default:
		heir := pick(w.random, keep(w.owners, func(other *owner) bool { return other.scope == o.scope }))
		form.Set("metadata[user_id]", heir.user)
		form.Set("metadata[project_id]", heir.ProjectID)
		if words = heir.user; w.byHand(o.scope, s.Customer) {
			heir.second = true
		}
	}
	status := w.post(o.scope, "/v1/subscriptions/"+s.ID, form)
	return fmt.Sprintf("dashboard: the metadata of %s name %s: %d", w.name(s.ID), words, status)
}

// addByHand lets the dashboard make a subscription of a new customer, with the metadata that name its user; or lets another app
// on the account make one, for a user of its own with the same id.
func (w *world) addByHand(o *owner, _ *process) string {
	w.touch(o.scope)
	metadata := map[string]string{"user_id": o.user, "project_id": o.ProjectID}
	if w.random.IntN(4) == 0 {
		metadata["project_id"] = "elsewhere"
	} else {
		o.second = true
	}
	customer := o.account.AddCustomer("walk-in@example.com")
	s, err := o.account.AddSubscription(customer.ID, pick(w.random, o.plans).ID, metadata)
	w.meet(o.scope, "subscription", s.ID, o.named(metadata))
	return done(fmt.Sprintf("dashboard: make %s for %s of %s", w.name(s.ID), o, metadata["project_id"]), err)
}

// deleteTestData lets the dashboard delete everything in a test account, and make the catalog anew.
func (w *world) deleteTestData(o *owner, _ *process) string {
	if o.account.DeleteTestData() != nil {
		return "" // in live mode nothing is ever deleted
	}
	w.addPlans(o.scope)
	o.forgetful, o.unseen = true, true
	w.touch(o.scope)
	return fmt.Sprintf("dashboard: delete the test data of %s", o.ProjectID)
}

// post makes a call to Stripe's API that is not the app's, and returns the status of the answer.
func (w *world) post(s *scope, path string, form url.Values) int {
	w.touch(s)
	r := httptest.NewRequestWithContext(context.Background(), http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Authorization", "Bearer "+s.key)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	out := httptest.NewRecorder()
	w.stripe.ServeHTTP(out, r)
	return out.Code
}

// strangeKey is of a Stripe account that is none of the projects'.
const strangeKey = "sk_live_key_of_a_stranger"

// mixUpKeys puts the key of another account where that of a live scope should be, for some steps.
func (w *world) mixUpKeys(o *owner, _ *process) string {
	if o.Mode != project.ModeLive || o.strange {
		return ""
	}
	o.strangeUntil = w.step + 2 + w.random.IntN(15)
	w.setStrange(o.scope, true)
	return fmt.Sprintf("%s/live has the key of another account until step %d", o.ProjectID, o.strangeUntil)
}

// returnKeys puts the right keys back where their time has come.
func (w *world) returnKeys(step int) {
	for _, s := range w.scopes {
		if s.strange && s.strangeUntil <= step {
			w.setStrange(s, false)
			w.trace.add(fmt.Sprintf("%s/live has its own key again", s.ProjectID))
		}
	}
}

// everStrange reports whether the scope of an owner has had the key of another account. The caller holds the mutex.
func (w *world) everStrange(name string) bool {
	return slices.ContainsFunc(w.owners, func(o *owner) bool { return o.String() == name && o.strangeUntil > 0 })
}

func (w *world) setStrange(s *scope, strange bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s.strange = strange
}

// keys are the credentials of all processes.
type keys struct{ w *world }

// ResolveCredentials implements project.CredentialResolver.
func (k keys) ResolveCredentials(_ context.Context, projectID string, mode project.Mode) (project.Credentials, error) {
	k.w.mu.Lock()
	defer k.w.mu.Unlock()
	i := slices.IndexFunc(k.w.scopes, func(s *scope) bool { return s.ProjectID == projectID && s.Mode == mode })
	if i < 0 {
		return project.Credentials{}, project.ErrNotConfigured
	}
	s := k.w.scopes[i]
	out := project.Credentials{SecretKey: s.key, WebhookSecrets: []string{s.secret}}
	if s.strange {
		out.SecretKey = strangeKey
	}
	return out, nil
}
