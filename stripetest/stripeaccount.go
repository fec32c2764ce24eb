package stripetest

func accountOperations() []operation {
	return []operation{{"GET", "/v1/account", fields{}, showAccount}}
}

// showAccount is https://docs.stripe.com/api/accounts/object. It is the same in both modes of an account.
func showAccount(a *Account, _ *request) (any, error) {
	return doc{
		"id": a.ID, "object": "account", "business_type": nil, "charges_enabled": true, "country": "US",
		"default_currency": "usd", "details_submitted": true, "email": "owner@example.com", "metadata": metadataDoc(nil),
		"payouts_enabled": true, "type": "standard",
		"business_profile": doc{
			"annual_revenue": nil, "estimated_worker_count": nil, "mcc": nil, "name": "Example", "product_description": nil,
			"support_address": nil, "support_email": nil, "support_phone": nil, "support_url": nil, "url": nil,
		},
		"capabilities": doc{"card_payments": "active", "transfers": "active"},
		"controller":   doc{"type": "account"},
		"settings": doc{
			"branding":      doc{"icon": nil, "logo": nil, "primary_color": nil, "secondary_color": nil},
			"card_payments": doc{"statement_descriptor_prefix": nil},
			"dashboard":     doc{"display_name": "Example", "timezone": "Etc/UTC"},
			"payments":      doc{"statement_descriptor": nil},
		},
	}, nil
}
