import type { MailboxInput } from '../../src/contracts/mailboxes';
import type { Database } from '../../src/data/database';
import { readMailbox, saveMailbox } from '../../src/data/mailboxes/mailboxes';
import { syncMailbox } from '../../src/mail/sync-mailbox';
import { createWorld, secretKey, type Company, type World } from '../support/company';
import { mailPassword, startDovecot, type Dovecot } from '../support/dovecot';

export let world: World;
export let company: Company;
export let server: Dovecot;
/** The account on the server, a new one for each test. */
export let user: string;
let count = 0;

/** A mail server, and a company whose recruiter has no mails yet. To be called once in a test file. */
export function testMailboxes(): void {
  beforeAll(async () => {
    [world, server] = await Promise.all([createWorld(), startDovecot()]);
    company = await world.company();
  });
  afterAll(async () => {
    await world?.close();
    await server?.stop();
  });
  beforeEach(async () => {
    count += 1;
    user = `user${count}`;
    await world.db.query('delete from mail_filings');
    await world.db.query('delete from media where mail_id is not null');
    for (const table of ['mailboxes', 'mail_raws', 'mails']) await world.db.query(`delete from ${table}`);
  });
}

export const ids = () => ({ organizationId: company.organizationId, userId: company.users.recruiter.id });
export const context = () => ({
  secretKey,
  mailDomain: 'parley.test',
  outboundIps: [],
  actor: company.as(company.users.recruiter),
});
export const source = {
  allow: ['127.0.0.1'],
  timeoutMs: 20_000,
  get trust() {
    return server.trust;
  },
};
export const deps = (db: Database = world.db) => ({ db, logger: world.deps.logger, secretKey, source });
export const sync = (db?: Database, goOn = () => true) => syncMailbox(deps(db), ids(), goOn);
export const settings = () => readMailbox(world.db, context(), ids());

export type Incoming = NonNullable<MailboxInput['incoming']>;

/** Sets the recruiter's mailbox to the account on the server. */
export const saveWith =
  (usual: () => Pick<Incoming, 'type' | 'port' | 'security'>) =>
  (incoming: Partial<Incoming> = {}, more: Partial<MailboxInput> = {}) =>
    saveMailbox(world.db, context(), ids().userId, {
      ...{ fromAddress: null, signature: null, fetch: true, outgoing: null },
      incoming: {
        ...{ ...usual(), host: '127.0.0.1' },
        ...{ username: user, password: mailPassword, keepCopy: true, removeAfterDays: null },
        ...incoming,
      },
      ...more,
    });
