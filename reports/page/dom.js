// Elements and words. Text of the report becomes text nodes and nothing else: no HTML is ever parsed.

// el('p', { class: 'aside', onclick: f }, 'words', child, null, [more]).
export function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? '' : value);
  }
  element.append(...children.flat(2).filter((child) => child !== null && child !== undefined));
  return element;
}

const kUnseen = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/gu;

// What models, people and data wrote: apart from the words around it, and what cannot be seen is named.
export function said(text, kind = 'bdi') {
  const box = el(kind, { class: 'said', dir: 'auto' });
  let done = 0;
  for (const match of text.matchAll(kUnseen)) {
    box.append(text.slice(done, match.index));
    const code = match[0].codePointAt(0).toString(16).toUpperCase().padStart(4, '0');
    box.append(el('span', { class: 'unseen' }, `U+${code}`));
    done = match.index + 1;
  }
  box.append(text.slice(done));
  return box;
}

// The beginning of a text, on one line, for the labels of a chart.
export function clipped(text, longest) {
  const line = text.slice(0, 4 * longest).replace(kUnseen, '\ufffd').replace(/\s+/g, ' ');
  const letters = [...line];
  return letters.length > longest ? `${letters.slice(0, longest - 1).join('')}…` : line;
}

const kCounts = new Intl.NumberFormat('en-US');
export const count = (n) => kCounts.format(n);
export const counted = (n, thing) => `${count(n)} ${thing}${n === 1 ? '' : 's'}`;

const defined = (value) => value !== null && value !== undefined && Number.isFinite(value);

// Of a score in its own unit; a share is shown in hundredths.
export function score(value, share) {
  if (!defined(value)) return '–';
  return (share ? (100 * value).toFixed(1) : value.toFixed(3)).replace('-', '−');
}
export function difference(value, share) {
  if (!defined(value)) return '–';
  const text = share ? (100 * value).toFixed(2) : value.toFixed(4);
  return value > 0 ? `+${text}` : text.replace('-', '−');
}
export const range = (low, high, show) => (defined(low) && defined(high) ? `${show(low)} to ${show(high)}` : '–');
export function probability(p) {
  if (!defined(p)) return '–';
  return p < 0.0001 ? '< 0.0001' : Number(p.toPrecision(2)).toString();
}

// rows: lists of cells; a cell is a child or { cell, class }.
export function table(caption, heads, rows, kind = '') {
  const cell = (name, content, scope) => {
    const own = content && content.constructor === Object;
    return el(name, { class: own ? content.class : null, scope }, own ? content.cell : content);
  };
  return el('div', { class: 'wide', tabindex: 0, role: 'region', 'aria-label': caption },
    el('table', { class: kind },
      el('caption', {}, caption),
      el('thead', {}, el('tr', {}, heads.map((head) => cell('th', head, 'col')))),
      el('tbody', {}, rows.map((row) =>
        el('tr', {}, row.map((content, i) => (i === 0 ? cell('th', content, 'row') : cell('td', content))))))));
}

export const number = (content) => ({ cell: content, class: 'number' });

export function select(label, choices, chosen, onchoose) {
  const box = el('select', { onchange: (event) => onchoose(event.target.value) },
    choices.map(([value, text]) => el('option', { value, selected: String(value) === String(chosen) }, clipped(text, 70))));
  return el('label', { class: 'choice' }, el('span', {}, label), box);
}

export const card = (title, ...children) =>
  el('section', { class: 'card' }, title === null ? null : el('h2', {}, title), ...children);
