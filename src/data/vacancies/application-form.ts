import { randomBytes } from 'node:crypto';
import type { ApplicationForm, ApplicationInput } from '../../contracts/application-form';
import type { Brand } from '../../contracts/common';
import { consentWording, matchApplicant, type Doubt, type KnownPerson } from '../../domain/application-form';
import { DomainError, notFound } from '../../domain/errors';
import type { Actor } from '../../domain/permissions';
import { normalisePhone } from '../../domain/phone';
import { putOnVacancy } from './applications';
import { writeAudit } from '../organization/audit';
import { brandSql } from '../organization/brand';
import { keyContactPoints, type KeyedContactPoint } from '../people/contact-points';
import type { Database, Tx } from '../database';
import { assertManages } from './manage-vacancy';
import { withoutCollision } from '../people/people';
import { WriteCollision, writePeople, type HashKey, type PersonChange } from '../people/person-write';
import { fullNameSql, type Queryable } from '../sql';
import { writeTimeline } from '../conversations/timeline';
import { visibleVacancy } from '../visibility';

/** Where the form of a token is; `publicUrl` is this server's. */
const urlOf = (publicUrl: string, token: string): string => `${publicUrl}/apply/${token}`;

export async function getApplicationForm(
  db: Queryable,
  actor: Actor,
  vacancyId: string,
  publicUrl: string,
): Promise<ApplicationForm> {
  const [row] = await db.query<{ enabled: boolean; token: string | null }>(
    `select v.application_form as enabled, v.application_token as token from vacancies v
     where v.organization_id = $1 and v.id = $2 and ${visibleVacancy(actor, 'v')}`,
    [actor.organizationId, vacancyId],
  );
  if (!row) throw notFound('vacancy');
  return { vacancyId, enabled: row.enabled, url: row.token === null ? null : urlOf(publicUrl, row.token) };
}

/** The address is made once, and cannot be guessed from another vacancy's. */
export async function setApplicationForm(
  db: Database,
  actor: Actor,
  vacancyId: string,
  enabled: boolean,
): Promise<void> {
  await db.transact(async (tx) => {
    await assertManages(tx, actor, vacancyId);
    const [before] = await tx.query<{ enabled: boolean }>(
      'select application_form as enabled from vacancies where organization_id = $1 and id = $2 for update',
      [actor.organizationId, vacancyId],
    );
    if (before?.enabled === enabled) return;
    await tx.query(
      `update vacancies set application_form = $3, application_token = coalesce(application_token, $4), updated_at = $5
       where organization_id = $1 and id = $2`,
      [actor.organizationId, vacancyId, enabled, randomBytes(9).toString('base64url'), await tx.now()],
    );
    await writeAudit(tx, actor, {
      action: 'vacancy.applicationFormChanged',
      target: 'vacancy',
      targetId: vacancyId,
      before: { enabled: before?.enabled },
      after: { enabled },
    });
  });
}

export type OpenForm = {
  organizationId: string;
  vacancyId: string;
  vacancyTitle: string;
  companyName: string;
  brand: Brand;
  defaultCountry: string;
};

/** A form that takes applications now; for every other token there is none. */
export async function findOpenForm(db: Queryable, token: string): Promise<OpenForm> {
  const [form] = await db.query<OpenForm>(
    `select v.organization_id as "organizationId", v.id as "vacancyId", v.title as "vacancyTitle", o.name as "companyName", ${brandSql('o')} as brand,
       o.default_country as "defaultCountry"
     from vacancies v join organizations o on o.id = v.organization_id
     where v.application_token = $1 and v.application_form and v.status = 'open'`,
    [token],
  );
  if (!form) throw notFound('application form');
  return form;
}

/**
 * R-SEND-8: an application of a stranger. Finds the person by number or address, or makes one, and puts them into the first stage,
 * whose automatic actions fire (R-AUTO-2). Data that is there is never overwritten; what is in doubt is marked to be reviewed.
 */
export async function receiveApplication(
  db: Database,
  context: { dayMs: number; hashKey: HashKey },
  token: string,
  input: ApplicationInput,
): Promise<void> {
  const form = await findOpenForm(db, token);
  const points = pointsOf(form, input);
  if (input.whatsappConsent) assertConsent(form, input);
  await withoutCollision(db, async (tx) => {
    const actor: Actor = { organizationId: form.organizationId, user: null, apiKeyId: null };
    const person = await findOrMakeApplicant(tx, { actor, form, hashKey: context.hashKey }, input, points);
    const { id, created } = await putOnVacancy(
      tx,
      { actor, dayMs: context.dayMs },
      { personId: person.id, vacancyId: form.vacancyId, runActions: true },
    );
    await writeTimeline(tx, form.organizationId, [
      {
        personId: person.id,
        applicationId: id,
        kind: 'applied',
        data: {
          again: !created,
          doubts: person.doubts,
          ...(person.doubts.includes('otherName') ? { name: nameOf(input) } : {}),
          consentNotRecorded: person.consentNotRecorded,
        },
        occurredAt: await tx.now(),
      },
    ]);
  });
}

