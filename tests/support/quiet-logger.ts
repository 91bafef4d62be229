const quiet = () => undefined;

/** For parts of Temporal's SDK that want a logger of their own. */
export const quietLogger = { log: quiet, trace: quiet, debug: quiet, info: quiet, warn: quiet, error: quiet };
