import { isDeepStrictEqual } from 'node:util';
import type { z } from 'zod';
import { ChannelError } from '../../channels/channel-error';
import type {
  NewTemplate,
  RemoteTemplate,
  SubmittedTemplate,
  WhatsAppAccount,
  WhatsAppClient,
} from '../../channels/whatsapp/types';
import type { Template, templateRoutes } from '../../contracts/templates';
import { DomainError, notFound, type FieldError } from '../../domain/errors';
import type { Actor } from '../../domain/permissions';
import { unknownVariables } from '../../domain/template-render';
import type { StoredParameter } from '../../domain/whatsapp-template';
import {
  carriesText,
  exampleOf,
  templateErrors,
  toWhatsAppTemplate,
  unknownVariableText,
  writtenParts,
  type WhatsAppComponent,
  type WrittenTemplate,
} from '../../domain/written-template';
import { writeAudit } from '../organization/audit';
import { openChannelAccount } from '../channels/channel-accounts';
import { newId, type Database, type Tx } from '../database';
import type { Queryable } from '../sql';
import {
  isWritable,
  keepTemplateVersions,
  mayEditTemplate,
  readTemplateRow,
  type TemplateRow,
} from './templates';
import { visibleVacancy } from '../visibility';

/** What speaking to WhatsApp about templates needs besides the database. */
export type TemplateContext = { actor: Actor; whatsApp: WhatsAppClient; secretKey: Buffer };

export type NewTemplateInput = z.output<(typeof templateRoutes)['POST /api/v1/templates']['body']>;
export type TemplatePatch = z.output<(typeof templateRoutes)['PATCH /api/v1/templates/{templateId}']['body']>;

/** R-SEND-5. One for WhatsApp is kept first and submitted then: refused, it stays as a draft with the reason. */
export async function createTemplate(
  db: Database,
  context: TemplateContext,
  input: NewTemplateInput,
): Promise<string> {
  const { actor } = context;
  if (input.personal && !actor.user) throw wrong('personal', 'only a user can have personal templates');
  refuse(templateErrors(input));
  const { id } = await db.transact(async (tx) => {
    const created =
      input.channel === 'whatsapp'
        ? await insertForWhatsApp(tx, actor, input)
        : await insertPlain(tx, actor, input);
    await keepTemplateVersions(tx, actor.organizationId, [created.id]);
    await writeAudit(tx, actor, {
      action: 'template.created',
      target: 'template',
      targetId: created.id,
      after: auditFacts({ ...input, personal: input.personal }),
    });
    tx.notice({ type: 'settings', organizationId: actor.organizationId });
    return created;
  });
  if (input.channel === 'whatsapp') await submitDraft(db, context, id);
  return id;
}

async function insertPlain(tx: Tx, actor: Actor, input: NewTemplateInput): Promise<{ id: string }> {
  const id = newId();
  await tx.query(
    `insert into templates (organization_id, id, channel, name, language, folder, personal_user_id, status, title, body,
       created_by_id, created_at, updated_at)
     values ($1, $2, $3, $4, $5, $6, $7, 'approved', $8, $9, $10, $11, $11)`,
    [
      actor.organizationId,
      id,
      input.channel,
      input.name,
      input.language,
      input.folder,
      input.personal ? actor.user!.id : null,
      input.title,
      input.body,
      actor.user?.id ?? null,
      await tx.now(),
    ],
  );
  return { id };
}

