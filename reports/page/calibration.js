// How far a model's confidence in its choices can be believed: the reliability diagram of a run, and its error in words.
import { card, count, counted, el, number, range, said, score, table } from './dom.js';
import { reliabilityChart } from './charts.js';

const kStated = {
  acc: 'The confidence is the share that the likelihoods give the chosen option among all options.',
  acc_norm: 'The confidence is that share by the score that is compared here: log-probability by characters of the option.',
  acc_bytes: 'The confidence is that share by the score that is compared here: log-probability by bytes of the option.',
};
const share = (value) => score(value, true);
const errorText = (value) => (value === null ? '–' : value.toFixed(3));

function meaning(numbers) {
  const { confidence, accuracy, accuracy_low: low, accuracy_high: high } = numbers;
  const surer = confidence > high ? 'surer than it is right' : confidence < low ? 'less sure than it is right' : 'about as sure as it is right';
  return `On average the model is ${surer}: its confidence is ${share(confidence)}\u00a0%, and ${share(accuracy)}\u00a0% (${range(low, high, share)}) of its choices are right.`;
}

export function calibrationCard(run) {
  const numbers = run.calibration;
  if (numbers === null) return null;
  const left = numbers.left_out > 0 ? ` ${counted(numbers.left_out, 'answer')} without a finite likelihood of every option ${numbers.left_out === 1 ? 'is' : 'are'} left out.` : '';
  if (numbers.n === 0) return card('Calibration', el('p', { class: 'aside' }, `Nothing can be said.${left}`));
  const { bins } = numbers;
  const label = (bin) => `${Math.round(100 * bin.low)} to ${Math.round(100 * bin.high)} %`;
  const points = bins.map((bin) => ({ x: 100 * bin.confidence, y: 100 * bin.accuracy, low: 100 * bin.accuracy_low, high: 100 * bin.accuracy_high,
    says: `${share(bin.accuracy)} % right (${range(bin.accuracy_low, bin.accuracy_high, share)}) at ${share(bin.confidence)} % (${counted(bin.n, 'answer')})` }));
  return card('Calibration', el('div', { class: 'pair' },
    el('div', {}, reliabilityChart('Share of right answers by confidence with 95 % intervals; the table beside it says the same', points),
      el('p', { class: 'aside' }, 'On the line, of the answers given with a confidence of 70 %, 7 of 10 are right; below it the model is too sure. Whiskers are 95 % intervals that take answers as independent.')),
    el('div', {}, el('p', {}, meaning(numbers)),
      el('p', {}, `Expected calibration error ${errorText(numbers.ece)}; a calibrated model would show about ${errorText(numbers.ece_by_chance)} by chance with these ${count(numbers.n)} answers. Brier score ${errorText(numbers.brier)}.`),
      table('Answers by confidence', ['Confidence', number('n'), number('Mean, %'), number('Right, %'), number('95 % interval')],
        bins.map((bin) => [label(bin), number(count(bin.n)), number(share(bin.confidence)), number(share(bin.accuracy)), number(range(bin.accuracy_low, bin.accuracy_high, share))])),
      el('p', { class: 'aside' }, kStated[numbers.metric] ?? said(numbers.metric), left))));
}

// For a comparison: both errors in one line.
export function calibrationLine(run) {
  const [a, b] = [run.baseline_calibration, run.calibration];
  if (a === null || b === null || a.ece === null || b.ece === null) return null;
  return el('p', { class: 'aside' }, el('a', { href: `#task/${run.run}` }, 'Calibration'),
    `: expected error ${errorText(a.ece)} in the baseline, ${errorText(b.ece)} now (by chance about ${errorText(a.ece_by_chance)} and ${errorText(b.ece_by_chance)}).`);
}
