package checkout

import (
	"time"

	"github.com/paymount/paymount/checkout"
	"github.com/paymount/paymount/internal/stripe"
)

// record is the content of the intent: the JSON that stores keep. A repeated call sends the parameters that are kept, so every
// field of them has its place here.
type record struct {
	Params    recordedParams `json:"params"`
	CreatedAt time.Time      `json:"created_at"`
	Over      bool           `json:"over,omitempty"`
	Suspect   bool           `json:"suspect,omitempty"`
}

type recordedParams struct {
	Mode  checkout.Mode  `json:"mode"`
	Lines []recordedLine `json:"lines"`
	// PriceID and Quantity are the line of a record that was written before there were Lines.
	PriceID     string            `json:"price_id,omitempty"`
	Quantity    int64             `json:"quantity,omitempty"`
	SuccessURL  string            `json:"success_url"`
	CancelURL   string            `json:"cancel_url"`
	CustomerID  string            `json:"customer_id"`
	OwnerID     string            `json:"user_id"`
	Description string            `json:"description,omitempty"`
	Metadata    map[string]string `json:"metadata"`

	TrialDays             int64    `json:"trial_days,omitempty"`
	AllowPromotionCodes   bool     `json:"allow_promotion_codes,omitempty"`
	AutomaticTax          bool     `json:"automatic_tax,omitempty"`
	RequireBillingAddress bool     `json:"require_billing_address,omitempty"`
	Locale                string   `json:"locale,omitempty"`
	PaymentMethodTypes    []string `json:"payment_method_types,omitempty"`
	Embedded              bool     `json:"embedded,omitempty"`
}

type recordedLine struct {
	PriceID  string `json:"price_id"`
	Quantity int64  `json:"quantity"`
}

func recordOf(p stripe.SessionParams) recordedParams {
	r := recordedParams{
		Mode: p.Mode, SuccessURL: p.SuccessURL, CancelURL: p.CancelURL, CustomerID: p.CustomerID, OwnerID: p.OwnerID,
		Description: p.Description, Metadata: p.Metadata,
		TrialDays: p.TrialDays, AllowPromotionCodes: p.AllowPromotionCodes, AutomaticTax: p.AutomaticTax,
		RequireBillingAddress: p.RequireBillingAddress, Locale: p.Locale, PaymentMethodTypes: p.PaymentMethodTypes,
		Embedded: p.Embedded,
	}
	for _, line := range p.Lines {
		r.Lines = append(r.Lines, recordedLine(line))
	}
	return r
}

func (r recordedParams) params() stripe.SessionParams {
	if len(r.Lines) == 0 && r.PriceID != "" {
		r.Lines = []recordedLine{{PriceID: r.PriceID, Quantity: r.Quantity}}
	}
	p := stripe.SessionParams{
		SessionParams: checkout.SessionParams{
			Mode: r.Mode, SuccessURL: r.SuccessURL, CancelURL: r.CancelURL, Description: r.Description, Metadata: r.Metadata,
			Options: checkout.Options{
				TrialDays: r.TrialDays, AllowPromotionCodes: r.AllowPromotionCodes, AutomaticTax: r.AutomaticTax,
				RequireBillingAddress: r.RequireBillingAddress, Locale: r.Locale, PaymentMethodTypes: r.PaymentMethodTypes,
				Embedded: r.Embedded,
			},
		},
		CustomerID: r.CustomerID, OwnerID: r.OwnerID,
	}
	for _, line := range r.Lines {
		p.Lines = append(p.Lines, checkout.Line(line))
	}
	return p
}
