import { z } from 'zod';
import type { RemoteTemplate } from '../../channels/whatsapp/types';
import { isSendable, templateSlots } from '../../channels/whatsapp/templates';
import type { Template } from '../../contracts/templates';
import type { Channel } from '../../contracts/common';
import { notFound } from '../../domain/errors';
import { isAdministrator, type Actor } from '../../domain/permissions';
import { renderVisibleText } from '../../domain/template-render';
import {
  displayTemplate,
  fillParameters,
  type StoredComponent,
  type StoredParameter,
  type TemplateDisplay,
} from '../../domain/whatsapp-template';
import {
  carriesText,
  toWhatsAppTemplate,
  writtenParts,
  type WrittenTemplate,
} from '../../domain/written-template';
import { newId, type Database, type Tx } from '../database';
import { decodeCursor, toPage, type Page } from '../page';
import { createParams, isoSql, likeText, userSummarySql, type Queryable } from '../sql';
import { applicationSpokenOf } from '../messages/application-spoken-of';
import { loadVariables } from '../messages/variables';
import { visibleApplication, visiblePerson } from '../visibility';

/** A template as it is stored. */
export type TemplateRow = Omit<
  Template,
  'header' | 'footer' | 'buttons' | 'parameters' | 'personal' | 'can'
> & {
  components: StoredComponent[];
  parameters: StoredParameter[];
  personalUserId: string | null;
  metaId: string | null;
};

const columns = `t.id, t.channel, t.name, t.language, t.folder, t.personal_user_id as "personalUserId", t.category, t.status,
  t.status_reason as "statusReason", t.title, t.body, coalesce(t.components, '[]') as components,
  coalesce(t.parameters, '[]') as parameters, t.channel_account_id as "channelAccountId", t.meta_id as "metaId", t.version,
  (select o.carrier_template_id = t.id from organizations o where o.id = t.organization_id) is true as carrier,
  ${userSummarySql('u')} as "createdBy", ${isoSql('t.updated_at')} as "updatedAt"`;
const tables = `templates t left join users u on u.organization_id = t.organization_id and u.id = t.created_by_id`;

/** Shared ones and the user's own. */
/** Shared ones, and those of the user `$2`. */
export const usableTemplates = `t.organization_id = $1 and t.removed_at is null and (t.personal_user_id is null or t.personal_user_id = $2::uuid)`;

export type TemplateQuery = {
  cursor?: string | undefined;
  limit: number;
  channel?: Channel | undefined;
  status?: Template['status'] | undefined;
  language?: string | undefined;
  folder?: string | undefined;
  q?: string | undefined;
};

const position = z.tuple([z.string(), z.string(), z.uuid()]);

export async function listTemplates(
  db: Database,
  actor: Actor,
  query: TemplateQuery,
): Promise<Page<Template>> {
  const params = createParams(actor.organizationId, actor.user?.id ?? null);
  const conditions = [usableTemplates];
  if (query.channel) conditions.push(`t.channel = ${params.add(query.channel)}`);
  if (query.status) conditions.push(`t.status = ${params.add(query.status)}`);
  if (query.language) conditions.push(`t.language = ${params.add(query.language)}`);
  if (query.folder !== undefined)
    conditions.push(`coalesce(t.folder, '') = ${params.add(query.folder.trim())}`);
  for (const word of (query.q ?? '').split(/\s+/).filter(Boolean).slice(0, 8)) {
    const pattern = params.add(`%${likeText(word)}%`);
    conditions.push(
      `(t.name ilike ${pattern} or replace(t.name, '_', ' ') ilike ${pattern} or t.title ilike ${pattern} or t.body ilike ${pattern})`,
    );
  }
  if (query.cursor !== undefined) {
    const [name, language, id] = decodeCursor(query.cursor, position);
    conditions.push(
      `(lower(t.name), t.language, t.id) > (${params.add(name)}, ${params.add(language)}, ${params.add(id)}::uuid)`,
    );
  }
  const rows = await db.query<TemplateRow & { sortName: string }>(
    `select ${columns}, lower(t.name) as "sortName" from ${tables} where ${conditions.join(' and ')}
     order by lower(t.name), t.language, t.id limit ${params.add(query.limit + 1)}`,
    params.values,
  );
  return toPage(
    rows,
    query.limit,
    ({ sortName: _, ...row }) => toTemplate(actor, row),
    (row) => [row.sortName, row.language, row.id],
  );
}

