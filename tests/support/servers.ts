import { joinTestPostgres } from './postgres';

/** Before all test files: PostgreSQL with a migrated template, which `createTestDatabase` clones. */
export default async function startServers(): Promise<void> {
  const postgres = await joinTestPostgres();
  process.env.PARLEY_TEST_TEMPLATE_URL = postgres.templateUrl;
  globalThis.leaveTestPostgres = postgres.leave;
}

declare global {
  var leaveTestPostgres: (() => Promise<void>) | undefined;
}
