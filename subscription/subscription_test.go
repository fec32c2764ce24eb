package subscription_test

import (
	"testing"
	"time"

	"github.com/paymount/paymount/subscription"
)

func sub(id string, status subscription.Status) subscription.Subscription {
	return subscription.Subscription{ID: id, Status: status}
}

func TestRankedBeginsWithTheBestAndNewest(t *testing.T) {
	t.Parallel()
	at := func(s subscription.Subscription, day int) subscription.Subscription {
		s.CreatedAt = time.Date(2026, 1, day, 0, 0, 0, 0, time.UTC)
		return s
	}
	subs := []subscription.Subscription{
		at(sub("sub_incomplete", subscription.StatusIncomplete), 9), at(sub("sub_unpaid", subscription.StatusUnpaid), 8),
		at(sub("sub_active", subscription.StatusActive), 1), at(sub("sub_trial", subscription.StatusTrialing), 2),
		at(sub("sub_ended", subscription.StatusCanceled), 10), at(sub("sub_past_due", subscription.StatusPastDue), 9),
	}
	var order []string
	for _, s := range subscription.Ranked(subs) {
		order = append(order, s.ID)
	}
	want := []string{"sub_trial", "sub_active", "sub_past_due", "sub_unpaid", "sub_incomplete"}
	if len(order) != len(want) {
		t.Fatalf("order %v", order)
	}
	for i := range want {
		if order[i] != want[i] {
			t.Fatalf("order %v", order)
		}
	}
	if open := subscription.Ranked(subs[4:5]); len(open) != 0 {
		t.Error("an ended subscription is among those that have not ended")
	}
}