export async function getTemplate(db: Queryable, actor: Actor, templateId: string): Promise<Template> {
  return toTemplate(actor, await readTemplateRow(db, actor, templateId));
}

/** A shared one, or the actor's own. */
export async function readTemplateRow(db: Queryable, actor: Actor, templateId: string): Promise<TemplateRow> {
  const [row] = await db.query<TemplateRow>(
    `select ${columns} from ${tables} where ${usableTemplates} and t.id = $3`,
    [actor.organizationId, actor.user?.id ?? null, templateId],
  );
  if (!row) throw notFound('template');
  return row;
}

function toTemplate(actor: Actor, { components, personalUserId, metaId: _, ...row }: TemplateRow): Template {
  const edit = mayEditTemplate(actor, row);
  const template = {
    ...row,
    personal: personalUserId !== null,
    can: {
      edit,
      editText: edit && isWritable({ ...row, components }),
      carry:
        isAdministrator(actor) &&
        row.channel === 'whatsapp' &&
        row.status === 'approved' &&
        personalUserId === null &&
        carriesText(row.parameters),
    },
  };
  if (row.channel !== 'whatsapp') return { ...template, header: null, footer: null, buttons: [] };
  return { ...template, ...writtenParts(components, row.parameters) };
}

/** By who made it and Administrators; programs by their scope. */
export function mayEditTemplate(actor: Actor, { createdBy }: Pick<Template, 'createdBy'>): boolean {
  return actor.user === null || isAdministrator(actor) || createdBy?.id === actor.user.id;
}

/** What WhatsApp lets be edited, of what Parley can write. */
export function isWritable({
  channel,
  status,
  category,
  components,
  parameters,
}: Pick<TemplateRow, 'channel' | 'status' | 'category' | 'components' | 'parameters'>): boolean {
  if (channel !== 'whatsapp') return true;
  if (status === 'pending' || status === 'disabled' || category === 'AUTHENTICATION') return false;
  return (
    components.every(
      ({ format, buttons }) =>
        (format === undefined || format === 'TEXT') &&
        (buttons ?? []).every(({ type }) => type === 'QUICK_REPLY' || type === 'URL'),
    ) && parameters.every(({ key }) => /\.\d+$/.test(key))
  );
}

export type TemplatePreview = TemplateDisplay & {
  title: string | null;
  values: Record<string, string>;
  missing: string[];
};

type Target = {
  personId: string;
  applicationId?: string | undefined;
  inConversation?: boolean;
  parameters?: Record<string, string> | undefined;
};

/** The text that this person would get from this user, by the same steps as a send. */
export async function previewTemplate(
  db: Database,
  actor: Actor,
  templateId: string,
  target: Target,
): Promise<TemplatePreview> {
  return previewOf(db, actor, await readTemplateRow(db, actor, templateId), target);
}

/** The same of one that is still being written. */
export async function previewWritten(
  db: Database,
  actor: Actor,
  written: Omit<WrittenTemplate, 'name'>,
  target: Target,
): Promise<TemplatePreview> {
  const parts =
    written.channel === 'whatsapp'
      ? toWhatsAppTemplate({ ...written, name: '' })
      : { components: [], parameters: [] };
  return previewOf(db, actor, { ...written, ...parts }, target);
}

