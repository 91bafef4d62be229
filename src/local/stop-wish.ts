/** One press of Ctrl-C can arrive twice: from the terminal and once more through npm. */
const sameWishMs = 1000;

/**
 * Calls `first` at the first wish to stop: Ctrl-C, a signal, the terminal closed, or npm killed (which passes no signal
 * on through its shell). Another signal later on means at once: `second`.
 */
export function onStopWish({ first, second }: { first(): void; second(): void }): void {
  let wishedAt: number | undefined;
  const wish = () => {
    if (wishedAt !== undefined) return;
    wishedAt = performance.now();
    first();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (wishedAt !== undefined && performance.now() - wishedAt > sameWishMs) second();
      else wish();
    });
  }
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    wish();
  }, 500);
  watch.unref();
}