type Applicant = { id: string; doubts: Doubt[]; consentNotRecorded: boolean };

async function findOrMakeApplicant(
  tx: Tx,
  { actor, form, hashKey }: { actor: Actor; form: OpenForm; hashKey: HashKey },
  input: ApplicationInput,
  points: KeyedContactPoint[],
): Promise<Applicant> {
  const owners = await lockOwners(tx, form.organizationId, points);
  const ownerOf = (kind: string): KnownPerson | null | undefined => {
    const point = points.find((one) => one.kind === kind);
    return point && (owners.get(`${kind} ${point.key}`) ?? null);
  };
  const { person, doubts } = matchApplicant(nameOf(input), {
    phone: ownerOf('phone'),
    email: ownerOf('email'),
  });
  // what belongs to somebody else stays theirs
  const own = points.filter(({ kind }) => {
    const owner = ownerOf(kind);
    return !owner || owner.id === person?.id;
  });
  const phone = own.find(({ kind }) => kind === 'phone');
  const phoneIsKnown = phone !== undefined && ownerOf('phone') !== null;
  const certain = phone !== undefined && (doubts.length === 0 || !phoneIsKnown);
  const change: PersonChange = {
    ...(person ? { personId: person.id } : { firstName: input.firstName, lastName: input.lastName }),
    points: own,
    addPoints: true,
    ...(doubts.length > 0 ? { toReview: true } : {}),
    ...(input.whatsappConsent && certain
      ? {
          consents: [
            {
              channel: 'whatsapp' as const,
              granted: true,
              source: 'applicationForm',
              wording: consentWording(form.companyName),
              evidence: `Ticked by the applicant on the application form of “${form.vacancyTitle}”, for the number ${phone.value}.`,
            },
          ],
        }
      : {}),
  };
  const [outcome] = await writePeople(tx, actor, [change], hashKey);
  // somebody else took the number or address at this instant: look again
  if (outcome!.outcome === 'failed') throw new WriteCollision();
  return { id: outcome!.id, doubts, consentNotRecorded: input.whatsappConsent && !certain };
}

/** Whose the number and address are; the contact points are locked first, as everywhere. */
async function lockOwners(
  tx: Tx,
  organizationId: string,
  points: KeyedContactPoint[],
): Promise<Map<string, KnownPerson>> {
  const rows = await tx.query<KnownPerson & { point: string }>(
    `select cp.kind || ' ' || cp.key as point, p.id, p.kind, ${fullNameSql('p')} as name
     from contact_points cp join people p on p.organization_id = cp.organization_id and p.id = cp.person_id
     where cp.organization_id = $1 and (cp.kind, cp.key) in (
       select r.kind, r.key from jsonb_to_recordset($2::jsonb) as r(kind contact_point_kind, key text))
     order by cp.id for update of cp`,
    [organizationId, JSON.stringify(points.map(({ kind, key }) => ({ kind, key })))],
  );
  return new Map(rows.map(({ point, ...person }) => [point, person]));
}

function pointsOf(form: OpenForm, input: ApplicationInput): KeyedContactPoint[] {
  const country = input.phoneCountry ?? form.defaultCountry;
  const phone = input.phone === '' ? undefined : normalisePhone(input.phone, country);
  if (phone && !phone.ok) throw invalid('phone', 'is no phone number of this country');
  const { points } = keyContactPoints(
    [
      ...(phone ? [{ kind: 'phone' as const, value: phone.e164, phoneType: input.phoneType }] : []),
      { kind: 'email', value: input.email },
    ],
    country,
  );
  return points;
}

function assertConsent(form: OpenForm, input: ApplicationInput): void {
  if (input.phone === '') throw invalid('phone', 'is needed for messages on WhatsApp');
  if (input.consentWording !== consentWording(form.companyName)) {
    throw invalid('consentWording', 'is not the wording of this form any more. Load the page again.');
  }
}

const nameOf = (input: ApplicationInput): string => `${input.firstName} ${input.lastName}`;

const invalid = (path: string, message: string): DomainError =>
  new DomainError('invalid', 'Some fields are missing or wrong.', { errors: [{ path, message }] });
