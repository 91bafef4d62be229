import { randomBytes } from 'node:crypto';
import { rotateSecrets, sealedColumns } from '../../src/data/rotate-secrets';
import { saveMailbox } from '../../src/data/mailboxes/mailboxes';
import { open, seal } from '../../src/seal';
import { createWorld, secretKey, type Company, type World } from '../support/company';

let world: World;
let company: Company;

beforeAll(async () => {
  world = await createWorld();
  company = await world.company();
});
afterAll(() => world.close());

it('every sealed column is among those that are sealed anew', async () => {
  const rows = await world.db.query<{ name: string }>(
    `select table_name || '.' || column_name as name from information_schema.columns
     where table_schema = 'public' and column_name like '%\\_sealed'`,
  );
  const covered = sealedColumns.map(({ table, column }) => `${table}.${column}`);
  expect(rows.map(({ name }) => name).sort()).toEqual(covered.sort());
});

it('with the new key, and with it alone, each secret can be opened afterwards; a second run finds nothing to do', async () => {
  const userId = company.users.recruiter.id;
  const server = { host: 'mail.acme.example', security: 'tls', username: 'uma' } as const;
  await saveMailbox(
    world.db,
    { secretKey, mailDomain: null, outboundIps: [], actor: company.as(company.users.recruiter) },
    userId,
    {
      ...{ fromAddress: null, signature: null, fetch: false },
      incoming: { ...server, type: 'imap', password: 'read', keepCopy: true, removeAfterDays: null } as never,
      outgoing: { ...server, password: 'send' },
    },
  );
  await world.db.query(
    `insert into mail_domains (organization_id, domain, dkim_selector, dkim_key_sealed, created_at)
     values ($1, 'acme.example', 'p1', $2, clock_timestamp())`,
    [company.organizationId, seal(secretKey, 'private', `mailDomain.dkim:${company.organizationId}`)],
  );
  await world.db.query('update mailboxes set oauth_token_sealed = $2 where user_id = $1', [
    userId,
    seal(secretKey, '{}', `mailbox.tokens:${userId}`),
  ]);
  const newKey = randomBytes(32);
  const keys = { oldKey: secretKey, newKey };
  await expect(rotateSecrets(world.db, { oldKey: randomBytes(32), newKey })).rejects.toThrow(
    'PARLEY_OLD_SECRET_KEY',
  );
  expect(await rotateSecrets(world.db, keys)).toBeGreaterThanOrEqual(7);
  let opened = 0;
  for (const { table, column, id, context } of sealedColumns) {
    const rows = await world.db.query<{ id: string; sealed: Buffer }>(
      `select ${id} as id, ${column} as sealed from ${table} where ${column} is not null`,
    );
    for (const row of rows) {
      expect(open(newKey, row.sealed, context(row.id))).not.toBe('');
      expect(() => open(secretKey, row.sealed, context(row.id))).toThrow();
      opened += 1;
    }
  }
  expect(opened).toBeGreaterThanOrEqual(7);
  expect(await rotateSecrets(world.db, keys)).toBe(0);
});
