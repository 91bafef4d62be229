import { DomainError, type FieldError } from '../domain/errors';

const errorsAtMost = 100;

/** Refuses what a contract does not know: with `sendAT` left out silently, a message would go at once. `taken`: what its schema made of it. */
export function assertKnownFields(given: unknown, taken: unknown): void {
  const errors = unknownFields(given, taken, '').slice(0, errorsAtMost);
  if (errors.length > 0) throw new DomainError('invalid', 'Some fields are not known here.', { errors });
}

function unknownFields(given: unknown, taken: unknown, path: string): FieldError[] {
  if (!isHolder(given) || !isHolder(taken)) return [];
  return Object.entries(given).flatMap(([name, value]) => {
    const place = path === '' ? name : `${path}.${name}`;
    return Object.hasOwn(taken, name)
      ? unknownFields(value, taken[name], place)
      : [{ path: place, message: 'is not known here' }];
  });
}

const isHolder = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !(value instanceof Date);
