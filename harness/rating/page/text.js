// Characters on their way into the document, for the page and its worker.

const kEntities = {
  amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0', ensp: '\u2002', emsp: '\u2003', thinsp: '\u2009',
  copy: '©', reg: '®', trade: '™', deg: '°', plusmn: '±', times: '×', divide: '÷', middot: '·', bull: '•', hellip: '…',
  ndash: '–', mdash: '—', lsquo: '‘', rsquo: '’', ldquo: '“', rdquo: '”', laquo: '«', raquo: '»', euro: '€', pound: '£',
  larr: '←', uarr: '↑', rarr: '→', darr: '↓', harr: '↔', le: '≤', ge: '≥', ne: '≠', infin: '∞', frac12: '½', sect: '§',
};

function numbered(number) {
  return number > 0 && number <= 0x10ffff && !(number >= 0xd800 && number <= 0xdfff) ? String.fromCodePoint(number) : '\ufffd';
}

// Markdown's entities, by number and the usual names; others stay as they were written.
export const decoded = (text) => text.replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|(\w{2,8}));/gi, (whole, decimal, hex, name) => {
  if (name) return Object.hasOwn(kEntities, name) ? kEntities[name] : whole;
  return numbered(decimal ? Number(decimal) : parseInt(hex, 16));
});

// Characters that show nothing, or that turn the direction of what follows. Joiners and emoji tags are looked at one by
// one below: Persian, Indic scripts and emoji need them.
const kUnseen =
  /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb]|[\u{e0000}-\u{e0fff}]+/gu;
const kJoiners = '\u200c\u200d';
const kLatin = /^[\0-\u024f]?$/;

function belongs(character, before, after) {
  if (kJoiners.includes(character)) return !kLatin.test(before) && !kLatin.test(after);
  return character >= '\u{e0000}' && before === '\udff4';  // the tags of a flag follow U+1F3F4
}

// [{text, unseen}] in order; `unseen` pieces name what stands there: "U+202E".
export function pieces(text) {
  const found = [];
  let done = 0;
  for (const match of text.matchAll(kUnseen)) {
    const end = match.index + match[0].length;
    if (belongs(match[0], text.charAt(match.index - 1), text.charAt(end))) continue;
    if (match.index > done) found.push({ text: text.slice(done, match.index), unseen: false });
    const code = match[0].codePointAt(0).toString(16).toUpperCase().padStart(4, '0');
    found.push({ text: `U+${code}`, unseen: true });
    done = end;
  }
  if (done < text.length) found.push({ text: text.slice(done), unseen: false });
  return found;
}

export const hasUnseen = (text) => pieces(text).some((piece) => piece.unseen);
