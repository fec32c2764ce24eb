// Amounts and dates for a person.

// The page speaks English, so they are written as one of the user's kinds of English has it.
const locale = navigator.languages.find((language) => /^en\b/.test(language)) ?? 'en';

// Stripe counts an amount by its own list of currencies, not by ISO 4217: https://docs.stripe.com/currencies#zero-decimal
const zeroDecimal = new Set([
  'bif', 'clp', 'djf', 'gnf', 'jpy', 'kmf', 'krw', 'mga', 'pyg', 'rwf', 'vnd', 'vuv', 'xaf', 'xof', 'xpf',
]);
const threeDecimal = new Set(['bhd', 'jod', 'kwd', 'omr', 'tnd']);
// These have no decimals, but Stripe counts them in hundredths: https://docs.stripe.com/currencies#special-cases
const wholeHundredths = new Set(['isk', 'ugx']);

// decimals is how many decimals Stripe's amounts have, which are written unless they are always zero.
function decimals(currency) {
  if (zeroDecimal.has(currency)) return 0;
  return threeDecimal.has(currency) ? 3 : 2;
}

// money writes an amount as Stripe counts it; short drops the fraction of a whole amount.
export function money(amount, currency, { short = false } = {}) {
  const code = currency.toLowerCase();
  const unit = 10 ** decimals(code);
  const written = wholeHundredths.has(code) ? 0 : decimals(code);
  return new Intl.NumberFormat(locale, {
    style: 'currency',
    currency: code.toUpperCase(),
    minimumFractionDigits: short && amount % unit === 0 ? 0 : written,
    maximumFractionDigits: written,
  }).format(amount / unit);
}

// price writes an offer's price: "$9 a month".
export function price(offer) {
  const amount = money(offer.amount, offer.currency, { short: true });
  return offer.interval ? `${amount} a ${offer.interval}` : amount;
}

export function date(iso) {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'long' }).format(new Date(iso));
}

export function dateAndTime(iso) {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(iso));
}
