// One run of a task: its metrics, its subsets in order, and what its answers have in common.
import { card, count, counted, el, number, range, said, score, select, table } from './dom.js';
import { compared, headline, isShare, metricName, modelName, packOf, report, runOf, runTitle } from './data.js';
import { barChart, intervalChart } from './charts.js';
import { badge } from './overview.js';
import { calibrationCard } from './calibration.js';

const kBins = 8;
const kLetters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';

function metricsTable(run) {
  const whole = run.metrics.filter((metric) => metric.subset === null);
  const row = (metric) => {
    const show = (value) => score(value, isShare(metric.name));
    return [metricName(metric), metric.average, number(show(metric.value)), number(range(metric.low, metric.high, show)), number(count(metric.n))];
  };
  return table('Scores of the whole task', ['Metric', 'Average', number('Score'), number('95 % interval'), number('n')], whole.map(row));
}

function subsets(run) {
  const first = headline(run);
  const parts = run.metrics.filter((metric) => metric.subset !== null && metric.name === first?.name && metric.filter === first?.filter);
  if (parts.length === 0) return null;
  const share = isShare(first.name);
  const scale = share ? 100 : 1;
  const show = (value) => score(value, share);
  parts.sort((a, b) => b.value - a.value);
  const rows = parts.map((metric) => ({ label: metric.subset, points: [{ x: scale * metric.value, low: scale * metric.low, high: scale * metric.high,
    kind: 'own', says: `${show(metric.value)} (${range(metric.low, metric.high, show)}, ${counted(metric.n, 'question')})` }] }));
  return card('Subsets, highest first', intervalChart('Score of every subset with its interval', rows, share ? 'score, %' : 'score', [{ value: scale * first.value }]),
    el('p', { class: 'aside' }, 'The line is the whole task. Whiskers are 95 % intervals of each subset alone: among many subsets some lie apart by chance.'),
    el('details', {}, el('summary', {}, 'As a table'), table('Scores of the subsets', ['Subset', number('Score'), number('95 % interval'), number('n')],
      parts.map((metric) => [said(metric.subset), number(show(metric.value)), number(range(metric.low, metric.high, show)), number(count(metric.n))]))));
}

// How often each position is right, and how often it is chosen.
function positions(pack) {
  if (pack.choice.length === 0) return null;
  const right = [];
  const chosen = [];
  let n = 0;
  pack.choice.forEach((choice, i) => {
    if (choice < 0 || !(pack.right[i] >= 0)) return;
    n += 1;
    right[pack.right[i]] = (right[pack.right[i]] ?? 0) + 1;
    chosen[choice] = (chosen[choice] ?? 0) + 1;
  });
  const places = Math.max(right.length, chosen.length);
  if (n === 0 || places > 12) return null;
  const labels = Array.from({ length: places }, (_, i) => kLetters[i]);
  const share = (counts) => labels.map((_, i) => (100 * (counts[i] ?? 0)) / n);
  const values = [share(right), share(chosen)];
  return card('Answer positions', barChart('How often each position is right and how often it is chosen', labels,
    [{ name: 'is right', values: values[0] }, { name: 'is chosen', values: values[1] }], '% of questions'),
  el('p', { class: 'aside' }, 'A model without a liking for a position chooses each about as often as it is right.'),
  el('details', {}, el('summary', {}, 'As a table'), table('Answer positions', ['Position', number('is right'), number('is chosen')],
    labels.map((label, i) => [label, number(`${values[0][i].toFixed(1)} %`), number(`${values[1][i].toFixed(1)} %`)]))));
}

// Mean scores of eighths of the samples, by length.
function lengths(pack) {
  const known = pack.length.map((length, i) => i).filter((i) => pack.length[i] >= 0 && pack.score[i] !== null);
  if (known.length < 20 * kBins) return null;
  known.sort((a, b) => pack.length[a] - pack.length[b]);
  if (pack.length[known[0]] === pack.length[known.at(-1)]) return null;
  const scale = pack.share ? 100 : 1;
  const bins = Array.from({ length: kBins }, (_, bin) => {
    const of = known.slice(Math.floor((bin * known.length) / kBins), Math.floor(((bin + 1) * known.length) / kBins));
    const mean = of.reduce((sum, i) => sum + pack.score[i], 0) / of.length;
    return { label: `${pack.length[of[0]]}–${pack.length[of.at(-1)]}`, value: scale * mean, n: of.length };
  });
  const what = pack.generated ? 'tokens of the answer' : 'tokens of the prompt';
  return card('Length and score', barChart('Mean score by length', bins.map((bin) => bin.label), [{ name: 'mean score', values: bins.map((bin) => bin.value) }],
    pack.share ? 'mean score, %' : 'mean score', what),
  el('p', { class: 'aside' }, `Eighths of the samples, about ${count(bins[0].n)} each, by ${what}.`));
}

function executions(run) {
  if (run.executions === null) return null;
  const { total, outcomes, fallbacks } = run.executions;
  return card('Programs that were executed', table(`${counted(total, 'program')}`, ['Outcome', number('programs')],
    Object.entries(outcomes).sort((a, b) => b[1] - a[1]).map(([outcome, n]) => [said(outcome), number(count(n))])),
  fallbacks.length > 0 ? el('p', { class: 'aside' }, `Graded in the fallback: ${counted(fallbacks.length, 'item')}.`) : null);
}

export function taskPage(parameter, go) {
  const run = runOf(Number(parameter)) ?? compared[0] ?? report.runs[0];
  const pack = packOf(run.run);
  return [
    el('div', { class: 'bar' }, select('Run', report.runs.map((one) => [one.run, runTitle(one)]), run.run, (value) => go(`task/${value}`)),
      el('a', { href: `#samples/${run.run}` }, 'Its samples')),
    card(null, el('h2', {}, said(run.task), ' ', badge(run.verdict)),
      el('p', { class: 'aside' }, said(modelName(run.model)), ', ', said(run.name), `, protocol `, said(run.protocol), `, ${count(run.answered)} of ${count(run.n)} answered`),
      run.message ? el('p', {}, said(run.message, 'span'), '.') : null,
      run.metrics.length > 0 ? metricsTable(run) : null,
      run.published.length > 0 ? table('Published numbers', ['Published', 'Metric', 'By', 'Beside this run'],
        run.published.map((one) => [{ cell: one.value.toFixed(1), class: one.same_setting ? 'same' : 'other' }, said(one.metric),
          el('span', {}, said(one.reported_by), ` ${one.source_date}`), said(one.sentence)]), 'references') : null),
    subsets(run),
    calibrationCard(run),
    el('div', { class: 'pair' }, positions(pack), lengths(pack)),
    executions(run),
  ];
}
