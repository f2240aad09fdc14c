// The server, as the page sees it. A call ends with an answer or throws Refused.

export class Refused extends Error {
  // status 0: nobody answered. `wait`: seconds that the server asked for.
  constructor(status, message, wait) {
    super(message);
    this.status = status;
    this.wait = wait;
  }

  get passing() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

async function call(path, options) {
  let response;
  let body;
  try {
    response = await fetch(path, { ...options, cache: 'no-store', credentials: 'same-origin', signal: AbortSignal.timeout(20_000) });
    body = await response.json();
  } catch {
    if (!response || response.ok) throw new Refused(0, 'no connection');
    body = {};  // an error of something between us and the server
  }
  if (response.ok) return body;
  throw new Refused(response.status, body.error ?? `the server answered ${response.status}`,
    Number(response.headers.get('Retry-After')) || undefined);
}

export const get = (path) => call(path, {});
export const post = (path, body) => call(path, {
  method: 'POST',
  headers: { 'Content-Type': 'application/json', 'X-Assay': '1' },
  body: JSON.stringify(body),
});

let wake = () => {};
addEventListener('online', () => wake());
export const tryNow = () => wake();

const sleep = (seconds) => new Promise((resolve) => {
  wake = resolve;
  setTimeout(resolve, seconds * 1000);
});

// Repeats a request that may be repeated (it reads, or carries a key) until something else than a passing trouble comes
// back. waiting(error, seconds) is told of each.
export async function persist(request, waiting) {
  for (let tries = 0; ; ++tries) {
    try {
      return await request();
    } catch (error) {
      if (!error.passing) throw error;
      const seconds = Math.min(error.wait ?? 2 ** tries, 30);
      waiting(error, seconds);
      await sleep(seconds);
    }
  }
}

// Of a decision. getRandomValues, unlike randomUUID, is there without TLS.
export const newKey = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