/** The row of a removed template of this name is taken again: WhatsApp knows a template by name and language. */
async function insertForWhatsApp(tx: Tx, actor: Actor, input: NewTemplateInput): Promise<{ id: string }> {
  const accountId = await accountFor(tx, actor.organizationId, input.channelAccountId);
  const { components, parameters } = toWhatsAppTemplate(input);
  const [row] = await tx.query<{ id: string }>(
    `insert into templates as t (organization_id, id, channel, name, language, folder, personal_user_id, status, body,
       channel_account_id, meta_name, category, components, parameters, created_by_id, created_at, updated_at)
     values ($1, $2, 'whatsapp', $3, $4, $5, $6, 'draft', $7, $8, $3, $9, $10, $11, $12, $13, $13)
     on conflict (organization_id, channel_account_id, meta_name, language) do update set folder = excluded.folder,
       personal_user_id = excluded.personal_user_id, status = 'draft', status_reason = null, body = excluded.body,
       category = excluded.category, components = excluded.components, parameters = excluded.parameters, meta_id = null,
       created_by_id = excluded.created_by_id, updated_at = excluded.updated_at, removed_at = null, version = t.version + 1
       where t.removed_at is not null
     returning id`,
    [
      actor.organizationId,
      newId(),
      input.name,
      input.language,
      input.folder,
      input.personal ? actor.user!.id : null,
      bodyOf(components),
      accountId,
      input.category ?? 'UTILITY',
      JSON.stringify(components),
      JSON.stringify(parameters),
      actor.user?.id ?? null,
      await tx.now(),
    ],
  );
  if (!row) throw nameTaken();
  return row;
}

async function accountFor(tx: Tx, organizationId: string, wanted: string | undefined): Promise<string> {
  const accounts = await tx.query<{ id: string }>(
    `select id from channel_accounts where organization_id = $1 and channel = 'whatsapp' and state <> 'disconnected'
     order by created_at, id`,
    [organizationId],
  );
  if (wanted !== undefined) {
    if (accounts.some(({ id }) => id === wanted)) return wanted;
    throw wrong('channelAccountId', 'is none of your connected WhatsApp numbers');
  }
  if (!accounts[0]) {
    throw new DomainError(
      'channel_not_configured',
      'WhatsApp is not connected. Connect a number first: its account reviews the templates.',
    );
  }
  return accounts[0].id;
}

/** Has WhatsApp review a template that it does not have yet. */
async function submitDraft(db: Database, context: TemplateContext, templateId: string): Promise<void> {
  const row = await readTemplateRow(db, context.actor, templateId);
  const account = await openChannelAccount(db, context, row.channelAccountId!);
  try {
    const submitted = await context.whatsApp.createTemplate(account, definitionOf(row));
    await keepSubmitted(db, context.actor, row, submitted);
  } catch (error) {
    if (!(error instanceof ChannelError)) throw error;
    // an earlier call whose answer was lost may have been taken
    const taken = await findAtWhatsApp(context, account, row);
    if (taken && isDeepStrictEqual(taken.components, row.components)) {
      return keepSubmitted(db, context.actor, row, taken);
    }
    await db.query(
      `update templates set status_reason = $3 where organization_id = $1 and id = $2 and status = 'draft'`,
      [context.actor.organizationId, templateId, refusalText(error)],
    );
  }
}

async function findAtWhatsApp(
  { whatsApp }: TemplateContext,
  account: WhatsAppAccount,
  { name, language }: Pick<TemplateRow, 'name' | 'language'>,
): Promise<RemoteTemplate | undefined> {
  try {
    const all = await whatsApp.listTemplates(account);
    return all.find((template) => template.name === name && template.language === language);
  } catch (error) {
    if (!(error instanceof ChannelError)) throw error;
    return undefined;
  }
}

/** WhatsApp's id of a template; one whose submission was never answered is looked for. Null: it was never submitted. */
async function metaIdOf(db: Database, context: TemplateContext, row: TemplateRow): Promise<string | null> {
  if (row.metaId !== null || row.channel !== 'whatsapp' || row.status === 'draft') return row.metaId;
  const account = await openChannelAccount(db, context, row.channelAccountId!);
  return (await findAtWhatsApp(context, account, row))?.id ?? null;
}

async function keepSubmitted(
  db: Database,
  actor: Actor,
  { id }: Pick<TemplateRow, 'id'>,
  submitted: SubmittedTemplate,
): Promise<void> {
  await db.transact(async (tx) => {
    // a webhook may have told the outcome already
    await tx.query(
      `update templates set meta_id = $3, category = coalesce($4, category), updated_at = $7,
         status = case when status = 'draft' then $5::template_status else status end,
         status_reason = case when status = 'draft' then $6 else status_reason end
       where organization_id = $1 and id = $2`,
      [
        actor.organizationId,
        id,
        submitted.id,
        submitted.category ?? null,
        submitted.status.toLowerCase(),
        submitted.rejectedReason ?? null,
        await tx.now(),
      ],
    );
    tx.notice({ type: 'settings', organizationId: actor.organizationId });
  });
}

