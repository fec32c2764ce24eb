// Calls of the server: the wire contract's endpoints below base, the demo's own, and /pro.

const base = '/api/v1/payments/stripe';

// Problem is an answer that is not a success, as a sentence for a person.
export class Problem extends Error {
  constructor(message, { status = 0, code = '', answer = null } = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.answer = answer;
  }
}

// sentences say more than the server can know: what to do on this page.
const sentences = {
  subscription_exists: 'You already have a plan. Change that one instead of buying a second.',
  subscription_required: 'This needs a plan. Choose one below, and it opens.',
  unauthorized: 'Your sign-in has ended. Please sign in again.',
};

function sentence(response, answer) {
  const known = sentences[answer?.code];
  if (known) return known;
  if (Array.isArray(answer?.detail)) {
    return `That was not accepted: ${answer.detail.map((field) => field.msg).join('; ')}.`;
  }
  if (response.status === 429 || response.status === 503) {
    const seconds = Number(response.headers.get('Retry-After'));
    const wait = seconds > 0 ? `in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}` : 'in a moment';
    return `Payments can't be reached right now. Try again ${wait}.`;
  }
  return answer?.detail ?? 'That did not work. Please try again.';
}

async function call(path, { method = 'GET', body, token, headers = {} } = {}) {
  const init = { method, headers: { ...headers } };
  if (token) init.headers.Authorization = `Bearer ${token}`;
  if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers['Content-Type'] = 'application/json';
  }
  let response;
  try {
    response = await fetch(path, init);
  } catch {
    throw new Problem("The server can't be reached. Is it running?");
  }
  const answer = await response.json().catch(() => null);
  if (!response.ok) {
    throw new Problem(sentence(response, answer), { status: response.status, code: answer?.code, answer });
  }
  return answer;
}

// attempt is a fresh Idempotency-Key: a request that the network repeats does its work once.
function attempt() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export const catalog = () => call('/demo/catalog');
export const signIn = (email) => call('/demo/sign-in', { method: 'POST', body: { email } });

// client calls the endpoints as the user whom token names.
export function client(token) {
  const get = (path) => call(base + path, { token });
  const post = (path, body) => call(base + path, {
    method: 'POST', body, token, headers: { 'Idempotency-Key': attempt() },
  });
  return {
    checkout: (body) => post('/checkout-session', body),
    session: (id) => get(`/checkout-session/${encodeURIComponent(id)}?wait=10`),
    subscription: () => get('/my-subscription'),
    payments: () => get('/my-payments?page_size=20'),
    previewChange: (body) => post('/update-subscription/preview', body),
    change: (body) => post('/update-subscription', body),
    cancel: (immediately) => post('/cancel-subscription', { cancel_immediately: immediately }),
    resume: () => post('/resume-subscription', {}),
    portal: (returnURL) => post('/customer-portal', { return_url: returnURL }),
    pro: () => call('/pro', { token }),
    clock: () => call('/demo/clock', { token }),
    skip: (step) => call('/demo/clock', { method: 'POST', body: { skip: step }, token }),
    setCard: (fails) => call('/demo/card', { method: 'POST', body: { fails }, token }),
  };
}
