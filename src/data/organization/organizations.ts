import { z } from 'zod';
import type { OperatorOrganization } from '../../contracts/operator';
import { DomainError, notFound } from '../../domain/errors';
import { newId, type Database, type Tx } from '../database';
import { decodeCursor, toPage, type Page } from '../page';
import { giveMailNames } from '../mail/mail-names';
import { isoSql, type Queryable } from '../sql';
import { createUserToken } from './user-tokens';

export type NewOrganization = {
  name: string;
  slug: string;
  plan: 'essential' | 'business' | 'enterprise';
  whatsappInPlan: boolean;
  smsInPlan: boolean;
  /** ISO 3166, two letters: for numbers that are typed without a prefix. */
  defaultCountry: string;
  timeZone: string;
  language: string;
  publicContactEmail: string | null;
  /** Whom *Request activation* and *Request credits* reach (R-CRED-3). */
  customerSuccessEmail: string | null;
};

/** R-CRED-3: plan, add-ons and credits are Customer Success's alone; the ledger and the audit log name them. */
const customerSuccess = 'Customer Success';

/**
 * A new organization with its first Administrator, who has still to set a password by the link of the token.
 *
 * @throws DomainError `already_exists` when the slug or the e-mail address is taken
 */
export async function createOrganization(
  db: Database,
  organization: NewOrganization,
  administrator: { email: string; firstName: string; lastName: string },
  credits: number,
): Promise<{ organizationId: string; userId: string; token: string }> {
  return db.transact(async (tx) => {
    const organizationId = await insertOrganization(tx, organization);
    if (credits > 0) await addGrant(tx, organizationId, credits, null);
    const userId = newId();
    const created = await tx.query(
      `insert into users (organization_id, id, email, first_name, last_name, role, access_to_own_base, created_at)
       values ($1, $2, $3, $4, $5, 'administrator', true, $6) on conflict (email) do nothing returning 1`,
      [
        organizationId,
        userId,
        administrator.email,
        administrator.firstName,
        administrator.lastName,
        await tx.now(),
      ],
    );
    if (created.length === 0) {
      throw new DomainError(
        'already_exists',
        `There is a user with the address ${administrator.email} already.`,
      );
    }
    await giveMailNames(tx, organizationId);
    await writeAudit(tx, organizationId, 'organization.created', organization);
    const token = await createUserToken(tx, { organizationId, userId, kind: 'invitation' });
    return { organizationId, userId, token };
  });
}

/** The organization alone, with an empty credit account. */
export async function insertOrganization(tx: Tx, organization: NewOrganization): Promise<string> {
  const id = newId();
  const created = await tx.query(
    `insert into organizations (id, name, slug, plan, whatsapp_in_plan, sms_in_plan, default_country, time_zone, language,
       public_contact_email, customer_success_email, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) on conflict (slug) do nothing returning 1`,
    [
      id,
      organization.name,
      organization.slug,
      organization.plan,
      organization.whatsappInPlan,
      organization.smsInPlan,
      organization.defaultCountry,
      organization.timeZone,
      organization.language,
      organization.publicContactEmail,
      organization.customerSuccessEmail,
      await tx.now(),
    ],
  );
  if (created.length === 0) {
    throw new DomainError('already_exists', `There is an organization ${organization.slug} already.`);
  }
  await tx.query('insert into credit_accounts (organization_id, balance) values ($1, 0)', [id]);
  await tx.query(
    `insert into channel_accounts (organization_id, id, channel, name, state, state_changed_at, created_at, updated_at)
     values ($1, $2, 'email', 'E-mail', 'connected', $3, $3, $3)`,
    [id, newId(), await tx.now()],
  );
  return id;
}

const operatorColumns = `o.id, o.slug, o.name, o.plan, o.whatsapp_in_plan as "whatsappInPlan", o.sms_in_plan as "smsInPlan", a.balance,
  a.low_balance as "lowBalance", ${isoSql('o.created_at')} as "createdAt"
  from organizations o join credit_accounts a on a.organization_id = o.id`;

const position = z.tuple([z.uuid()]);

/** For Customer Success: all of them, newest first. */
export async function listOrganizations(
  db: Database,
  query: { cursor?: string | undefined; limit: number },
): Promise<Page<OperatorOrganization>> {
  const before = query.cursor === undefined ? null : decodeCursor(query.cursor, position)[0];
  const rows = await db.query<OperatorOrganization>(
    `select ${operatorColumns} where $1::uuid is null or o.id < $1 order by o.id desc limit $2`,
    [before, query.limit + 1],
  );
  return toPage(
    rows,
    query.limit,
    (row) => row,
    (row) => [row.id],
  );
}

