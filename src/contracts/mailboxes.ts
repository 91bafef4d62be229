import { z } from 'zod';
import { email, id, instant } from './common';
import { administrators, anyone, everyUser, type Routes } from './route';

/** What is known of why mail could not be got (R-BOX-4); each completes the sentence of `mailboxFaultText`. */
export const mailboxFaults = {
  host_not_found: 'there is no server of this name',
  host_not_allowed:
    'this server is not on the public internet, and not on the list of those that are allowed',
  refused: 'nothing answers on this port of the server',
  timeout: 'the server did not answer in time',
  disconnected: 'the server ended the connection',
  busy: 'another program has this mailbox open just now',
  tls_failed: 'no secure connection could be made: the server offers none, or its certificate is not valid',
  wrong_credentials: 'the user name or the password is wrong',
  sign_in_ended: 'the sign-in has ended or was taken back. Sign in again',
  sign_in_refused:
    'the mail server does not take the sign-in. Check with your provider that mail programs may use this mailbox, or sign in again',
  sign_in_unreachable: 'the provider’s sign-in service does not answer',
  sign_in_not_set_up:
    'the provider’s sign-in service refuses Parley, or is not set up here any more. Ask whoever runs Parley, or use a password',
  protocol: 'the server answered something that was not understood',
} as const;
export type MailboxFault = keyof typeof mailboxFaults;

export const mailboxFaultText = (fault: MailboxFault): string =>
  `An unknown error occurred while getting the mail from your mail server: ${mailboxFaults[fault]}.`;

export const mailboxType = z.enum(['imap', 'pop']);
export type MailboxType = z.infer<typeof mailboxType>;

export const mailProviderId = z.enum(['google', 'microsoft', 'own']);

export const mailSecurity = z.enum(['tls', 'ssl', 'none']);
export type MailSecurity = z.infer<typeof mailSecurity>;

/** What a folder of the server is for Parley. */
export const mappedFolder = z.enum(['inbox', 'sent', 'archive', 'junk', 'trash']);
export type MappedFolder = z.infer<typeof mappedFolder>;

const host = z
  .string()
  .trim()
  .toLowerCase()
  .max(253)
  .regex(/^[a-z0-9]([a-z0-9.:_-]*[a-z0-9])?$/, 'the name of a server, such as mail.example.com');
const port = z.number().int().min(1).max(65535);
const username = z.string().trim().min(1).max(254);
const password = z.string().min(1).max(500);

const keepCopy = z
  .boolean()
  .describe(
    'Keep a copy of fetched emails on the mail server (POP alone; with IMAP everything stays there). false: each mail is removed once it is stored.',
  );
const removeAfterDays = z
  .number()
  .int()
  .min(1)
  .max(3650)
  .nullable()
  .describe(
    'Of copies that are kept: removed from the server so many days after they were fetched. null: never.',
  );

const incoming = z
  .object({
    type: mailboxType.default('imap'),
    host,
    port: port.optional().describe('993, for POP 995; without encryption 143, for POP 110.'),
    security: mailSecurity
      .default('tls')
      .describe(
        'tls: STARTTLS, or encrypted from the first byte on port 993 (POP: 995). ssl: encrypted from the first byte.',
      ),
    username,
    password: password
      .optional()
      .describe(
        'Left out, the stored one or the sign-in with the provider stays, as long as type, server, port, security and user name do.',
      ),
    keepCopy: keepCopy.default(true),
    removeAfterDays: removeAfterDays.default(null),
  })
  .refine(({ type, keepCopy: kept, removeAfterDays: days }) => type === 'pop' || (kept && days === null), {
    path: ['keepCopy'],
    message: 'leave it out: with IMAP everything stays on the mail server',
  });
export type IncomingInput = z.infer<typeof incoming>;

