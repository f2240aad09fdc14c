// How each number came about: the manifest, the command that computes it again, what it took.
import { card, count, el, number, said, table } from './dom.js';
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

export function provenancePage() {
  const row = (run) => [el('span', {}, said(run.task), el('small', {}, said(modelName(run.model)), ', ', said(run.name))), number(tokens(run.cost.prompt_tokens)), number(tokens(run.cost.generated_tokens)),
    number(run.cost.program_cpu_seconds.toFixed(1)), number(run.cost.program_wall_seconds.toFixed(1))];
  return [
    card('What it took', table('Tokens and seconds', ['Run', number('Prompt tokens'), number('Generated tokens'), number('Programs, CPU s'), number('Programs, wall s')], report.runs.map(row)),
      el('p', { class: 'aside' }, 'Prompt tokens as asked, whatever was shared between requests. How long the model took is not recorded.')),
    ...report.runs.map((run) => provenance(run, report.runs.length === 1)),
  ];
}
