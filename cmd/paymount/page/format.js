// Amounts and dates for a person.

// The page speaks English, so they are written as one of the user's kinds of English has it.
const locale = navigator.languages.find((language) => /^en\b/.test(language)) ?? 'en';

// Stripe counts an amount in the currency's smallest unit, by its own list: https://docs.stripe.com/currencies#zero-decimal
const zeroDecimal = new Set([
  'bif', 'clp', 'djf', 'gnf', 'jpy', 'kmf', 'krw', 'mga', 'pyg', 'rwf', 'ugx', 'vnd', 'vuv', 'xaf', 'xof', 'xpf',
]);
const threeDecimal = new Set(['bhd', 'jod', 'kwd', 'omr', 'tnd']);

function decimals(currency) {
  if (zeroDecimal.has(currency)) return 0;
  return threeDecimal.has(currency) ? 3 : 2;
}

// money writes an amount in the currency's smallest unit; short drops the fraction of a whole amount.
export function money(amount, currency, { short = false } = {}) {
  const code = currency.toLowerCase();
  const digits = decimals(code);
  const whole = amount % 10 ** digits === 0;
  return new Intl.NumberFormat(locale, {
    style: 'currency',
    currency: code.toUpperCase(),
    minimumFractionDigits: short && whole ? 0 : digits,
    maximumFractionDigits: digits,
  }).format(amount / 10 ** digits);
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
