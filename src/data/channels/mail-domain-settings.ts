import { createPublicKey, generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import type { MailDns } from '../../channels/email/mail-dns';
import { sealContext } from '../../channels/open-account';
import type { MailDomainSettings } from '../../contracts/channels';
import { DomainError } from '../../domain/errors';
import { judgeRecord, wantedRecords } from '../../domain/mail-dns';
import type { Actor } from '../../domain/permissions';
import { open, seal } from '../../seal';
import type { Database } from '../database';
import type { MailDomainChecks } from '../mail/mail-domain';
import { writeAudit } from '../organization/audit';
import { isoSql } from '../sql';

/** What the mail domain of an organization needs besides the database. */
export type MailDomainContext = {
  actor: Actor;
  secretKey: Buffer;
  /** PARLEY_MAIL_DOMAIN */
  mailDomain: string | null;
  /** The server that receives mail, by the name that an MX record gives it. */
  host: string;
  dns: MailDns;
};

const selector = 'parley';

type Row = {
  slug: string;
  domain: string | null;
  selector: string;
  keySealed: Buffer;
  checks: MailDomainChecks | null;
  checkedAt: string | null;
};

export async function readMailDomainSettings(
  db: Database,
  context: MailDomainContext,
): Promise<MailDomainSettings> {
  const row = await readRow(db, context);
  const { mailDomain, actor } = context;
  const standard = mailDomain === null ? null : `${row.slug}.${mailDomain}`;
  const { domain, checks } = row;
  const inUse = checks?.inUse ?? false;
  const looked = new Map(checks?.records.map((record) => [record.kind, record]));
  return {
    domain: inUse ? domain : standard,
    standard,
    own:
      domain === null
        ? null
        : {
            domain,
            inUse,
            checkedAt: row.checkedAt,
            records: wantedOf(context, actor.organizationId, { ...row, domain }).map((wanted) => ({
              ...wanted,
              state: looked.get(wanted.kind)?.state ?? null,
              found: looked.get(wanted.kind)?.found ?? [],
            })),
          },
  };
}

/** Takes a domain of its own, with a new key to sign with. It is used once its DNS records have been found: until then nothing changes. */
export async function setMailDomain(
  db: Database,
  context: MailDomainContext,
  domain: string,
): Promise<MailDomainSettings> {
  const { actor, secretKey, mailDomain } = context;
  const { organizationId } = actor;
  if (mailDomain !== null && (domain === mailDomain || domain.endsWith(`.${mailDomain}`)))
    throw wrong('belongs to this installation', 'Enter a domain of your own.');
  const before = await readRow(db, context);
  if (before.domain === domain) return readMailDomainSettings(db, context);
  const key = seal(secretKey, await newPrivateKey(), sealContext.dkim(organizationId));
  await db.transact(async (tx) => {
    // whoever has entered somebody else's domain never proved that it is theirs
    await tx.query(
      `delete from mail_domains where domain = $1 and organization_id <> $2 and (checks ->> 'proven')::boolean is not true`,
      [domain, organizationId],
    );
    const taken = await tx.query('select 1 from mail_domains where domain = $1 and organization_id <> $2', [
      domain,
      organizationId,
    ]);
    if (taken.length > 0) throw wrong('is in use', 'Another organization receives mail under this domain.');
    await tx.query(
      `insert into mail_domains (organization_id, domain, dkim_selector, dkim_key_sealed, created_at) values ($1, $2, $3, $4, $5)
       on conflict (organization_id) do update set domain = excluded.domain, dkim_selector = excluded.dkim_selector,
         dkim_key_sealed = excluded.dkim_key_sealed, checks = null, checked_at = null`,
      [organizationId, domain, selector, key, await tx.now()],
    );
    await writeAudit(tx, actor, {
      action: 'mailDomain.changed',
      target: 'channel',
      targetId: null,
      before: { domain: before.domain },
      after: { domain },
    });
    tx.notice({ type: 'settings', organizationId });
  });
  return readMailDomainSettings(db, context);
}

/** Back to the domain of the installation. What is answered to the former one comes in no more. */
export async function removeMailDomain(
  db: Database,
  context: MailDomainContext,
): Promise<MailDomainSettings> {
  const { actor } = context;
  const { organizationId } = actor;
  await db.transact(async (tx) => {
    const [removed] = await tx.query<{ domain: string }>(
      'delete from mail_domains where organization_id = $1 returning domain',
      [organizationId],
    );
    if (!removed) return;
    await writeAudit(tx, actor, {
      action: 'mailDomain.removed',
      target: 'channel',
      targetId: null,
      before: removed,
    });
    tx.notice({ type: 'settings', organizationId });
  });
  return readMailDomainSettings(db, context);
}

/** Looks the records up. With those that are required the domain is used from now on; once one is gone, no more. */
export async function checkMailDomain(db: Database, context: MailDomainContext): Promise<MailDomainSettings> {
  const { actor, dns } = context;
  const { organizationId } = actor;
  const { domain, checks: before, ...row } = await readRow(db, context);
  if (domain === null)
    throw new DomainError('conflict', 'There is no domain of your own to check. Enter it first.');
  const records = await Promise.all(
    wantedOf(context, organizationId, { ...row, domain }).map(async (wanted) => ({
      ...wanted,
      ...judgeRecord(wanted, await dns(wanted.type, wanted.name)),
    })),
  );
  const required = records.filter((record) => record.required);
  const proven = required.every(({ state }) => state === 'found');
  // no answer says nothing: what held goes on holding
  const inUse = required.every(
    ({ state }) => state === 'found' || (state === 'unanswered' && before?.inUse === true),
  );
  const checks: MailDomainChecks = {
    proven: proven || before?.proven === true,
    inUse,
    records: records.map(({ kind, state, found }) => ({ kind, state, found })),
  };
  await db.transact(async (tx) => {
    await tx.query(
      'update mail_domains set checks = $3, checked_at = $4 where organization_id = $1 and domain = $2',
      [organizationId, domain, checks, await tx.now()],
    );
    if (inUse !== (before?.inUse ?? false))
      await writeAudit(tx, actor, {
        action: inUse ? 'mailDomain.used' : 'mailDomain.unused',
        target: 'channel',
        targetId: null,
        after: { domain, ...Object.fromEntries(records.map(({ kind, state }) => [kind, state])) },
      });
    tx.notice({ type: 'settings', organizationId });
  });
  return readMailDomainSettings(db, context);
}

async function readRow(db: Database, { actor }: MailDomainContext): Promise<Row> {
  const [row] = await db.query<Row>(
    `select o.slug, d.domain, d.dkim_selector as selector, d.dkim_key_sealed as "keySealed", d.checks, ${isoSql('d.checked_at')} as "checkedAt"
     from organizations o left join mail_domains d on d.organization_id = o.id where o.id = $1`,
    [actor.organizationId],
  );
  return row!;
}

function wantedOf(
  { secretKey, host, mailDomain }: MailDomainContext,
  organizationId: string,
  row: Pick<Row, 'selector' | 'keySealed'> & { domain: string },
) {
  const privateKey = open(secretKey, row.keySealed, sealContext.dkim(organizationId));
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'der' }).toString('base64');
  return wantedRecords({ ...row, publicKey, host, senders: mailDomain });
}

async function newPrivateKey(): Promise<string> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  return privateKey;
}

const wrong = (message: string, detail: string): DomainError =>
  new DomainError('invalid', detail, { errors: [{ path: 'domain', message }] });
