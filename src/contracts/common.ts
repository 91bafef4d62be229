import { z } from 'zod';

/** In lower case, as the database tells it: ids are compared as texts. */
export const id = z.uuid().toLowerCase();
export const instant = z.iso.datetime({ offset: true });
/** A resource's own id, or `ext:` and the caller's external id. */
export const reference = z
  .string()
  .min(1)
  .max(210)
  .regex(
    /^([0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|ext:.+)$/,
    'an id, or ext: followed by your external id',
  );
export const externalId = z.string().trim().min(1).max(200);
export const name = z.string().trim().min(1).max(200);
export const email = z
  .email()
  .max(254)
  .transform((text) => text.toLowerCase());
export const channel = z.enum(['whatsapp', 'sms', 'email', 'page']);
export type Channel = z.infer<typeof channel>;

/** What an organization can have its candidates addressed in by Parley itself. */
export const languages = ['en', 'cs', 'es', 'nl', 'pt'] as const;
export const language = z.enum(languages);
export type Language = z.infer<typeof language>;

export const roles = [
  'administrator',
  'supervisor',
  'recruiter',
  'interviewer',
  'collaborator',
  'requisitioner',
  'reviewer',
] as const;
export const role = z.enum(roles);
export type Role = z.infer<typeof role>;

export const pageQuery = {
  cursor: z.string().max(500).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
};

/** A page of a list; `nextCursor` is null on the last one. */
export const page = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() });

/** The look of the company, for mails and pages that candidates see; null: as Parley looks. `logoUrl` is relative. */
export const brand = z.object({ color: z.string().nullable(), logoUrl: z.string().nullable() });
export type Brand = z.infer<typeof brand>;

export const userSummary = z.object({ id, name: z.string(), role });
export type UserSummary = z.infer<typeof userSummary>;

/** RFC 9457, with a stable `code`; `errors` names the fields at fault. */
export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  code: z.string(),
  detail: z.string().optional(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  /** chat_owned_by_other: who owns it */
  owner: userSummary.optional(),
});
export type Problem = z.infer<typeof problem>;
