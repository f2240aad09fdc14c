// The page's parts and what they show. Knows nothing of the server.
import { render } from '/assets/render.js';
import { keepSetting, setting } from '/assets/drafts.js';

export const at = (id) => document.getElementById(id);
const form = at('form');

// A card in place of the item: {title, text, button, leave}.
export function showCard({ title, text, button, leave = false }) {
  at('item').hidden = true;
  at('undo').hidden = true;
  at('pause').hidden = true;
  at('card').hidden = false;
  at('card-title').textContent = title;
  at('card-text').textContent = text;
  at('card-button').hidden = !button;
  at('card-button').textContent = button ?? '';
  at('leave').hidden = !leave;
  document.title = `${title} · Assay`;
  (button ? at('card-button') : at('card')).focus();
}

export function showProgress({ done, total, number, can_undo: canUndo }) {
  at('progress').hidden = false;
  at('progress-text').textContent = number === undefined ? `${done} of ${total} rated` : `${number} of ${total}`;
  at('progress-bar').max = Math.max(total, 1);
  at('progress-bar').value = done;
  at('undo').hidden = !canUndo;
}

// What a person has marked: {choice (null: none), flags, comment}.
export function marks() {
  const choice = form.elements.choice.value;
  return {
    choice: choice === '' ? null : Number(choice),
    flags: Array.from(form.querySelectorAll('[name=flag]:checked'), (flag) => flag.value),
    comment: at('comment').value.trim(),
  };
}

function showMarks({ choice = null, flags = [], comment = '' }) {
  for (const radio of form.querySelectorAll('[name=choice]')) radio.checked = radio.value === String(choice);
  for (const flag of form.querySelectorAll('[name=flag]')) flag.checked = flags.includes(flag.value);
  at('comment').value = comment;
  openComment(comment !== '');
}

export function openComment(open) {
  at('comment-box').hidden = !open;
  at('comment-button').setAttribute('aria-expanded', open);
  at('comment-button').classList.toggle('filled', at('comment').value.trim() !== '');
  keepClear();
}

export function foldPrompt(folded) {
  at('prompt').classList.toggle('folded', folded);
  at('fold').setAttribute('aria-expanded', !folded);
  at('fold-text').textContent = folded ? 'Unfold' : 'Fold';
}

export function showNote(shown) {
  at('note-box').hidden = !shown;
  at('note-button').setAttribute('aria-expanded', shown);
  keepSetting('assay.note', shown);
}

// Nobody can mark a pair while its decision is on its way.
export function lock(locked) {
  for (const group of form.querySelectorAll('fieldset')) group.disabled = locked;
  for (const control of [at('comment'), at('save'), at('undo'), ...form.querySelectorAll('[value=both_bad]')]) {
    control.disabled = locked;
  }
}

// The dock covers the end of the page: what has the focus, and the last line, stay clear of it.
function keepClear() {
  document.documentElement.style.setProperty('--dock', `${form.querySelector('.dock').offsetHeight}px`);
}
new ResizeObserver(keepClear).observe(form.querySelector('.dock'));

let shown = 0;

// Shows a pair with the marks on it; ends when everything can be read.
export async function showItem(item, marked) {
  const turn = ++shown;
  const current = () => turn === shown;
  at('card').hidden = true;
  at('item').hidden = false;
  at('pause').hidden = false;
  at('category').textContent = item.category.replaceAll('_', ' ');
  document.title = `${item.number} of ${item.total} · Assay`;
  for (const id of ['prompt', 'note', 'left', 'right']) at(id).replaceChildren();
  at('fold').hidden = true;
  foldPrompt(false);
  showMarks(marked);
  at('note-button').hidden = !item.note;
  at('note-box').hidden = !item.note || setting('assay.note') === false;
  at('note-button').setAttribute('aria-expanded', !at('note-box').hidden);
  form.setAttribute('aria-busy', true);
  scrollTo(0, 0);
  at('prompt-title').focus({ preventScroll: true });
  for (const id of ['prompt', 'note', 'left', 'right']) {
    await render(item[id] ?? '', at(id), current);
    if (id === 'prompt' && current()) at('fold').hidden = at('prompt').scrollHeight < innerHeight / 3;
  }
  if (current()) form.setAttribute('aria-busy', false);
}

export function hideItem() {
  ++shown;
}

// To screen readers alone: eyes see it on the control itself.
export function announce(text) {
  at('live').textContent = text;
}

// One calm line, which a screen reader says too. `lasting`: it stays until the next.
let fading = 0;
export function say(text, { lasting = false, trouble = false, retry = false } = {}) {
  clearTimeout(fading);
  at('message').hidden = text === '';
  at('message').classList.toggle('trouble', trouble);
  at('status').textContent = text;
  at('retry').hidden = !retry;
  announce(text);
  if (!lasting) fading = setTimeout(() => say(''), 6000);
}

export function toggleTheme() {
  const theme = document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark';
  document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem('assay.theme', theme);
  } catch {
    // It lasts until the next reload.
  }
}
