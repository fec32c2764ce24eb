package stripetest

import "fmt"

// Version is a Stripe API version, "2023-10-16" or "2025-03-31.basil". API answers are always in [Version20231016];
// a webhook endpoint has its own version, in which its events are rendered.
//
// See https://docs.stripe.com/webhooks/versioning.
type Version string

// Versions at which the shape of an event changes. Any version from 2022-11-15 on can be given to an endpoint; one that
// is not listed is rendered like the newest listed one before it.
const (
	Version20221115 Version = "2022-11-15"
	Version20231016 Version = "2023-10-16"
	Version20240410 Version = "2024-04-10"
	versionAcacia   Version = "2024-09-30.acacia"
	// VersionBasil moves periods to the subscription's items, an invoice's subscription below "parent", and removes
	// invoice.paid, .charge, .payment_intent and the invoice of a payment intent and of a charge.
	VersionBasil Version = "2025-03-31.basil"
	// VersionClover adds billing_mode to subscriptions.
	VersionClover Version = "2025-09-30.clover"
	// VersionDahlia renames a session's ui_mode to hosted_page.
	VersionDahlia Version = "2026-03-25.dahlia"
	// VersionEndive is the newest; the shapes that the fake renders are those of dahlia.
	VersionEndive Version = "2026-09-30.endive"
)

// apiVersion is the version of every API answer.
const apiVersion = Version20231016

// since reports whether v is w or later. Versions start with their date, so they compare as strings.
func (v Version) since(w Version) bool { return v >= w }

// withoutThresholds reports whether a subscription and its items have no billing_thresholds: basil took them away, and clover
// brought them back.
func (v Version) withoutThresholds() bool { return v.since(VersionBasil) && !v.since(VersionClover) }

// validate refuses what is no version that the fake can render.
func (v Version) validate() error {
	const layout = "2006-01-02"
	if len(v) < len(layout) || v[4] != '-' || v[7] != '-' || v < Version20221115 {
		return fmt.Errorf("stripetest: cannot render API version %q: want %s or later", string(v), Version20221115)
	}
	return nil
}
