import type { z } from 'zod';
import type { routes } from '../../contracts';
import type { PageFile } from '../../contracts/candidate-pages';
import type { Mail } from '../../contracts/mails';
import type { MediaFile } from '../../contracts/messages';
import type { Problem } from '../../contracts/common';
import type { OrganizationSettings } from '../../contracts/organization';
import { asSentence } from './as-sentence';
import { noteServerTime } from './clock';
import { text } from './text';

// The types of every call come from the contracts; no schema and no zod reaches the browser.
type AllRoutes = typeof routes;
export type RouteKey = keyof AllRoutes;
export type GetKey = Extract<RouteKey, `GET ${string}`>;
type Part<K extends RouteKey, P extends string> =
  AllRoutes[K] extends Record<P, infer S extends z.ZodType> ? S : never;
type Empty = Record<never, never>;
/** As parsed (booleans and numbers, not their text), as optional as on the wire. */
type QueryOf<S extends z.ZodType> = {
  [F in keyof z.input<S>]: F extends keyof z.output<S> ? z.output<S>[F] : never;
};

type ParamsArg<K extends RouteKey> = AllRoutes[K] extends { params: z.ZodType }
  ? { params: z.input<Part<K, 'params'>> }
  : Empty;
type QueryArg<K extends RouteKey> = AllRoutes[K] extends { query: z.ZodType }
  ? Empty extends QueryOf<Part<K, 'query'>>
    ? { query?: QueryOf<Part<K, 'query'>> }
    : { query: QueryOf<Part<K, 'query'>> }
  : Empty;
type BodyArg<K extends RouteKey> = AllRoutes[K] extends { body: z.ZodType }
  ? undefined extends z.input<Part<K, 'body'>>
    ? { body?: z.input<Part<K, 'body'>> }
    : { body: z.input<Part<K, 'body'>> }
  : Empty;

export type CallArgs<K extends RouteKey> = ParamsArg<K> & QueryArg<K> & BodyArg<K>;
export type CallResult<K extends RouteKey> = AllRoutes[K]['response'] extends z.ZodType
  ? z.output<AllRoutes[K]['response']>
  : null;
export type CallOptions = {
  signal?: AbortSignal;
  /** One for each thing the user meant to do, the same over its retries. */
  idempotencyKey?: string;
};

/** Whatever went wrong with a call: the problem the server named, or `network` when there was no answer. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly problem: Partial<Problem>;

  constructor(status: number, problem: Partial<Problem>) {
    super(problem.detail ?? problem.title ?? text.errors.unexpected);
    this.name = 'ApiError';
    this.status = status;
    this.code = problem.code ?? (status === 0 ? 'network' : 'unexpected');
    this.problem = problem;
  }

  get detail(): string {
    return this.message;
  }

  get errors(): { path: string; message: string }[] {
    return this.problem.errors ?? [];
  }

  /** What is wrong with one field, as the server said it: a sentence of its own beneath the field. */
  fieldError(path: string): string | undefined {
    const found = this.errors.find((error) => error.path === path || error.path === `body.${path}`);
    return found && asSentence(found.message);
  }
}

type Query = Record<string, string | number | boolean | null | undefined>;

let csrfToken = '';
let onSignedOut: () => void = () => undefined;

export function setCsrfToken(token: string): void {
  csrfToken = token;
}

/** Called whenever the server says that nobody is signed in. */
export function setSignedOutHandler(handler: () => void): void {
  onSignedOut = handler;
}

