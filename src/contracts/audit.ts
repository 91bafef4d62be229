import { z } from 'zod';
import { id, instant, page, pageQuery } from './common';
import { administrators, type Routes } from './route';

export const auditTarget = z.enum([
  'user',
  'apiKey',
  'person',
  'message',
  'bulkSend',
  'channel',
  'template',
  'vacancy',
  'stage',
  'organization',
  'webhookEndpoint',
]);
export type AuditTarget = z.infer<typeof auditTarget>;

export const auditEntry = z.object({
  id,
  /** `thing.verb`, e.g. `user.changed` */
  action: z.string(),
  /** A user, a program, or Customer Success. */
  actor: z.string(),
  actorUserId: id.nullable(),
  target: z.string(),
  targetId: z.string().nullable(),
  /** Whom or what it is about, by name, where it still has one. */
  targetName: z.string().nullable(),
  before: z.unknown(),
  after: z.unknown(),
  occurredAt: instant,
});
export type AuditEntry = z.infer<typeof auditEntry>;

export const auditRoutes = {
  'GET /api/v1/audit-entries': {
    summary: 'Who changed what, newest first (R-LOG-6)',
    tag: 'Audit log',
    access: administrators('settings:read'),
    query: z.object({ ...pageQuery, userId: id.optional(), target: auditTarget.optional() }),
    response: page(auditEntry),
    status: 200,
  },
} as const satisfies Routes;
