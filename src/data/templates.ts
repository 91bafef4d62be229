import type { RemoteTemplate } from '../channels/whatsapp/types';
import { isSendable, templateSlots } from '../channels/whatsapp/templates';
import type { Template } from '../contracts/templates';
import type { Channel } from '../contracts/common';
import { DomainError, notFound } from '../domain/errors';
import type { Actor } from '../domain/permissions';
import { unknownVariables } from '../domain/template-render';
import {
  displayTemplate,
  fillParameters,
  type StoredComponent,
  type StoredParameter,
  type TemplateDisplay,
} from '../domain/whatsapp-template';
import { writeAudit } from './audit';
import { newId, type Database, type Tx } from './database';
import { createParams, isoSql, type Queryable } from './sql';
import { loadVariables } from './variables';
import { visibleApplication, visiblePerson } from './visibility';

type Row = Omit<Template, 'header' | 'footer' | 'buttons' | 'parameters'> & {
  components: StoredComponent[];
  parameters: StoredParameter[];
};

const columns = `t.id, t.channel, t.name, t.language, t.category, t.status, t.status_reason as "statusReason", t.body,
  coalesce(t.components, '[]') as components, coalesce(t.parameters, '[]') as parameters, t.version,
  ${isoSql('t.updated_at')} as "updatedAt"`;

/** Shared ones and the user's own. */
const usable = `t.organization_id = $1 and t.removed_at is null and (t.personal_user_id is null or t.personal_user_id = $2::uuid)`;

export async function listTemplates(
  db: Database,
  actor: Actor,
  query: { channel?: Channel; status?: Template['status'] },
): Promise<Template[]> {
  const params = createParams(actor.organizationId, actor.user?.id ?? null);
  const conditions = [usable];
  if (query.channel) conditions.push(`t.channel = ${params.add(query.channel)}`);
  if (query.status) conditions.push(`t.status = ${params.add(query.status)}`);
  const rows = await db.query<Row>(
    `select ${columns} from templates t where ${conditions.join(' and ')} order by lower(t.name), t.language, t.id`,
    params.values,
  );
  return rows.map(toTemplate);
}

export async function getTemplate(db: Queryable, actor: Actor, templateId: string): Promise<Template> {
  return toTemplate(await readRow(db, actor, templateId));
}

async function readRow(db: Queryable, actor: Actor, templateId: string): Promise<Row> {
  const [row] = await db.query<Row>(`select ${columns} from templates t where ${usable} and t.id = $3`, [
    actor.organizationId,
    actor.user?.id ?? null,
    templateId,
  ]);
  if (!row) throw notFound('template');
  return row;
}

function toTemplate({ components, ...row }: Row): Template {
  const { header, body, footer, buttons } = displayTemplate(components, {});
  return { ...row, header, body: components.length > 0 ? body : row.body, footer, buttons };
}

/** Says which expression fills which parameter; the others keep theirs. An unknown variable is refused (R-SEND-5). */
export async function setTemplateParameters(
  db: Database,
  actor: Actor,
  templateId: string,
  changes: StoredParameter[],
): Promise<void> {
  await db.transact(async (tx) => {
    await tx.query('select 1 from templates where organization_id = $1 and id = $2 for update', [
      actor.organizationId,
      templateId,
    ]);
    const before = await readRow(tx, actor, templateId);
    const errors = changes.flatMap(({ key, place, expression }, index) => {
      if (!before.parameters.some((parameter) => parameter.key === key && parameter.place === place)) {
        return [{ path: `parameters.${index}.key`, message: 'is no parameter of this template' }];
      }
      return unknownVariables(expression).map((name) => ({
        path: `parameters.${index}.expression`,
        message: `there is no variable {{${name}}}`,
      }));
    });
    if (errors.length > 0) throw new DomainError('invalid', 'Some fields are missing or wrong.', { errors });
    const after = before.parameters.map(
      (parameter) => changes.find(({ key }) => key === parameter.key) ?? parameter,
    );
    await tx.query(
      `update templates set parameters = $3, version = version + 1, updated_at = $4
       where organization_id = $1 and id = $2`,
      [actor.organizationId, templateId, JSON.stringify(after), await tx.now()],
    );
    await keepVersions(tx, actor.organizationId, [templateId]);
    await writeAudit(tx, actor, {
      action: 'template.parametersChanged',
      target: 'template',
      targetId: templateId,
      before: before.parameters,
      after,
    });
    tx.notice({ type: 'settings', organizationId: actor.organizationId });
  });
}

export type TemplatePreview = TemplateDisplay & { values: Record<string, string>; missing: string[] };

/** The text that this person would get from this user, by the same steps as a send. */
export async function previewTemplate(
  db: Database,
  actor: Actor,
  templateId: string,
  target: { personId: string; applicationId?: string; parameters?: Record<string, string> },
): Promise<TemplatePreview> {
  const template = await readRow(db, actor, templateId);
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
  const variables = await loadVariables(db, {
    organizationId,
    personId: target.personId,
    applicationId: target.applicationId ?? null,
    userId: actor.user?.id ?? null,
  });
  const { values, missing } = fillParameters(template.parameters, target.parameters ?? {}, variables);
  return { ...displayTemplate(template.components, values), values, missing };
}

/**
 * Makes the stored templates of an account those that WhatsApp has. New parameters have no expression yet; those that
 * were there keep theirs. What WhatsApp no longer has is taken from the list.
 */
export async function storeRemoteTemplates(
  tx: Tx,
  organizationId: string,
  channelAccountId: string,
  remote: RemoteTemplate[],
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
       parameters = excluded.parameters, removed_at = null, updated_at = excluded.updated_at,
       version = t.version + case when t.components is distinct from excluded.components then 1 else 0 end
       where (t.meta_id, t.category, t.status, t.status_reason, t.components, t.parameters, t.removed_at)
         is distinct from (excluded.meta_id, excluded.category, excluded.status, excluded.status_reason,
           excluded.components, excluded.parameters, null::timestamptz)
     returning id`,
    [organizationId, channelAccountId, JSON.stringify(records), now],
  );
  await keepVersions(
    tx,
    organizationId,
    changed.map(({ id }) => id),
  );
  await tx.query(
    `update templates set removed_at = $4, status = 'disabled', updated_at = $4
     where organization_id = $1 and channel_account_id = $2 and removed_at is null
       and not exists (select 1 from jsonb_to_recordset($3::jsonb) as r(name text, language text)
         where r.name = meta_name and r.language = templates.language)`,
    [organizationId, channelAccountId, JSON.stringify(records), now],
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
      ? null
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
async function keepVersions(tx: Tx, organizationId: string, templateIds: string[]): Promise<void> {
  if (templateIds.length === 0) return;
  await tx.query(
    `insert into template_versions (organization_id, template_id, version, title, body, components, parameters, created_at)
     select organization_id, id, version, title, body, components, parameters, updated_at
     from templates where organization_id = $1 and id = any($2::uuid[]) on conflict do nothing`,
    [organizationId, templateIds],
  );
}
