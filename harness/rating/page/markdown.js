// A worker: from the Markdown of a model, which is hostile, to a tree of nodes that render.js builds without ever parsing
// HTML. What does not end in time is ended with the worker, and every formula is set here once for that reason, before
// the page tries it: in KaTeX 0.16.4, \edef and Unicode subscripts get around its limit on macros.
import '/assets/marked.min.js';
import '/assets/katex.min.js';
import { katexOptions, mathExtensions } from '/assets/math.js';
import { decoded, hasUnseen } from '/assets/text.js';

const kLongestFormula = 4000;     // characters
const kLargestFormula = 200_000;  // characters of the HTML that it would be
const kMostFormulas = 1000;
const kMostNodes = 60_000;
const kDeepest = 40;              // of anything within each other

const nothing = () => undefined;
self.marked.use({
  gfm: true,
  breaks: true,  // a poem keeps its lines
  extensions: mathExtensions,
  // Neither HTML nor definitions of references are syntax here, so that no part of an answer stays unseen.
  tokenizer: { html: nothing, tag: nothing, def: nothing },
});

let nodes = 0;
let formulas = 0;

// A node is a text, or {tag, kids} with little more: `kind` (of a span), `language`, `start`, `align`; or a formula,
// {tag: 'math', tex, display, output}.
const node = (tag, kids, more) => ({ tag, kids, ...more });

function formula({ raw, tex, display }) {
  const source = node('code', [raw.trim()]);
  if (tex.length > kLongestFormula || ++formulas > kMostFormulas || hasUnseen(tex)) return source;
  const html = self.katex.renderToString(tex, katexOptions(display, 'htmlAndMathml'));
  if (html.length > kLargestFormula || html.includes('class="katex-error"')) return source;
  // KaTeX draws frames in MathML by style attributes, which the content policy refuses.
  const framed = html.slice(0, html.indexOf('<span class="katex-html"')).includes(' style="');
  return node('math', [], { tex, display, output: framed ? 'html' : 'htmlAndMathml' });
}

// Nothing in an answer navigates or loads: an address is shown, as text.
function addressed(kind, kids, href) {
  const address = node('span', [href], { kind: 'address' });
  const same = kids.length === 1 && kids[0] === href;
  return same || kids.length === 0 ? [address] : [node('span', kids, { kind }), ' ', address];
}

// The text of a tight list stands without paragraphs.
function itemKids(item, loose, depth) {
  const kids = item.tokens.flatMap((token) =>
    token.type === 'text' && loose ? node('p', inside(token, depth)) : converted(token, depth));
  return item.task ? [item.checked ? '☑ ' : '☐ ', ...kids] : kids;
}

function tableRow(tag, cells, align, depth) {
  return node('tr', cells.map((cell, i) => node(tag, inside(cell, depth), { align: align[i] })));
}

const inside = (token, depth) => (token.tokens ?? []).flatMap((kid) => converted(kid, depth + 1));

const kConverters = {
  space: () => [],
  hr: () => node('hr', []),
  br: () => node('br', []),
  heading: (token, depth) => node(`h${Math.min(token.depth + 2, 6)}`, inside(token, depth)),
  paragraph: (token, depth) => node('p', inside(token, depth)),
  blockquote: (token, depth) => node('blockquote', inside(token, depth)),
  strong: (token, depth) => node('strong', inside(token, depth)),
  em: (token, depth) => node('em', inside(token, depth)),
  del: (token, depth) => node('del', inside(token, depth)),
  code: (token) => node('pre', [node('code', [token.text])], { language: /^[\w+#.-]{1,30}/.exec(token.lang ?? '')?.[0] }),
  codespan: (token) => node('code', [decoded(token.text)]),
  escape: (token) => token.raw.slice(1),
  text: (token, depth) => (token.tokens ? inside(token, depth) : decoded(token.raw)),
  link: (token, depth) => addressed('link', inside(token, depth), decoded(token.href ?? '')),
  image: (token) => addressed('image', [decoded(token.text)], decoded(token.href ?? '')),
  list: (token, depth) => node(token.ordered ? 'ol' : 'ul',
    token.items.map((item) => node('li', itemKids(item, token.loose, depth + 1))),
    token.ordered ? { start: Number(token.start) } : {}),
  table: (token, depth) => node('table', [
    node('thead', [tableRow('th', token.header, token.align, depth)]),
    node('tbody', token.rows.map((row) => tableRow('td', row, token.align, depth))),
  ]),
  formula: (token) => node('p', [formula(token)]),
  inlineFormula: formula,
};

function converted(token, depth) {
  if (depth > kDeepest || ++nodes > kMostNodes) throw new Error('too large');
  return kConverters[token.type]?.(token, depth) ?? token.raw;
}

// The nodes of a text, or null where plain text is the better way to show it.
function tree(text) {
  nodes = formulas = 0;
  try {
    return self.marked.lexer(text).flatMap((token) => converted(token, 0));
  } catch {
    return null;  // too large, or too deep for marked's recursion
  }
}

self.onmessage = ({ data }) => self.postMessage(tree(data));
self.postMessage('ready');
