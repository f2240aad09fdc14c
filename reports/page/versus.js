// Head to head: each run against its baseline, sample by sample.
import { card, clipped, count, counted, difference, el, number, probability, range, said, score, select, table } from './dom.js';
import { changeOf, compared, isShare, marginChange, metricName, modelName, pairing, report, runTitle } from './data.js';
import { barChart, intervalChart } from './charts.js';
import { badge, kindOf } from './overview.js';
import { calibrationLine } from './calibration.js';
import { sampleView } from './sample.js';

const kAtOnce = 10;
const kBars = 24;

const main = (run) => run.comparison.scores[0];
const isPoints = (run) => isShare(main(run).metric) && !main(run).lower_is_better;

function forest() {
  const drawn = compared.filter(isPoints).slice(0, 60);
  if (drawn.length === 0) return null;
  const lines = [{ value: 0 }];
  if (report.margin !== null) lines.push({ value: -report.margin, dashed: true });
  const rows = drawn.map((run) => {
    const one = main(run);
    const show = (value) => difference(value, true);
    return { label: `${clipped(run.task, 18)} · ${modelName(run.model)}`, points: [{ x: 100 * one.difference, low: 100 * one.low, high: 100 * one.high,
      kind: kindOf(run.verdict), says: `${show(one.difference)} points (${range(one.low, one.high, show)})` }] };
  });
  return card('Differences from the baseline', intervalChart('Differences from the baseline with 95 % intervals; the table below says the same', rows, 'difference, points', lines),
    el('p', { class: 'aside' }, 'Left of the line is worse. Whiskers are 95 % intervals of paired differences', report.margin !== null ? `; the dashed line is the margin of ${report.margin} points` : '', '.'));
}

function numbers() {
  const row = (run) => {
    const one = main(run);
    const share = isPoints(run);
    return [el('a', { href: `#versus/${run.run}` }, said(run.task), el('small', {}, said(modelName(run.model)))), badge(run.verdict),
      number(score(one.a, share)), number(score(one.b, share)), number(difference(one.difference, share)),
      number(range(one.low, one.high, (value) => difference(value, share))), number(probability(one.p_holm)),
      number(one.a_only === undefined ? '–' : `${count(one.a_only)} / ${count(one.b_only)}`), number(count(one.n))];
  };
  return card('In numbers', table('Paired comparison with the baseline', ['Task', 'Verdict', number('Baseline'), number('This run'), number('Difference'),
    number('95 % interval'), number('p, corrected'), number('lost / won'), number('n')], compared.map(row)));
}

function drift(run, pair) {
  if (run.comparison.margin === null) return null;
  const one = run.comparison.margin;
  const changes = pair.b.id.map((_, i) => marginChange(pair, i)).filter((change) => change !== null).sort((a, b) => a - b);
  if (changes.length < 2) return null;
  // The outermost hundredths end in the first and the last bar.
  const low = Math.min(0, changes[Math.floor(changes.length / 100)]);
  const high = Math.max(0, changes[Math.ceil((99 * changes.length) / 100) - 1]);
  const width = (high - low) / kBars || 1;
  const bars = Array(kBars).fill(0);
  for (const change of changes) bars[Math.max(0, Math.min(kBars - 1, Math.floor((change - low) / width)))] += 1;
  return card('Margin drift', barChart('How far the margins of the right options moved', bars.map((_, i) => (low + (i + 0.5) * width).toFixed(2)),
    [{ name: 'questions', values: bars }], 'questions', 'change of the margin, nats'),
  el('p', { class: 'aside' }, `The margin is how much likelier the right option is than the best wrong one. On average it went from ${score(one.a, false)} to ${score(one.b, false)}: `
    + `${difference(one.difference, false)} (95 % interval ${range(one.low, one.high, (value) => difference(value, false))}, p ${probability(one.p_holm)}).`));
}