/** Changes what is given. A WhatsApp text that is another then goes to review again, and is kept once WhatsApp took it. */
export async function changeTemplate(
  db: Database,
  context: TemplateContext,
  templateId: string,
  patch: TemplatePatch,
): Promise<void> {
  const { actor } = context;
  const stored = await readEditable(db, actor, templateId);
  const before = { ...stored, metaId: await metaIdOf(db, context, stored) };
  const version = patch.version ?? before.version;
  if (version !== before.version) throw changedMeanwhile();
  const next = nextOf(before, patch);
  refuse(faultsOf(actor, before, next, patch));
  if (next.personal && before.personalUserId === null) await assertUnused(db, actor, before);
  const submission =
    before.channel === 'whatsapp' && before.metaId !== null && next.contentChanged
      ? await submitEdit(db, context, before, next)
      : null;
  await db
    .transact(async (tx) => {
      await lockTemplate(tx, actor, templateId);
      const now = await tx.now();
      const kept = await tx.query(
        `update templates set name = $3, meta_name = case when meta_name is null then null else $3 end, language = $4,
         folder = $5, personal_user_id = $6, title = $7, body = $8, category = $9, components = $10, parameters = $11,
         status = coalesce($12::template_status, status),
         status_reason = case when $12::text is null then status_reason else $13 end,
         version = version + 1, updated_at = $14
       where organization_id = $1 and id = $2 and version = $15 returning 1`,
        [
          actor.organizationId,
          templateId,
          next.name,
          next.language,
          next.folder,
          next.personal ? (before.personalUserId ?? actor.user?.id ?? null) : null,
          next.title,
          next.body,
          submission?.category ?? next.category,
          before.channel === 'whatsapp' ? JSON.stringify(next.components) : null,
          before.channel === 'whatsapp' ? JSON.stringify(next.parameters) : null,
          submission?.status.toLowerCase() ?? null,
          submission?.rejectedReason ?? null,
          now,
          version,
        ],
      );
      if (kept.length === 0) throw changedMeanwhile();
      await keepTemplateVersions(tx, actor.organizationId, [templateId]);
      await writeAudit(tx, actor, {
        action: 'template.changed',
        target: 'template',
        targetId: templateId,
        before: auditFacts({ ...before, personal: before.personalUserId !== null }),
        after: {
          ...auditFacts(next),
          textChanged: next.contentChanged || next.title !== before.title || next.body !== before.body,
          ...(patch.parameters && { parameters: next.parameters }),
        },
      });
      tx.notice({ type: 'settings', organizationId: actor.organizationId });
    })
    .catch((error: unknown) => {
      throw isNameTaken(error) ? nameTaken() : error;
    });
  if (before.channel === 'whatsapp' && before.metaId === null) await submitDraft(db, context, templateId);
}

type Next = Pick<
  TemplateRow,
  'channel' | 'name' | 'language' | 'folder' | 'title' | 'body' | 'category' | 'parameters'
> & {
  personal: boolean;
  components: WhatsAppComponent[];
  written: WrittenTemplate;
  /** What WhatsApp has to review. */
  contentChanged: boolean;
};

