import type { z } from 'zod';

export const scopes = [
  'people:read',
  'people:write',
  'vacancies:read',
  'vacancies:write',
  'conversations:read',
  'messages:send',
  'chats:write',
  'templates:read',
  'templates:write',
  'settings:read',
  'settings:write',
  'events:read',
] as const;
export type Scope = (typeof scopes)[number];

/**
 * Who may call a route. `roles`: `every` = whoever is signed in; `senders` = Administrator, Supervisor, Recruiter, Interviewer;
 * `office` = Administrator, Supervisor, Recruiter; `administrators`. What exactly one may see or do there is decided by
 * `domain/permissions`. `scope`: what an API key needs; `null`: sessions only.
 */
export type Access =
  | { who: 'anyone' }
  /** Customer Success, by the operator key: outside of every organization. */
  | { who: 'operator' }
  | { who: 'user'; roles: 'every' | 'senders' | 'office' | 'administrators'; scope: Scope | null };

export type RouteFacts = {
  summary: string;
  description?: string;
  tag: string;
  access: Access;
  params?: z.ZodObject;
  query?: z.ZodObject;
  body?: z.ZodType;
  /** null: no body */
  response: z.ZodType | null;
  status: 200 | 201 | 202 | 204;
  /** Takes an `Idempotency-Key`. */
  idempotent?: boolean;
};

/** Routes by `METHOD /path/{param}`: the one list that the api binds, the OpenAPI document shows and the web client is typed by. */
export type Routes = Record<`${'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'} /${string}`, RouteFacts>;

export const anyone = { who: 'anyone' } as const satisfies Access;
export const operator = { who: 'operator' } as const satisfies Access;
export const everyUser = <const S extends Scope | null>(scope: S) =>
  ({ who: 'user', roles: 'every', scope }) as const;
export const senders = <const S extends Scope | null>(scope: S) =>
  ({ who: 'user', roles: 'senders', scope }) as const;
export const office = <const S extends Scope | null>(scope: S) =>
  ({ who: 'user', roles: 'office', scope }) as const;
export const administrators = <const S extends Scope | null>(scope: S) =>
  ({ who: 'user', roles: 'administrators', scope }) as const;
