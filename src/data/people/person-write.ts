import type { Channel } from '../../contracts/common';
import type { FieldError } from '../../domain/errors';
import type { Actor } from '../../domain/permissions';
import { actorName, writeAudit } from '../organization/audit';
import { contactPointRecord, toContactPointRecord, type KeyedContactPoint } from './contact-points';
import { newId, type Tx } from '../database';
import { writeConsents, type NewConsent } from './consents';
import { replanWaiting } from '../scheduled/replan-waiting';
import { isUuid } from '../sql';
import { writeTimeline, type NewTimelineEntry } from '../conversations/timeline';
import { parseReference } from '../visibility';

/** One person to be written: undefined leaves a field as it is. */
export type PersonChange = {
  /** Changes this person; else the one with the external id, else a new one is made. */
  personId?: string;
  kind?: 'candidate' | 'contact';
  externalId?: string | null;
  firstName?: string;
  lastName?: string;
  /** A reference. */
  employerId?: string | null;
  responsibleUserId?: string | null;
  timeZone?: string | null;
  language?: string | null;
  tags?: string[];
  custom?: Record<string, string>;
  toReview?: boolean;
  /** R-CONF-3 */
  confidential?: boolean;
  points?: KeyedContactPoint[];
  /** Points, tags and custom fields come to those that are there, which stay as they are; else they replace them. */
  addPoints?: boolean;
  consents?: {
    channel: Channel;
    granted: boolean;
    source: string;
    wording: string | null;
    evidence: string | null;
    occurredAt?: string;
  }[];
};

/** The keyed hash of an address (`src/seal.ts`). */
export type HashKey = (key: string) => string;

export type PersonOutcome =
  | { outcome: 'created' | 'updated'; id: string }
  | { outcome: 'failed'; reason: 'invalid' | 'already_exists'; errors: FieldError[] };

/** Somebody else wrote one of these people or contact points at the same instant: to be tried again. */
export class WriteCollision extends Error {}

type Stored = {
  id: string;
  kind: 'candidate' | 'contact';
  externalId: string | null;
  firstName: string;
  lastName: string;
  employerId: string | null;
  responsibleUserId: string | null;
  timeZone: string | null;
  language: string | null;
  tags: string[];
  custom: Record<string, string>;
  toReview: boolean;
  confidential: boolean;
  conversationId: string;
};

/** `pointKinds`: of the contact points they have. */
type Known = Stored & { pointKinds: string[] };

type Planned = { change: PersonChange; before: Stored | undefined; after: Stored };

/**
 * Writes people, 1 or 10,000, in a few statements; one outcome for each, in order, and a bad one costs no other.
 * New people get their (empty, closed) conversation with them.
 */
export async function writePeople(
  tx: Tx,
  actor: Actor,
  changes: readonly PersonChange[],
  hashKey: HashKey,
): Promise<PersonOutcome[]> {
  const { organizationId } = actor;
  const references = await loadReferences(tx, organizationId, changes);
  const owners = await lockContactPoints(tx, organizationId, changes);
  const stored = await lockPeople(tx, organizationId, changes);
  const plan = makePlan(changes, { references, owners, stored });
  const planned = plan.flatMap((entry) => ('after' in entry ? [entry] : []));

  await insertPeople(tx, organizationId, planned);
  await updatePeople(tx, organizationId, planned);
  await replanMoved(tx, organizationId, planned);
  await writeContactPoints(tx, actor, planned, hashKey);
  await writeConsentsOf(tx, actor, planned);
  await tellTimeline(tx, actor, planned);
  await tellAudit(tx, actor, planned);
  for (const { after } of planned.slice(0, 100)) {
    tx.notice({
      type: 'conversation',
      organizationId,
      conversationId: after.conversationId,
      personId: after.id,
    });
  }
  return plan.map((entry) =>
    'after' in entry ? { outcome: entry.before ? 'updated' : 'created', id: entry.after.id } : entry,
  );
}

