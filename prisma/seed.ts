import { randomBytes } from 'node:crypto';
import { verify } from '@node-rs/argon2';
import { createSmsClient } from '../src/channels/sms/client';
import { createWhatsAppClient } from '../src/channels/whatsapp/client';
import type { Config } from '../src/config';
import { connectWhatsApp } from '../src/data/channels/channel-accounts';
import { emailAccountId } from '../src/data/mail/file-mail';
import { giveMailNames } from '../src/data/mail/mail-names';
import { newId, type Database } from '../src/data/database';
import { insertOrganization } from '../src/data/organization/organizations';
import { connectSms, getSmsChannel } from '../src/data/channels/sms-account';
import { hashPassword } from '../src/data/organization/sign-in';
import {
  changeTemplate,
  createTemplate,
  type TemplateContext,
} from '../src/data/templates/template-commands';
import type { Actor } from '../src/domain/permissions';
import { createKeyHash } from '../src/seal';
import type { Logger } from '../src/logger';
import { company, emailOf, users } from './seed/company';
import { composeCompany } from './seed/compose';
import type { StoredTemplate } from './seed/history';
import { mailOwners, mailsOfRuth } from './seed/mails';
import { insertRows } from './seed/rows';
import { fillMailboxes, fillPhones, prepareSandbox, prepareSms } from './seed/sandbox';
import { emailTemplates, parametersOf, templates } from './seed/templates';

export type WhatsAppCredentials = {
  phoneNumberId: string;
  wabaId: string;
  accessToken: string;
  appSecret: string;
};

/** How to sign in to the demonstration company. */
export type DemoSignIns = {
  company: string;
  users: { email: string; name: string; role: string }[];
  /** The one password of all; null once the Administrator has another, or where it was shown at the first start only. */
  password: string | null;
};

/**
 * Fills an empty database with the demonstration company, and says how to sign in. Does nothing where there is any other
 * organization. It takes up where an attempt that broke off stopped. The api has to listen: WhatsApp's webhooks are
 * subscribed by the product's own connect function, and the address is checked on the spot.
 *
 * Beside a real WhatsApp number (`whatsApp`) nobody of the company has consented to anything and no history is made up, so
 * that no stranger behind an invented number is ever written to.
 */
export async function seedDemo(deps: {
  db: Database;
  config: Config;
  sandboxUrl: string;
  whatsApp?: WhatsAppCredentials;
  logger: Logger;
  progress: (line: string) => void;
}): Promise<DemoSignIns | undefined> {
  const { db, logger, progress } = deps;
  const startedAt = performance.now();
  const state = await readState(db);
  if (state === 'somebody else') return undefined;
  let password: string | null = null;
  if (!state?.complete) {
    progress('making the demonstration company');
    password = deps.whatsApp ? randomBytes(9).toString('base64url') : company.password;
    const organizationId = state?.organizationId ?? (await createCompany(db));
    await fillCompany(deps, organizationId, password);
    logger.info(
      { organizationId, ms: Math.round(performance.now() - startedAt) },
      'demonstration company is there',
    );
  }
  return {
    company: company.name,
    users: users.map((user) => ({
      email: emailOf(user),
      name: `${user.firstName} ${user.lastName}`,
      role: user.role,
    })),
    password: password ?? ((await isFirstPassword(db)) ? company.password : null),
  };
}

type State = { organizationId: string; complete: boolean } | 'somebody else' | undefined;

async function readState(db: Database): Promise<State> {
  const rows = await db.query<{ organizationId: string; slug: string; complete: boolean }>(
    `select o.id as "organizationId", o.slug,
       exists (select 1 from people p where p.organization_id = o.id) as complete
     from organizations o order by (o.slug = $1) desc limit 1`,
    [company.slug],
  );
  const [row] = rows;
  if (!row) return undefined;
  return row.slug === company.slug ? row : 'somebody else';
}

/** Whether the Administrator still signs in with the password that is printed. */
async function isFirstPassword(db: Database): Promise<boolean> {
  const [row] = await db.query<{ passwordHash: string | null }>(
    'select password_hash as "passwordHash" from users where email = $1 and deactivated_at is null',
    [emailOf({ key: 'anna' })],
  );
  return row?.passwordHash ? verify(row.passwordHash, company.password) : false;
}

/** Nobody can sign in before the company is complete. */
async function createCompany(db: Database): Promise<string> {
  return db.transact(async (tx) => {
    const now = await tx.now();
    const organizationId = await insertOrganization(tx, {
      name: company.name,
      slug: company.slug,
      plan: 'business',
      whatsappInPlan: true,
      smsInPlan: true,
      defaultCountry: company.country,
      timeZone: company.timeZone,
      language: 'en',
      publicContactEmail: `jobs@${company.domain}`,
      customerSuccessEmail: 'success@parley.example',
    });
    // the story can be lived through at any hour
    await tx.query('update organizations set quiet_from = null, quiet_until = null where id = $1', [
      organizationId,
    ]);
    await tx.query(
      `insert into users (organization_id, id, email, first_name, last_name, role, access_to_own_base, phone, created_at)
       select $1, id, email, first_name, last_name, role, access_to_own_base, phone, $3
       from jsonb_to_recordset($2::jsonb) as u(id uuid, email text, first_name text, last_name text, role role,
         access_to_own_base boolean, phone text)`,
      [
        organizationId,
        JSON.stringify(
          users.map((user) => ({
            id: newId(),
            email: emailOf(user),
            first_name: user.firstName,
            last_name: user.lastName,
            role: user.role,
            access_to_own_base: user.accessToOwnBase,
            phone: user.phone,
          })),
        ),
        now,
      ],
    );
    await giveMailNames(tx, organizationId);
    return organizationId;
  });
}

