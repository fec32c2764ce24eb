package api

import (
	"time"

	"github.com/paymount/paymount/project"
	"github.com/paymount/paymount/subscription"
)

// View is a subscription as clients see it: the wire contract's shape.
type View struct {
	ID                 string              `json:"id"`
	ProjectID          string              `json:"project_id"`
	UserID             string              `json:"user_id"`
	IsTestMode         bool                `json:"is_test_mode"`
	SubscriptionID     string              `json:"subscription_id"`
	CustomerID         *string             `json:"customer_id"`
	Status             subscription.Status `json:"status"`
	PriceID            string              `json:"price_id"`
	PlanName           *string             `json:"plan_name"`
	Quantity           int64               `json:"quantity"`
	CurrentPeriodStart *time.Time          `json:"current_period_start"`
	CurrentPeriodEnd   *time.Time          `json:"current_period_end"`
	CancelAt           *time.Time          `json:"cancel_at"`
	CancelledAt        *time.Time          `json:"cancelled_at"`
	CollectionPaused   bool                `json:"collection_paused"`
	CreatedAt          time.Time           `json:"created_at"`
	// Items are all that is subscribed to; PriceID, PlanName and Quantity are those of the plan.
	Items []ItemView `json:"items"`
}

// ItemView is one item of a subscription as clients see it.
type ItemView struct {
	ItemID    string `json:"item_id"`
	PriceID   string `json:"price_id"`
	ProductID string `json:"product_id"`
	Quantity  int64  `json:"quantity"`
}

// ViewOf returns s as clients see it.
func ViewOf(s subscription.Subscription) View {
	plan := s.Plan()
	items := make([]ItemView, 0, len(s.Items))
	for _, i := range s.Items {
		items = append(items, ItemView{ItemID: i.ID, PriceID: i.PriceID, ProductID: i.ProductID, Quantity: i.Quantity})
	}
	return View{
		ID: s.Owner.UUID(s.ID), ProjectID: s.Owner.ProjectID, UserID: s.Owner.ID,
		IsTestMode: s.Owner.Mode == project.ModeTest, SubscriptionID: s.ID, CustomerID: optional(s.CustomerID),
		Status: s.Status, PriceID: plan.PriceID, PlanName: optional(plan.PlanName), Quantity: plan.Quantity,
		CurrentPeriodStart: optional(s.CurrentPeriodStart), CurrentPeriodEnd: optional(s.CurrentPeriodEnd),
		CancelAt: optional(s.CancelAt), CancelledAt: optional(s.CanceledAt),
		CollectionPaused: s.CollectionPaused, CreatedAt: s.CreatedAt, Items: items,
	}
}

// PaymentView is a payment as clients see it: the wire contract's shape. Amounts are in the currency's smallest unit,
// whatever the fields' names say of cents.
type PaymentView struct {
	ID                  string                     `json:"id"`
	ProjectID           string                     `json:"project_id"`
	SubscriptionID      *string                    `json:"subscription_id"`
	UserID              string                     `json:"user_id"`
	IsTestMode          bool                       `json:"is_test_mode"`
	PaymentIntentID     string                     `json:"payment_intent_id"`
	Status              subscription.PaymentStatus `json:"status"`
	AmountCents         int64                      `json:"amount_cents"`
	Currency            string                     `json:"currency"`
	Description         *string                    `json:"description"`
	RefundedAmountCents int64                      `json:"refunded_amount_cents"`
	HostedInvoiceURL    *string                    `json:"hosted_invoice_url"`
	InvoicePDF          *string                    `json:"invoice_pdf"`
	Disputed            bool                       `json:"disputed"`
	CreatedAt           time.Time                  `json:"created_at"`
}

// paymentView returns p as clients see it.
func paymentView(p subscription.Payment) PaymentView {
	v := PaymentView{
		ID: p.Owner.UUID(p.ID), ProjectID: p.Owner.ProjectID, UserID: p.Owner.ID,
		IsTestMode: p.Owner.Mode == project.ModeTest, PaymentIntentID: p.PaymentIntentID, Status: p.Status,
		AmountCents: p.Amount, Currency: p.Currency, Description: optional(p.Description),
		RefundedAmountCents: p.AmountRefunded, HostedInvoiceURL: optional(p.HostedInvoiceURL),
		InvoicePDF: optional(p.InvoicePDF), Disputed: p.Disputed, CreatedAt: p.CreatedAt,
	}
	if p.SubscriptionID != "" {
		v.SubscriptionID = optional(p.Owner.UUID(p.SubscriptionID))
	}
	return v
}

// optional is nil for a zero value, which encodes as null.
func optional[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}