/** Somebody's night is at another time now (R-SEND-10). */
async function replanMoved(tx: Tx, organizationId: string, planned: Planned[]): Promise<void> {
  const personIds = planned.flatMap(({ before, after }) =>
    before && before.timeZone !== after.timeZone ? after.id : [],
  );
  if (personIds.length > 0) await replanWaiting(tx, { organizationId, personIds });
}

type References = { employers: Map<string, string>; users: Set<string> };

async function loadReferences(
  tx: Tx,
  organizationId: string,
  changes: readonly PersonChange[],
): Promise<References> {
  const employers = distinct(changes.map((change) => change.employerId)).map(parseReference);
  const users = distinct(changes.map((change) => change.responsibleUserId));
  const of = (column: string) =>
    employers.filter((reference) => reference.column === column).map((reference) => reference.value);
  const employerRows =
    employers.length === 0
      ? []
      : await tx.query<{ id: string; externalId: string | null }>(
          `select id, external_id as "externalId" from employers
           where organization_id = $1 and (id = any($2::uuid[]) or external_id = any($3::text[]))`,
          [organizationId, of('id'), of('external_id')],
        );
  const userRows =
    users.length === 0
      ? []
      : await tx.query<{ id: string }>(
          'select id from users where organization_id = $1 and id = any($2::uuid[]) and deactivated_at is null',
          [organizationId, users],
        );
  return {
    employers: new Map(
      employerRows.flatMap(({ id, externalId }) => [
        [id, id] as const,
        ...(externalId === null ? [] : [[`ext:${externalId}`, id] as const]),
      ]),
    ),
    users: new Set(userRows.map((row) => row.id)),
  };
}

/** Contact points are locked first of all (design: identity), in one order. Returns whose they are. */
async function lockContactPoints(
  tx: Tx,
  organizationId: string,
  changes: readonly PersonChange[],
): Promise<Map<string, string>> {
  const points = changes.flatMap((change) => change.points ?? []);
  if (points.length === 0) return new Map();
  const rows = await tx.query<{ kind: string; key: string; personId: string }>(
    `select cp.kind, cp.key, cp.person_id as "personId" from contact_points cp
     where cp.organization_id = $1 and (cp.kind, cp.key) in (
       select r.kind, r.key from jsonb_to_recordset($2::jsonb) as r(kind contact_point_kind, key text))
     order by cp.id for update`,
    [organizationId, JSON.stringify(points.map(({ kind, key }) => ({ kind, key })))],
  );
  return new Map(rows.map((row) => [pointName(row), row.personId]));
}

async function lockPeople(
  tx: Tx,
  organizationId: string,
  changes: readonly PersonChange[],
): Promise<{ byId: Map<string, Known>; byExternalId: Map<string, Known> }> {
  const ids = changes.flatMap((change) => change.personId ?? []);
  const externalIds = distinct(
    changes.map((change) => (change.personId === undefined ? change.externalId : undefined)),
  );
  if (ids.length + externalIds.length === 0) return { byId: new Map(), byExternalId: new Map() };
  const rows = await tx.query<Known & { foundBy: string | null }>(
    `select found.external_id as "foundBy", p.id, p.kind, p.external_id as "externalId", p.first_name as "firstName", p.last_name as "lastName",
       p.employer_id as "employerId", p.responsible_user_id as "responsibleUserId", p.time_zone as "timeZone",
       p.language, coalesce(p.tags, '{}') as tags, p.custom, p.to_review as "toReview", p.confidential, c.id as "conversationId",
       array(select cp.kind::text from contact_points cp where cp.organization_id = p.organization_id and cp.person_id = p.id) as "pointKinds"
     from people found
     join people p on p.organization_id = found.organization_id and p.id = coalesce(found.merged_into_id, found.id)
     join conversations c on c.organization_id = p.organization_id and c.person_id = p.id
     where found.organization_id = $1 and (found.id = any($2::uuid[]) or found.external_id = any($3::text[]))
       and p.erased_at is null
     order by p.id for update of p`,
    [organizationId, ids, externalIds],
  );
  return {
    byId: new Map(rows.map((row) => [row.id, row])),
    byExternalId: new Map(rows.flatMap((row) => (row.foundBy === null ? [] : [[row.foundBy, row]]))),
  };
}

