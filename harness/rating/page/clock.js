// The time that a person spends on a pair: while the page is seen, and at most `idle` ms after each sign of life.
export function activeClock(now = () => performance.now(), idle = 60_000) {
  let total = 0;
  let last = null;  // the newest sign of life; null while the clock stands
  const since = () => (last === null ? 0 : Math.min(now() - last, idle));
  return {
    start(from) {
      total = from;
      last = now();
    },
    touch() {
      if (last === null) return;
      total += since();
      last = now();
    },
    stop() {
      total += since();
      last = null;
    },
    resume() {
      last ??= now();
    },
    read: () => Math.round(total + since()),
  };
}
