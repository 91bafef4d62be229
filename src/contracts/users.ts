import { z } from 'zod';
import { email, id, instant, name, role } from './common';
import { administrators, everyUser, scopes, type Routes } from './route';

export const user = z.object({
  id,
  email: z.string(),
  firstName: z.string(),
  lastName: z.string(),
  name: z.string(),
  role,
  accessToOwnBase: z.boolean(),
  phone: z.string().nullable(),
  /** R-CONF-3: what others write to them, or what they write, is confidential unless they untick it. */
  incomingConfidential: z.boolean(),
  outgoingConfidential: z.boolean(),
  /** invited: has not set a password yet */
  state: z.enum(['active', 'invited', 'deactivated']),
});
export type User = z.infer<typeof user>;

export const apiKey = z.object({
  id,
  name: z.string(),
  prefix: z.string(),
  scopes: z.array(z.enum(scopes)),
  createdAt: instant,
  lastUsedAt: instant.nullable(),
});
export type ApiKey = z.infer<typeof apiKey>;

export const userRoutes = {
  'GET /api/v1/users': {
    summary: 'The users of the organization',
    tag: 'Users',
    access: everyUser('settings:read'),
    response: z.object({ items: z.array(user) }),
    status: 200,
  },
  'POST /api/v1/users': {
    summary: 'Invite a user by e-mail',
    tag: 'Users',
    access: administrators('settings:write'),
    body: z.object({
      email,
      firstName: name,
      lastName: name,
      role,
      accessToOwnBase: z.boolean().default(false),
    }),
    response: user,
    status: 201,
    idempotent: true,
  },
  'PATCH /api/v1/users/{userId}': {
    summary: 'Change a user',
    tag: 'Users',
    access: administrators('settings:write'),
    params: z.object({ userId: id }),
    body: z
      .object({
        firstName: name,
        lastName: name,
        role,
        accessToOwnBase: z.boolean(),
        phone: z.string().max(50).nullable(),
        incomingConfidential: z.boolean(),
        outgoingConfidential: z.boolean(),
      })
      .partial(),
    response: user,
    status: 200,
  },
  'POST /api/v1/users/{userId}/invitation': {
    summary: 'Send the invitation again',
    tag: 'Users',
    access: administrators('settings:write'),
    params: z.object({ userId: id }),
    response: null,
    status: 204,
  },
  'POST /api/v1/users/{userId}/deactivate': {
    summary:
      'Deactivate a user; chats and people go to the successor, without one Active chats become Open (R-CHAT-8)',
    tag: 'Users',
    access: administrators('settings:write'),
    params: z.object({ userId: id }),
    body: z.object({ successorId: id.nullable().default(null) }),
    response: user,
    status: 200,
  },
  'GET /api/v1/api-keys': {
    summary: 'The API keys in force',
    tag: 'Users',
    access: administrators(null),
    response: z.object({ items: z.array(apiKey) }),
    status: 200,
  },
  'POST /api/v1/api-keys': {
    summary: 'Make an API key; its secret is shown this once',
    tag: 'Users',
    access: administrators(null),
    body: z.object({ name, scopes: z.array(z.enum(scopes)).min(1) }),
    response: apiKey.extend({ secret: z.string() }),
    status: 201,
  },
  'DELETE /api/v1/api-keys/{apiKeyId}': {
    summary: 'Revoke an API key',
    tag: 'Users',
    access: administrators(null),
    params: z.object({ apiKeyId: id }),
    response: null,
    status: 204,
  },
} as const satisfies Routes;