function makePlan(
  changes: readonly PersonChange[],
  known: {
    references: References;
    owners: Map<string, string>;
    stored: Awaited<ReturnType<typeof lockPeople>>;
  },
): (Planned | Extract<PersonOutcome, { outcome: 'failed' }>)[] {
  const seenPeople = new Set<string>();
  const seenPoints = new Set<string>();
  return changes.map((change) => {
    const before =
      change.personId === undefined
        ? change.externalId == null
          ? undefined
          : known.stored.byExternalId.get(change.externalId)
        : known.stored.byId.get(change.personId);
    const id = before?.id ?? newId();

    const invalid = faultsOf(change, before, known.references);
    const person = before?.id ?? change.personId ?? change.externalId ?? undefined;
    if (person !== undefined && seenPeople.has(person)) {
      invalid.push({ path: 'externalId', message: 'stands in an earlier row of this file' });
    }
    const taken = (change.points ?? []).flatMap((point, index): FieldError[] => {
      const path = `contactPoints.${index}.value`;
      const owner = known.owners.get(pointName(point));
      if (owner !== undefined && owner !== id)
        return [{ path, message: 'belongs to another person; search for it to find them' }];
      if (seenPoints.has(pointName(point))) {
        return [{ path, message: 'stands in an earlier row of this file' }];
      }
      return [];
    });
    if (invalid.length > 0) {
      return { outcome: 'failed', reason: 'invalid', errors: [...invalid, ...taken] };
    }
    if (taken.length > 0) return { outcome: 'failed', reason: 'already_exists', errors: taken };

    if (person !== undefined) seenPeople.add(person);
    for (const point of change.points ?? []) seenPoints.add(pointName(point));
    return { change, before, after: applyChange(id, change, before, known.references) };
  });
}

function faultsOf(change: PersonChange, before: Known | undefined, references: References): FieldError[] {
  const errors: FieldError[] = [];
  if (!before && !change.firstName && !change.lastName) {
    errors.push({ path: 'firstName', message: 'a first or last name is needed' });
  }
  if (change.employerId && !references.employers.has(employerName(change.employerId))) {
    errors.push({ path: 'employerId', message: 'there is no such employer' });
  }
  if (change.responsibleUserId && !references.users.has(change.responsibleUserId.toLowerCase())) {
    errors.push({ path: 'responsibleUserId', message: 'is none of your active users' });
  }
  if (change.timeZone && !isTimeZone(change.timeZone)) {
    errors.push({ path: 'timeZone', message: 'is no time zone, such as Europe/Madrid' });
  }
  const kept = change.points && !change.addPoints ? [] : (before?.pointKinds ?? []);
  const kinds = [...kept, ...(change.points ?? []).map(({ kind }) => kind)];
  change.consents?.forEach(({ channel }, index) => {
    const kind = pointKindOf(channel);
    if (kinds.includes(kind)) return;
    const missing = kind === 'phone' ? 'a phone number' : 'an e-mail address';
    errors.push({ path: `consents.${index}.channel`, message: `needs ${missing} that the consent is for` });
  });
  return errors;
}

