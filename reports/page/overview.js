// Models by tasks, what is surely better or worse in words, and the numbers that others published.
import { card, clipped, counted, difference, el, range, said, score, table } from './dom.js';
import { headline, isShare, metricName, modelName, report, verdictWords } from './data.js';
import { intervalChart } from './charts.js';

export const badge = (verdict) => el('span', { class: `badge ${verdict}` }, verdictWords[verdict]);

const kOrder = Object.keys(verdictWords);
const kGood = ['better', 'passed'];
const kBad = ['regressed', 'worse'];
export const kindOf = (verdict) => (kGood.includes(verdict) ? 'good' : kBad.includes(verdict) ? 'bad' : 'own');

// "74.7 → 68.8, −6.13 points" of a run that is compared.
function change(run) {
  if (run.comparison === null) return null;
  const one = run.comparison.scores[0];
  const share = isShare(one.metric) && !one.lower_is_better;
  return el('span', { class: 'change' }, ` ${score(one.a, share)} → ${score(one.b, share)}, ${difference(one.difference, share)}${share ? ' points' : ''}`);
}

function findings() {
  const told = report.runs.filter((run) => run.verdict !== 'scored');
  if (told.length === 0) {
    return card('What is shown', el('p', { class: 'aside' }, report.runs.length === 1
      ? 'One run, held against nothing. A baseline says what changed: assay report RUN --baseline RUN.'
      : 'No baseline was given, so no run is held against another. Intervals that overlap say little about which is better: assay report RUN --baseline RUN compares sample by sample.'));
  }
  told.sort((a, b) => kOrder.indexOf(a.verdict) - kOrder.indexOf(b.verdict));
  const line = (run) => el('li', {}, badge(run.verdict), ' ',
    el('a', { href: run.comparison ? `#versus/${run.run}` : `#task/${run.run}` }, said(run.task)), ' ',
    el('span', { class: 'aside' }, said(modelName(run.model)), ', ', said(run.name)), change(run),
    run.message ? el('p', {}, said(run.message, 'span'), '.') : null);
  const first = told.slice(0, 8);
  const rest = told.slice(8);
  return card('What is shown', el('ul', { class: 'findings' }, first.map(line)),
    rest.length > 0 ? el('details', {}, el('summary', {}, `${rest.length} more`), el('ul', { class: 'findings' }, rest.map(line))) : null,
    report.missing_tasks.length > 0
      ? el('p', { class: 'aside' }, 'The baseline alone has ', report.missing_tasks.map((task, i) => [i > 0 ? ', ' : '', said(task)]), '.') : null);
}

const year = (number) => number.source_date.slice(0, 4);
const published = (number) => el('li', { class: number.same_setting ? 'same' : 'other', title: number.sentence },
  el('b', {}, number.value.toFixed(1)), ' ', said(number.reported_by), ` ${year(number)}`,
  number.same_setting ? el('span', {}, number.agrees ? ', agrees' : ', outside') : null);

function cellOf(run) {
  const metric = headline(run);
  if (metric === null) return el('div', { class: 'score' }, badge(run.verdict));
  const share = isShare(metric.name);
  const shown = run.published.slice(0, 3);
  const more = run.published.length - shown.length;
  return el('div', { class: 'score' },
    el('a', { href: `#task/${run.run}`, class: 'value' }, score(metric.value, share)),
    el('span', { class: 'interval' }, range(metric.low, metric.high, (value) => score(value, share))),
    run.verdict === 'scored' ? null : badge(run.verdict),
    shown.length === 0 ? null : el('ul', { class: 'published' }, shown.map(published),
      more > 0 ? el('li', { class: 'more' }, `and ${more} more`) : null));
}

function matrix() {
  const tasks = [...new Map(report.runs.map((run) => [`${run.task}\n${run.protocol}`, run])).entries()];
  const rows = new Map();
  for (const run of report.runs) {
    const key = `${run.name}\n${run.model}`;
    if (!rows.has(key)) rows.set(key, { run, cells: new Map() });
    rows.get(key).cells.set(`${run.task}\n${run.protocol}`, run);
  }
  const head = (run) => {
    const metric = headline(run);
    return el('div', {}, said(run.task), el('small', {}, said(run.protocol), metric ? `, ${metricName(metric)}` : ''));
  };
  return table('Scores with 95 % intervals', ['Model', ...tasks.map(([, run]) => head(run))],
    [...rows.values()].map(({ run, cells }) => [
      el('div', {}, said(modelName(run.model)), el('small', {}, said(run.name))),
      ...tasks.map(([key]) => (cells.has(key) ? cellOf(cells.get(key)) : '–')),
    ]), 'matrix');
}

function picture(runs) {
  const rows = runs.flatMap((run) => {
    const metric = headline(run);
    if (metric === null) return [];
    const show = (value) => score(value, true);
    const own = { x: 100 * metric.value, low: 100 * metric.low, high: 100 * metric.high, kind: kindOf(run.verdict),
      says: `${show(metric.value)} (${range(metric.low, metric.high, show)}, ${counted(metric.n, 'question')})` };
    const others = run.published.map((number) => ({ x: number.value, kind: number.same_setting ? 'same' : 'other',
      says: `published ${number.value}: ${number.reported_by} ${number.source_date}; ${number.sentence}` }));
    return [{ label: `${clipped(run.task, 18)} · ${modelName(run.model)}`, points: [own, ...others] }];
  });
  return rows.length === 0 ? null : intervalChart('Scores with 95 % intervals; the table above says the same', rows, 'score, %');
}

export function overviewPage() {
  const shares = report.runs.filter((run) => headline(run) !== null && isShare(headline(run).name))
    .sort((a, b) => (a.task < b.task ? -1 : a.task > b.task ? 1 : 0));
  const some = (test) => report.runs.some(test);
  const entry = (kind, words, there = true) => (there ? el('li', {}, el('span', { class: `dot ${kind}` }), words) : null);
  const legend = el('ul', { class: 'legend' }, entry('own', 'measured here, with its 95 % interval'),
    entry('good', 'better, or passed', some((run) => kindOf(run.verdict) === 'good')),
    entry('bad', 'worse, or regressed', some((run) => kindOf(run.verdict) === 'bad')),
    entry('same', 'published, same setting', some((run) => run.published.some((one) => one.same_setting))),
    entry('other', 'published, another setting: not to be taken as equal', some((run) => run.published.some((one) => !one.same_setting))));
  const drawn = shares.slice(0, 60);
  return [
    findings(),
    card('Models and tasks', matrix()),
    shares.length === 0 ? null : card('At a glance', legend, picture(drawn),
      shares.length > drawn.length ? el('p', { class: 'aside' }, `The first ${drawn.length} of ${shares.length} runs are drawn.`) : null),
  ];
}
