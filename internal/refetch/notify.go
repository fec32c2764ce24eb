package refetch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/paymount/paymount/internal/guard"
	"github.com/paymount/paymount/subscription"
)

const (
	// hookTimeout bounds the hook, and claimLife the claim: it outlives the hook by far, so that the host is never notified of two
	// changes of one object at the same time. Of a claim that it has watched for so long a process knows by its own clock alone
	// that it has lapsed; before that, clocks of two replicas may differ by clockSkew.
	hookTimeout = 10 * time.Second
	claimLife   = 2 * hookTimeout
	clockSkew   = 5 * time.Minute
)

// ErrClaimed says that the state is stored, but another caller is notifying the host of a change of the same object right now. A
// webhook that fails with it is delivered again: by then the host knows the state, or is notified of it.
var ErrClaimed = errors.New("refetch: another caller is notifying the host of a change of this object")

// ErrHook says that the state was stored, but the host's hook failed to take the change: it has to be notified again.
var ErrHook = errors.New("refetch: the OnChange hook failed")

// IgnoreHookError returns nil when the state was stored and only the notification of the host failed: the webhook that is still
// to come notifies it.
func IgnoreHookError(err error) error {
	if errors.Is(err, ErrHook) || errors.Is(err, ErrClaimed) {
		return nil
	}
	return err
}

// notify notifies the host of the state of o, which this call has claimed to do at that time, and acknowledges what the host has
// taken. When so much time has passed since the claim that the hook might outlive it, it does nothing: another caller may have
// notified the host of a later change by then.
func (r *Refetcher) notify(ctx context.Context, o subscription.Object, claimed time.Time) error {
	if r.config.Now().Sub(claimed) > hookTimeout {
		return ErrClaimed
	}
	hookErr := r.callHook(ctx, o)
	next := acknowledged(o)
	if hookErr != nil {
		next = failed(o)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), hookTimeout)
	defer cancel()
	// When it is not saved, another caller has claimed to notify the host since.
	if _, err := r.config.Store.SaveNotification(ctx, o.Scope, o.ID, next); err != nil {
		return fmt.Errorf("%w: it could not be acknowledged: %w", ErrHook, errors.Join(err, hookErr))
	}
	if hookErr != nil {
		return fmt.Errorf("%w: %w", ErrHook, hookErr)
	}
	return nil
}

// notifyNow notifies the host of the state of an object that was saved while another caller was notifying it, if that one is done
// by now. The state can be a later one than was saved.
func (r *Refetcher) notifyNow(ctx context.Context, t Target) error {
	loaded, err := r.load(ctx, t, nil)
	if err != nil {
		return err
	}
	now, o := r.config.Now(), loaded.Object
	n, decided := decide(o, o, terms{now: now, lapsed: r.claims.lapsed(t.key(), now)})
	if decided == nothing {
		return nil
	}
	if decided == leave {
		return ErrClaimed
	}
	saved, err := r.config.Store.SaveNotification(ctx, t.Scope, t.Object, n)
	if err != nil {
		return err
	}
	if !saved {
		return ErrClaimed
	}
	n.Version++
	o.Notification = n
	return r.notify(ctx, o, now)
}

func (r *Refetcher) callHook(ctx context.Context, o subscription.Object) error {
	change, err := changeOf(o)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), hookTimeout)
	defer cancel()
	_, err = guard.Call("the OnChange hook", func() (struct{}, error) {
		return struct{}{}, r.config.OnChange(ctx, change)
	})
	return err
}
