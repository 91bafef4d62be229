import type { z } from 'zod';
import type { consentInput, PersonInput } from '../../contracts/people';
import { DomainError, notFound } from '../../domain/errors';
import type { Actor } from '../../domain/permissions';
import { writeConsents } from './consents';
import { keyContactPoints, type ContactPointInput } from './contact-points';
import type { Database, Tx } from '../database';
import {
  WriteCollision,
  writePeople,
  type HashKey,
  type PersonChange,
  type PersonOutcome,
} from './person-write';
import type { Queryable } from '../sql';

/** Adds a person, or changes the one with this external id. A name that is empty leaves the old one. */
export async function upsertPerson(
  db: Database,
  actor: Actor,
  input: PersonInput,
  hashKey: HashKey,
): Promise<{ id: string; created: boolean }> {
  const outcome = await writeOne(db, actor, hashKey, {
    ...input,
    firstName: input.firstName || undefined,
    lastName: input.lastName || undefined,
  });
  return { id: outcome.id, created: outcome.outcome === 'created' };
}

export type PersonPatch = Omit<Partial<PersonInput>, 'kind' | 'consents'> & { toReview?: false };

/** Changes a person whom the actor was found to see. */
export async function changePerson(
  db: Database,
  actor: Actor,
  personId: string,
  patch: PersonPatch,
  hashKey: HashKey,
): Promise<void> {
  await writeOne(db, actor, hashKey, { ...patch, personId });
}

export async function recordConsent(
  db: Database,
  actor: Actor,
  personId: string,
  consent: z.output<typeof consentInput> & { contactPointId: string },
): Promise<{ id: string }> {
  return db.transact(async (tx) => {
    const [point] = await tx.query<{ conversationId: string }>(
      `select c.id as "conversationId" from contact_points cp
       join conversations c on c.organization_id = cp.organization_id and c.person_id = cp.person_id
       where cp.organization_id = $1 and cp.id = $2 and cp.person_id = $3 for update of cp`,
      [actor.organizationId, consent.contactPointId, personId],
    );
    if (!point) {
      throw new DomainError('invalid', 'Some fields are missing or wrong.', {
        errors: [{ path: 'contactPointId', message: 'is none of this person' }],
      });
    }
    await writeConsents(tx, actor, [{ ...consent, personId }]);
    tx.notice({ type: 'conversation', organizationId: actor.organizationId, personId, ...point });
    return { id: personId };
  });
}

/** Two letters: the country of numbers without a prefix. */
export async function defaultCountryOf(db: Queryable, organizationId: string): Promise<string> {
  const [row] = await db.query<{ country: string }>(
    'select default_country as country from organizations where id = $1',
    [organizationId],
  );
  if (!row) throw notFound('organization');
  return row.country;
}

/** Runs `work` again when somebody wrote the same people at the same instant. */
export async function withoutCollision<T>(db: Database, work: (tx: Tx) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.transact(work);
    } catch (error) {
      if (attempt === 5 || !(error instanceof WriteCollision)) throw error;
    }
  }
}

async function writeOne(
  db: Database,
  actor: Actor,
  hashKey: HashKey,
  change: PersonChange & { contactPoints?: ContactPointInput[] },
): Promise<Exclude<PersonOutcome, { outcome: 'failed' }>> {
  const country = await defaultCountryOf(db, actor.organizationId);
  const keyed = change.contactPoints && keyContactPoints(change.contactPoints, country);
  if (keyed && keyed.errors.length > 0) {
    throw new DomainError('invalid', 'Some fields are missing or wrong.', { errors: keyed.errors });
  }
  const outcomeInTx = async (tx: Tx) => {
    const [outcome] = await writePeople(tx, actor, [{ ...change, points: keyed?.points }], hashKey);
    if (outcome!.outcome !== 'failed') {
      return { ...outcome!, created: outcome!.outcome === 'created' };
    }
    const detail =
      outcome!.reason === 'already_exists'
        ? 'A phone number or e-mail address belongs to another person.'
        : 'Some fields are missing or wrong.';
    throw new DomainError(outcome!.reason, detail, { errors: outcome!.errors });
  };
  return withoutCollision(db, outcomeInTx);
}
