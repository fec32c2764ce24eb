package main

import (
	"context"
	"errors"
	"time"

	"github.com/stripe/stripe-go/v76/webhook"

	"github.com/paymount/paymount/bench/internal/fixture"
	"github.com/paymount/paymount/internal/stripe"
)

// openEvent verifies an event and reads its ids as paymount's webhook handler does.
func openEvent(payload []byte, header string) (event, subscription string, err error) {
	if err := stripe.Verify(payload, header, []string{fixture.WebhookSecret}, time.Now()); err != nil {
		return "", "", err
	}
	e, err := stripe.Parse(payload)
	return e.ID, e.Object.Subscription, err
}

// constructEvent does the same with stripe-go.
func constructEvent(payload []byte, header string) (event, subscription string, err error) {
	e, err := webhook.ConstructEvent(payload, header, fixture.WebhookSecret)
	if err != nil {
		return "", "", err
	}
	return e.ID, e.GetObjectValue("subscription"), nil
}

// sameEvent has both open an event, and fails when they read it differently.
func sameEvent(payload []byte, header string) error {
	event, subscription, err := openEvent(payload, header)
	otherEvent, otherSubscription, otherErr := constructEvent(payload, header)
	if err != nil || otherErr != nil || event != otherEvent || subscription != otherSubscription || subscription == "" {
		return errors.Join(errors.New("the two read different ids"), err, otherErr)
	}
	return nil
}

func eventRows(_ context.Context, b bench) ([]row, error) {
	payload := fixture.LargeEvent()
	header := fixture.Sign(payload, time.Now())
	if err := sameEvent(payload, header); err != nil {
		return nil, err
	}
	read, err := b.measure(1,
		side{name: "paymount", do: func() error { _, _, err := openEvent(payload, header); return err }},
		side{name: "stripe-go", do: func() error { _, _, err := constructEvent(payload, header); return err }},
	)
	if err != nil {
		return nil, err
	}
	return []row{{
		path: "verify an event of 18 KB and read its ids", against: "stripe-go webhook.ConstructEvent",
		checks: []check{
			atLeast(ratio(read[1], read[0]), 5, "%.1fx faster"),
			atMost(100*medianRatio(read[0].bytes, read[1].bytes), 10, "%.1f %% of its bytes"),
			told("%s", duration(median(read[0].nanoseconds))),
		},
	}}, nil
}
