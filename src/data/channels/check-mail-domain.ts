import { createPublicKey } from 'node:crypto';
import type { MailDns } from '../../channels/email/mail-dns';
import { sealContext } from '../../channels/open-account';
import {
  judgeDomain,
  judgeRecord,
  lookAgainAt,
  wantedRecords,
  whatIsWrong,
  type MailDomainChecks,
  type WantedRecord,
} from '../../domain/mail-dns';
import type { Actor } from '../../domain/permissions';
import { open } from '../../seal';
import type { Database, Tx } from '../database';
import { notify } from '../notify';
import { administratorIds } from '../organization/administrators';
import { writeAudit } from '../organization/audit';

export type MailDnsContext = {
  secretKey: Buffer;
  /** PARLEY_MAIL_DOMAIN */
  mailDomain: string | null;
  /** The server that receives mail, by the name that an MX record gives it. */
  host: string;
  dns: MailDns;
};

type Own = { domain: string; selector: string; keySealed: Buffer };

/** Of those that look up a domain at the same time, the first has so long until another may. */
const lookingMs = 10 * 60_000;
const atOnce = 20;

/** Looks up the domains that are due, those of all organizations. */
export async function checkDueMailDomains(db: Database, context: MailDnsContext): Promise<number> {
  const now = await db.now();
  const due = await db.query<{ organizationId: string }>(
    `update mail_domains set next_check_at = $2 where organization_id in (
       select organization_id from mail_domains where next_check_at is null or next_check_at <= $1
       order by next_check_at nulls first limit ${atOnce})
     returning organization_id as "organizationId"`,
    [now, new Date(now.getTime() + lookingMs)],
  );
  const checks = await Promise.allSettled(
    due.map(({ organizationId }) => checkRecords(db, context, organizationId, null)),
  );
  // one that fails holds up no other
  for (const check of checks) if (check.status === 'rejected') throw check.reason;
  return due.length;
}

/**
 * Looks up the records of an organization's own domain, and writes down what follows. `actor` null: by itself, of which the Administrators are told.
 * False: it has no domain of its own.
 */
export async function checkRecords(
  db: Database,
  context: MailDnsContext,
  organizationId: string,
  actor: Actor | null,
): Promise<boolean> {
  const [own] = await db.query<Own>(
    'select domain, dkim_selector as selector, dkim_key_sealed as "keySealed" from mail_domains where organization_id = $1',
    [organizationId],
  );
  if (!own) return false;
  const records = await Promise.all(
    wantedOf(context, organizationId, own).map(async (wanted) => ({
      ...wanted,
      ...judgeRecord(wanted, await context.dns(wanted.type, wanted.name)),
    })),
  );
  await db.transact(async (tx) => {
    // it may have been given up, or entered anew, while the DNS was asked
    const [row] = await tx.query<{
      checks: MailDomainChecks | null;
      enteredAt: Date;
      changedAt: Date | null;
    }>(
      `select checks, created_at as "enteredAt", changed_at as "changedAt" from mail_domains
       where organization_id = $1 and domain = $2 and dkim_key_sealed = $3 for update`,
      [organizationId, own.domain, own.keySealed],
    );
    if (!row) return;
    const at = await tx.now();
    const checks = judgeDomain(row.checks, records, { at, byHand: actor !== null });
    const changed = checks.inUse !== (row.checks?.inUse ?? false);
    const waitsSince = changed ? at : (row.changedAt ?? row.enteredAt);
    await tx.query(
      `update mail_domains set checks = $2, checked_at = $3, next_check_at = $4, changed_at = case when $5 then $3 else changed_at end,
         mailed_at = case when $5 and $6 then $3 else mailed_at end
       where organization_id = $1`,
      [organizationId, checks, at, lookAgainAt(checks, records, { waitsSince, at }), changed, actor !== null],
    );
    if (changed) await tell(tx, { organizationId, actor, domain: own.domain, checks, at });
    tx.notice({ type: 'settings', organizationId });
  });
  return true;
}

async function tell(
  tx: Tx,
  facts: {
    organizationId: string;
    actor: Actor | null;
    domain: string;
    checks: MailDomainChecks;
    at: Date;
  },
): Promise<void> {
  const { organizationId, actor, domain, checks, at } = facts;
  if (actor)
    return writeAudit(tx, actor, {
      action: checks.inUse ? 'mailDomain.used' : 'mailDomain.unused',
      target: 'channel',
      targetId: null,
      after: { domain, ...Object.fromEntries(checks.records.map(({ kind, state }) => [kind, state])) },
    });
  await notify(tx, organizationId, {
    userIds: await administratorIds(tx, organizationId),
    kind: 'channel',
    data: { state: checks.inUse ? 'used' : 'unused', name: domain, reason: whatIsWrong(checks.records) },
    at,
  });
}

export type ChangedMailDomain = {
  organizationId: string;
  organization: string;
  administrators: string[];
  domain: string;
  checks: MailDomainChecks;
  changedAt: Date;
  /** Under which e-mails go without it. */
  standard: string | null;
};

/** Those that came into use, or out of it, by themselves, and of which the Administrators have still to hear by mail. */
export async function mailDomainsToMail(
  db: Database,
  mailDomain: string | null,
): Promise<ChangedMailDomain[]> {
  return db.query<ChangedMailDomain>(
    `select o.id as "organizationId", o.name as organization, d.domain, d.checks, d.changed_at as "changedAt",
       o.slug || '.' || $1::text as standard, array_agg(u.email order by u.email) as administrators
     from mail_domains d join organizations o on o.id = d.organization_id
     join users u on u.organization_id = o.id and u.role = 'administrator' and u.deactivated_at is null
     where d.changed_at is not null and (d.mailed_at is null or d.mailed_at < d.changed_at)
     group by o.id, d.organization_id limit 100`,
    [mailDomain],
  );
}

/** About this change; a later one is another. */
export async function noteMailDomainMailed(
  db: Database,
  { organizationId, changedAt }: ChangedMailDomain,
): Promise<void> {
  await db.query('update mail_domains set mailed_at = $2 where organization_id = $1 and changed_at = $2', [
    organizationId,
    changedAt,
  ]);
}

/** What stands in the DNS of a domain that is used. */
export function wantedOf(
  { secretKey, host, mailDomain }: Omit<MailDnsContext, 'dns'>,
  organizationId: string,
  own: Own,
): WantedRecord[] {
  const privateKey = open(secretKey, own.keySealed, sealContext.dkim(organizationId));
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'der' }).toString('base64');
  return wantedRecords({ ...own, publicKey, host, senders: mailDomain });
}
