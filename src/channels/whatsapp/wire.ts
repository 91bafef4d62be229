import { z } from 'zod';

/** Schemas of the values that Graph writes in more than one way. */

export const optionalText = z.string().optional().catch(undefined);

export const graphId = z.union([z.string().min(1), z.number().transform(String)]);

/** A number, also where it comes as text. Never coerced from nothing: an absent code must not read as 0. */
export const graphNumber = z.union([
  z.number(),
  z
    .string()
    .regex(/^-?\d+(\.\d+)?$/)
    .transform(Number),
]);

/** Digits as WhatsApp writes phone numbers; anything without digits is none. */
export const optionalWaId = z
  .union([z.string(), z.number()])
  .transform((value) => String(value).replace(/\D/g, '') || undefined)
  .optional()
  .catch(undefined);

/** Unix seconds, as text (messages, statuses) or number (preferences). */
export const unixSeconds = z
  .union([
    z.string().regex(/^\d{1,11}$/, 'expected unix seconds'),
    z.number().int().min(0).max(99_999_999_999),
  ])
  .transform((seconds) => new Date(Number(seconds) * 1000));
