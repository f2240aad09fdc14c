// Every sample of a run: searched, filtered, and only those rows built that can be seen.
import { card, clipped, count, el, said, select } from './dom.js';
import { answerOf, changeOf, compared, goldOf, hasFlag, isWrong, kAnswered, kTimedOut, kUnparsed, packOf, pairing, promptOf, report, runOf, runTitle, subsetOf } from './data.js';
import { sampleView } from './sample.js';

const kRow = 40;  // pixels, as the style has it
const kBeyond = 8;
const narrow = matchMedia('(max-width: 56rem)');  // the sample is below the list

const kHaystacks = new Map();
function haystack(pack) {
  if (!kHaystacks.has(pack.run)) {
    kHaystacks.set(pack.run, pack.id.map((id, i) =>
      `${id}\n${subsetOf(pack, i)}\n${answerOf(pack, i)}\n${goldOf(pack, i)}\n${pack.details[i]?.text ?? ''}\n${promptOf(pack, i)?.text ?? ''}`.toLowerCase()));
  }
  return kHaystacks.get(pack.run);
}

const kFilters = [
  ['all', 'All', () => true],
  ['wrong', 'Wrong', (pack, i) => isWrong(pack, i)],
  ['flipped', 'Flipped', (pack, i, pair) => pair !== null && changeOf(pair, i) !== 0],
  ['timed-out', 'Timed out', (pack, i) => hasFlag(pack, i, kTimedOut)],
  ['unparsed', 'Unparsed', (pack, i) => hasFlag(pack, i, kUnparsed)],
  ['unanswered', 'Unanswered', (pack, i) => !hasFlag(pack, i, kAnswered)],
];

const sign = (pack, i) => (pack.score[i] === null ? '·' : !pack.share ? clipped(String(pack.score[i]), 6) : pack.score[i] === 1 ? '✓' : pack.score[i] === 0 ? '✗' : `${Math.round(100 * pack.score[i])}`);
const tone = (pack, i) => (pack.score[i] === null || !pack.share ? 'none' : pack.score[i] === 1 ? 'right' : 'wrong');
const kWords = { right: 'right', wrong: 'wrong', none: 'no verdict' };

export function samplesPage(parameter, go) {
  const run = runOf(Number(parameter)) ?? compared[0] ?? report.runs[0];
  const pack = packOf(run.run);
  const pair = pairing(run);
  let rows = [];
  let active = 0;
  let filter = kFilters[0];

  const spacer = el('div', { class: 'spacer' });
  const list = el('div', { class: 'list', id: 'list', role: 'listbox', tabindex: 0, 'aria-label': 'Samples' }, spacer);
  const detail = el('div', { id: 'detail', class: 'detail', 'aria-live': 'polite' });
  const status = el('p', { id: 'found', class: 'aside', role: 'status' });
  const search = el('input', { id: 'search', type: 'search', placeholder: 'Search ids, questions and answers', 'aria-label': 'Search', autocomplete: 'off', spellcheck: 'false' });

  const row = (place) => {
    const i = rows[place];
    const change = pair === null ? 0 : changeOf(pair, i);
    const line = el('div', { class: 'row', role: 'option', id: `row-${place}`, 'aria-selected': String(place === active), 'aria-setsize': rows.length, 'aria-posinset': place + 1,
      onclick: () => { open(place); if (narrow.matches) detail.scrollIntoView(); } },
    el('span', { class: `mark ${tone(pack, i)}`, role: 'img', 'aria-label': kWords[tone(pack, i)] }, sign(pack, i)),
    el('span', { class: 'id' }, said(clipped(pack.id[i], 80))),
    el('span', { class: 'read' }, pack.hidden ? '' : said(clipped(answerOf(pack, i), 80))),
    el('span', { class: 'flags' }, change < 0 ? 'lost' : change > 0 ? 'won' : '', hasFlag(pack, i, kTimedOut) ? ' timed out' : '', hasFlag(pack, i, kUnparsed) ? ' unparsed' : ''));
    line.style.top = `${place * kRow}px`;
    return line;
  };
  const paint = () => {
    const first = Math.max(0, Math.floor(list.scrollTop / kRow) - kBeyond);
    const last = Math.min(rows.length, Math.ceil((list.scrollTop + (list.clientHeight || 600)) / kRow) + kBeyond);
    const built = [];
    for (let place = first; place < last; ++place) built.push(row(place));
    spacer.replaceChildren(...built);
    if (rows.length > 0) list.setAttribute('aria-activedescendant', `row-${active}`);
    else list.removeAttribute('aria-activedescendant');
  };
  const show = () => {
    if (rows.length === 0) {
      detail.replaceChildren(el('p', { class: 'aside' }, 'No sample fits.'));
      return;
    }
    const i = rows[active];
    const sides = [{ title: run.name, pack, i }];
    if (pair !== null) sides.unshift({ title: run.comparison.baseline.name, pack: pair.a, i: pair.places[i] });
    detail.replaceChildren(sampleView(sides, pair, i));
  };
  const open = (place) => {
    active = Math.max(0, Math.min(rows.length - 1, place));
    const top = active * kRow;
    if (top < list.scrollTop) list.scrollTop = top;
    if (top + kRow > list.scrollTop + list.clientHeight) list.scrollTop = top + kRow - list.clientHeight;
    paint();
    show();
  };
  const sift = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const hay = words.length > 0 ? haystack(pack) : null;
    rows = pack.id.map((_, i) => i).filter((i) => filter[2](pack, i, pair) && (hay === null || words.every((word) => hay[i].includes(word))));
    active = 0;
    list.scrollTop = 0;
    spacer.style.height = `${rows.length * kRow}px`;
    status.textContent = `${count(rows.length)} of ${count(pack.id.length)} samples`;
    paint();
    show();
  };

  const buttons = kFilters.map((one) => {
    const n = pack.id.reduce((sum, _, i) => sum + (one[2](pack, i, pair) ? 1 : 0), 0);
    return el('button', { type: 'button', 'data-filter': one[0], 'aria-pressed': String(one === filter), disabled: n === 0 && one[0] !== 'all', onclick: (event) => {
      filter = one;
      for (const button of buttons) button.setAttribute('aria-pressed', String(button === event.target));
      sift();
    } }, `${one[1]} ${count(n)}`);
  });
  let timer = 0;
  search.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(sift, 120);
  });
  search.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowDown') { event.preventDefault(); list.focus(); }
  });
  list.addEventListener('scroll', paint, { passive: true });
  list.addEventListener('keydown', (event) => {
    const page = Math.floor(list.clientHeight / kRow);
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    open(active + step);
  });
  requestAnimationFrame(sift);

  return [
    el('div', { class: 'bar' }, select('Run', report.runs.map((one) => [one.run, runTitle(one)]), run.run, (value) => go(`samples/${value}`)), search),
    el('div', { class: 'chips', role: 'group', 'aria-label': 'Which samples' }, buttons),
    pack.hidden ? el('p', { class: 'aside' }, 'A hidden set: its samples have ids and scores here, and no text.') : null,
    pack.note ? el('p', { class: 'aside' }, pack.note) : null,
    status,
    el('div', { class: 'split' }, list, card(null, detail)),
  ];
}
