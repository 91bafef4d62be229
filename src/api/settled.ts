/** A Node callback that settles a promise. */
export const settled =
  (resolve: () => void, reject: (error: Error) => void) =>
  (error?: unknown): void => {
    if (error === undefined || error === null) resolve();
    else reject(error instanceof Error ? error : new Error('unknown fault'));
  };