/** @throws DomainError `not_found` */
export async function getOrganization(db: Queryable, organizationId: string): Promise<OperatorOrganization> {
  const [row] = await db.query<OperatorOrganization>(`select ${operatorColumns} where o.id = $1`, [
    organizationId,
  ]);
  if (!row) throw notFound('organization');
  return row;
}

/** R-CRED-3: plan and add-ons, by Customer Success. */
export async function changePlan(
  db: Database,
  organizationId: string,
  change: {
    plan?: string | undefined;
    whatsappInPlan?: boolean | undefined;
    smsInPlan?: boolean | undefined;
  },
): Promise<void> {
  await db.transact(async (tx) => {
    await tx.query('select 1 from organizations where id = $1 for update', [organizationId]);
    const planOf = async () => {
      const { plan, whatsappInPlan, smsInPlan } = await getOrganization(tx, organizationId);
      return { plan, whatsappInPlan, smsInPlan };
    };
    const before = await planOf();
    await tx.query(
      `update organizations set plan = coalesce($2::plan, plan), whatsapp_in_plan = coalesce($3, whatsapp_in_plan),
         sms_in_plan = coalesce($4, sms_in_plan)
       where id = $1`,
      [organizationId, change.plan ?? null, change.whatsappInPlan ?? null, change.smsInPlan ?? null],
    );
    await writeAudit(tx, organizationId, 'organization.planChanged', await planOf(), before);
    tx.notice({ type: 'settings', organizationId });
  });
}

/** R-CRED-3: grants credits, or takes some back by a negative number, with what the ledger says of it. */
export async function changeCredits(
  db: Database,
  change: { organizationId: string; credits: number; note: string },
): Promise<void> {
  const { organizationId, credits, note } = change;
  await db.transact(async (tx) => {
    const { balance } = await getOrganization(tx, organizationId);
    await addGrant(tx, organizationId, credits, note);
    const after = { credits, note };
    await writeAudit(tx, organizationId, credits > 0 ? 'credits.granted' : 'credits.adjusted', after, {
      balance,
    });
    tx.notice({ type: 'settings', organizationId });
  });
}

/** Grants credits; returns the new balance. @throws DomainError `not_found` */
export async function grantCredits(
  db: Database,
  grant: { slug: string; credits: number; note: string | null },
): Promise<number> {
  return db.transact(async (tx) => {
    const organizationId = await organizationOf(tx, grant.slug);
    const balance = await addGrant(tx, organizationId, grant.credits, grant.note);
    await writeAudit(tx, organizationId, 'credits.granted', { credits: grant.credits, note: grant.note });
    tx.notice({ type: 'settings', organizationId });
    return balance;
  });
}

/** The id behind a short name. @throws DomainError `not_found` */
export async function organizationOf(db: Queryable, slug: string): Promise<string> {
  const [row] = await db.query<{ id: string }>('select id from organizations where slug = $1', [slug]);
  if (!row) throw notFound(`organization ${slug}`);
  return row.id;
}

async function addGrant(
  tx: Tx,
  organizationId: string,
  credits: number,
  note: string | null,
): Promise<number> {
  const [account] = await tx.query<{ balance: number }>(
    'update credit_accounts set balance = balance + $2 where organization_id = $1 and balance + $2 >= 0 returning balance',
    [organizationId, credits],
  );
  if (!account)
    throw new DomainError('conflict', 'The balance would fall below zero. Take back fewer credits.');
  await tx.query(
    `insert into credit_entries (organization_id, id, kind, amount, note, actor, occurred_at)
     values ($1, $2, (case when $3::int > 0 then 'grant' else 'adjust' end)::credit_entry_kind, $3, $4, $5, $6)`,
    [organizationId, newId(), credits, note, customerSuccess, await tx.now()],
  );
  return account.balance;
}

async function writeAudit(
  tx: Tx,
  organizationId: string,
  action: string,
  after: object,
  before?: object,
): Promise<void> {
  await tx.query(
    `insert into audit_entries (organization_id, id, actor, action, target, target_id, before, after, occurred_at)
     values ($1, $2, $3, $4, 'organization', $7, $8, $5, $6)`,
    [
      organizationId,
      newId(),
      customerSuccess,
      action,
      JSON.stringify(after),
      await tx.now(),
      organizationId,
      before === undefined ? null : JSON.stringify(before),
    ],
  );
}
