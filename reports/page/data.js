// What the report holds: `report` as docs/report.schema.json has it, and the samples of each run in columns.
import { clipped } from './dom.js';

const kData = JSON.parse(document.getElementById('data').textContent);
export const report = kData.report;
export const verdictWords = kData.verdict_words;

export const kAnswered = 1;
export const kUnparsed = 2;
export const kTimedOut = 4;
export const kAtLimit = 8;

// The columns of the run itself, and those of the list of samples that it shares with others.
const kPacks = new Map(kData.samples.runs.map((pack) => [pack.run, { ...kData.samples.lists[pack.list], ...pack }]));
// What a sample was asked, where the report has it: { text, full, head: { text, full } }; the same object for the same prompt.
const kPrompts = kData.samples.prompts.map((prompt) => ({ ...prompt, head: kData.samples.heads[prompt.head] ?? null }));
export const promptOf = (pack, i) => kPrompts[pack.details[i]?.prompt] ?? null;
export const packOf = (run) => kPacks.get(run);
export const runOf = (number) => report.runs.find((run) => run.run === number);
export const compared = report.runs.filter((run) => run.comparison !== null);

export const isShare = (metric) => metric !== 'perplexity' && metric !== 'bits_per_byte';
export const headline = (run) => run.metrics.find((metric) => metric.subset === null) ?? null;
export const metricName = (metric) => (metric.filter ? `${metric.metric ?? metric.name}, ${metric.filter}` : metric.metric ?? metric.name);

// The last part of a model's name: a folder's path says little beside it.
export const modelName = (model) => String(model).replace(/\/+$/, '').split('/').pop() || String(model);
export const runTitle = (run) => `${run.task} · ${clipped(modelName(run.model), 30)} (${clipped(run.name, 24)})`;

export const isWrong = (pack, i) => pack.share && pack.score[i] !== null && pack.score[i] < 1;
export const hasFlag = (pack, i, flag) => (pack.flags[i] & flag) !== 0;
export const answerOf = (pack, i) => (pack.answer.length > 0 ? pack.texts[pack.answer[i]] : '');
export const goldOf = (pack, i) => (pack.gold.length > 0 ? pack.golds[pack.gold[i]] : '');
export const subsetOf = (pack, i) => pack.subsets[pack.subset[i]];
const keyOf = (pack, i) => `${subsetOf(pack, i)}\n${pack.id[i]}\n${pack.repeat.length > 0 ? pack.repeat[i] : 0}`;

const kPairs = new Map();
// For a run that is compared: the place of each of its samples in the baseline's columns, -1 where there is none.
export function pairing(run) {
  if (run.comparison === null) return null;
  if (!kPairs.has(run.run)) {
    const b = packOf(run.run);
    const a = packOf(run.comparison.baseline.run);
    const same = a.list === b.list;
    const places = same ? null : new Map(a.id.map((_, i) => [keyOf(a, i), i]));
    kPairs.set(run.run, { a, b, places: b.id.map((_, i) => (same ? i : places.get(keyOf(b, i)) ?? -1)) });
  }
  return kPairs.get(run.run);
}

// 0: the same, or not known; below 0: lost, above: won, against the baseline.
export function changeOf(pair, i) {
  const j = pair.places[i];
  if (j < 0 || pair.a.score[j] === null || pair.b.score[i] === null) return 0;
  const change = pair.b.score[i] - pair.a.score[j];
  return pair.b.lower_is_better ? -change : change;
}

export function marginChange(pair, i) {
  const j = pair.places[i];
  if (j < 0 || pair.a.margin.length === 0 || pair.b.margin.length === 0) return null;
  return pair.a.margin[j] === null || pair.b.margin[i] === null ? null : pair.b.margin[i] - pair.a.margin[j];
}
