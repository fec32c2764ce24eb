package stripetest

import "strings"

// Below are the rules of parameters that have no effect on what the fake models. What Stripe refuses in them is refused
// here too; what it accepts is forgotten.

func locale(more ...string) field {
	codes := strings.Fields("auto bg cs da de el en en-GB es es-419 et fi fil fr fr-CA hr hu id it ja ko lt lv ms mt nb nl pl " +
		"pt pt-BR ro ru sk sl sv th tr vi zh zh-HK zh-TW")
	return oneOf(append(codes, more...)...)
}

func address() field {
	return hash(fields{
		"city": text, "country": text, "line1": text, "line2": text, "postal_code": text, "state": text,
	})
}

func shipping() field {
	return hash(fields{
		"address": address().must(), "name": text.must(), "phone": text, "carrier": text, "tracking_number": text,
	})
}

func customerTax() field {
	return hash(fields{"ip_address": text.orEmpty(), "validate_location": oneOf("deferred", "immediately")})
}

func customerInvoiceSettings() field {
	return hash(fields{
		"custom_fields": hashes(fields{"name": text.must(), "value": text.must()}).orEmpty(), "footer": text,
		"default_payment_method": text, "rendering_options": hash(fields{
			"amount_tax_display": oneOf("exclude_tax", "include_inclusive_tax").orEmpty(),
		}).orEmpty(),
	})
}

func packageDimensions() field {
	return hash(fields{"height": number.must(), "length": number.must(), "weight": number.must(), "width": number.must()})
}

func issuer() field {
	return hash(fields{"account": text, "type": oneOf("account", "self").must()})
}

func trialSettings() field {
	return hash(fields{"end_behavior": hash(fields{
		"missing_payment_method": oneOf("cancel", "create_invoice", "pause").must(),
	}).must()})
}

// trialEnd is what trial_settings say about the end of a trial without a payment method.
func (p *params) trialEnd(name string) string {
	return p.str(name, "end_behavior", "missing_payment_method")
}

func threeDSecure() field { return oneOf("any", "automatic", "challenge") }

func futureUsage() field { return oneOf("off_session", "on_session") }

// paymentSettings are those of a subscription. The fake has cards only; the methods of other kinds are refused.
func paymentSettings() field {
	return hash(fields{
		"payment_method_options": hash(fields{
			"card": hash(fields{
				"mandate_options": unsupported, "request_three_d_secure": threeDSecure(),
				"network": oneOf("amex", "cartes_bancaires", "diners", "discover", "eftpos_au", "interac", "jcb", "mastercard",
					"unionpay", "unknown", "visa"),
			}).orEmpty(),
			"acss_debit": unsupported, "bancontact": unsupported, "customer_balance": unsupported, "konbini": unsupported,
			"sepa_debit": unsupported, "us_bank_account": unsupported,
		}),
		"payment_method_types": listOf("ach_credit_transfer ach_debit acss_debit au_becs_debit bacs_debit bancontact boleto " +
			"card cashapp customer_balance eps fpx giropay grabpay ideal konbini link p24 paynow paypal promptpay sepa_debit " +
			"sofort us_bank_account wechat_pay").orEmpty(),
		"save_default_payment_method": oneOf("off", "on_subscription"),
	})
}

// sessionMethods are the payment methods that a session can name.
const sessionMethods = "acss_debit affirm afterpay_clearpay alipay au_becs_debit bacs_debit bancontact blik boleto card " +
	"cashapp customer_balance eps fpx giropay grabpay ideal klarna konbini link oxxo p24 paynow paypal pix promptpay revolut_pay " +
	"sepa_debit sofort swish us_bank_account wechat_pay zip"

func sessionMethodOptions() field {
	out := fields{}
	for name := range strings.FieldsSeq(sessionMethods) {
		out[name] = unsupported
	}
	out["card"] = hash(fields{
		"installments": hash(fields{"enabled": boolean}), "request_three_d_secure": threeDSecure(),
		"setup_future_usage": futureUsage(), "statement_descriptor_suffix_kana": text, "statement_descriptor_suffix_kanji": text,
	})
	return hash(out)
}

func enabled() field { return hash(fields{"enabled": boolean.must()}) }

func consentCollection() field {
	return hash(fields{
		"payment_method_reuse_agreement": hash(fields{"position": oneOf("auto", "hidden").must()}),
		"promotions":                     oneOf("auto", "none"), "terms_of_service": oneOf("none", "required"),
	})
}

func customText() field {
	message := hash(fields{"message": text.must()}).orEmpty()
	return hash(fields{
		"after_submit": message, "shipping_address": message, "submit": message, "terms_of_service_acceptance": message,
	})
}

func customFields() field {
	limits := hash(fields{"maximum_length": integer, "minimum_length": integer})
	return hashes(fields{
		"dropdown": hash(fields{"options": hashes(fields{"label": text.must(), "value": text.must()}).must()}),
		"key":      text.must(), "label": hash(fields{"custom": text.must(), "type": oneOf("custom").must()}).must(),
		"numeric": limits, "optional": boolean, "text": limits, "type": oneOf("dropdown", "numeric", "text").must(),
	})
}

func customerUpdate() field {
	when := oneOf("auto", "never")
	return hash(fields{"address": when, "name": when, "shipping": when})
}

func afterExpiration() field {
	return hash(fields{"recovery": hash(fields{"allow_promotion_codes": boolean, "enabled": boolean.must()})})
}
