package storetest

import (
	"context"
	"runtime"
	"sync"
	"time"

	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

type (
	keyReservation = subscription.Reservation
	keyReply       = subscription.Reply
)

func brokenKeys() []broken {
	reserve := func(change func(sc *scope, r *keyReservation)) func() store {
		return func() store { return &brokenReserve{intact(), change} }
	}
	return []broken{
		{
			"keys never expire", "idempotency/a reply is kept until the key expires",
			reserve(func(_ *scope, r *keyReservation) { r.ExpiresAt = r.ExpiresAt.Add(time.Hour) }),
		},
		{
			"locks never end", "idempotency/a lock that has ended frees the key",
			reserve(func(_ *scope, r *keyReservation) { r.LockedUntil = r.ExpiresAt }),
		},
		{
			"a key keeps its first expiry", "idempotency/a key that is reserved anew lives until its new expiry",
			func() store { return &firstExpiry{intact(), sync.Map{}} },
		},
		{
			"a key in flight does not expire", "idempotency/a key in flight that has expired is free",
			func() store { return &expiresFinished{intact()} },
		},
		{
			"keys are shared by modes", "isolation/ReserveKey and FinishKey keep to their mode",
			reserve(func(sc *scope, _ *keyReservation) { sc.Mode = project.ModeTest }),
		},
		{
			"keys are shared by projects", "isolation/ReserveKey and FinishKey keep to their project",
			reserve(func(sc *scope, _ *keyReservation) { sc.ProjectID = "shop" }),
		},
		{
			"two get one key", "idempotency/of racing reservations exactly one gets the key",
			func() store { return &racyReserve{intact()} },
		},
		{"anyone finishes", "idempotency/only the holder finishes, and once", func() store { return &anyoneFinishes{intact()} }},
		{
			"a body is kept as text", "idempotency/a reply is kept byte for byte",
			func() store { return &textBodies{intact()} },
		},
		{
			"ReserveKey ignores its context", "contexts/ReserveKey does nothing once its context is done",
			func() store { return &deafKeys{intact()} },
		},
	}
}

// firstExpiry forgets a key when its first reservation would have expired.
type firstExpiry struct {
	*wrapper

	first sync.Map
}

func (b *firstExpiry) ReserveKey(ctx context.Context, sc scope, key string, r keyReservation) (keyReservation, bool, error) {
	first, known := b.first.LoadOrStore(key, r.ExpiresAt)
	if expiry := first.(time.Time); known && r.At.After(expiry) {
		r.At = r.At.Add(time.Hour)
	} else if known {
		r.ExpiresAt = expiry
	}
	return b.wrapper.ReserveKey(ctx, sc, key, r)
}

type brokenReserve struct {
	*wrapper

	change func(sc *scope, r *keyReservation)
}

func (b *brokenReserve) ReserveKey(ctx context.Context, sc scope, key string, r keyReservation) (keyReservation, bool, error) {
	b.change(&sc, &r)
	return b.wrapper.ReserveKey(ctx, sc, key, r)
}

// expiresFinished keeps a key in flight for as long as it is locked.
type expiresFinished struct{ *wrapper }

func (b *expiresFinished) ReserveKey(
	ctx context.Context, sc scope, key string, r keyReservation,
) (keyReservation, bool, error) {
	if r.LockedUntil.After(r.ExpiresAt) {
		r.ExpiresAt = r.LockedUntil
	}
	return b.wrapper.ReserveKey(ctx, sc, key, r)
}

// racyReserve lets others run between looking and writing.
type racyReserve struct{ *wrapper }

func (b *racyReserve) ReserveKey(ctx context.Context, sc scope, key string, r keyReservation) (keyReservation, bool, error) {
	existing, reserved, err := b.wrapper.ReserveKey(ctx, sc, key, r)
	if !reserved || err != nil {
		return existing, reserved, err
	}
	if err := b.FinishKey(ctx, sc, key, r.Holder, nil); err != nil {
		return existing, false, err
	}
	runtime.Gosched()
	_, _, err = b.wrapper.ReserveKey(ctx, sc, key, r)
	return keyReservation{}, true, err
}

type anyoneFinishes struct{ *wrapper }

func (b *anyoneFinishes) FinishKey(ctx context.Context, sc scope, key, _ string, reply *keyReply) error {
	existing, reserved, err := b.ReserveKey(ctx, sc, key, keyReservation{At: at(0), ExpiresAt: at(0)})
	if reserved || err != nil {
		return err
	}
	return b.wrapper.FinishKey(ctx, sc, key, existing.Holder, reply)
}

type textBodies struct{ *wrapper }

func (b *textBodies) FinishKey(ctx context.Context, sc scope, key, holder string, reply *keyReply) error {
	if reply != nil {
		reply = &keyReply{Status: reply.Status, Body: []byte(string([]rune(string(reply.Body))))}
	}
	return b.wrapper.FinishKey(ctx, sc, key, holder, reply)
}

type deafKeys struct{ *wrapper }

func (b *deafKeys) ReserveKey(ctx context.Context, sc scope, key string, r keyReservation) (keyReservation, bool, error) {
	return b.wrapper.ReserveKey(context.WithoutCancel(ctx), sc, key, r)
}
