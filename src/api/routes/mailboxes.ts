import { mailTrust } from '../../channels/mail-trust';
import { openMailSource } from '../../channels/mailbox/open-source';
import { MailboxError, type MailServer } from '../../channels/mailbox/types';
import {
  mailboxFaultText,
  type Mailbox,
  type MailboxTest,
  type ServerFolder,
} from '../../contracts/mailboxes';
import {
  fetchMailbox,
  mapFolders,
  readMailbox,
  saveMailbox,
  serverToTest,
  storedServer,
} from '../../data/mailboxes/mailboxes';
import type { Database } from '../../data/database';
import { DomainError } from '../../domain/errors';
import type { Actor } from '../../domain/permissions';
import type { AppDeps } from '../deps';
import type { Handlers, UserActor } from '../handlers';

/** Somebody waits for the answer. */
const timeoutMs = 15_000;

export function mailboxHandlers({ config }: AppDeps) {
  const context = {
    secretKey: config.secretKey,
    mailDomain: config.mailDomain,
    outboundIps: config.outboundIps,
  };
  const source = { allow: config.mailAllow, trust: mailTrust(config.mail.caFile), timeoutMs };
  const acting = (actor: Actor) => ({ ...context, actor });
  const idsOf = ({ organizationId }: Actor, userId: string) => ({ organizationId, userId });
  const mine = (actor: UserActor) => idsOf(actor, actor.user.id);

  async function test(server: MailServer): Promise<MailboxTest> {
    try {
      await (await openMailSource(server, source)).close();
      return { ok: true, text: null, detail: null };
    } catch (error) {
      if (!(error instanceof MailboxError)) throw error;
      return { ok: false, text: mailboxFaultText(error.fault), detail: error.detail };
    }
  }

  /** *Edit folders*: those of the server, each with what it is mapped to, or proposed to be where nothing is mapped yet. */
  async function foldersOf(
    db: Database,
    ids: { organizationId: string; userId: string },
  ): Promise<{ items: ServerFolder[] }> {
    const server = await storedServer(db, context, ids);
    const { folders } = await readMailbox(db, context, ids);
    const mapped = new Map(folders.map(({ path, folder }) => [path, folder]));
    try {
      const connection = await openMailSource(server, source);
      try {
        const items = await connection.folders();
        if (mapped.size === 0) return { items };
        return { items: items.map((item) => ({ ...item, folder: mapped.get(item.path) ?? null })) };
      } finally {
        await connection.close();
      }
    } catch (error) {
      if (!(error instanceof MailboxError)) throw error;
      const said = error.detail === null ? '' : ` It said: ${error.detail}`;
      throw new DomainError('conflict', `${mailboxFaultText(error.fault)}${said}`);
    }
  }

  async function fetchNow(db: Database, ids: { organizationId: string; userId: string }): Promise<Mailbox> {
    await fetchMailbox(db, ids);
    return readMailbox(db, context, ids);
  }

  return {
    'GET /api/v1/me/mailbox': ({ actor, db }) => readMailbox(db, context, mine(actor)),
    'PUT /api/v1/me/mailbox': ({ actor, body, db }) => saveMailbox(db, acting(actor), actor.user.id, body),
    'POST /api/v1/me/mailbox/test': async ({ actor, body, db }) =>
      test(await serverToTest(db, context, mine(actor), body)),
    'POST /api/v1/me/mailbox/folders': ({ actor, db }) => foldersOf(db, mine(actor)),
    'PUT /api/v1/me/mailbox/folders': ({ actor, body, db }) =>
      mapFolders(db, acting(actor), actor.user.id, body.folders),
    'POST /api/v1/me/mailbox/fetch': ({ actor, db }) => fetchNow(db, mine(actor)),

    'GET /api/v1/users/{userId}/mailbox': ({ actor, params, db }) =>
      readMailbox(db, context, idsOf(actor, params.userId)),
    'PUT /api/v1/users/{userId}/mailbox': ({ actor, params, body, db }) =>
      saveMailbox(db, acting(actor), params.userId, body),
    'POST /api/v1/users/{userId}/mailbox/test': async ({ actor, params, body, db }) =>
      test(await serverToTest(db, context, idsOf(actor, params.userId), body)),
    'POST /api/v1/users/{userId}/mailbox/folders': ({ actor, params, db }) =>
      foldersOf(db, idsOf(actor, params.userId)),
    'PUT /api/v1/users/{userId}/mailbox/folders': ({ actor, params, body, db }) =>
      mapFolders(db, acting(actor), params.userId, body.folders),
    'POST /api/v1/users/{userId}/mailbox/fetch': ({ actor, params, db }) =>
      fetchNow(db, idsOf(actor, params.userId)),
  } satisfies Partial<Handlers>;
}