function applyChange(
  id: string,
  change: PersonChange,
  before: Stored | undefined,
  references: References,
): Stored {
  const employerId = change.employerId && references.employers.get(employerName(change.employerId));
  const old: Omit<Stored, 'id' | 'conversationId'> = before ?? {
    kind: change.kind ?? 'candidate',
    externalId: null,
    firstName: '',
    lastName: '',
    employerId: null,
    responsibleUserId: null,
    timeZone: null,
    language: null,
    tags: [],
    custom: {},
    toReview: false,
    confidential: false,
  };
  return {
    id,
    conversationId: before?.conversationId ?? newId(),
    kind: old.kind,
    // whoever was found by an external id keeps their own: it may be that of somebody merged into them
    externalId: given(
      before && change.personId === undefined ? undefined : change.externalId,
      old.externalId,
    ),
    firstName: given(change.firstName, old.firstName),
    lastName: given(change.lastName, old.lastName),
    employerId: given(employerId, old.employerId),
    responsibleUserId: given(
      change.responsibleUserId?.toLowerCase() ?? change.responsibleUserId,
      old.responsibleUserId,
    ),
    timeZone: given(change.timeZone, old.timeZone),
    language: given(change.language, old.language),
    tags: change.tags ? [...new Set([...(change.addPoints ? old.tags : []), ...change.tags])] : old.tags,
    custom: change.addPoints ? { ...old.custom, ...change.custom } : given(change.custom, old.custom),
    toReview: given(change.toReview, old.toReview),
    confidential: given(change.confidential, old.confidential),
  };
}

const personRecord = `id uuid, kind person_kind, external_id text, first_name text, last_name text, employer_id uuid,
  responsible_user_id uuid, time_zone text, language text, tags text[], custom jsonb, to_review boolean, confidential boolean,
  conversation_id uuid`;

const toPersonRecord = ({ after }: Planned) => ({
  id: after.id,
  kind: after.kind,
  external_id: after.externalId,
  first_name: after.firstName,
  last_name: after.lastName,
  employer_id: after.employerId,
  responsible_user_id: after.responsibleUserId,
  time_zone: after.timeZone,
  language: after.language,
  tags: after.tags,
  custom: after.custom,
  to_review: after.toReview,
  confidential: after.confidential,
  conversation_id: after.conversationId,
});

async function insertPeople(tx: Tx, organizationId: string, planned: Planned[]): Promise<void> {
  const created = planned.filter(({ before }) => !before);
  if (created.length === 0) return;
  const rows = await tx.query(
    `with r as (select * from jsonb_to_recordset($2::jsonb) as r(${personRecord})),
     person as (
       insert into people (organization_id, id, kind, external_id, first_name, last_name, employer_id,
         responsible_user_id, time_zone, language, tags, custom, to_review, confidential, created_at, updated_at)
       select $1, id, kind, external_id, first_name, last_name, employer_id, responsible_user_id, time_zone, language,
         tags, custom, to_review, confidential, $3, $3 from r
       on conflict (organization_id, external_id) do nothing returning id)
     insert into conversations (organization_id, id, person_id, responsible_user_id, inbox_user_id, channels, created_at, updated_at)
     select $1, r.conversation_id, r.id, r.responsible_user_id, r.responsible_user_id, '{}', $3, $3
     from r join person on person.id = r.id returning 1`,
    [organizationId, JSON.stringify(created.map(toPersonRecord)), await tx.now()],
  );
  if (rows.length < created.length) throw new WriteCollision();
}

/** The conversation's responsible user follows the person's, and its inbox unless somebody owns the chat (R-CHAT-9). */
async function updatePeople(tx: Tx, organizationId: string, planned: Planned[]): Promise<void> {
  const changed = planned.filter(({ before }) => before);
  if (changed.length === 0) return;
  await tx.query(
    `with r as (select * from jsonb_to_recordset($2::jsonb) as r(${personRecord})),
     conversation as (
       update conversations c set responsible_user_id = r.responsible_user_id,
         inbox_user_id = case when c.status = 'active' then c.owner_id else r.responsible_user_id end, updated_at = $3
       from r where c.organization_id = $1 and c.id = r.conversation_id
         and c.responsible_user_id is distinct from r.responsible_user_id)
     update people p set external_id = r.external_id, first_name = r.first_name, last_name = r.last_name,
       employer_id = r.employer_id, responsible_user_id = r.responsible_user_id, time_zone = r.time_zone,
       language = r.language, tags = r.tags, custom = r.custom, to_review = r.to_review,
       confidential = r.confidential, updated_at = $3
     from r where p.organization_id = $1 and p.id = r.id`,
    [organizationId, JSON.stringify(changed.map(toPersonRecord)), await tx.now()],
  );
}