async function previewOf(
  db: Database,
  actor: Actor,
  template: Pick<TemplateRow, 'channel' | 'title' | 'body' | 'components' | 'parameters'>,
  target: Target,
): Promise<TemplatePreview> {
  const variables = await variablesFor(db, actor, target);
  if (template.channel !== 'whatsapp') {
    const title = template.title === null ? null : renderVisibleText(template.title, variables);
    const body = renderVisibleText(template.body, variables);
    return {
      title: title?.text ?? null,
      header: null,
      body: body.text,
      footer: null,
      buttons: [],
      values: {},
      missing: [...new Set([...(title?.missing ?? []), ...body.missing])],
    };
  }
  const { values, missing } = fillParameters(template.parameters, target.parameters ?? {}, variables);
  return { title: null, ...displayTemplate(template.components, values), values, missing };
}

/** @throws DomainError `not_found` for somebody, or an application, that the actor does not see */
async function variablesFor(db: Database, actor: Actor, target: Target) {
  const { organizationId } = actor;
  const [person] = await db.query(
    `select 1 from people p where p.organization_id = $1 and p.id = $2 and ${visiblePerson(actor, 'p')}`,
    [organizationId, target.personId],
  );
  if (!person) throw notFound('person');
  if (target.applicationId) {
    const [application] = await db.query(
      `select 1 from applications a where a.organization_id = $1 and a.id = $2 and a.person_id = $3
         and ${visibleApplication(actor, 'a')}`,
      [organizationId, target.applicationId, target.personId],
    );
    if (!application) throw notFound('application');
  }
  return loadVariables(db, {
    organizationId,
    personId: target.personId,
    applicationId: target.applicationId ?? (target.inConversation ? await spokenOf(db, actor, target) : null),
    userId: actor.user?.id ?? null,
  });
}

async function spokenOf(db: Database, actor: Actor, { personId }: Target): Promise<string | null> {
  const { organizationId } = actor;
  const [conversation] = await db.query<{ id: string }>(
    'select id from conversations where organization_id = $1 and person_id = $2',
    [organizationId, personId],
  );
  if (!conversation) return null;
  const of = { organizationId, conversationId: conversation.id, personId, replyToId: null };
  return applicationSpokenOf(db, actor, of);
}

const versionPosition = z.tuple([z.number().int()]);

type VersionRow = {
  version: number;
  title: string | null;
  body: string;
  components: StoredComponent[] | null;
  parameters: StoredParameter[] | null;
  createdAt: string;
};

export type TemplateVersion = Pick<
  Template,
  'version' | 'title' | 'header' | 'body' | 'footer' | 'buttons'
> & {
  createdAt: string;
};

/** What it was each time it was saved, the newest first. */
export async function listTemplateVersions(
  db: Queryable,
  actor: Actor,
  templateId: string,
  query: { cursor?: string | undefined; limit: number },
): Promise<Page<TemplateVersion>> {
  await readTemplateRow(db, actor, templateId);
  const params = createParams(actor.organizationId, templateId);
  const before =
    query.cursor === undefined
      ? ''
      : `and version < ${params.add(decodeCursor(query.cursor, versionPosition)[0])}`;
  const rows = await db.query<VersionRow>(
    `select version, title, body, components, parameters, ${isoSql('created_at')} as "createdAt" from template_versions
     where organization_id = $1 and template_id = $2 ${before} order by version desc limit ${params.add(query.limit + 1)}`,
    params.values,
  );
  return toPage(
    rows,
    query.limit,
    ({ components, parameters, ...row }) => ({
      ...row,
      ...(components && components.length > 0
        ? writtenParts(components, parameters ?? [])
        : { header: null, footer: null, buttons: [] }),
    }),
    (row) => [row.version],
  );
}

/**
 * Makes the stored templates of an account those that WhatsApp has. New parameters have no expression yet; those that
 * were there keep theirs. What WhatsApp no longer has is taken from the list. `askedAt`: what was changed here since WhatsApp was
 * asked stays as it is until it is asked again.
 */