function nextOf(before: TemplateRow, patch: TemplatePatch): Next {
  const isWhatsApp = before.channel === 'whatsapp';
  const stored = before.components as WhatsAppComponent[];
  const parts = isWhatsApp
    ? writtenParts(stored, before.parameters)
    : { header: null, body: before.body, footer: null, buttons: [] };
  const asWritten: WrittenTemplate = {
    channel: before.channel,
    name: before.name,
    title: before.title,
    ...parts,
    buttons: parts.buttons as WrittenTemplate['buttons'],
  };
  const given = {
    name: patch.name,
    title: patch.title,
    header: patch.header,
    body: patch.body,
    footer: patch.footer,
    buttons: patch.buttons,
  };
  const written: WrittenTemplate = {
    ...asWritten,
    ...(Object.fromEntries(
      Object.entries(given).filter(([, value]) => value !== undefined),
    ) as Partial<WrittenTemplate>),
  };
  const rewritten = !isDeepStrictEqual({ ...written, name: '' }, { ...asWritten, name: '' });
  const made = isWhatsApp && rewritten ? toWhatsAppTemplate(written) : null;
  const parameters = (made?.parameters ?? before.parameters).map(
    (parameter): StoredParameter =>
      patch.parameters?.find(({ key, place }) => key === parameter.key && place === parameter.place) ??
      parameter,
  );
  const components = made?.components ?? stored;
  const category = isWhatsApp ? (patch.category ?? before.category) : null;
  return {
    channel: before.channel,
    name: written.name,
    language: patch.language ?? before.language,
    folder: patch.folder === undefined ? before.folder : patch.folder,
    personal: patch.personal ?? before.personalUserId !== null,
    title: written.title,
    body: isWhatsApp ? bodyOf(components) : written.body,
    category,
    components,
    parameters,
    written,
    contentChanged: isWhatsApp && (!isDeepStrictEqual(components, stored) || category !== before.category),
  };
}

function faultsOf(actor: Actor, before: TemplateRow, next: Next, patch: TemplatePatch): FieldError[] {
  const errors: FieldError[] = [];
  if (before.metaId !== null && next.name !== before.name)
    errors.push({ path: 'name', message: 'stays as WhatsApp has it: create another template' });
  if (before.metaId !== null && next.language !== before.language)
    errors.push({ path: 'language', message: 'stays as WhatsApp has it: create another template' });
  if (before.channel !== 'whatsapp' && patch.category !== undefined)
    errors.push({ path: 'category', message: 'only a WhatsApp template has a category' });
  if (next.contentChanged && before.status === 'approved' && next.category !== before.category)
    errors.push({ path: 'category', message: 'stays as WhatsApp approved it' });
  if (next.contentChanged && !isWritable(before)) {
    errors.push({
      path: 'body',
      message:
        before.status === 'pending'
          ? 'WhatsApp is reviewing it: change it once that is done'
          : 'has parts that only WhatsApp Manager can change',
    });
  }
  if (next.personal && before.personalUserId === null && before.createdBy?.id !== actor.user?.id)
    errors.push({ path: 'personal', message: 'only who made it can make it personal' });
  // what WhatsApp has approved is not measured again when only a folder or a variable changes
  if (before.channel !== 'whatsapp' || next.contentChanged || before.metaId === null)
    errors.push(...templateErrors(next.written));
  return [...errors, ...parameterFaults(next.parameters, patch.parameters ?? [])];
}

function parameterFaults(parameters: StoredParameter[], changes: StoredParameter[]): FieldError[] {
  return changes.flatMap(({ key, place, expression }, index) => {
    if (!parameters.some((parameter) => parameter.key === key && parameter.place === place)) {
      return [{ path: `parameters.${index}.key`, message: 'is no parameter of this template' }];
    }
    return unknownVariables(expression).map((name) => ({
      path: `parameters.${index}.expression`,
      message: unknownVariableText(name),
    }));
  });
}

async function submitEdit(
  db: Database,
  context: TemplateContext,
  before: TemplateRow,
  next: Next,
): Promise<SubmittedTemplate> {
  const account = await openChannelAccount(db, context, before.channelAccountId!);
  const { category, ...definition } = definitionOf(next);
  try {
    return await context.whatsApp.editTemplate(account, before.metaId!, {
      ...definition,
      ...(before.status !== 'approved' && { category }),
    });
  } catch (error) {
    if (!(error instanceof ChannelError)) throw error;
    throw new DomainError(error.reason, refusalText(error));
  }
}

