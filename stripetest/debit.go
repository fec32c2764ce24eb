package stripetest

import "time"

// debit begins a payment of an invoice from a bank account, which takes [Options.DebitTime]. Its invoice is not tried again
// before.
func (a *Account) debit(i *Invoice, intent *PaymentIntent, account *PaymentMethod) {
	a.charge(intent, account, delayed, "")
	intent.settlesAt, intent.collected = a.srv.now()+int64(a.srv.opts.DebitTime/time.Second), false
	if i.NextPaymentAttempt != 0 {
		i.NextPaymentAttempt = max(i.NextPaymentAttempt, intent.settlesAt+1)
	}
}

// settleDebit is the end of such a payment. One that fails does to the subscription what a declined card does.
func (a *Account) settleDebit(intent *PaymentIntent) {
	intent.settlesAt = 0
	account, ok := find[*PaymentMethod](a, intent.PaymentMethod)
	if !ok || account.outcome() != declined {
		a.acceptPayment(intent)
		return
	}
	a.rejectPayment(intent, account.declineCode)
	if invoice, ok := find[*Invoice](a, intent.Invoice); ok && intent.collected {
		a.fallBehind(invoice)
	}
}