/** Positions of contact points that were added to a list, behind those of it. */
const addedFrom = 1000;

/** A list that is given replaces the old one; what stays keeps its consents, its window and what is known of it. */
async function writeContactPoints(
  tx: Tx,
  { organizationId, user }: Actor,
  planned: Planned[],
  hashKey: HashKey,
): Promise<void> {
  const records = planned.flatMap(({ change, after }) =>
    (change.points ?? []).map((point, index) =>
      toContactPointRecord(point, {
        id: newId(),
        personId: after.id,
        position: change.addPoints ? addedFrom + index : index,
      }),
    ),
  );
  const replaced = planned
    .filter(({ change, before }) => before && change.points && !change.addPoints)
    .map(({ after }) => after.id);
  if (replaced.length > 0) {
    await tx.query(
      `delete from contact_points cp where cp.organization_id = $1 and cp.person_id = any($2::uuid[])
         and not exists (select 1 from jsonb_to_recordset($3::jsonb) as r(${contactPointRecord})
           where r.person_id = cp.person_id and r.kind = cp.kind and r.key = cp.key)`,
      [organizationId, replaced, JSON.stringify(records)],
    );
  }
  if (records.length === 0) return;
  // whoever saves an address by hand has looked at it: it is tried again
  const byHand = user !== null && planned.length === 1;
  const rows = await tx.query<{ id: string; key: string }>(
    `insert into contact_points as cp
       (organization_id, id, person_id, kind, key, value, valid, phone_type, wa_id, position, created_at)
     select $1, id, person_id, kind, key, value, valid, phone_type, wa_id, position, $3
     from jsonb_to_recordset($2::jsonb) as r(${contactPointRecord})
     on conflict (organization_id, kind, key) do update set wa_id = coalesce(cp.wa_id, excluded.wa_id), valid = excluded.valid,
       value = case when excluded.position < $4 then excluded.value else cp.value end,
       position = case when excluded.position < $4 then excluded.position else cp.position end,
       phone_type = case when excluded.phone_type = 'unknown' or excluded.position >= $4 then cp.phone_type
         else excluded.phone_type end,
       bounced_at = case when $5 then null else cp.bounced_at end
       where cp.person_id = excluded.person_id
     returning id, key`,
    [organizationId, JSON.stringify(records), await tx.now(), addedFrom, byHand],
  );
  if (rows.length < records.length) throw new WriteCollision();
  await keepOptOuts(
    tx,
    organizationId,
    rows.map(({ id, key }) => ({ id, key_hash: hashKey(key) })),
  );
}

/** An opt-out belongs to the address: one that was taken out of a file and comes back is still opted out. */
async function keepOptOuts(
  tx: Tx,
  organizationId: string,
  points: { id: string; key_hash: string }[],
): Promise<void> {
  await tx.query(
    `update opt_outs o set contact_point_id = r.id
     from jsonb_to_recordset($2::jsonb) as r(id uuid, key_hash text)
     where o.organization_id = $1 and o.key_hash = r.key_hash and o.undone_at is null
       and o.contact_point_id is distinct from r.id`,
    [organizationId, JSON.stringify(points)],
  );
}

