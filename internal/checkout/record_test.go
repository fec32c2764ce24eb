package checkout

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/paymount/paymount/checkout"
	"github.com/paymount/paymount/internal/stripe"
	"github.com/paymount/paymount/subscription"
)

// fill sets every field of v to something else than its zero value.
func fill(t *testing.T, v reflect.Value) {
	t.Helper()
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(t, v.Field(i))
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(t, v.Index(0))
		fill(t, v.Index(1))
	case reflect.Map:
		v.Set(reflect.ValueOf(map[string]string{"key": "value"}))
	case reflect.String:
		v.SetString("text")
	case reflect.Int64:
		v.SetInt(7)
	case reflect.Bool:
		v.SetBool(true)
	default:
		t.Fatalf("a field of kind %s", v.Kind())
	}
}

func TestTheIntentKeepsEveryParameterOfASession(t *testing.T) {
	t.Parallel()
	var params stripe.SessionParams
	fill(t, reflect.ValueOf(&params).Elem())
	data, err := json.Marshal(record{Params: recordOf(params)})
	if err != nil {
		t.Fatal(err)
	}
	kept, err := readAttempt(subscription.Intent{Data: data})
	if err != nil || !reflect.DeepEqual(kept.params, params) {
		t.Errorf("kept %+v, %v\nof %+v", kept.params, err, params)
	}
}

func TestARecordWithoutLinesIsReadAsTheOneLineItIsAbout(t *testing.T) {
	t.Parallel()
	const before = `{"params":{"mode":"subscription","price_id":"price_1","quantity":3,"success_url":"https://a.example/done",` +
		`"cancel_url":"https://a.example/","customer_id":"cus_1","user_id":"ada","metadata":{"user_id":"ada"},"trial_days":14,` +
		`"payment_method_types":["card"]},"created_at":"2026-01-02T03:04:05Z","suspect":true}`
	got, err := readAttempt(subscription.Intent{Version: 4, Attempt: "pm_1", ObjectID: "cs_1", Data: []byte(before)})
	want := attempt{
		Intent: subscription.Intent{Version: 4, Attempt: "pm_1", ObjectID: "cs_1", Data: []byte(before)},
		params: stripe.SessionParams{
			SessionParams: checkout.SessionParams{
				Mode: checkout.ModeSubscription, Lines: []checkout.Line{{PriceID: "price_1", Quantity: 3}},
				SuccessURL: "https://a.example/done", CancelURL: "https://a.example/", Metadata: map[string]string{"user_id": "ada"},
				Options: checkout.Options{TrialDays: 14, PaymentMethodTypes: []string{"card"}},
			},
			CustomerID: "cus_1", OwnerID: "ada",
		},
		createdAt: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), suspect: true,
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("read %+v, %v\nwant %+v", got, err, want)
	}
}

func TestAnyDifferenceMakesAnotherRequest(t *testing.T) {
	t.Parallel()
	params := stripe.SessionParams{SessionParams: checkout.SessionParams{Lines: []checkout.Line{{}}}}
	empty := params
	empty.Metadata, empty.PaymentMethodTypes = map[string]string{}, []string{}
	if !equal(params, empty) {
		t.Error("empty lists and none differ")
	}
	var fields func(v reflect.Value, name string)
	fields = func(v reflect.Value, name string) {
		for i := range v.NumField() {
			field := v.Field(i)
			if field.Kind() == reflect.Struct {
				fields(field, name+v.Type().Field(i).Name+".")
				continue
			}
			before := reflect.ValueOf(field.Interface())
			fill(t, field)
			if equal(params, empty) {
				t.Errorf("another %s%s makes no difference", name, v.Type().Field(i).Name)
			}
			field.Set(before)
		}
	}
	fields(reflect.ValueOf(&params).Elem(), "")
}
