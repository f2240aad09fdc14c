// Where in a text a formula stands, as extensions of marked, and how KaTeX is to set it.

// A size is at most 20 em, a macro grows at most 300 times, nothing links, loads or carries attributes (trust).
export const katexOptions = (displayMode, output) => ({
  displayMode, output, trust: false, strict: 'ignore', throwOnError: false, maxSize: 20, maxExpand: 300,
});

// $...$ is mathematics unless it looks like money: "$5 and $10", "US$5", "$5-$10", "$10 to 20$".
function isFormula(tex, before, after) {
  if (/[\w$]/.test(before)) return false;
  if (/^[\w$]/.test(after) && !/^(?:th|st|nd|rd|s)\b/.test(after)) return false;
  if (/^\s|\s$|\n[ \t]*\n/.test(tex)) return false;
  const startsLikeMoney = /^\d/.test(tex) && !/[\\^_={}]/.test(tex);
  return !(startsLikeMoney && /[a-z]{2}/i.test(tex));
}

function inlineFormula(src, before) {
  const display = /^\$\$((?:[^$\\]|\\[^])+)\$\$/.exec(src) ?? /^\\\[([^]+?)\\\]/.exec(src);
  if (display) return { raw: display[0], tex: display[1], display: true };
  const round = /^\\\(([^]+?)\\\)/.exec(src);
  if (round) return { raw: round[0], tex: round[1], display: false };
  const dollars = /^\$((?:[^$\\]|\\[^])+)\$/.exec(src);
  if (!dollars || !isFormula(dollars[1], before, src.slice(dollars[0].length, dollars[0].length + 3))) return undefined;
  return { raw: dollars[0], tex: dollars[1], display: false };
}

// Tokens {type, raw, tex, display}; `formula` is a block.
export const mathExtensions = [
  {
    name: 'formula',
    level: 'block',
    start: (src) => {
      const at = src.search(/\n {0,3}(?:\$\$|\\\[)/);
      return at < 0 ? undefined : at + 1;
    },
    tokenizer: (src) => {
      const found = /^ {0,3}\$\$((?:[^$\\\n]|\\[^]|\n(?![ \t]*\n))+)\$\$[ \t]*(?:\n+|$)/.exec(src) ??
        /^ {0,3}\\\[([^]+?)\\\][ \t]*(?:\n+|$)/.exec(src);
      return found ? { type: 'formula', raw: found[0], tex: found[1], display: true } : undefined;
    },
  },
  {
    name: 'inlineFormula',
    level: 'inline',
    start: (src) => {
      const at = src.search(/\$|\\[([]/);
      return at < 0 ? undefined : at;
    },
    tokenizer: (src, tokens) => {
      const found = inlineFormula(src, tokens.at(-1)?.raw.slice(-1) ?? '');
      return found ? { type: 'inlineFormula', ...found } : undefined;
    },
  },
];
