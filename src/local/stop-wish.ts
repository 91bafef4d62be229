/**
 * Calls `first` at the first wish to stop: Ctrl-C, a signal, the terminal closed, or npm killed (which passes no
 * signal on through its shell). `second` is for stopping at once.
 */
export function onStopWish({ first, second }: { first(): void; second(): void }): void {
  let wishes = 0;
  const wish = () => {
    wishes++;
    if (wishes === 1) first();
    else if (wishes === 2) second();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, wish);
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    wish();
  }, 500);
  watch.unref();
}
