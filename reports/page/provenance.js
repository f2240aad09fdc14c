// How each number came about: the manifest, the command that computes it again, what it took.
import { card, count, counted, el, number, said, table } from './dom.js';
import { modelName, report, runTitle } from './data.js';

const words = (value) => (value === null ? 'not known' : typeof value === 'string' ? value : typeof value === 'object' ? JSON.stringify(value) : String(value));
const tokens = (n) => (n === null ? 'not known' : count(n));

function replay(run) {
  if (run.replay === null) return el('p', { class: 'aside' }, 'It cannot be computed again: answers from elsewhere or of a hidden set, or none.');
  const command = el('code', {}, run.replay);
  const button = el('button', { type: 'button', onclick: async () => {
    try {
      await navigator.clipboard.writeText(run.replay);
      button.textContent = 'Copied';
    } catch {
      getSelection().selectAllChildren(command);
    }
  } }, 'Copy');
  return el('div', { class: 'command' }, command, button);
}

function provenance(run, open) {
  const sections = Object.entries(run.manifest).map(([name, value]) =>
    (value !== null && typeof value === 'object' && !Array.isArray(value)
      ? table(name, ['Field', 'Value'], Object.entries(value).map(([field, what]) => [said(field), said(words(what))]), 'facts')
      : table(name, ['Field', 'Value'], [[said(name), said(words(value))]], 'facts')));
  const tags = Object.entries(run.tags);
  return el('details', { class: 'card', open, id: `run-${run.run}` }, el('summary', {}, el('h2', {}, said(runTitle(run)))),
    replay(run),
    el('dl', {}, [['Run', String(run.run)], ['Model', said(run.model)], ['Started', run.started], ['State', `${run.state}, ${count(run.answered)} of ${count(run.n)} answered`], ['Scorer', said(run.scorer)],
      ['Manifest SHA-256', el('code', {}, run.manifest_sha256)], ...tags.map(([key, value]) => [said(key), said(value)])]
      .map(([name, value]) => el('div', {}, el('dt', {}, name), el('dd', {}, value)))),
    el('details', {}, el('summary', {}, 'Manifest: everything that decides the number'), sections));
}

// Of each batch once: its runs share what they compute.
function batches() {
  const names = [...new Set(report.runs.map((run) => run.name))];
  const row = (name) => {
    const cost = report.runs.find((run) => run.name === name).cost.batch;
    if (cost === null) return [said(name), 'not recorded', ...Array(5).fill(number('–'))];
    return [el('span', {}, said(name), cost.unfinished > 0 ? el('small', {}, `${count(cost.unfinished)} of ${counted(cost.sessions, 'session')} not finished`) : null),
      said(cost.computed_by.join('; ')), number(cost.load_seconds.toFixed(1)), number(cost.seconds.toFixed(1)),
      number(count(cost.prompt_tokens)), number(count(cost.generated_tokens)),
      number(cost.peak_share !== null ? `${(100 * cost.peak_share).toFixed(0)} %` : cost.requests > 0 ? counted(cost.requests, 'call') : '–')];
  };
  return table('What the model took for each batch', ['Batch', 'Computed by', number('Loading, s'), number('Computing, s'),
    number('Prompt tokens computed'), number('Generated tokens'), number('Share of the limit')], names.map(row));
}

export function provenancePage() {
  const row = (run) => [el('span', {}, said(run.task), el('small', {}, said(modelName(run.model)), ', ', said(run.name))), number(tokens(run.cost.prompt_tokens)), number(tokens(run.cost.generated_tokens)),
    number(run.cost.program_cpu_seconds.toFixed(1)), number(run.cost.program_wall_seconds.toFixed(1))];
  return [
    card('What it took', batches(),
      el('p', { class: 'aside' }, 'The runs of a batch are computed together, so these numbers are of all of them. Prompt tokens computed: what requests share counts once. '
        + 'The limit is the arithmetic that the processor can do in that time; it is measured after 20 seconds of computing or more. Of a server its calls are counted.'),
      table('Tokens and seconds', ['Run', number('Prompt tokens'), number('Generated tokens'), number('Programs, CPU s'), number('Programs, wall s')], report.runs.map(row)),
      el('p', { class: 'aside' }, 'Prompt tokens as asked, whatever was shared between requests.')),
    ...report.runs.map((run) => provenance(run, report.runs.length === 1)),
  ];
}
