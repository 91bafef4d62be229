import { setImmediate as yieldToOthers } from 'node:timers/promises';
import type { z } from 'zod';
import { personInput, type importResult } from '../contracts/people';
import type { FieldError } from '../domain/errors';
import { storableFaults } from '../domain/storable';
import type { Actor } from '../domain/permissions';
import { keyContactPoints } from './contact-points';
import type { Database } from './database';
import { defaultCountryOf, withoutCollision } from './people';
import { writePeople, type HashKey, type PersonChange, type PersonOutcome } from './person-write';

export type ImportResult = z.infer<typeof importResult>;

type Row = { change: PersonChange } | { errors: FieldError[] };

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
  people: unknown[],
  hashKey: HashKey,
): Promise<ImportResult> {
  const rows = await parseRows(people, await defaultCountryOf(db, actor.organizationId));
  const { id } = await withoutCollision(db, async (tx) => {
    const changes = rows.flatMap((row) => ('change' in row ? [row.change] : []));
    const outcomes = await writePeople(tx, actor, changes, hashKey);
    return { id: JSON.stringify(resultOf(rows, outcomes)) };
  });
  return readImportResult(id);
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
    return {
      errors: parsed.error.issues
        .slice(0, 10)
        .map((issue) => ({ path: issue.path.join('.'), message: issue.message })),
    };
  }
  const { contactPoints, firstName, lastName, ...input } = parsed.data;
  const keyed = contactPoints && keyContactPoints(contactPoints, country);
  if (keyed && keyed.errors.length > 0) return { errors: keyed.errors };
  return {
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
