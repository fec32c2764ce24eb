// The page's flow: sign in, choose, pay on the checkout page, come back, see what follows.
import * as api from '/page/api.js';
import { showClock, watchClock } from '/page/clock.js';
import { manageActions, openChange } from '/page/manage.js';
import { features } from '/page/features.js';
import {
  busy, byId, element, news, planName, report, showOffers, showPayments, showPeople, showPlan, showPro, term,
} from '/page/view.js';

const storageKey = 'paymount-demo'; // of the session storage: it survives the way to the checkout page and back
const state = { catalog: null, user: null, client: null, subscription: null, following: 0 };

const plans = () => state.catalog.offers.filter((offer) => offer.interval);
const extras = () => state.catalog.offers.filter((offer) => !offer.interval);

async function start() {
  state.catalog = await api.catalog();
  showPeople(state.catalog.people, (button, email) => busy(button, 'Signing in…', () => signIn(email)));
  const user = JSON.parse(sessionStorage.getItem(storageKey));
  if (user) await enter(user);
  else showSignIn();
}

function showSignIn() {
  byId('who').hidden = true;
  byId('account').hidden = true;
  byId('sign-in').hidden = false;
}

async function signIn(email) {
  const { token } = await api.signIn(email);
  const user = { email, token };
  sessionStorage.setItem(storageKey, JSON.stringify(user));
  await enter(user);
  byId('account-title').focus();
}

function signOut() {
  clearTimeout(state.following);
  sessionStorage.removeItem(storageKey);
  Object.assign(state, { user: null, client: null, subscription: null });
  byId('pro-answer').replaceChildren();
  showSignIn();
  byId('sign-in-title').focus();
}

// enter shows the account of a user who is signed in.
async function enter(user) {
  Object.assign(state, { user, client: api.client(user.token) });
  byId('who-email').textContent = user.email;
  byId('who').hidden = false;
  byId('sign-in').hidden = true;
  try {
    await arrive();
  } finally {
    await refresh();
    byId('account').hidden = false;
  }
}

async function refresh() {
  const { client } = state;
  const [subscription, payments, clock] = await Promise.all([client.subscription(), client.payments(), client.clock()]);
  if (JSON.stringify(subscription) !== JSON.stringify(state.subscription)) byId('pro-answer').replaceChildren();
  state.subscription = subscription;
  showPlan(subscription, state.catalog.offers);
  byId('plan-actions').replaceChildren(...manageActions(context()));
  showOffers(byId('plans'), plans(), planAction);
  showOffers(byId('once'), extras(), (offer) => buyButton(offer, 'Buy'));
  showPayments(payments);
  showClock(clock);
  followPayments(client);
}

// followPayments looks at the payments once more: the webhook of one that was just made can be a moment behind the page.
function followPayments(client) {
  clearTimeout(state.following);
  state.following = setTimeout(async () => {
    try {
      const payments = await client.payments();
      if (client === state.client) showPayments(payments);
    } catch {
      // The page is being left, or the server is away: the list that is shown stays.
    }
  }, 2000);
}

// context is what managing a subscription needs to know.
function context() {
  const { subscription, catalog, client } = state;
  return { subscription, client, refresh, planName: subscription ? planName(subscription, catalog.offers) : '' };
}

// planAction is what can be done with a plan: it is the user's, it can be changed to, or it can be bought.
function planAction(offer) {
  const { subscription } = state;
  if (subscription?.price_id === offer.price_id) return element('p', { class: 'chosen' }, 'This is your plan');
  if (subscription && features.changePlan) {
    return element('button', {
      type: 'button', class: 'secondary', onclick: (event) => openChange(context(), offer, event.currentTarget),
    }, `Change to ${offer.name}`);
  }
  return buyButton(offer, 'Choose');
}

function buyButton(offer, verb) {
  return element('button', {
    type: 'button', onclick: (event) => busy(event.currentTarget, 'Opening checkout…', () => buy(offer)),
  }, `${verb} ${offer.name}`);
}

async function buy(offer) {
  const once = !offer.interval;
  try {
    const { checkout_url: url } = await state.client.checkout({
      price_id: offer.price_id,
      mode: once ? 'payment' : 'subscription',
      success_url: `${location.origin}/success?session_id={CHECKOUT_SESSION_ID}`,
      cancel_url: `${location.origin}/?checkout=cancelled`,
      allow_existing_subscription: once, // a subscriber can buy other things; a second plan is refused
    });
    location.assign(url);
  } catch (problem) {
    if (problem.code === 'subscription_exists') { // it was bought elsewhere
      await refresh();
      byId('account-title').focus(); // this button is gone
    }
    throw problem;
  }
}

// arrive says how the checkout went from which the user comes back.
async function arrive() {
  const query = new URLSearchParams(location.search);
  const session = location.pathname === '/success' && query.get('session_id');
  if (session) {
    news('Confirming your payment…');
    const result = await state.client.session(session);
    news(...outcome(result));
  } else if (query.get('checkout') === 'cancelled') {
    news('The checkout was cancelled. You have not been charged.');
  }
  history.replaceState(null, '', '/');
}

// outcome puts a checkout session into words.
function outcome({ status, payment_status: payment, subscription }) {
  if (status === 'expired') return ['This checkout has expired. You have not been charged.', 'warn'];
  if (status === 'open') return ['This checkout is not finished. You have not been charged.', 'warn'];
  if (payment === 'unpaid') return ['Thank you. Your payment is on its way, which can take some days.', 'warn'];
  if (!subscription) return ['Thank you. Your payment has been received.', 'good'];
  return [`Thank you. ${planName(subscription, state.catalog.offers)} is active and ${term(subscription)}.`, 'good'];
}

async function openPro() {
  try {
    showPro(200, await state.client.pro());
  } catch (problem) {
    showPro(problem.status, problem.answer ?? { detail: problem.message });
  }
}

byId('sign-in-form').addEventListener('submit', (event) => {
  event.preventDefault();
  const input = byId('email');
  const valid = input.checkValidity();
  byId('email-error').textContent = valid ? '' : 'Enter an email address, such as you@example.com.';
  input.setAttribute('aria-invalid', String(!valid));
  if (valid) busy(event.submitter, 'Signing in…', () => signIn(input.value));
  else input.focus();
});
byId('sign-out').addEventListener('click', () => {
  news('');
  signOut();
});
watchClock(context);
document.addEventListener('signed-out', signOut); // the server does not know the token any more, as after its restart
byId('open-pro').addEventListener('click', (event) => busy(event.currentTarget, 'Opening…', openPro));

// Back from another tab, or by the back button: what is shown may be old.
document.addEventListener('visibilitychange', () => {
  if (!document.hidden && state.client) refresh().catch(report);
});
window.addEventListener('pageshow', (event) => {
  if (event.persisted) location.reload();
});

start().catch(report);
