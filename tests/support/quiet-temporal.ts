import { Runtime } from '@temporalio/worker';

const quiet = () => undefined;

export const quietLogger = { log: quiet, trace: quiet, debug: quiet, info: quiet, warn: quiet, error: quiet };

// Imported before anything of the SDK runs: what it logs is not what is tested.
Runtime.install({
  logger: quietLogger,
  telemetryOptions: { logging: { forward: {}, filter: 'ERROR' } },
  shutdownSignals: [],
});
