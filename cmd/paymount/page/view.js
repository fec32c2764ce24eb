// What the page shows. Every function puts plain text into elements: data never becomes markup.
import { date, dateAndTime, money, price } from '/page/format.js';

export const byId = (id) => document.getElementById(id);

// element makes an element: element('p', { class: 'soft' }, 'text', child).
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'onclick') node.addEventListener('click', value);
    else node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

// news tells what went well or is going on, trouble what did not; each replaces both.
export function news(text, kind = '') {
  announce(byId('trouble'), '');
  announce(byId('news'), text, kind);
}

function trouble(text) {
  announce(byId('news'), '');
  announce(byId('trouble'), text, 'bad');
}

// report tells of a call that failed. When the sign-in has ended, it says so to the page too.
export function report(problem) {
  trouble(problem.message);
  if (problem.status === 401) document.dispatchEvent(new Event('signed-out'));
}

function announce(node, text, kind = '') {
  node.textContent = text;
  node.className = `banner ${kind}`;
  node.hidden = text === '';
}

// busy shows on a button that its work is under way. The button keeps the focus, and ignores further clicks.
export async function busy(button, label, work) {
  if (button.getAttribute('aria-disabled') === 'true') return;
  const before = [...button.childNodes];
  news('');
  button.setAttribute('aria-disabled', 'true');
  button.replaceChildren(label);
  try {
    await work();
  } catch (problem) {
    report(problem);
  } finally {
    button.removeAttribute('aria-disabled');
    button.replaceChildren(...before);
  }
}

const statuses = {
  active: ['Active', 'good'],
  trialing: ['Trial', 'good'],
  ending: ['Ending', 'warn'],
  past_due: ['Payment failed', 'bad'],
  unpaid: ['Unpaid', 'bad'],
  paused: ['Paused', 'warn'],
  incomplete: ['Waiting for payment', 'warn'],
  succeeded: ['Paid', 'good'],
  pending: ['Pending', 'warn'],
  failed: ['Failed', 'bad'],
  refunded: ['Refunded', ''],
  partially_refunded: ['Partly refunded', ''],
  canceled: ['Cancelled', ''],
};

function badge(status) {
  const [text, kind] = statuses[status] ?? [status, ''];
  return element('span', { class: `badge ${kind}` }, text);
}

export function showPeople(people, onPick) {
  byId('people').replaceChildren(...people.map((person) => element('li', {},
    element('button', { type: 'button', class: 'person', onclick: (event) => onPick(event.currentTarget, person.email) },
      element('span', { class: 'avatar', 'aria-hidden': 'true' }, person.name[0]),
      element('span', {}, element('strong', {}, person.name), element('small', {}, person.email))))));
}

// planName is what a person calls the subscription.
export function planName(subscription, offers) {
  return offers.find((offer) => offer.price_id === subscription.price_id)?.name ?? subscription.plan_name ?? 'Your plan';
}

// term says what becomes of the subscription, as the end of a sentence.
export function term(subscription) {
  if (subscription.cancel_at) return `ends on ${date(subscription.cancel_at)}`;
  if (!subscription.current_period_end) return 'runs';
  return `renews on ${date(subscription.current_period_end)}`;
}

export function showPlan(subscription, offers) {
  const plan = byId('plan');
  if (!subscription) {
    plan.replaceChildren(element('p', { class: 'plan-name' }, 'No plan'),
      element('p', { class: 'soft' }, 'Choose one below, and pay with a test card.'));
    return;
  }
  const offer = offers.find((o) => o.price_id === subscription.price_id);
  const good = ['active', 'trialing'].includes(subscription.status);
  const facts = [offer && price(offer), good && term(subscription)].filter(Boolean);
  const failed = ['past_due', 'unpaid'].includes(subscription.status);
  plan.replaceChildren(
    element('p', { class: 'plan-name' }, planName(subscription, offers), ' ',
      badge(good && subscription.cancel_at ? 'ending' : subscription.status)),
    element('p', { class: 'soft' }, facts.join(', ')),
    ...(failed ? [element('p', {}, 'Your card was declined. You can change it in the billing portal.')] : []));
}

// showOffers fills a list; action gives each offer's button, or the words that stand in its place.
export function showOffers(list, offers, action) {
  list.replaceChildren(...offers.map((offer) => {
    const amount = element('p', { class: 'amount' }, money(offer.amount, offer.currency, { short: true }));
    if (offer.interval) amount.append(element('small', {}, ` / ${offer.interval}`));
    const item = element('li', { class: 'card offer' },
      element('div', {}, element('h3', {}, offer.name), element('p', { class: 'soft' }, offer.summary)), amount);
    if (offer.features) {
      item.append(element('ul', { class: 'ticks' }, ...offer.features.map((text) => element('li', {}, text))));
    }
    item.append(action(offer));
    return item;
  }));
}

export function showPayments(list) {
  const place = byId('payments');
  if (list.total === 0) {
    place.replaceChildren(element('p', { class: 'soft card' }, 'No payments yet.'));
    return;
  }
  const columns = [
    ['Date', '', (payment) => dateAndTime(payment.created_at)],
    ['What', '', (payment) => payment.description ?? (payment.subscription_id ? 'Subscription' : 'One-time payment')],
    ['Amount', 'number', (payment) => money(payment.amount_cents, payment.currency)],
    ['Status', '', (payment) => badge(payment.status)],
  ];
  // The roles are spelled out, as the narrow layout takes the elements' own ones away.
  const head = columns.map(([name, kind]) => element('th', { scope: 'col', role: 'columnheader', class: kind }, name));
  const rows = list.payments.map((payment) => element('tr', { role: 'row' }, ...columns.map(([name, kind, content]) =>
    element('td', { role: 'cell', class: kind, 'data-label': name }, content(payment)))));
  place.replaceChildren(element('table', { class: 'card', role: 'table' },
    element('thead', { role: 'rowgroup' }, element('tr', { role: 'row' }, ...head)),
    element('tbody', { role: 'rowgroup' }, ...rows)));
}

export function showPro(status, answer) {
  const open = status === 200;
  const words = { 200: 'Open', 401: 'Sign in first', 402: 'A plan is needed' }[status] ?? 'No answer';
  byId('pro-answer').replaceChildren(
    element('p', {}, element('span', { class: `badge ${open ? 'good' : 'warn'}` }, status ? `${status} ${words}` : words)),
    element('pre', { tabindex: '0', 'aria-label': 'Answer of /pro' }, JSON.stringify(answer, null, 2)));
}
