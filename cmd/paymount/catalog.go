package main

import "github.com/paymount/paymount/stripetest"

// catalog is what the demo's page offers.
type catalog struct {
	// People can sign in with one click; anyone else types an address.
	People []person `json:"people"`
	// Offers are for sale: plans have an Interval, the others are paid once.
	Offers []offer `json:"offers"`
}

type person struct {
	Name  string `json:"name"`
	Email string `json:"email"`
}

type offer struct {
	PriceID  string   `json:"price_id"`
	Name     string   `json:"name"`
	Summary  string   `json:"summary"`
	Features []string `json:"features,omitempty"`
	// Amount is in the currency's smallest unit, as Stripe counts it.
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"`
	Interval string `json:"interval,omitempty"`
}

// newCatalog puts the offers into a Stripe account.
func newCatalog(account *stripetest.Account) catalog {
	c := catalog{
		People: []person{
			{"Ada Lovelace", "ada@example.com"}, {"Grace Hopper", "grace@example.com"}, {"Alan Turing", "alan@example.com"},
		},
		Offers: []offer{
			{
				Name: "Starter", Summary: "For a first project", Amount: 9_00, Currency: "usd", Interval: "month",
				Features: []string{"One project", "Community support"},
			},
			{
				Name: "Pro", Summary: "For a team that ships", Amount: 29_00, Currency: "usd", Interval: "month",
				Features: []string{"Unlimited projects", "Answers within a day"},
			},
			{
				Name: "Pro yearly", Summary: "Pro, with two months free", Amount: 290_00, Currency: "usd", Interval: "year",
				Features: []string{"Unlimited projects", "Answers within a day", "One invoice a year"},
			},
			{Name: "Billing handbook", Summary: "Paid once, yours to keep", Amount: 19_00, Currency: "usd"},
		},
	}
	for i, o := range c.Offers {
		price := account.AddPrice(stripetest.PriceSpec{
			Product: o.Name, Amount: o.Amount, Currency: o.Currency, Interval: o.Interval,
		})
		c.Offers[i].PriceID = price.ID
	}
	return c
}
