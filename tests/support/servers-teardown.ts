import './servers';

/** After all test files: PostgreSQL ends when no other test run of this folder uses it. */
export default async function stopServers(): Promise<void> {
  await globalThis.leaveTestPostgres?.();
}