/** Consent goes to the first phone (WhatsApp, SMS) or address that is given with it, else to the person's first. */
async function writeConsentsOf(tx: Tx, actor: Actor, planned: Planned[]): Promise<void> {
  const concerned = planned.filter(({ change }) => change.consents?.length);
  if (concerned.length === 0) return;
  const points = await tx.query<{ id: string; personId: string; kind: 'phone' | 'email'; key: string }>(
    `select id, person_id as "personId", kind, key from contact_points
     where organization_id = $1 and person_id = any($2::uuid[]) order by person_id, position desc, id desc`,
    [actor.organizationId, concerned.map(({ after }) => after.id)],
  );
  const pointIds = new Map(points.map((point) => [`${point.personId} ${pointName(point)}`, point.id]));
  // the last one kept is the first by position
  const first = new Map(points.map((point) => [`${point.personId} ${point.kind}`, point.id]));
  const consents = concerned.flatMap(({ change, after }): NewConsent[] =>
    change.consents!.flatMap((consent) => {
      const kind = pointKindOf(consent.channel);
      const given = change.points?.find((point) => point.kind === kind);
      const contactPointId =
        (given && pointIds.get(`${after.id} ${pointName(given)}`)) ?? first.get(`${after.id} ${kind}`);
      return contactPointId ? [{ ...consent, personId: after.id, contactPointId }] : [];
    }),
  );
  await writeConsents(tx, actor, consents);
}

/** R-LOG-6: who may see a person's mail has changed. */
async function tellAudit(tx: Tx, actor: Actor, planned: Planned[]): Promise<void> {
  for (const { before, after } of planned) {
    if ((before?.confidential ?? false) === after.confidential) continue;
    await writeAudit(tx, actor, {
      action: 'person.confidential',
      target: 'person',
      targetId: after.id,
      before: { confidential: !after.confidential },
      after: { confidential: after.confidential },
    });
  }
}

async function tellTimeline(tx: Tx, actor: Actor, planned: Planned[]): Promise<void> {
  const occurredAt = await tx.now();
  const by = { actorUserId: actor.user?.id ?? null, actorApiKeyId: actor.apiKeyId, occurredAt };
  await writeTimeline(
    tx,
    actor.organizationId,
    planned.flatMap(({ before, after }): NewTimelineEntry[] => {
      if (!before) return [{ ...by, personId: after.id, kind: 'personCreated' }];
      if (before.responsibleUserId === after.responsibleUserId) return [];
      const data = { from: before.responsibleUserId, to: after.responsibleUserId };
      return [{ ...by, personId: after.id, kind: 'responsibleChanged', data }];
    }),
  );
  await auditResponsible(tx, actor, planned, occurredAt);
}

/** R-LOG-6: ownership. */
async function auditResponsible(tx: Tx, actor: Actor, planned: Planned[], at: Date): Promise<void> {
  const rows = planned
    .filter(({ before, after }) => before && before.responsibleUserId !== after.responsibleUserId)
    .map(({ before, after }) => ({
      id: newId(),
      target_id: after.id,
      before: { responsibleUserId: before!.responsibleUserId },
      after: { responsibleUserId: after.responsibleUserId },
    }));
  if (rows.length === 0) return;
  await tx.query(
    `insert into audit_entries
       (organization_id, id, actor_user_id, actor_api_key_id, actor, action, target, target_id, before, after, occurred_at)
     select $1, id, $3, $4, $5, 'person.responsibleChanged', 'person', target_id, before, after, $6
     from jsonb_to_recordset($2::jsonb) as r(id uuid, target_id text, before jsonb, after jsonb)`,
    [
      actor.organizationId,
      JSON.stringify(rows),
      actor.user?.id ?? null,
      actor.apiKeyId,
      actorName(actor),
      at,
    ],
  );
}

const pointKindOf = (channel: Channel): 'phone' | 'email' =>
  channel === 'whatsapp' || channel === 'sms' ? 'phone' : 'email';
const given = <T>(change: T | undefined, old: T): T => (change === undefined ? old : change);
const pointName = (point: { kind: string; key: string }): string => `${point.kind} ${point.key}`;
const employerName = (reference: string): string => (isUuid(reference) ? reference.toLowerCase() : reference);

function distinct(values: (string | null | undefined)[]): string[] {
  return [...new Set(values.filter((value) => value !== null && value !== undefined))];
}

const timeZones = new Map<string, boolean>();

function isTimeZone(text: string): boolean {
  const known = timeZones.get(text);
  if (known !== undefined) return known;
  let valid = true;
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
  } catch {
    valid = false;
  }
  if (timeZones.size < 1000) timeZones.set(text, valid);
  return valid;
}