function discordant(run, pair) {
  const order = (i) => Math.abs(marginChange(pair, i) ?? changeOf(pair, i));
  const all = pair.b.id.map((_, i) => i).filter((i) => changeOf(pair, i) !== 0).sort((a, b) => order(b) - order(a));
  const kinds = { lost: all.filter((i) => changeOf(pair, i) < 0), won: all.filter((i) => changeOf(pair, i) > 0) };
  const list = el('div', { class: 'flips' });
  const more = el('button', { type: 'button' }, 'Show more');
  const buttons = {};
  let chosen = kinds.lost.length > 0 || kinds.won.length === 0 ? 'lost' : 'won';
  let shown = 0;
  const add = () => {
    for (const i of kinds[chosen].slice(shown, shown + kAtOnce)) {
      list.append(sampleView([{ title: run.comparison.baseline.name, pack: pair.a, i: pair.places[i] }, { title: run.name, pack: pair.b, i }], pair, i));
    }
    shown = Math.min(shown + kAtOnce, kinds[chosen].length);
    more.hidden = shown >= kinds[chosen].length;
    more.textContent = `Show more (${shown} of ${count(kinds[chosen].length)})`;
  };
  const choose = (kind) => {
    chosen = kind;
    shown = 0;
    list.replaceChildren(...(kinds[kind].length === 0 ? [el('p', { class: 'aside' }, 'None.')] : []));
    for (const [name, button] of Object.entries(buttons)) button.setAttribute('aria-pressed', String(name === kind));
    add();
  };
  more.addEventListener('click', add);
  for (const [kind, words] of [['lost', 'Lost'], ['won', 'Won']]) {
    buttons[kind] = el('button', { type: 'button', onclick: () => choose(kind) }, `${words} (${count(kinds[kind].length)})`);
  }
  choose(chosen);
  return card('Samples that are scored differently', el('div', { class: 'chips', role: 'group', 'aria-label': 'Which samples' }, Object.values(buttons)),
    pair.b.note ? el('p', { class: 'aside' }, pair.b.note) : null, list, el('p', {}, more));
}

function fields(run) {
  const { facts, allowed, warnings } = run.comparison;
  if (facts.length + allowed.length + warnings.length === 0) return null;
  const value = (what) => said(typeof what === 'string' ? what : JSON.stringify(what));
  return card('What else differs', warnings.map((warning) => el('p', {}, said(warning))),
    allowed.length > 0 ? el('p', {}, 'Allowed to differ: ', allowed.map((one, i) => [i > 0 ? ', ' : '', said(one.field)]), '.') : null,
    facts.length > 0 ? table('Facts of the two runs', ['Field', 'Baseline', 'This run'], facts.map((one) => [said(one.field), value(one.a), value(one.b)]), 'facts') : null);
}

export function versusPage(parameter, go) {
  if (compared.length === 0) {
    return [card('Head to head', el('p', { class: 'aside' }, report.baseline === null
      ? 'No baseline was given. assay report RUN --baseline RUN compares sample by sample.' : 'No run of the report could be compared with the baseline.'))];
  }
  const run = compared.find((one) => one.run === Number(parameter)) ?? compared[0];
  const pair = pairing(run);
  return [
    forest(),
    numbers(),
    el('div', { class: 'bar' }, select('Compare', compared.map((one) => [one.run, runTitle(one)]), run.run, (value) => go(`versus/${value}`))),
    card(null, el('h2', {}, said(run.task), ' ', badge(run.verdict)),
      el('p', {}, said(run.name), ' against ', said(run.comparison.baseline.name), ': ', said(run.message ?? '', 'span'), '.'),
      el('p', { class: 'aside' }, `${metricName(main(run))}, ${main(run).average} average; ${counted(main(run).n, 'sample')} in both runs`,
        main(run).clusters === null ? '.' : ` in ${counted(main(run).clusters, 'cluster')}.`),
      calibrationLine(run)),
    drift(run, pair),
    discordant(run, pair),
    fields(run),
  ];
}
