// Puts hostile text into the document: Markdown, code and formulas where that is safe and quick, plain text otherwise.
import { katexOptions } from '/assets/math.js';
import { pieces } from '/assets/text.js';

const kPatience = 3000;       // ms for one text, in a worker that is ended after that
const kLoading = 20_000;      // ms for the worker's own files
const kLongestText = 200_000; // characters that are read as Markdown
const kPiece = 4000;          // characters of plain text that are laid out together

// All that a node of the worker can become.
const kTags = new Set(['p', 'br', 'hr', 'h3', 'h4', 'h5', 'h6', 'ul', 'ol', 'li', 'blockquote', 'pre', 'code', 'em', 'strong',
  'del', 'table', 'thead', 'tbody', 'tr', 'th', 'td', 'span']);

// KaTeX 0.16.4 gives tall delimiters their width twice, the second time by a style attribute, which the content policy
// refuses loudly.
const { SvgNode } = self.katex.__domTree;
const toNode = SvgNode.prototype.toNode;
SvgNode.prototype.toNode = function () {
  delete this.attributes.style;
  return toNode.call(this);
};

let worker = null;

// The next message of the worker; rejects where it fails or takes too long.
function reply(from, patience) {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('too slow')), patience);
    from.onmessage = ({ data }) => {
      clearTimeout(late);
      resolve(data);
    };
    from.onerror = () => {
      clearTimeout(late);
      reject(new Error('failed'));
    };
  });
}

async function convert(text) {
  if (text.length > kLongestText) return null;
  try {
    if (!worker) {
      worker = new Worker('/assets/markdown.js', { type: 'module' });
      await reply(worker, kLoading);
    }
    worker.postMessage(text);
    return await reply(worker, kPatience);
  } catch {
    worker?.terminate();
    worker = null;
    return null;
  }
}

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text) made.append(...revealed(text));
  return made;
}

// Invisible and direction-turning characters become their names.
const revealed = (text) =>
  pieces(text).map((piece) => (piece.unseen ? element('span', 'invisible', piece.text) : piece.text));

const nextTask = () => new Promise((resolve) => setTimeout(resolve));

// Builds what the worker found; formulas are left for later, in `formulas`.
function build(node, formulas) {
  if (typeof node === 'string') return revealed(node);
  if (node.tag === 'math') {
    const place = element('span');
    formulas.push({ place, ...node });
    return [place];
  }
  const made = element(kTags.has(node.tag) ? node.tag : 'span', node.kind);
  if (node.language) made.dataset.language = node.language;
  if (node.start) made.start = node.start;
  if (node.align) made.align = node.align;
  if (node.tag === 'pre' || node.tag === 'code') made.dir = 'ltr';
  for (const kid of node.kids) made.append(...build(kid, formulas));
  if (node.tag !== 'table') return [made];
  const frame = element('div', 'wide');
  frame.append(made);
  return [frame];
}

async function setFormulas(formulas) {
  let rest = performance.now() + 30;
  for (const { place, tex, display, output } of formulas) {
    self.katex.render(tex, place, katexOptions(display, output));
    if (output === 'html') place.append(element('span', 'unseen', tex));
    if (performance.now() < rest) continue;
    await nextTask();
    rest = performance.now() + 30;
  }
}

// In pieces, of which the browser lays out those that are seen; each ends with a line, or else with a word.
function plain(text, why) {
  const fragment = document.createDocumentFragment();
  if (why) fragment.append(element('p', 'aside', why));
  for (let done = 0; done < text.length;) {
    const rest = text.slice(done, done + kPiece);
    const end = rest.length < kPiece ? -1 : rest.lastIndexOf('\n') + 1 || rest.lastIndexOf(' ') + 1;
    const piece = end > 0 ? rest.slice(0, end) : rest;
    const block = element('div', 'plain', piece.replace(/\n$/, ''));
    block.dir = 'auto';
    fragment.append(block);
    done += piece.length;
  }
  return fragment;
}

async function fragmentOf(text) {
  if (text.trim() === '') return plain('', '(empty)');
  const nodes = await convert(text);
  if (!nodes) return plain(text, 'Shown as plain text: it is too long or too deeply nested to be set as Markdown.');
  const fragment = document.createDocumentFragment();
  const formulas = [];
  for (const node of nodes) fragment.append(...build(node, formulas));
  // Each block finds its own direction; what is inside of it follows by the style sheet.
  for (const block of fragment.children) block.dir ||= 'auto';
  await setFormulas(formulas);
  return fragment;
}

// Keyboards reach what scrolls sideways.
function letScroll(target) {
  for (const wide of target.querySelectorAll('pre, .wide, .katex-display')) {
    if (wide.scrollWidth > wide.clientWidth) wide.tabIndex = 0;
  }
}

let queue = Promise.resolve();

// Fills `target` with `text`, after the texts asked for before; `current` says whether it is still wanted by then.
export function render(text, target, current) {
  queue = queue.then(async () => {
    if (!current()) return;
    const fragment = await fragmentOf(text);
    if (!current()) return;
    target.replaceChildren(fragment);
    letScroll(target);
  });
  return queue;
}