const outgoing = z.object({
  host,
  port: port.optional().describe('587; ssl: 465, none: 25.'),
  security: mailSecurity.default('tls'),
  username: username.nullable().default(null).describe('null: the server wants no login.'),
  password: password
    .optional()
    .describe('Left out, the stored one stays; or the sign-in with the provider is used, on its own server.'),
});
export type OutgoingInput = z.infer<typeof outgoing>;

const mailboxInput = z.object({
  fromAddress: email.nullable().describe('null: the system address.'),
  signature: z.string().max(10_000).nullable(),
  fetch: z.boolean().describe('Fetch email from mail server'),
  incoming: incoming.nullable(),
  outgoing: outgoing.nullable().describe('null: mail leaves over the server of this installation.'),
});
export type MailboxInput = z.infer<typeof mailboxInput>;

const folder = z.object({ path: z.string().min(1).max(1000), folder: mappedFolder.nullable() });

export const mailbox = z.object({
  systemAddress: z.string().nullable().describe('Received by Parley itself; null: there is no mail domain.'),
  fromAddress: z.string().nullable(),
  signature: z.string().nullable(),
  fetch: z.boolean(),
  incoming: z
    .object({
      type: mailboxType,
      host: z.string(),
      port: z.number().int(),
      security: mailSecurity,
      username: z.string(),
      hasPassword: z.boolean(),
      keepCopy,
      removeAfterDays,
    })
    .nullable(),
  outgoing: z
    .object({
      host: z.string(),
      port: z.number().int(),
      security: mailSecurity,
      username: z.string().nullable(),
      hasPassword: z.boolean(),
    })
    .nullable(),
  signIn: z
    .object({
      provider: mailProviderId,
      name: z.string(),
      active: z.boolean().describe('false: sign in again.'),
      outgoing: z
        .object({ host: z.string(), port: z.number().int(), security: mailSecurity })
        .nullable()
        .describe('The provider’s server for sending, which takes the same sign-in.'),
    })
    .nullable()
    .describe('Signed in with a provider (OAuth 2) in place of a password.'),
  signInProviders: z
    .array(z.object({ id: mailProviderId, name: z.string(), types: z.array(mailboxType) }))
    .describe('Those that can be signed in with.'),
  state: z.enum(['off', 'connecting', 'importing', 'ready', 'failing']),
  stateText: z.string().nullable().describe('Why it fails.'),
  stateDetail: z.string().nullable().describe('What the server said.'),
  stateChangedAt: instant.nullable(),
  /** Of the first import. */
  importTotal: z.number().int().nullable(),
  importDone: z.number().int().nullable(),
  fetchedAt: instant.nullable(),
  folders: z.array(folder),
  connectsFrom: z.array(z.string()).describe('The addresses that Parley connects from, for your firewall.'),
});
export type Mailbox = z.infer<typeof mailbox>;

export const serverFolder = z.object({
  path: z.string(),
  name: z.string(),
  specialUse: z.string().nullable(),
  folder: mappedFolder.nullable().describe('As it is mapped, else as proposed by its special use or name.'),
});
export type ServerFolder = z.infer<typeof serverFolder>;

export const mailboxTest = z.object({
  ok: z.boolean(),
  text: z.string().nullable(),
  detail: z.string().nullable(),
});
export type MailboxTest = z.infer<typeof mailboxTest>;

const tag = 'Mailboxes';
const params = z.object({ userId: id });
const mine = everyUser(null);
const read = administrators('settings:read');
const write = administrators('settings:write');

const get = { tag, response: mailbox, status: 200 } as const;
const put = { tag, body: mailboxInput, response: mailbox, status: 200 } as const;
const test = { tag, body: incoming, response: mailboxTest, status: 200 } as const;
const listFolders = { tag, response: z.object({ items: z.array(serverFolder) }), status: 200 } as const;
const mapFolders = {
  tag,
  body: z.object({ folders: z.array(folder).max(1000) }),
  response: mailbox,
  status: 200,
} as const;
const fetchNow = { tag, response: mailbox, status: 202 } as const;
const signedOutMailbox = mailbox.extend({
  leftAtProvider: z
    .string()
    .nullable()
    .describe(
      'The provider where Parley could not take the sign-in back: the user removes its access there. null: nothing is left.',
    ),
});
export type SignedOutMailbox = z.infer<typeof signedOutMailbox>;
const signOut = {
  tag,
  description: 'The tokens are forgotten, and taken back at the provider.',
  response: signedOutMailbox,
  status: 200,
} as const;

