import { createDatabase, type Database } from '../../src/data/database';
import { watchDatabase } from '../../src/data/database-state';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { waitFor } from '../support/wait';

let database: TestDatabase;
let db: Database;

beforeAll(async () => {
  database = await createTestDatabase();
  db = createDatabase({ url: database.url, applicationName: 'watched' });
});
afterAll(async () => {
  await db?.close();
  await database?.drop();
});

it('says that a database hangs, asks it once for all who want to know, and sees it come back', async () => {
  const state = watchDatabase(db, 50);
  const lock = await db.pool.connect();
  try {
    await lock.query('begin');
    await lock.query('lock table _prisma_migrations in access exclusive mode');
    const answers = await Promise.all(Array.from({ length: 20 }, state));
    expect(new Set(answers)).toEqual(new Set(['does not answer']));
    expect(await state()).toBe('does not answer');
    // the lock's and one more
    expect([db.pool.totalCount, db.pool.waitingCount]).toEqual([2, 0]);
  } finally {
    await lock.query('rollback');
    lock.release();
  }
  await waitFor(async () => (await state()) === 'up', { what: 'the database to be up' });
});

it('tells a database that is away', async () => {
  const away = createDatabase({ url: 'postgresql://nobody@127.0.0.1:1/nothing' });
  const state = watchDatabase(away, 30_000);
  expect(await state()).toBe('down');
  await away.close();
});
