// Scores over time: by the tag `step` where every run but the baseline has one, else by the day of the run.
import { card, count, el, number, range, said, score, table } from './dom.js';
import { headline, isShare, metricName, modelName, report } from './data.js';
import { trendChart } from './charts.js';
import { badge, kindOf } from './overview.js';

const stepOf = (run) => (/^\d+$/.test(run.tags.step ?? '') ? Number(run.tags.step) : null);
const dayOf = (run) => Date.parse(run.started);

const isBaseline = (run) => report.runs.some((other) => other.comparison?.baseline.run === run.run);

export function trendGroups() {
  const groups = new Map();
  for (const run of report.runs) {
    if (headline(run) === null || !Number.isFinite(dayOf(run))) continue;
    const key = `${run.task}\n${run.protocol}`;
    groups.set(key, [...(groups.get(key) ?? []), run]);
  }
  return [...groups.values()].filter((runs) => runs.length > 1);
}

function trend(runs) {
  const stepped = runs.filter((run) => stepOf(run) !== null);
  const others = runs.filter((run) => stepOf(run) === null);
  const byStep = stepped.length > 0 && others.every(isBaseline);
  const at = byStep ? stepOf : dayOf;
  const sorted = [...(byStep ? stepped : runs)].sort((a, b) => at(a) - at(b));
  const metric = headline(sorted[0]);
  const share = isShare(metric.name);
  const scale = share ? 100 : 1;
  const show = (value) => score(value, share);
  const points = sorted.map((run) => {
    const one = headline(run);
    return { x: at(run), y: scale * one.value, low: scale * one.low, high: scale * one.high, kind: kindOf(run.verdict),
      says: `${modelName(run.model)}: ${show(one.value)} (${range(one.low, one.high, show)})` };
  });
  const tick = byStep ? (value) => count(value) : (value) => new Date(value).toISOString().slice(0, 16).replace('T', ' ');
  return card(null, el('h2', {}, said(sorted[0].task)), trendChart('Scores with 95 % intervals in their order; the table below says the same', points,
    share ? `${metricName(metric)}, %` : metricName(metric), byStep ? 'step' : 'started (UTC)', tick),
  ...(byStep ? others : []).map((run) => el('p', {}, 'The baseline ', said(run.name), ` has ${show(headline(run).value)} (${range(headline(run).low, headline(run).high, show)}).`)),
  el('details', {}, el('summary', {}, 'As a table'), table('Scores in their order', [byStep ? 'Step' : 'Started', 'Model', number('Score'), number('95 % interval'), 'Verdict'],
    sorted.map((run, i) => [tick(points[i].x), said(modelName(run.model)), number(show(headline(run).value)),
      number(range(headline(run).low, headline(run).high, show)), badge(run.verdict)]))));
}

export const trendPage = () => trendGroups().map(trend);