/** One call of the API, e.g. `call('GET /api/v1/conversations', { query: { view: 'my' } })`. Throws `ApiError`. */
export async function call<K extends RouteKey>(
  key: K,
  ...[args, options]: Empty extends CallArgs<K>
    ? [args?: CallArgs<K>, options?: CallOptions]
    : [args: CallArgs<K>, options?: CallOptions]
): Promise<CallResult<K>> {
  const [method = 'GET', template = ''] = key.split(' ');
  const { params, query, body } = (args ?? {}) as {
    params?: Record<string, string>;
    query?: Query;
    body?: unknown;
  };
  const headers: Record<string, string> = { Accept: 'application/json' };
  if (method !== 'GET') headers['X-CSRF-Token'] = csrfToken;
  if (method === 'POST') headers['Idempotency-Key'] = options?.idempotencyKey ?? newIntent();
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  let response: Response;
  try {
    response = await fetch(address(template, params, query), {
      method,
      headers,
      credentials: 'same-origin',
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: options?.signal,
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError(0, { code: 'network', detail: text.errors.network });
  }
  noteServerTime(response.headers.get('Date'));
  if (!response.ok) throw await failure(response, key);
  if (response.status === 204) return null as CallResult<K>;
  return (await response.json()) as CallResult<K>;
}

/** The key of one thing the user means to do. */
export function newIntent(): string {
  // randomUUID exists in secure contexts only, and Parley may be tried over plain http in a local network
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID();
  return [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');
}

type UploadOptions = { onProgress?: (share: number) => void; signal?: AbortSignal };

/** Uploads the bytes of a file with progress from 0 to 1. */
export function upload(
  file: File,
  { channel, ...options }: UploadOptions & { channel: 'whatsapp' | 'email' },
): Promise<MediaFile> {
  const filename = file.name.slice(-240) || 'file';
  return uploadTo<MediaFile>(address('/api/v1/media', undefined, { filename, channel }), file, options);
}

/** Attaches a file to a draft of the mailbox. */
export function attachToMail(mailId: string, file: File): Promise<Mail> {
  const filename = file.name.slice(-200) || 'file';
  return uploadTo<Mail>(address('/api/v1/mails/{mailId}/attachments', { mailId }, { filename }), file, {});
}

/** Uploads a file of a candidate page. */
export function uploadToPage(token: string, file: File, options: UploadOptions): Promise<PageFile> {
  const filename = file.name.slice(-240) || 'file';
  const path = address('/api/v1/candidate-pages/{token}/media', { token }, { filename });
  return uploadTo<PageFile>(path, file, options);
}

export function putLogo(file: File): Promise<OrganizationSettings> {
  return uploadTo<OrganizationSettings>(address('/api/v1/organization/logo'), file, { method: 'PUT' });
}

function uploadTo<T>(
  path: string,
  file: File,
  { onProgress, signal, method = 'POST' }: UploadOptions & { method?: 'POST' | 'PUT' },
): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, path);
    request.setRequestHeader('Content-Type', file.type || 'application/octet-stream');
    request.setRequestHeader('X-CSRF-Token', csrfToken);
    request.responseType = 'json';
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) onProgress?.(event.loaded / event.total);
    };
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) return resolve(request.response as T);
      if (request.status === 401) onSignedOut();
      reject(new ApiError(request.status, (request.response as Partial<Problem> | null) ?? {}));
    };
    request.onerror = () => reject(new ApiError(0, { code: 'network', detail: text.errors.network }));
    request.onabort = () => reject(new DOMException('aborted', 'AbortError'));
    signal?.addEventListener('abort', () => request.abort());
    request.send(file);
  });
}

async function failure(response: Response, key: RouteKey): Promise<ApiError> {
  const problem = (await response.json().catch(() => ({}))) as Partial<Problem>;
  if (response.status === 401 && key !== 'POST /api/v1/session') onSignedOut();
  if (response.status >= 500 && problem.detail === undefined) problem.detail = text.errors.server;
  return new ApiError(response.status, problem);
}

function address(template: string, params?: Record<string, string>, query?: Query): string {
  const path = template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params?.[name] ?? ''));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== null && value !== '') search.set(name, String(value));
  }
  const suffix = search.toString();
  return suffix === '' ? path : `${path}?${suffix}`;
}
