package stripetest

// invoicePaymentsPath is the one operation of a newer API version: it is how clients of 2023-10-16 find the payment of an
// invoice whose payment_intent is null.
const invoicePaymentsPath = "/v1/invoice_payments"

// invoicePayment is https://docs.stripe.com/api/invoice-payment/object. The fake has one for each invoice with a payment
// intent, and keeps nothing of it but the invoice.
type invoicePayment struct{ invoice *Invoice }

func (p invoicePayment) ident() string    { return "inpay_" + p.invoice.ID[len("in_"):] }
func (p invoicePayment) createdAt() int64 { return p.invoice.Created }

func (p invoicePayment) status() string {
	switch p.invoice.Status {
	case "paid":
		return "paid"
	case "void":
		return "canceled"
	default:
		return "open"
	}
}

func (p invoicePayment) render(a *Account, _ Version) doc {
	i := p.invoice
	return doc{
		"id": p.ident(), "object": "invoice_payment", "amount_paid": i.AmountPaid, "amount_requested": i.amountDue(),
		"created": i.Created, "currency": i.Currency, "invoice": i.ID, "is_default": true, "livemode": a.Livemode,
		"status": p.status(), "payment": doc{"type": "payment_intent", "payment_intent": i.PaymentIntent},
		"status_transitions": doc{"canceled_at": timeOrNull(i.VoidedAt), "paid_at": timeOrNull(i.PaidAt)},
	}
}

func (a *Account) invoicePaymentsDoc(i *Invoice) doc {
	var rows []doc
	if i.PaymentIntent != "" {
		rows = append(rows, invoicePayment{i}.render(a, VersionBasil))
	}
	return listDoc(invoicePaymentsPath+"?invoice="+i.ID, rows, false)
}

func invoicePaymentOperations() []operation {
	return []operation{{"GET", invoicePaymentsPath, listParams().with(fields{
		"created": timeRange, "invoice": text, "status": oneOf("canceled", "open", "paid"), "payment": hash(fields{
			"type": oneOf("payment_intent", "payment_record").must(), "payment_intent": text, "payment_record": text,
		}),
	}), listInvoicePayments}}
}

func listInvoicePayments(a *Account, r *request) (any, error) {
	p := r.params
	var all []invoicePayment
	for _, i := range a.invoices {
		if i.PaymentIntent != "" {
			all = append(all, invoicePayment{i})
		}
	}
	return listed(a, r, all, func(row invoicePayment) bool {
		return p.wanted("invoice", row.invoice.ID) && p.wanted("status", row.status()) &&
			p.get("payment").wanted("type", "payment_intent") &&
			p.get("payment").wanted("payment_intent", row.invoice.PaymentIntent)
	})
}