export async function storeRemoteTemplates(
  tx: Tx,
  organizationId: string,
  channelAccountId: string,
  remote: RemoteTemplate[],
  askedAt: Date,
): Promise<void> {
  const now = await tx.now();
  const known = await tx.query<{ name: string; language: string; parameters: StoredParameter[] }>(
    `select meta_name as name, language, coalesce(parameters, '[]') as parameters from templates
     where organization_id = $1 and channel_account_id = $2 for update`,
    [organizationId, channelAccountId],
  );
  const records = remote.map((template) => {
    const old = known.find(({ name, language }) => name === template.name && language === template.language);
    return { id: newId(), ...recordOf(template, old?.parameters ?? []) };
  });
  const changed = await tx.query<{ id: string }>(
    `insert into templates as t (organization_id, id, channel, channel_account_id, meta_name, meta_id, name, language, category,
       status, status_reason, body, components, parameters, version, created_at, updated_at)
     select $1, id, 'whatsapp', $2, name, meta_id, name, language, category, status, status_reason, body, components,
       parameters, 1, $4, $4
     from jsonb_to_recordset($3::jsonb) as r(id uuid, name text, meta_id text, language text, category text,
       status template_status, status_reason text, body text, components jsonb, parameters jsonb)
     on conflict (organization_id, channel_account_id, meta_name, language) do update set
       meta_id = excluded.meta_id, category = excluded.category, status = excluded.status,
       status_reason = excluded.status_reason, body = excluded.body, components = excluded.components,
       parameters = excluded.parameters, removed_at = case when excluded.status = 'disabled' then t.removed_at end, updated_at = excluded.updated_at,
       version = t.version + case when t.components is distinct from excluded.components then 1 else 0 end
       where t.updated_at <= $5 and (t.meta_id, t.category, t.status, t.status_reason, t.components, t.parameters, t.removed_at)
         is distinct from (excluded.meta_id, excluded.category, excluded.status, excluded.status_reason,
           excluded.components, excluded.parameters, case when excluded.status = 'disabled' then t.removed_at end)
     returning id`,
    [organizationId, channelAccountId, JSON.stringify(records), now, askedAt],
  );
  await keepTemplateVersions(
    tx,
    organizationId,
    changed.map(({ id }) => id),
  );
  await tx.query(
    `update templates set removed_at = $4, status = 'disabled', updated_at = $4
     where organization_id = $1 and channel_account_id = $2 and removed_at is null and meta_id is not null
       and updated_at <= $5
       and not exists (select 1 from jsonb_to_recordset($3::jsonb) as r(name text, language text)
         where r.name = meta_name and r.language = templates.language)`,
    [organizationId, channelAccountId, JSON.stringify(records), now, askedAt],
  );
}

function recordOf(template: RemoteTemplate, old: StoredParameter[]) {
  const sendable = isSendable(template);
  const body = template.components.find((component) => component.type === 'BODY');
  return {
    name: template.name,
    meta_id: template.id,
    language: template.language,
    category: template.category,
    status: sendable ? template.status.toLowerCase() : 'disabled',
    status_reason: sendable
      ? (template.rejectedReason ?? null)
      : 'Parley fills texts and web links only: not pictures in headers, one-time codes or buttons of other kinds.',
    body: body?.text ?? '',
    components: template.components,
    parameters: templateSlots(template.components).map(({ key, part }): StoredParameter => ({
      key,
      place: part,
      expression: old.find((parameter) => parameter.key === key)?.expression ?? '',
    })),
  };
}

/** What a sent message refers to must still be readable when the template has changed. */
export async function keepTemplateVersions(
  tx: Tx,
  organizationId: string,
  templateIds: string[],
): Promise<void> {
  if (templateIds.length === 0) return;
  await tx.query(
    `insert into template_versions (organization_id, template_id, version, title, body, components, parameters, created_at)
     select organization_id, id, version, title, body, components, parameters, updated_at
     from templates where organization_id = $1 and id = any($2::uuid[]) on conflict do nothing`,
    [organizationId, templateIds],
  );
}
