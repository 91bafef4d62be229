import { setImmediate as yieldToOthers } from 'node:timers/promises';
import type { z } from 'zod';
import { fieldErrors } from '../../contracts/field-errors';
import { personInput, type ImportPreview, type importResult } from '../../contracts/people';
import type { FieldError } from '../../domain/errors';
import { storableFaults } from '../../domain/storable';
import type { Actor } from '../../domain/permissions';
import { keyContactPoints } from './contact-points';
import type { Database, Tx } from '../database';
import { fullNameSql } from '../sql';
import { defaultCountryOf, withoutCollision } from './people';
import { writePeople, type HashKey, type PersonChange, type PersonOutcome } from './person-write';

export type ImportResult = z.infer<typeof importResult>;

type Row = { change: PersonChange; warnings: FieldError[] } | { errors: FieldError[] };
type Input = { people: unknown[]; matchContactPoints: boolean };

/** Rows parsed between two turns of the event loop, so that other requests are answered meanwhile. */
const rowsPerTurn = 200;

/**
 * Adds or updates people by their external id, in one transaction of a few statements. A bad row costs no other, and its
 * errors name the field.
 *
 * @returns the result as text, which is also what an idempotency key keeps (ids and outcomes only)
 */
export async function importPeople(
  db: Database,
  actor: Actor,
  input: Input,
  hashKey: HashKey,
): Promise<ImportResult> {
  const rows = await parseRows(input.people, await defaultCountryOf(db, actor.organizationId));
  const { id } = await withoutCollision(db, async (tx) => ({
    id: JSON.stringify(resultOf(rows, await writeRows(tx, actor, rows, input, hashKey))),
  }));
  return readImportResult(id);
}

/** What the import would do: it is done, told, and undone. */
export async function previewImport(
  db: Database,
  actor: Actor,
  input: Input,
  hashKey: HashKey,
): Promise<ImportPreview> {
  const rows = await parseRows(input.people, await defaultCountryOf(db, actor.organizationId));
  try {
    return await withoutCollision(db, async (tx): Promise<never> => {
      throw new Undo(resultOf(rows, await writeRows(tx, actor, rows, input, hashKey)));
    });
  } catch (error) {
    if (!(error instanceof Undo)) throw error;
    const { result } = error;
    const names = await namesOf(db, actor, result);
    return {
      ...result,
      rows: result.rows.map(({ index, outcome, id, errors }) => {
        const row = rows[index]!;
        const name = outcome === 'updated' && id !== null ? names.get(id) : undefined;
        return {
          index,
          outcome,
          person: id !== null && name !== undefined ? { id, name } : null,
          errors,
          warnings: 'change' in row ? row.warnings : [],
        };
      }),
    };
  }
}

class Undo extends Error {
  constructor(readonly result: ImportResult) {
    super('undone');
  }
}

async function namesOf(db: Database, actor: Actor, { rows }: ImportResult): Promise<Map<string, string>> {
  const ids = rows.flatMap(({ outcome, id }) => (outcome === 'updated' && id !== null ? [id] : []));
  const people = await db.query<{ id: string; name: string }>(
    `select p.id, ${fullNameSql('p')} as name from people p where p.organization_id = $1 and p.id = any($2::uuid[])`,
    [actor.organizationId, ids],
  );
  return new Map(people.map(({ id, name }) => [id, name]));
}

async function writeRows(
  tx: Tx,
  actor: Actor,
  rows: Row[],
  { matchContactPoints }: Input,
  hashKey: HashKey,
): Promise<PersonOutcome[]> {
  const changes = rows.flatMap((row) => ('change' in row ? [row.change] : []));
  return writePeople(
    tx,
    actor,
    matchContactPoints ? await withOwners(tx, actor.organizationId, changes) : changes,
    hashKey,
  );
}

type Owner = { point: string; id: string; kind: 'candidate' | 'contact'; externalId: string | null };

/**
 * Whoever has one of a row's numbers or addresses is the person of that row, unless an external id says otherwise. A wrong number, such
 * as "0", is nobody's.
 */
async function withOwners(tx: Tx, organizationId: string, changes: PersonChange[]): Promise<PersonChange[]> {
  const points = changes.flatMap((change) => (change.points ?? []).map(({ kind, key }) => ({ kind, key })));
  const rows = await tx.query<Owner>(
    `select cp.kind || ' ' || cp.key as point, p.id, p.kind, p.external_id as "externalId"
     from contact_points cp join people p on p.organization_id = cp.organization_id and p.id = cp.person_id
     where cp.organization_id = $1 and (cp.kind, cp.key) in (
       select r.kind, r.key from jsonb_to_recordset($2::jsonb) as r(kind contact_point_kind, key text))
     order by cp.id for update of cp`,
    [organizationId, JSON.stringify(points)],
  );
  const owners = new Map(rows.map((owner) => [owner.point, owner]));
  return changes.map((change) => {
    const own = (change.points ?? []).flatMap(({ kind, key, valid }) =>
      valid ? (owners.get(`${kind} ${key}`) ?? []) : [],
    );
    const [owner] = own;
    const same =
      owner !== undefined &&
      own.every(({ id }) => id === owner.id) &&
      owner.kind === (change.kind ?? 'candidate') &&
      (!change.externalId || owner.externalId === null || owner.externalId === change.externalId);
    return { ...change, addPoints: true, ...(same ? { personId: owner.id } : {}) };
  });
}

export const readImportResult = (text: string): ImportResult => JSON.parse(text) as ImportResult;

async function parseRows(people: unknown[], country: string): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [index, person] of people.entries()) {
    if (index % rowsPerTurn === rowsPerTurn - 1) await yieldToOthers();
    rows.push(parseRow(person, country));
  }
  return rows;
}

function parseRow(person: unknown, country: string): Row {
  const unstorable = storableFaults(person);
  if (unstorable.length > 0) return { errors: unstorable };
  const parsed = personInput.safeParse(person);
  if (!parsed.success) {
    return { errors: fieldErrors(parsed.error).slice(0, 10) };
  }
  const { contactPoints, firstName, lastName, ...input } = parsed.data;
  const keyed = contactPoints && keyContactPoints(contactPoints, country);
  if (keyed && keyed.errors.length > 0) return { errors: keyed.errors };
  const warnings = (keyed?.points ?? []).flatMap((point): FieldError[] =>
    point.valid
      ? []
      : [
          {
            path: `contactPoints.${(contactPoints ?? []).findIndex(({ value }) => value === point.value)}.value`,
            message:
              'is no valid number with this prefix: it is kept as it is, and nothing can be sent there',
          },
        ],
  );
  return {
    warnings,
    change: {
      ...input,
      firstName: firstName || undefined,
      lastName: lastName || undefined,
      points: keyed?.points,
    },
  };
}

function resultOf(rows: Row[], outcomes: PersonOutcome[]): ImportResult {
  const written = outcomes.values();
  const results = rows.map((row, index): ImportResult['rows'][number] => {
    const outcome: PersonOutcome =
      'errors' in row
        ? { outcome: 'failed', reason: 'invalid', errors: row.errors }
        : (written.next().value as PersonOutcome);
    return outcome.outcome === 'failed'
      ? { index, outcome: 'failed', id: null, errors: outcome.errors }
      : { index, outcome: outcome.outcome, id: outcome.id, errors: [] };
  });
  const count = (name: string) => results.filter(({ outcome }) => outcome === name).length;
  return { created: count('created'), updated: count('updated'), failed: count('failed'), rows: results };
}
