package subscription_test

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/paymount/paymount/subscription"
)

func TestErrorsMatchByTheirCode(t *testing.T) {
	t.Parallel()
	err := fmt.Errorf("while cancelling: %w", subscription.ErrConflict.Because("The subscription has ended."))
	if !errors.Is(err, subscription.ErrConflict) || errors.Is(err, subscription.ErrExists) {
		t.Errorf("%v matches the wrong sentinel", err)
	}
	if subscription.ErrConflict.Message == "The subscription has ended." {
		t.Error("Because changed the sentinel")
	}
	failed := &subscription.Error{Code: subscription.ErrUnavailable.Code, Message: "Later.", Cause: io.ErrUnexpectedEOF}
	if !errors.Is(failed, io.ErrUnexpectedEOF) || !errors.Is(failed, subscription.ErrUnavailable) {
		t.Errorf("%v does not match its cause and its sentinel", failed)
	}
}

func TestInvalidListsItsFields(t *testing.T) {
	t.Parallel()
	err := subscription.Invalid(subscription.FieldError{Field: "price_id", Message: "Field required", Kind: "missing"})
	if !errors.Is(err, subscription.ErrInvalid) || len(err.Fields) != 1 || len(subscription.ErrInvalid.Fields) != 0 {
		t.Errorf("got %+v, and the sentinel is %+v", err, subscription.ErrInvalid)
	}
}
