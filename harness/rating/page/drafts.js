// What this browser keeps until the server has it: the marks on a pair, and the decision that is on its way. Kept apart
// by round and rater: a browser may be lent, and an address may serve another round later.
let owner = read('assay.who') ?? '';

function read(name) {
  try {
    return JSON.parse(localStorage.getItem(name));
  } catch {
    return null;
  }
}

function write(name, value) {
  try {
    if (value === null) localStorage.removeItem(name);
    else localStorage.setItem(name, JSON.stringify(value));
  } catch {
    // A browser that keeps nothing still rates; it only forgets on reload.
  }
}

export function belongTo(round, rater) {
  owner = `${round}/${rater}`;
  write('assay.who', owner);
}

// A device that is handed on keeps nothing of its rater.
export function forgetAll() {
  for (const name of Object.keys(localStorage)) {
    if (/^assay\.(?:who$|draft|pending)/.test(name)) write(name, null);
  }
}

const draftName = (assignment) => `assay.draft/${owner}/${assignment}`;
const pendingName = () => `assay.pending/${owner}`;

export const draftOf = (assignment) => read(draftName(assignment));
export const keepDraft = (assignment, draft) => write(draftName(assignment), draft);
export const pending = () => read(pendingName());
export const keepPending = (vote) => write(pendingName(), vote);

export const setting = read;
export const keepSetting = write;
