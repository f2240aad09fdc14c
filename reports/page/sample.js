// One sample, of one run or of two beside each other.
import { count, counted, difference, el, said, score } from './dom.js';
import { answerOf, goldOf, hasFlag, kAnswered, kAtLimit, kTimedOut, kUnparsed, marginChange, promptOf, subsetOf } from './data.js';

const kEnds = new Map([['stop', 'a stop rule'], ['length', 'the limit of length'], ['eos', 'the end token']]);

const mark = (pack, i) => {
  if (pack.score[i] === null) return el('span', { class: 'mark none' }, hasFlag(pack, i, kAnswered) ? 'no score' : 'no answer');
  if (!pack.share) return el('span', { class: 'mark' }, score(pack.score[i], false));
  if (pack.score[i] === 1) return el('span', { class: 'mark right' }, '✓ right');
  return el('span', { class: 'mark wrong' }, pack.score[i] === 0 ? '✗ wrong' : `${score(pack.score[i], true)} %`);
};

// The options of a likelihood question with their log-probabilities, best first drawn longest.
function options(details, pack, i) {
  const best = Math.max(...details.logprobs);
  return el('ol', { class: 'options' }, details.options.map((option, place) => {
    const bar = el('i', {});
    bar.style.width = `${100 * Math.exp(details.logprobs[place] - best)}%`;
    const is = `${place === pack.choice[i] ? 'chosen ' : ''}${details.right.includes(place) ? 'right' : ''}`;
    return el('li', { class: is },
      el('span', {}, said(option)), el('span', { class: 'number' }, details.logprobs[place].toFixed(2)),
      el('small', {}, [place === pack.choice[i] ? 'chosen' : null, details.right.includes(place) ? 'right' : null].filter(Boolean).join(', ')), bar);
  }));
}

const letters = (text) => [...text].length;

function lastPart(part) {
  return [el('pre', { class: 'asked', tabindex: 0 }, said(part.text, 'span')),
    part.full ? el('p', { class: 'aside' }, `The last ${counted(letters(part.text), 'character')} of ${count(part.full)}; assay export --with-prompts has it whole.`) : null];
}

// What was asked: the sample's own part, and folded away what others of its subset begin with as well.
function promptView(prompt) {
  if (prompt === null) return null;
  const { head } = prompt;
  return el('div', {},
    head === null ? null : el('details', {}, el('summary', {}, `Instructions and examples before it (${counted(head.full ?? letters(head.text), 'character')})`), lastPart(head)),
    lastPart(prompt));
}

function side(title, pack, i, prompt) {
  if (i < 0) return el('article', { class: 'side' }, el('h4', {}, said(title)), el('p', { class: 'aside' }, 'Not asked.'));
  const details = pack.details[i];
  const facts = [
    answerOf(pack, i) && !pack.hidden && !details?.outcome ? ['Read out of it', said(answerOf(pack, i))] : null,
    details?.finish ? ['Ended by', kEnds.get(details.finish) ?? said(details.finish)] : null,
    hasFlag(pack, i, kUnparsed) ? ['', 'nothing could be read out of it'] : null,
    pack.length[i] >= 0 ? [pack.generated ? 'Tokens' : 'Prompt tokens', count(pack.length[i])] : null,
    details?.outcome ? ['Executed', [said(details.outcome), details.wall_ms ? ` after ${count(details.wall_ms)} ms` : null]] : null,
  ].filter(Boolean);
  return el('article', { class: 'side' },
    el('h4', {}, said(title), ' ', mark(pack, i)),
    promptView(prompt),
    details?.text !== undefined ? el('pre', { class: 'answer', tabindex: 0 }, details.text === '' ? el('span', { class: 'aside' }, '(empty)') : said(details.text, 'span')) : null,
    details?.full ? el('p', { class: 'aside' }, `The first ${counted(letters(details.text), 'character')} of ${count(details.full)}; assay export has it whole.`) : null,
    details?.options ? options(details, pack, i) : null,
    facts.length > 0 ? el('dl', {}, facts.map(([name, value]) => el('div', {}, el('dt', {}, name), el('dd', {}, value)))) : null,
    details?.error ? el('pre', { class: 'error', tabindex: 0 }, said(details.error, 'span')) : null,
    details === undefined && !pack.hidden && hasFlag(pack, i, kAnswered) ? el('p', { class: 'aside' }, 'Its text is not in this report; assay export has it.') : null);
}

// sides: [{ title, pack, i }]; `pair` and its place where the two belong together.
export function sampleView(sides, pair = null, place = 0) {
  const own = sides.at(-1);
  const change = pair === null ? null : marginChange(pair, place);
  const { pack, i } = own;
  const prompts = sides.map((one) => promptOf(one.pack, one.i));
  const alike = prompts.every((prompt) => prompt === prompts[0]);
  return el('div', { class: 'sample' },
    el('h3', {}, said(pack.id[i]), subsetOf(pack, i) ? el('small', {}, ' ', said(subsetOf(pack, i))) : null),
    pack.hidden ? el('p', { class: 'aside' }, 'Of a hidden set: reports have none of its text.') : null,
    el('p', { class: 'aside' }, goldOf(pack, i) !== '' && !pack.hidden ? ['Right: ', said(goldOf(pack, i))] : null,
      change === null ? null : `${goldOf(pack, i) !== '' ? ' · ' : ''}the margin moved by ${difference(change, false)}`,
      hasFlag(pack, i, kTimedOut) ? ' · timed out' : null, hasFlag(pack, i, kAtLimit) ? ' · reached the limit of length' : null),
    alike ? promptView(prompts[0]) : null,
    el('div', { class: sides.length > 1 ? 'sides' : '' }, sides.map((one, at) => side(one.title, one.pack, one.i, alike ? null : prompts[at]))));
}