/** How a sign-in with a provider went; the page that one comes back to has it as `?signIn=`. */
export const signInOutcomes = [
  'done',
  'denied',
  'expired',
  'refused',
  'unreachable',
  'no_address',
  'no_refresh',
] as const;
export type SignInOutcome = (typeof signInOutcomes)[number];
const said = z.string().max(8192).optional();

export const mailboxRoutes = {
  'GET /api/v1/me/mailbox': { ...get, summary: 'My e-mail settings, without passwords', access: mine },
  'PUT /api/v1/me/mailbox': { ...put, summary: 'Change my e-mail settings', access: mine },
  'POST /api/v1/me/mailbox/test': {
    ...test,
    summary: 'Try to connect with these settings, and say what is wrong',
    access: mine,
  },
  'POST /api/v1/me/mailbox/folders': {
    ...listFolders,
    summary: 'The folders of my mail server, each with what it is mapped to',
    access: mine,
  },
  'PUT /api/v1/me/mailbox/folders': {
    ...mapFolders,
    summary: 'Map the folders of my mail server; folders without one are not read',
    access: mine,
  },
  'POST /api/v1/me/mailbox/fetch': { ...fetchNow, summary: 'Fetch my mail now', access: mine },

  'POST /api/v1/me/mailbox/sign-in': {
    tag,
    summary: 'Begin to sign in with a provider in place of a password; answers where to send the browser',
    description: 'It holds for this session, once, and for ten minutes.',
    access: mine,
    body: z.object({ provider: mailProviderId, type: mailboxType.default('imap') }),
    response: z.object({ url: z.string() }),
    status: 200,
  },
  'GET /api/v1/mailbox-sign-in': {
    tag,
    summary: 'Where a provider sends the browser back to; leads on to My account, which tells how it went',
    access: anyone,
    query: z.object({ state: said, code: said, error: said }),
    response: null,
    status: 200,
  },
  'DELETE /api/v1/me/mailbox/sign-in': {
    ...signOut,
    summary: 'Sign my mailbox out from its provider; its mail is not fetched any more',
    access: mine,
  },

  'GET /api/v1/users/{userId}/mailbox': {
    ...get,
    params,
    summary: 'The e-mail settings of a user, without passwords',
    access: read,
  },
  'PUT /api/v1/users/{userId}/mailbox': {
    ...put,
    params,
    summary: 'Change the e-mail settings of a user',
    access: write,
  },
  'POST /api/v1/users/{userId}/mailbox/test': {
    ...test,
    params,
    summary: 'Try to connect with these settings of a user, and say what is wrong',
    access: write,
  },
  'POST /api/v1/users/{userId}/mailbox/folders': {
    ...listFolders,
    params,
    summary: 'The folders of a user’s mail server, each with what it is mapped to',
    access: write,
  },
  'PUT /api/v1/users/{userId}/mailbox/folders': {
    ...mapFolders,
    params,
    summary: 'Map the folders of a user’s mail server',
    access: write,
  },
  'POST /api/v1/users/{userId}/mailbox/fetch': {
    ...fetchNow,
    params,
    summary: 'Fetch the mail of a user now',
    access: write,
  },
  'DELETE /api/v1/users/{userId}/mailbox/sign-in': {
    ...signOut,
    params,
    summary: 'Sign the mailbox of a user out from its provider; signing in is for the user alone',
    access: write,
  },
} as const satisfies Routes;
