import { seedDemo, type DemoSignIns } from '../../prisma/seed';
import type { Config } from '../config';
import { createDatabase } from '../data/database';
import { createLogger } from '../logger';
import type { Platform } from './platform';

/** The demonstration company, made at the first start into an empty database. Needs the api: webhooks are subscribed. */
export async function provideDemonstration(
  { settings, ports, say }: Platform,
  config: Config,
): Promise<DemoSignIns | undefined> {
  if (!settings.demonstration) return undefined;
  const db = createDatabase({
    url: config.databaseUrl,
    poolSize: 2,
    applicationName: 'parley-demonstration',
  });
  try {
    return await seedDemo({
      db,
      config,
      sandboxUrl: `http://127.0.0.1:${ports.sandbox}`,
      whatsApp: settings.whatsApp,
      logger: createLogger('demonstration', 'warn'),
      progress: say,
    });
  } finally {
    await db.close();
  }
}

/** For the welcome: who may sign in, and with what. */
export function describeSignIns({ company, users, password }: DemoSignIns): string {
  const width = Math.max(...users.map(({ email }) => email.length)) + 3;
  const rows = users.map(({ email, role }) => `  ${email.padEnd(width)}${role}`);
  const secret = password === null ? 'with the password you have set' : `with the password ${password}`;
  return `Sign in to ${company} ${secret}:\n\n${rows.join('\n')}\n`;
}
