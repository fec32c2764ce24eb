// What a subscriber can do with a plan. Each part is shown when its feature is on.
import { features } from '/page/features.js';
import { date, money } from '/page/format.js';
import { busy, byId, element, news, report } from '/page/view.js';

// manageActions returns the buttons beside the plan.
export function manageActions(context) {
  const { subscription } = context;
  if (!subscription) return [];
  const buttons = [];
  if (features.resume && subscription.cancel_at) {
    buttons.push(button('Keep my plan', '', (target) => busy(target, 'One moment…', () => resume(context))));
  }
  if (features.cancel && !subscription.cancel_at) {
    buttons.push(button('Cancel…', 'secondary', () => openCancel(context)));
  }
  if (features.portal) {
    buttons.push(button('Billing portal', 'secondary', (target) => busy(target, 'Opening…', () => portal(context))));
  }
  return buttons;
}

function button(text, kind, onclick) {
  return element('button', { type: 'button', class: kind, onclick: (event) => onclick(event.currentTarget) }, text);
}

// done tells the news and shows the new state.
async function done({ refresh }, text) {
  await refresh();
  news(text, 'good');
}

async function resume(context) {
  await context.client.resume();
  await done(context, `${context.planName} goes on as before.`);
  byId('account-title').focus(); // this button is gone
}

async function portal({ client }) {
  const { portal_url: url } = await client.portal(`${location.origin}/`);
  location.assign(url);
}

function openCancel(context) {
  const end = context.subscription.current_period_end;
  byId('cancel-end').textContent = end ? `You keep it until ${date(end)}.` : '';
  byId('cancel').querySelector('input[value="end"]').checked = true;
  open(byId('cancel'), byId('cancel-confirm'), 'Cancelling…', async () => {
    const now = byId('cancel').querySelector('input[value="now"]').checked;
    const result = await context.client.cancel(now);
    const text = result.cancel_at && !now ? `${context.planName} ends on ${date(result.cancel_at)}.` : `${context.planName} has ended.`;
    await done(context, text);
  });
}

// openChange shows what a change costs before it is made.
export async function openChange(context, offer, opener) {
  await busy(opener, 'Calculating…', async () => {
    let body = await prepareChange(context, offer);
    open(byId('change'), byId('change-confirm'), 'Changing…', async () => {
      try {
        await context.client.change(body);
      } catch (problem) {
        if (problem.status !== 409) throw problem;
        body = await prepareChange(context, offer);
        return 'The amount has changed meanwhile. Please look at it again.';
      }
      await done(context, `Your plan is ${offer.name} now.`);
      return '';
    });
  });
}

// prepareChange shows what the change costs, and returns the request that makes it at that price.
async function prepareChange(context, offer) {
  byId('change-title').textContent = `Change to ${offer.name}`;
  const body = { new_price_id: offer.price_id, proration_behavior: 'always_invoice' };
  const preview = await context.client.previewChange(body);
  showPreview(preview);
  return { ...body, quote: preview.quote };
}

function showPreview({ amount_due_cents: due, currency, lines }) {
  const total = lines.reduce((sum, line) => sum + line.amount_cents, 0);
  const row = (tag, kind, text, amount) => element(tag, { class: kind }, element('span', {}, text),
    element('span', { class: 'number' }, money(amount, currency)));
  byId('change-preview').replaceChildren(
    element('ul', { class: 'lines' }, ...lines.map((line) => row('li', '', line.description, line.amount_cents)),
      ...(total > due ? [row('li', '', 'Your credit', due - total)] : [])),
    row('p', 'due', 'Due now', due),
    ...(total < 0 ? [row('p', 'soft credit', 'Credit for your next invoices', -total)] : []));
}

// open shows a dialog. Its button does the work and closes it, unless the work returns words for the user to read first.
function open(dialog, confirm, label, work) {
  const note = dialog.querySelector('.dialog-note');
  note.textContent = '';
  confirm.onclick = () => busy(confirm, label, async () => {
    try {
      note.textContent = await work() ?? '';
      if (note.textContent) return;
    } catch (problem) {
      report(problem);
    }
    dialog.close();
    byId('account-title').focus(); // the button that opened the dialog may be gone
  });
  dialog.showModal();
}

for (const close of document.querySelectorAll('dialog [data-close]')) {
  close.addEventListener('click', () => close.closest('dialog').close());
}
