import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import { sealContext } from '../../channels/open-account';
import type { MailDomainSettings } from '../../contracts/channels';
import { DomainError } from '../../domain/errors';
import type { MailDomainChecks } from '../../domain/mail-dns';
import type { Actor } from '../../domain/permissions';
import { seal } from '../../seal';
import type { Database } from '../database';
import { writeAudit } from '../organization/audit';
import { isoSql } from '../sql';
import { checkRecords, wantedOf, type MailDnsContext } from './check-mail-domain';

/** What the mail domain of an organization needs besides the database. */
export type MailDomainContext = MailDnsContext & { actor: Actor };

const selector = 'parley';

type Row = {
  slug: string;
  domain: string | null;
  selector: string;
  keySealed: Buffer;
  checks: MailDomainChecks | null;
  checkedAt: string | null;
  nextCheckAt: string | null;
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
            nextCheckAt: row.nextCheckAt,
            missingSince: checks?.missingSince ?? null,
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
         dkim_key_sealed = excluded.dkim_key_sealed, created_at = excluded.created_at, checks = null, checked_at = null, next_check_at = null,
         changed_at = null, mailed_at = null`,
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

/** Looks the records up now. */
export async function checkMailDomain(db: Database, context: MailDomainContext): Promise<MailDomainSettings> {
  const { actor } = context;
  if (!(await checkRecords(db, context, actor.organizationId, actor)))
    throw new DomainError('conflict', 'There is no domain of your own to check. Enter it first.');
  return readMailDomainSettings(db, context);
}

async function readRow(db: Database, { actor }: MailDomainContext): Promise<Row> {
  const [row] = await db.query<Row>(
    `select o.slug, d.domain, d.dkim_selector as selector, d.dkim_key_sealed as "keySealed", d.checks, ${isoSql('d.checked_at')} as "checkedAt",
       ${isoSql('d.next_check_at')} as "nextCheckAt"
     from organizations o left join mail_domains d on d.organization_id = o.id where o.id = $1`,
    [actor.organizationId],
  );
  return row!;
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