async function fillCompany(
  deps: Parameters<typeof seedDemo>[0],
  organizationId: string,
  password: string,
): Promise<void> {
  const { db, config, sandboxUrl, progress } = deps;
  const userIds = await readUsers(db, organizationId);
  const actor: Actor = {
    organizationId,
    user: { id: userIds.get('anna')!, name: 'Anna de Vries', role: 'administrator', accessToOwnBase: true },
    apiKeyId: null,
  };
  const credentials = deps.whatsApp ?? (await sandboxCredentials(sandboxUrl));
  const accountId = await connect(deps, actor, credentials);
  if (!deps.whatsApp) await connectSandboxSms(deps, actor);
  const context = { actor, whatsApp: createWhatsAppClient(config.whatsapp), secretKey: config.secretKey };
  await mapParameters(db, context);
  await writeEmailTemplates(db, context);
  progress('filling it with candidates and conversations');
  const passwordHash = await hashPassword(password);
  await db.transact(async (tx) => {
    const now = await tx.now();
    const { rows, phones } = composeCompany({
      now,
      dayMs: config.dayMs,
      organizationId,
      accountId,
      emailAccountId: await emailAccountId(tx, organizationId),
      userIds,
      templates: await readTemplates(tx, organizationId),
      hashKey: createKeyHash(config.hashKey),
      withHistory: !deps.whatsApp,
    });
    await insertRows(tx, rows);
    await tx.query(
      `update credit_accounts set balance = (select sum(amount) from credit_entries where organization_id = $1)
       where organization_id = $1`,
      [organizationId],
    );
    await tx.query('update users set password_hash = $2 where organization_id = $1', [
      organizationId,
      passwordHash,
    ]);
    // Last, so that a sandbox that is away leaves nothing behind.
    if (deps.whatsApp) return;
    await fillPhones(sandboxUrl, credentials.phoneNumberId, phones);
    await fillMailboxes(sandboxUrl, mailOwners(users), mailsOfRuth(now, config.dayMs));
  });
}

async function sandboxCredentials(sandboxUrl: string): Promise<WhatsAppCredentials> {
  const { phoneNumberId, wabaId, token, appSecret } = await prepareSandbox(sandboxUrl, company.name);
  return { phoneNumberId, wabaId, accessToken: token, appSecret };
}

/** By the product's own function; once. */
async function connect(
  { db, config, progress }: Parameters<typeof seedDemo>[0],
  actor: Actor,
  credentials: WhatsAppCredentials,
): Promise<string> {
  const [known] = await db.query<{ id: string }>(
    `select id from channel_accounts where organization_id = $1 and phone_number_id = $2 and templates_synced_at is not null`,
    [actor.organizationId, credentials.phoneNumberId],
  );
  if (known) return known.id;
  // An attempt that broke off between account and templates.
  await db.query(
    `delete from channel_accounts where organization_id = $1 and channel = 'whatsapp' and templates_synced_at is null`,
    [actor.organizationId],
  );
  progress('connecting WhatsApp');
  const whatsApp = createWhatsAppClient(config.whatsapp);
  const { secretKey, publicUrl, dayMs } = config;
  const context = { actor, whatsApp, secretKey, publicUrl, dayMs };
  const account = await connectWhatsApp(db, context, { name: 'WhatsApp', ...credentials });
  return account.id;
}

/** From a number, so that the phones can answer. */
async function connectSandboxSms(
  { db, config, sandboxUrl, progress }: Parameters<typeof seedDemo>[0],
  actor: Actor,
): Promise<void> {
  const sms = createSmsClient(config.sms);
  const context = { actor, sms, secretKey: config.secretKey, publicUrl: config.publicUrl };
  if ((await getSmsChannel(db, context)).state !== 'notConnected') return;
  progress('connecting SMS');
  const { accountSid, authToken, number } = await prepareSms(sandboxUrl, company.name);
  await connectSms(db, context, { accountSid, authToken, sender: { kind: 'number', value: number } });
}

/** Says which variables fill the templates; beside a real number those that happen to be there. */
async function mapParameters(db: Database, context: TemplateContext): Promise<void> {
  for (const { id, name, language, parameters } of await readTemplates(db, context.actor.organizationId)) {
    const template = templates.find((own) => own.name === name && own.language === language);
    if (!template || parameters.length === 0 || parameters.some(({ expression }) => expression !== ''))
      continue;
    await changeTemplate(db, context, id, { parameters: parametersOf(template) });
  }
}

/** Once each. */
async function writeEmailTemplates(db: Database, context: TemplateContext): Promise<void> {
  const written = await db.query<{ name: string }>(
    `select name from templates where organization_id = $1 and channel = 'email'`,
    [context.actor.organizationId],
  );
  const email = { channel: 'email', language: 'en', personal: false, folder: null } as const;
  const parts = { header: null, footer: null, buttons: [] };
  for (const template of emailTemplates)
    if (!written.some(({ name }) => name === template.name))
      await createTemplate(db, context, { ...email, ...parts, ...template });
}

async function readTemplates(db: Pick<Database, 'query'>, organizationId: string): Promise<StoredTemplate[]> {
  return db.query<StoredTemplate>(
    `select id, meta_name as name, language, status, category, version, coalesce(components, '[]') as components,
       coalesce(parameters, '[]') as parameters
     from templates where organization_id = $1 and channel = 'whatsapp' and removed_at is null`,
    [organizationId],
  );
}

async function readUsers(db: Database, organizationId: string): Promise<Map<string, string>> {
  const rows = await db.query<{ id: string; email: string }>(
    'select id, email from users where organization_id = $1',
    [organizationId],
  );
  return new Map(rows.map(({ id, email }) => [email.split('@')[0]!, id]));
}
