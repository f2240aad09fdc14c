// The pages of the report as tabs: location.hash says which is shown, "#task/7".
import { el, counted, said } from './dom.js';
import { compared, report } from './data.js';
import { forgetCharts } from './charts.js';
import { badge, overviewPage } from './overview.js';
import { taskPage } from './task.js';
import { versusPage } from './versus.js';
import { trendGroups, trendPage } from './trend.js';
import { samplesPage } from './samples.js';
import { preferences, preferencesPage } from './preferences.js';
import { provenancePage } from './provenance.js';

const kPages = [
  ['overview', 'Overview', overviewPage, true],
  ['task', 'Tasks', taskPage, true],
  ['versus', 'Head to head', versusPage, compared.length > 0],
  ['trend', 'Trend', trendPage, trendGroups().length > 0],
  ['samples', 'Samples', samplesPage, true],
  ['preferences', 'Preferences', preferencesPage, preferences.length > 0],
  ['provenance', 'Provenance', provenancePage, true],
].filter(([, , , there]) => there);

const page = document.getElementById('page');
const tabs = kPages.map(([name, words]) => el('button', { type: 'button', role: 'tab', id: `tab-${name}`, 'aria-controls': 'page', onclick: () => go(name) }, words));

function go(where) {
  if (location.hash === `#${where}`) show();
  else location.hash = where;
}

function show() {
  const [name, parameter] = location.hash.slice(1).split('/');
  const at = Math.max(0, kPages.findIndex((one) => one[0] === name));
  forgetCharts();
  tabs.forEach((tab, i) => {
    tab.setAttribute('aria-selected', String(i === at));
    tab.tabIndex = i === at ? 0 : -1;
  });
  tabs[at].scrollIntoView({ block: 'nearest', inline: 'nearest' });
  page.setAttribute('aria-labelledby', tabs[at].id);
  page.replaceChildren(...kPages[at][2](parameter, go).filter(Boolean));
  page.dataset.page = kPages[at][0];
  document.title = `${kPages[at][1]} · Assay report`;
}

document.getElementById('tabs').append(...tabs);
document.getElementById('tabs').addEventListener('keydown', (event) => {
  const at = tabs.indexOf(document.activeElement);
  const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
  if (at < 0 || next === undefined) return;
  event.preventDefault();
  const tab = tabs[(next + tabs.length) % tabs.length];
  tab.focus();
  tab.click();
});

const runs = counted(report.runs.length, 'run');
document.getElementById('summary').append(...(report.baseline === null ? [runs] : [badge(report.verdict), ` ${runs} against `, said(report.baseline),
  report.margin === null ? '' : `, margin ${report.margin} points`]));

const root = document.documentElement;
const dark = matchMedia('(prefers-color-scheme: dark)');
const dress = (theme) => {
  root.dataset.theme = theme;
  show();
};
document.getElementById('theme').addEventListener('click', () => dress(root.dataset.theme === 'dark' ? 'light' : 'dark'));
dark.addEventListener('change', () => dress(dark.matches ? 'dark' : 'light'));
addEventListener('hashchange', () => {
  show();
  scrollTo(0, 0);
});
let before = 'light';
addEventListener('beforeprint', () => {
  before = root.dataset.theme;
  if (before !== 'light') dress('light');
});
addEventListener('afterprint', () => {
  if (before !== 'light') dress(before);
});
dress(dark.matches ? 'dark' : 'light');
root.dataset.ready = 'true';
