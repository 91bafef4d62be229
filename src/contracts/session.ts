import { z } from 'zod';
import { channel, email, id, language, name, role } from './common';
import { anyone, everyUser, type Routes } from './route';

const password = z.string().min(10, 'at least 10 characters').max(200);

export const me = z.object({
  user: z.object({
    id,
    email: z.string(),
    firstName: z.string(),
    lastName: z.string(),
    phone: z.string().nullable(),
    role,
    accessToOwnBase: z.boolean(),
    soundMuted: z.boolean(),
  }),
  organization: z.object({
    id,
    name: z.string(),
    timeZone: z.string(),
    defaultCountry: z.string(),
    language,
    publicContactEmail: z.string().nullable(),
  }),
  /** What this user may do, for the page to show or hide; the server decides again. */
  permissions: z.object({
    seeEverything: z.boolean(),
    send: z.boolean(),
    sendOnlyFromTray: z.boolean(),
    sendFromBase: z.boolean(),
    editPeople: z.boolean(),
    editVacancies: z.boolean(),
    settings: z.boolean(),
    reports: z.boolean(),
  }),
  whatsapp: z.object({
    connected: z.boolean(),
    state: z.enum(['none', 'connected', 'paused', 'disconnected']),
  }),
  /** R-AUTO-6: those that have paused themselves; their messages wait. */
  pausedChannels: z.array(channel),
  /** R-CHAT-15: the configured length of the day. */
  dayMs: z.number().int(),
  /** Temporal UI address for Administrators, else null. */
  temporalUiUrl: z.string().nullable(),
  csrfToken: z.string(),
});
export type Me = z.infer<typeof me>;

export const sessionRoutes = {
  'POST /api/v1/session': {
    summary: 'Sign in',
    tag: 'Session',
    access: anyone,
    body: z.object({ email, password: z.string().min(1).max(200) }),
    response: me,
    status: 200,
  },
  'DELETE /api/v1/session': {
    summary: 'Sign out',
    tag: 'Session',
    access: everyUser(null),
    response: null,
    status: 204,
  },
  'GET /api/v1/me': {
    summary: 'Who I am, what I may do, and how my organization is set up',
    tag: 'Session',
    access: everyUser(null),
    response: me,
    status: 200,
  },
  'PATCH /api/v1/me': {
    summary: 'Change my own settings',
    tag: 'Session',
    access: everyUser(null),
    body: z
      .object({
        firstName: name,
        lastName: name,
        phone: z.string().trim().max(50).nullable(),
        soundMuted: z.boolean(),
      })
      .partial(),
    response: me,
    status: 200,
  },
  'POST /api/v1/password-resets': {
    summary:
      'Have a link for a new password sent; the answer is the same whether the address is known or not',
    tag: 'Session',
    access: anyone,
    body: z.object({ email }),
    response: null,
    status: 204,
  },
  'GET /api/v1/tokens/{token}': {
    summary: 'Whom an invitation or reset link is for',
    tag: 'Session',
    access: anyone,
    params: z.object({ token: z.string().max(200) }),
    response: z.object({
      kind: z.enum(['invitation', 'passwordReset']),
      email: z.string(),
      firstName: z.string(),
      organization: z.string(),
    }),
    status: 200,
  },
  'POST /api/v1/tokens/{token}': {
    summary: 'Set the password by an invitation or reset link, and sign in',
    tag: 'Session',
    access: anyone,
    params: z.object({ token: z.string().max(200) }),
    body: z.object({ password }),
    response: me,
    status: 200,
  },
} as const satisfies Routes;
