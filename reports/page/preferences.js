// What people preferred, round by round: pairs of models, categories, strengths, and how far the raters can be relied on.
import { card, count, counted, el, number, probability, range, said, score, select, table } from './dom.js';
import { report } from './data.js';
import { intervalChart } from './charts.js';

export const preferences = report.preferences;

const percent = (share) => score(share, true);
const eloText = (value) => (value === null ? '–' : value.toFixed(0).replace('-', '−').replace(/^(?=[1-9])/, '+'));
const logText = (value) => (value === null ? '–' : value.toFixed(3).replace('-', '−'));
const shown = (rows) => rows.filter((row) => row.hidden === false);
const isSure = (row) => row.p_holm !== null && row.p_holm < report.alpha && row.score.value !== 0.5;
const pairName = (pair) => `${pair.a} against ${pair.b}`;
const categoryName = (name) => (name === '' ? 'none' : name);

// A score in %, with its whiskers; one that is shown to be other than 50 stands out.
const pointOf = (row) => ({ x: 100 * row.score.value, low: row.score.low === null ? NaN : 100 * row.score.low,
  high: row.score.high === null ? NaN : 100 * row.score.high, kind: isSure(row) ? 'own' : 'even',
  says: `${percent(row.score.value)} (${range(row.score.low, row.score.high, percent)}, ${counted(row.votes, 'vote')})` });

const better = (row, pair) => (isSure(row) ? `${row.score.value > 0.5 ? pair.a : pair.b} is better` : 'not shown');
const kRowHeads = [number('Votes'), number('Better, %'), number('Same, %'), number('Worse, %'), number('Score'), number('95 % interval'), number('p, corrected'), 'Difference'];
const cellsOf = (row, pair) => [number(count(row.votes)), number(percent(row.win.share)), number(percent(row.tie.share)), number(percent(row.loss.share)),
  number(percent(row.score.value)), number(range(row.score.low, row.score.high, percent)), number(probability(row.p_holm)), better(row, pair)];
const whyHidden = (rows) => rows.find((row) => row.hidden !== false)?.hidden;

function sureLegend() {
  return el('ul', { class: 'legend' }, el('li', {}, el('span', { class: 'dot' }), `a difference is shown: p, corrected for all that is compared, below ${report.alpha}`),
    el('li', {}, el('span', { class: 'dot even' }), 'no difference is shown'));
}

const nameIn = (round, letter) => round.models.find((model) => model.model === letter).name;

function roundHead(round) {
  const models = round.models.map((model) => el('li', {}, el('b', {}, model.model), el('span', {}, said(model.name), `, run ${model.run}`)));
  const line = (pair) => {
    const [verdict, ...rest] = pair.sentence.split(':');
    return el('li', {}, el('b', {}, verdict), rest.length > 0 ? `:${rest.join(':')}` : '');
  };
  const told = shown(round.pairs);
  return card(null, el('h2', {}, 'Round ', said(round.round)),
    el('p', { class: 'aside' }, `Begun ${round.started}; ${counted(round.votes, 'vote')} on blind pairs of answers that count.`),
    el('ul', { class: 'legend' }, models),
    el('ul', { class: 'findings' }, told.slice(0, 10).map(line)),
    told.length > 10 ? el('details', {}, el('summary', {}, `${told.length - 10} more pairs`), el('ul', { class: 'findings' }, told.slice(10).map(line))) : null);
}

function roundPairs(round) {
  const rows = shown(round.pairs);
  const hidden = round.pairs.filter((pair) => pair.hidden !== false);
  return card('Pairs of models', sureLegend(), intervalChart('Scores of the first model of each pair with 95 % intervals; the table below says the same',
    rows.map((pair) => ({ label: pairName(pair), points: [pointOf(pair)] })), 'score of the first model, %', [{ value: 50 }]),
  el('p', { class: 'aside' }, 'A win counts 100, "about the same" 50, a loss 0: at the line, 50, both are liked alike.'),
  table('Votes on each pair: better, same and worse are the first model', ['Pair', ...kRowHeads],
    rows.map((pair) => [el('span', {}, pairName(pair), el('small', {}, said(nameIn(round, pair.a)), ', ', said(nameIn(round, pair.b)))), ...cellsOf(pair, pair)])),
  hidden.length > 0 ? el('p', { class: 'aside' }, `Not shown: ${hidden.map(pairName).join(', ')} (${whyHidden(hidden)}).`) : null);
}

function roundCategories(round, pair) {
  const rows = shown(pair.categories);
  const hidden = pair.categories.filter((row) => row.hidden !== false);
  if (rows.length === 0) return null;
  return card(`Categories: ${pairName(pair)}`, intervalChart(`Scores of ${pair.a} by category with 95 % intervals; the table below says the same`,
    rows.map((row) => ({ label: categoryName(row.category), points: [pointOf(row)] })), `score of ${pair.a}, %`, [{ value: 50 }]),
  table(`Votes by category: better, same and worse are ${pair.a}`, ['Category', ...kRowHeads],
    rows.map((row) => [said(categoryName(row.category)), ...cellsOf(row, pair)])),
  hidden.length > 0 ? el('p', { class: 'aside' }, 'Not shown: ', hidden.map((row, i) => [i > 0 ? ', ' : '', said(categoryName(row.category))]), ` (${whyHidden(hidden)}).`) : null);
}

