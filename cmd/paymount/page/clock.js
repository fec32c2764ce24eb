// The demo's clock: time that passes, and a card that stops paying.
import { date } from '/page/format.js';
import { busy, byId, report } from '/page/view.js';

// showClock shows the time of the demo, and the switch to a user who has a card.
export function showClock({ now, card_fails: fails }) {
  const today = byId('today');
  const text = date(now);
  if (today.textContent !== text) today.textContent = text; // it is read out when it changes
  byId('card-switch').hidden = fails === null;
  byId('card-fails').checked = fails === true;
}

// watchClock lets the user move the clock. context gives the client, and refresh, which shows what has come of it.
export function watchClock(context) {
  let cardSet = Promise.resolve();
  byId('card-fails').addEventListener('change', (event) => {
    cardSet = setCard(context().client, event.currentTarget);
  });
  for (const button of document.querySelectorAll('[data-skip]')) {
    button.addEventListener('click', () => busy(button, 'One moment…', async () => {
      const { client, refresh } = context();
      await cardSet; // the switch counts from when it was pressed
      await client.skip(button.dataset.skip);
      byId('pro-answer').replaceChildren(); // it was for another day
      await refresh();
    }));
  }
}

async function setCard(client, input) {
  const fails = input.checked;
  try {
    showClock(await client.setCard(fails));
  } catch (problem) {
    input.checked = !fails;
    report(problem);
  }
}
