import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { createDatabase, type Database } from '../../src/data/database';
import { listenLive, type Notice } from '../../src/data/live';
import { signIn } from '../../src/data/organization/sign-in';
import { setPasswordByToken } from '../../src/data/organization/user-tokens';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { waitFor } from '../support/wait';

let testDatabase: TestDatabase;
let db: Database;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  db = createDatabase({ url: testDatabase.url });
});

afterAll(async () => {
  await db.close();
  await testDatabase.drop();
});

/** The command as it was built, in a process of its own. */
function run(program: string, args: string[], environment: Record<string, string> = {}) {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [path.resolve(__dirname, `../../dist/src/${program}.js`), ...args],
    {
      encoding: 'utf8',
      env: {
        DATABASE_URL: testDatabase.url,
        PARLEY_SECRET_KEY: Buffer.alloc(32, 1).toString('base64'),
        PARLEY_PUBLIC_URL: 'https://parley.acme.example',
        ...environment,
      },
    },
  );
  return { stdout, stderr, status };
}

describe('org:create', () => {
  it('makes an organization whose Administrator sets a password by the printed link and signs in', async () => {
    const { stdout, status } = run('org-create', [
      ...['--name', 'Acme Zürich', '--admin', 'Ada@acme.example', '--admin-name', 'Ada Lovelace'],
      ...[
        '--country',
        'ch',
        '--time-zone',
        'Europe/Zurich',
        '--plan',
        'enterprise',
        '--whatsapp',
        '--credits',
        '100',
      ],
    ]);
    expect(status).toBe(0);
    const token = /https:\/\/parley\.acme\.example\/set-password\/(\S+)/.exec(stdout)![1]!;
    await setPasswordByToken(db, token, 'a long enough password');
    await signIn(db, { email: 'ada@acme.example', password: 'a long enough password' });
    const [row] = await db.query(
      `select o.slug, o.plan, o.whatsapp_in_plan as whatsapp, o.default_country as country, o.time_zone as zone,
         c.balance, u.role, u.first_name as first, u.last_name as last
       from organizations o join users u on u.organization_id = o.id join credit_accounts c on c.organization_id = o.id`,
    );
    expect(row).toEqual({
      slug: 'acme-zurich',
      plan: 'enterprise',
      whatsapp: true,
      country: 'CH',
      zone: 'Europe/Zurich',
      balance: 100,
      role: 'administrator',
      first: 'Ada',
      last: 'Lovelace',
    });
  });

  it('answers bad input with every fault, and leaves nothing', async () => {
    const { stderr, status } = run('org-create', [
      '--name',
      'Bad',
      '--admin',
      'nobody',
      '--country',
      'Holland',
    ]);
    expect(status).toBe(1);
    expect(stderr).toContain('--admin');
    expect(stderr).toContain('--country: two letters');
    expect(stderr).not.toContain('    at ');
    expect(run('org-create', ['--nmae', 'Bad']).stderr).toContain("Unknown option '--nmae'");
    expect(await db.query(`select 1 from organizations where name = 'Bad'`)).toEqual([]);
  });

  it('refuses a slug or an address that is taken', async () => {
    const again = ['--name', 'Acme Zürich', '--admin', 'bea@acme.example'];
    expect(run('org-create', again).stderr).toContain('acme-zurich already');
    const address = ['--name', 'Second', '--admin', 'ada@acme.example'];
    expect(run('org-create', address).stderr).toContain('ada@acme.example already');
    expect(await db.query(`select 1 from organizations where name = 'Second'`)).toEqual([]);
  });

  it('says which part of the environment is missing, and when the database is away', () => {
    const args = ['--name', 'Third', '--admin', 'cy@third.example'];
    expect(run('org-create', args, { PARLEY_SECRET_KEY: '' }).stderr).toContain('PARLEY_SECRET_KEY');
    expect(run('org-create', args, { DATABASE_URL: 'postgresql://127.0.0.1:1/none' }).stderr).toContain(
      'cannot be used (ECONNREFUSED)',
    );
  });
});

describe('org:credits', () => {
  it('R-CRED-3: Customer Success grants credits, by ledger and audit log; open pages hear of it', async () => {
    const heard: Notice[] = [];
    const listener = await listenLive({
      databaseUrl: testDatabase.url,
      onNotices: (notices) => heard.push(...notices),
      onGap: () => undefined,
    });
    expect(
      run('org-credits', ['--org', 'acme-zurich', '--grant', '50', '--note', 'invoice 7']).stdout,
    ).toContain('the balance is 150');
    await waitFor(() => heard.some(({ type }) => type === 'settings'), { what: 'the notice to open pages' });
    await listener.close();
    const ledger = await db.query('select amount, note, actor from credit_entries order by id');
    expect(ledger).toEqual([
      { amount: 100, note: null, actor: 'Customer Success' },
      { amount: 50, note: 'invoice 7', actor: 'Customer Success' },
    ]);
    expect(await db.query(`select 1 from audit_entries where action = 'credits.granted'`)).toHaveLength(1);
  });

  it('knows no other organization and no other number', () => {
    expect(run('org-credits', ['--org', 'nobody', '--grant', '5']).stderr).toContain('organization nobody');
    expect(run('org-credits', ['--org', 'acme-zurich', '--grant=-5']).stderr).toContain(
      'a whole number above 0',
    );
  });
});

describe('org:plan', () => {
  it('R-CRED-3: Customer Success changes plan and add-ons, on the audit log', async () => {
    expect(run('org-plan', ['--org', 'acme-zurich', '--plan', 'enterprise', '--sms', 'on']).stdout).toContain(
      'the plan enterprise, WhatsApp on, SMS on',
    );
    expect(
      await db.query(`select 1 from audit_entries where action = 'organization.planChanged'`),
    ).toHaveLength(1);
    expect(run('org-plan', ['--org', 'acme-zurich', '--whatsapp', 'perhaps']).stderr).toContain('--whatsapp');
  });
});
