// The rating page: from a private link to the last pair. A decision is made once, has one key, and is kept here until the
// server has it.
import { get, newKey, persist, post, tryNow } from '/assets/api.js';
import { activeClock } from '/assets/clock.js';
import { belongTo, draftOf, forgetAll, keepDraft, keepPending, pending } from '/assets/drafts.js';
import { bindKeys } from '/assets/keys.js';
import * as view from '/assets/view.js';

const { at, say } = view;
const clock = activeClock();
let item = null;   // the pair on the page
let busy = false;  // a request is under way that decides what is shown next
let paused = false;

function waiting(error, seconds) {
  const again = `Trying again in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}.`;
  const kept = pending() ? 'Your choice is kept. ' : '';
  const trouble = error.status === 429 ? 'The server asks for a pause. ' : 'The connection is lost. ';
  say(trouble + kept + again, { lasting: true, trouble: true, retry: error.status !== 429 });
}

const asking = (request) => persist(request, waiting);

// 401 and whatever else ends the work here.
function stop(error) {
  clock.stop();
  item = null;
  view.hideItem();
  say('');
  at('progress').hidden = true;
  if (error.status === 401) {
    view.showCard({
      title: 'Please open your private link',
      text: 'This page needs the link that you were given; yours may have been withdrawn or replaced, or this browser has ' +
        'not opened it yet. Open it here once more, or ask whoever invited you for a new one. Nothing that you saved is lost.',
    });
  } else {
    view.showCard({
      title: 'Something is not right',
      text: `The server says: ${error.message}. Nothing that you saved is lost.`,
      button: 'Try again',
    });
    at('card-button').onclick = () => location.reload();
  }
}

function finish(next) {
  clock.stop();
  item = null;
  view.hideItem();
  view.showCard({
    title: 'All done, thank you',
    text: next.total === 0 ? 'There is nothing to rate in this round yet.'
      : `You have rated all ${next.total} pairs of this round, and every choice is saved. You can close this page.`,
    leave: true,
  });
  view.showProgress(next);
}

// Shows what the server says is to be rated now.
function show(next) {
  paused = false;
  if (next.finished) {
    finish(next);
    return;
  }
  item = next;
  const marked = draftOf(item.assignment) ?? item.vote ?? {};
  view.showProgress(item);
  clock.start(marked.active_ms ?? 0);
  view.showItem(item, marked);
}

async function showCurrent(message = '', options) {
  const next = await asking(() => get('/api/item'));
  const place = message && !next.finished ? ` Pair ${next.number} of ${next.total}.` : '';
  say(message + place, options);
  show(next);
}

// Everything that ends in another pair: one at a time.
async function alone(work) {
  if (busy) return;
  busy = true;
  view.lock(true);
  try {
    await work();
  } catch (error) {
    if (error.status === undefined) throw error;
    stop(error);
  } finally {
    busy = false;
    view.lock(false);
  }
}

// Sends a decision until the server has it. Which of several attempts arrived does not matter: the key is the same.
async function deliver(vote) {
  say('Saving …', { lasting: true });
  try {
    await asking(() => post('/api/vote', vote));
  } catch (error) {
    if (error.status === 401) throw error;
    keepPending(null);
    if (error.status !== 409) return error;
    keepDraft(vote.assignment, null);
    return showCurrent('That pair had been rated already, in another tab or on another device. This is the next one.');
  }
  keepPending(null);
  keepDraft(vote.assignment, null);
  return showCurrent('Saved.');
}

function save() {
  if (!item || busy) return;
  const marked = view.marks();
  if (marked.choice === null) {
    say('Choose one of the five first.');
    document.querySelector('[name=choice]').focus();
    return;
  }
  const vote = { assignment: item.assignment, key: newKey(), ...marked, active_ms: clock.read() };
  keepPending(vote);
  alone(async () => {
    const refused = await deliver(vote);
    if (refused) say(`This could not be saved: ${refused.message}.`, { lasting: true, trouble: true });
  });
}

function undo() {
  if (busy || at('undo').hidden) return;
  const key = newKey();
  alone(async () => {
    try {
      const back = await asking(() => post('/api/undo', { key }));
      keepDraft(back.assignment, null);
      say('Your last choice is withdrawn. Change it and save it again.');
      show(back);
    } catch (error) {
      if (error.status !== 409) throw error;
      await showCurrent('There is nothing to undo.');
    }
  });
}

function remember() {
  if (item && !busy) keepDraft(item.assignment, { ...view.marks(), active_ms: clock.read() });
}

function pause() {
  if (!item || busy) return;
  remember();
  clock.stop();
  paused = true;
  view.showCard({
    title: 'Paused',
    text: 'Everything is saved, and the clock stands. You can close this page and go on later, here or on another device.',
    button: 'Go on',
    leave: true,
  });
  at('card-button').onclick = () => alone(() => showCurrent());
}

const leave = () => alone(async () => {
  await asking(() => post('/api/leave', {}));
  forgetAll();
  stop({ status: 401 });
});

// Another tab or device may have gone on meanwhile.
async function lookAgain() {
  if (busy || paused) return;
  const before = item?.assignment;
  const next = await get('/api/item').catch(() => null);
  if (!next || busy || paused || next.assignment === before) return;
  say('You have gone on elsewhere. This is the next pair.');
  show(next);
}

function onVisibility() {
  if (document.hidden) {
    clock.stop();
    remember();
  } else if (item && !paused) {
    clock.resume();
    lookAgain();
  }
}

async function enter(token) {
  say('Opening …', { lasting: true });
  try {
    const { round, rater } = await asking(() => post('/api/session', { token }));
    belongTo(round, rater);
  } finally {
    history.replaceState(null, '', location.pathname);
  }
}

function listen() {
  at('form').addEventListener('submit', (event) => {
    event.preventDefault();
    save();
  });
  at('form').addEventListener('input', remember);
  at('undo').onclick = undo;
  at('pause').onclick = pause;
  at('leave').onclick = leave;
  at('retry').onclick = tryNow;
  at('theme').onclick = view.toggleTheme;
  at('help').onclick = () => at('help-box').showModal();
  at('fold').onclick = () => view.foldPrompt(!at('prompt').classList.contains('folded'));
  at('note-button').onclick = () => view.showNote(at('note-box').hidden);
  at('comment-button').onclick = () => {
    view.openComment(at('comment-box').hidden);
    if (!at('comment-box').hidden) at('comment').focus();
  };
  bindKeys(save);
  for (const sign of ['pointermove', 'pointerdown', 'keydown', 'scroll', 'wheel', 'touchmove']) {
    addEventListener(sign, () => clock.touch(), { passive: true });
  }
  document.addEventListener('visibilitychange', onVisibility);
  addEventListener('pagehide', remember);
  addEventListener('hashchange', () => location.reload());  // a link opened in this very tab
}

listen();
alone(async () => {
  const token = location.hash.slice(1);
  if (token) await enter(token);
  const unsent = pending();
  const refused = unsent ? await deliver(unsent) : await showCurrent();
  if (refused) await showCurrent(`Your last choice could not be saved: ${refused.message}.`, { lasting: true, trouble: true });
});
