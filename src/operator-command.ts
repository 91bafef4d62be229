import { parseArgs, type ParseArgsConfig } from 'node:util';
import { type z } from 'zod';
import { readConfig, type Config } from './config';
import { fieldErrors } from './contracts/field-errors';
import { createDatabase, type Database } from './data/database';
import { createLivePublisher } from './data/live';
import { DomainError } from './domain/errors';

/** Something wrong with what was typed or configured: said in a sentence, without a stack. */
class CommandError extends Error {}

type Input = Record<string, string | boolean | undefined>;

/**
 * Runs a command of Customer Success against the database of the environment: `run` answers with what to print. A fault is
 * printed for people, and the process ends with 1.
 */
export function runCommand<Schema extends z.ZodType>(command: {
  usage: string;
  options: NonNullable<ParseArgsConfig['options']>;
  schema: Schema;
  run(db: Database, config: Config, input: z.infer<Schema>): Promise<string>;
}): void {
  main().then(
    (text) => process.stdout.write(`${text}\n`),
    (error: unknown) => {
      const known = error instanceof CommandError || error instanceof DomainError;
      process.stderr.write(`${known ? error.message : describe(error)}\n`);
      process.exitCode = 1;
    },
  );

  async function main(): Promise<string> {
    const typed = readArguments(command.options, command.usage);
    if (typed.help) return command.usage;
    const input = command.schema.safeParse(typed);
    if (!input.success) {
      const faults = fieldErrors(input.error).map(({ path, message }) => `  --${path}: ${message}`);
      throw new CommandError(`This cannot be done:\n${faults.join('\n')}\n\n${command.usage}`);
    }
    const config = readConfiguration();
    const db = createDatabase({ url: config.databaseUrl, poolSize: 2, applicationName: 'parley-command' });
    const live = createLivePublisher(db);
    try {
      return await command.run(db, config, input.data);
    } finally {
      await live.close();
      await db.close();
    }
  }
}

function readArguments(options: NonNullable<ParseArgsConfig['options']>, usage: string): Input {
  try {
    return parseArgs({ options: { ...options, help: { type: 'boolean', short: 'h' } } }).values;
  } catch (error) {
    throw new CommandError(`${(error as Error).message.split('. ')[0]}.\n\n${usage}`);
  }
}

function readConfiguration(): Config {
  try {
    return readConfig();
  } catch (error) {
    throw new CommandError(`${(error as Error).message}\nSet them to those of the api, then run this again.`);
  }
}

function describe(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  if (code === 'ECONNREFUSED' || code === 'ENOTFOUND' || code === '28P01' || code === '3D000')
    return `The database of DATABASE_URL cannot be used (${code}).`;
  if (code === '42P01')
    return 'The database has no tables yet: run `node dist/src/migrate.js`, or start Parley once.';
  return `This failed: ${message ?? String(error)}`;
}
