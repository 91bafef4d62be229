import { z } from 'zod';
import type { FieldError } from '../../domain/errors';
import { canonicalPhoneKey, normalisePhone, toWaId, type PhoneType } from '../../domain/phone';

export type ContactPointInput = { kind: 'phone' | 'email'; value: string; phoneType?: PhoneType };

/** A contact point as it is kept; `key` is what it is found by. */
export type KeyedContactPoint = {
  kind: 'phone' | 'email';
  key: string;
  value: string;
  valid: boolean;
  phoneType: PhoneType;
  /** WhatsApp's own address where it differs from the key. */
  waId: string | null;
};

/**
 * Keys contact points as people type them. A wrong phone number is kept as it was typed and marked (R-ELIG `phone_invalid`
 * says so when somebody writes to it); a wrong address is a fault, and so is what holds no digit at all, such as “n/a”. The same one
 * twice is kept once.
 */
export function keyContactPoints(
  inputs: readonly ContactPointInput[],
  defaultCountry: string,
): { points: KeyedContactPoint[]; errors: FieldError[] } {
  const points = new Map<string, KeyedContactPoint>();
  const errors: FieldError[] = [];
  inputs.forEach((input, index) => {
    const point = input.kind === 'phone' ? keyPhone(input, defaultCountry) : keyEmail(input);
    const what = input.kind === 'phone' ? 'phone number' : 'e-mail address';
    if (!point) errors.push({ path: `contactPoints.${index}.value`, message: `is no ${what}` });
    else if (!points.has(`${point.kind} ${point.key}`)) points.set(`${point.kind} ${point.key}`, point);
  });
  return { points: [...points.values()], errors };
}

function keyPhone(input: ContactPointInput, defaultCountry: string): KeyedContactPoint | undefined {
  if (!/\p{Nd}/u.test(input.value)) return undefined;
  const phone = normalisePhone(input.value, defaultCountry);
  if (!phone.ok) {
    return {
      kind: 'phone',
      key: input.value,
      value: input.value,
      valid: false,
      phoneType: input.phoneType ?? 'unknown',
      waId: null,
    };
  }
  const key = canonicalPhoneKey(phone.e164);
  return {
    kind: 'phone',
    key,
    value: input.value,
    valid: true,
    phoneType: phone.type === 'unknown' ? (input.phoneType ?? 'unknown') : phone.type,
    waId: phone.e164 === key ? null : toWaId(phone.e164),
  };
}

function keyEmail(input: ContactPointInput): KeyedContactPoint | undefined {
  const key = input.value.toLowerCase();
  if (!z.email().safeParse(key).success) return undefined;
  return { kind: 'email', key, value: input.value, valid: true, phoneType: 'unknown', waId: null };
}

/** The name and `jsonb_to_recordset` columns under which contact points travel to SQL. */
export const contactPointRecord =
  'id uuid, person_id uuid, kind contact_point_kind, key text, value text, valid boolean, phone_type phone_type, wa_id text, position int';

export const toContactPointRecord = (
  point: KeyedContactPoint,
  more: { id: string; personId: string; position: number },
) => ({
  id: more.id,
  person_id: more.personId,
  kind: point.kind,
  key: point.key,
  value: point.value,
  valid: point.valid,
  phone_type: point.phoneType,
  wa_id: point.waId,
  position: more.position,
});