function roundStrengths(round) {
  if (round.strengths === null) return null;
  const { models, differences, reason } = round.strengths;
  if (reason !== null) return card('Strengths', el('p', { class: 'aside' }, `None: ${reason}.`));
  const sorted = [...models].sort((a, b) => b.elo - a.elo);
  return card('Strengths', intervalChart('Strengths in Elo with 95 % intervals; the table below says the same',
    sorted.map((one) => ({ label: `${one.model} · ${nameIn(round, one.model)}`, points: [{ x: one.elo, low: one.elo_low ?? NaN, high: one.elo_high ?? NaN, kind: 'own',
      says: `${eloText(one.elo)} (${range(one.elo_low, one.elo_high, eloText)})` }] })), 'strength, Elo', [{ value: 0 }]),
  el('p', { class: 'aside' }, 'Bradley-Terry with ties, after Davidson. The line is the mean of the models; 100 Elo more wins about 64 of 100 votes that are decided.'),
  table('Strengths, the strongest first', ['Model', number('Elo'), number('95 % interval'), number('log strength'), number('95 % interval')],
    sorted.map((one) => [el('span', {}, `${one.model} · `, said(nameIn(round, one.model))), number(eloText(one.elo)), number(range(one.elo_low, one.elo_high, eloText)),
      number(logText(one.log_strength)), number(range(one.low, one.high, logText))])),
  differences.length > 1 ? el('details', {}, el('summary', {}, 'Differences of strength'), table('Differences of log strength', ['Pair', number('Difference'), number('95 % interval')],
    differences.map((one) => [pairName(one), number(logText(one.log_strength)), number(range(one.low, one.high, logText))]))) : null);
}

function roundFlags(round) {
  const rows = round.models.filter((model) => model.flags !== null);
  if (rows.length === 0) return null;
  const cell = (part) => number([percent(part.share), el('small', {}, range(part.low, part.high, percent))]);
  return card('Flags', table('Answers that were flagged, in % of the votes on them, with 95 % intervals', ['Model', number('Votes'), number('refuses wrongly'), number('unsafe'), number('broken')],
    rows.map((model) => [el('span', {}, `${model.model} · `, said(model.name)), number(count(model.flags.votes)), cell(model.flags.refuses_wrongly), cell(model.flags.unsafe), cell(model.flags.broken)])));
}

const partText = (of) => (of === null ? '–' : `${count(of.counted)} of ${count(of.asked)}`);
const alphaText = (value) => (value === null ? '–' : value.toFixed(2).replace('-', '−'));

function roundRaters(round) {
  const all = round.all_raters;
  const { agreement, coverage } = round;
  const rows = [];
  if (agreement !== null) {
    rows.push(['Agreement of the five steps', number(alphaText(agreement.alpha_ordinal)), `Krippendorff's alpha (ordinal) over ${counted(agreement.items, 'item')} that several raters have: 1 all agree, 0 as by chance`],
      ['Agreement on win, same, loss', number(alphaText(agreement.alpha_nominal)), "Krippendorff's alpha (nominal)"]);
  }
  if (all.hidden === false) {
    rows.push(['About the same', number(`${count(all.ties)} of ${count(all.votes)}`), 'votes that prefer neither'],
      ['Median time', number(`${all.median_seconds.toFixed(1)} s`), 'with a pair open'],
      ['Left answer preferred', number(partText(all.left)), `of decided votes; sides are drawn by lot, so that half is expected (95 % interval ${range(all.left_low, all.left_high, percent)} %, p ${probability(all.left_p)})`],
      ['Repeats alike', number(partText(all.repeats)), `pairs asked again with the sides exchanged; Cohen's kappa ${alphaText(all.kappa)}`],
      ['Gold passed', number(partText(all.gold)), 'pairs in which one answer belongs to another prompt']);
  }
  rows.push(['Coverage', number(`${count(coverage.rated)} of ${count(coverage.items)}`), `items (a prompt and a pair) with ${counted(round.overlap, 'vote')} that count${round.overlap === 1 ? 's' : ''}`]);
  return card('How far this can be relied on', table('All raters together', ['What', number('Value'), 'Meaning'], rows, 'reliance'),
    el('p', { class: 'aside' }, `Repeats and gold are in no result. No row or cell stands for fewer than ${counted(round.min_count, 'vote')}; what does is left out or shown as –, and so is what would give it away. Single raters are in `, el('code', {}, 'assay preference report'), '.'));
}

export function preferencesPage(parameter, go) {
  const [at, which] = (parameter ?? '').split('-').map(Number);
  const round = preferences[at] ?? preferences[0];
  const place = preferences.indexOf(round);
  const detailed = round.pairs.map((pair, i) => [i, pair]).filter(([, pair]) => pair.hidden === false);
  const [chosen, pair] = detailed.find(([i]) => i === which) ?? detailed[0];
  const bar = [
    preferences.length > 1 ? select('Round', preferences.map((one, i) => [i, one.round]), place, (value) => go(`preferences/${value}`)) : null,
    detailed.length > 1 ? select('Categories of', detailed.map(([i, one]) => [i, pairName(one)]), chosen, (value) => go(`preferences/${place}-${value}`)) : null,
  ].filter(Boolean);
  return [
    bar.length > 0 ? el('div', { class: 'bar' }, bar) : null,
    roundHead(round), roundPairs(round), roundCategories(round, pair), roundStrengths(round), roundFlags(round), roundRaters(round),
  ];
}