function definitionOf(
  template: Pick<TemplateRow, 'name' | 'language' | 'category' | 'parameters'> & { components: unknown },
): NewTemplate {
  return {
    name: template.name,
    language: template.language,
    category: template.category === 'MARKETING' ? 'MARKETING' : 'UTILITY',
    components: template.components as WhatsAppComponent[],
    examples: Object.fromEntries(
      template.parameters.map(({ key, expression }) => [key, exampleOf(expression)]),
    ),
  };
}

/** Takes it from the lists, and from WhatsApp; what was sent by it stays readable. */
export async function removeTemplate(
  db: Database,
  context: TemplateContext,
  templateId: string,
): Promise<void> {
  const { actor } = context;
  const stored = await readEditable(db, actor, templateId);
  const before = { ...stored, metaId: await metaIdOf(db, context, stored) };
  await assertRemovable(db, actor, before);
  if (before.channel === 'whatsapp' && before.metaId !== null) await removeAtWhatsApp(db, context, before);
  await db.transact(async (tx) => {
    await lockTemplate(tx, actor, templateId);
    await assertRemovable(tx, actor, before);
    await tx.query(
      `update templates set removed_at = $3, updated_at = $3, status = case when channel = 'whatsapp' then 'disabled' else status end
       where organization_id = $1 and id = $2`,
      [actor.organizationId, templateId, await tx.now()],
    );
    await writeAudit(tx, actor, {
      action: 'template.removed',
      target: 'template',
      targetId: templateId,
      before: auditFacts({ ...before, personal: before.personalUserId !== null }),
    });
    tx.notice({ type: 'settings', organizationId: actor.organizationId });
  });
}

async function removeAtWhatsApp(db: Database, context: TemplateContext, row: TemplateRow): Promise<void> {
  const account = await openChannelAccount(db, context, row.channelAccountId!);
  try {
    await context.whatsApp.removeTemplate(account, { id: row.metaId!, name: row.name });
  } catch (error) {
    if (!(error instanceof ChannelError)) throw error;
    throw new DomainError(error.reason, refusalText(error));
  }
}

export type TemplateUses = {
  items: { vacancy: { id: string; title: string }; stage: { id: string; name: string } }[];
  others: number;
};

/** The automatic actions that send it; those on vacancies out of sight are only counted. */
export async function listTemplateUses(
  db: Queryable,
  actor: Actor,
  templateId: string,
): Promise<TemplateUses> {
  await readTemplateRow(db, actor, templateId);
  const rows = await db.query<TemplateUses['items'][number] & { seen: boolean }>(
    `select distinct on (lower(v.title), v.id, st.position, st.id) jsonb_build_object('id', v.id, 'title', v.title) as vacancy,
       jsonb_build_object('id', st.id, 'name', st.name) as stage, ${visibleVacancy(actor, 'v')} as seen
     from stage_actions sa
     join stages st on st.organization_id = sa.organization_id and st.id = sa.stage_id
     join vacancies v on v.organization_id = st.organization_id and v.id = st.vacancy_id
     where sa.organization_id = $1 and sa.template_id = $2 and sa.removed_at is null
     order by lower(v.title), v.id, st.position, st.id`,
    [actor.organizationId, templateId],
  );
  return {
    items: rows.filter(({ seen }) => seen).map(({ vacancy, stage }) => ({ vacancy, stage })),
    others: rows.filter(({ seen }) => !seen).length,
  };
}

async function assertRemovable(db: Queryable, actor: Actor, row: TemplateRow): Promise<void> {
  await assertUnused(db, actor, row);
  const [organization] = await db.query<{ carrierId: string | null }>(
    'select carrier_template_id as "carrierId" from organizations where id = $1',
    [actor.organizationId],
  );
  if (organization?.carrierId === row.id) {
    throw new DomainError(
      'conflict',
      'It carries your organization’s composed messages. An Administrator has to choose another carrier, or none, first.',
    );
  }
}

/** @throws DomainError `conflict` while an automatic action sends it */
async function assertUnused(db: Queryable, actor: Actor, { id }: Pick<TemplateRow, 'id'>): Promise<void> {
  const { items, others } = await listTemplateUses(db, actor, id);
  if (items.length + others === 0) return;
  const places = items.slice(0, 5).map(({ vacancy, stage }) => `${vacancy.title} → ${stage.name}`);
  const more = items.length + others - places.length;
  const named = [...places, ...(more > 0 ? [`${more} more`] : [])].join(', ');
  throw new DomainError('conflict', `Automatic actions send it: ${named}. Remove or change those first.`);
}

