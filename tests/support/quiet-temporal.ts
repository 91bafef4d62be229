import { Runtime } from '@temporalio/worker';
import { quietLogger } from './quiet-logger';

// Imported before anything of the SDK runs: what it logs is not what is tested.
Runtime.install({
  logger: quietLogger,
  telemetryOptions: { logging: { forward: {}, filter: 'ERROR' } },
  shutdownSignals: [],
});
