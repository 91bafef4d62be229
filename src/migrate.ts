import { readConfig } from './config';
import { migrate } from './data/migrate';
import { createLogger } from './logger';

/** Brings the database to the state this version needs, then ends: the step before api and worker in production. */
async function main(): Promise<void> {
  const config = readConfig();
  const logger = createLogger('migrate', config.logLevel);
  const applied = await migrate(config.databaseUrl);
  logger.info({ applied }, 'database is up to date');
}

main().catch((error: unknown) => {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
});