/** R-SEND-3: chooses the template that carries composed text outside the service window; null: none. */
export async function setCarrierTemplate(
  db: Database,
  actor: Actor,
  templateId: string | null,
): Promise<void> {
  await db.transact(async (tx) => {
    const [organization] = await tx.query<{ carrierId: string | null }>(
      'select carrier_template_id as "carrierId" from organizations where id = $1 for update',
      [actor.organizationId],
    );
    if (templateId !== null) await assertCarrier(tx, actor, templateId);
    await tx.query('update organizations set carrier_template_id = $2 where id = $1', [
      actor.organizationId,
      templateId,
    ]);
    await writeAudit(tx, actor, {
      action: 'organization.carrierTemplateChanged',
      target: 'organization',
      targetId: actor.organizationId,
      before: { templateId: organization?.carrierId ?? null },
      after: { templateId },
    });
    tx.notice({ type: 'settings', organizationId: actor.organizationId });
  });
}

async function assertCarrier(tx: Tx, actor: Actor, templateId: string): Promise<void> {
  await tx.query('select 1 from templates where organization_id = $1 and id = $2 for update', [
    actor.organizationId,
    templateId,
  ]);
  const row = await readTemplateRow(tx, actor, templateId);
  const fault = carrierFault(row);
  if (fault) throw wrong('templateId', fault);
}

function carrierFault(row: TemplateRow): string | null {
  if (row.channel !== 'whatsapp') return 'has to be a WhatsApp template';
  if (row.personalUserId !== null) return 'has to be a shared template';
  if (row.status !== 'approved') return 'has to be approved by WhatsApp';
  return carriesText(row.parameters) ? null : 'has to have exactly one parameter, in its text';
}

async function readEditable(db: Queryable, actor: Actor, templateId: string): Promise<TemplateRow> {
  const row = await readTemplateRow(db, actor, templateId);
  if (mayEditTemplate(actor, row)) return row;
  throw new DomainError('not_permitted', 'Only who made this template, and Administrators, may change it.');
}

async function lockTemplate(tx: Tx, actor: Actor, templateId: string): Promise<void> {
  const rows = await tx.query(
    'select 1 from templates where organization_id = $1 and id = $2 and removed_at is null for update',
    [actor.organizationId, templateId],
  );
  if (rows.length === 0) throw notFound('template');
}

const bodyOf = (components: WhatsAppComponent[]): string =>
  components.find((component) => component.type === 'BODY')?.text ?? '';

/** No text of a message stands in the audit log. */
const auditFacts = (facts: Pick<Template, 'channel' | 'name' | 'language' | 'folder' | 'personal'>) => ({
  channel: facts.channel,
  name: facts.name,
  language: facts.language,
  folder: facts.folder,
  personal: facts.personal,
});

function refusalText({ errorClass, detail }: ChannelError): string {
  if (errorClass === 'transient' || errorClass === 'unknown' || errorClass === 'rateLimited') {
    return 'WhatsApp could not be reached just now. Save again to submit it.';
  }
  return detail ?? 'WhatsApp did not take it.';
}

const wrong = (path: string, message: string): DomainError =>
  new DomainError('invalid', 'Some fields are missing or wrong.', { errors: [{ path, message }] });

function refuse(errors: FieldError[]): void {
  if (errors.length > 0) throw new DomainError('invalid', 'Some fields are missing or wrong.', { errors });
}

const nameTaken = (): DomainError =>
  new DomainError('already_exists', 'There is a WhatsApp template of this name in this language already.', {
    errors: [{ path: 'name', message: 'is taken in this language' }],
  });

const changedMeanwhile = (): DomainError =>
  new DomainError('conflict', 'Somebody changed this template meanwhile. Look at it again, then change it.');

const isNameTaken = (error: unknown): boolean => (error as { code?: string } | null)?.code === '23505';
