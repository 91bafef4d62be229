import type { Request } from 'express';
import { mailTrust } from '../../channels/mail-trust';
import { createMailSignInClient, SignInError } from '../../channels/mail-sign-in/client';
import { MailboxError } from '../../channels/mailbox/types';
import type {
  Mailbox,
  MailboxInput,
  MailboxTest,
  ServerFolder,
  SignedOutMailbox,
  SignInOutcome,
} from '../../contracts/mailboxes';
import { createAccessToken } from '../../data/mailboxes/access-token';
import { connectMailbox, type UserServer } from '../../data/mailboxes/connect-mailbox';
import {
  beginSignIn,
  readSignIn,
  saveSignIn,
  signOutMailbox,
  takeSignIn,
  type StoredSignIn,
} from '../../data/mailboxes/mailbox-sign-in';
import {
  fetchMailbox,
  mapFolders,
  readMailbox,
  saveMailbox,
  serverToTest,
  storedServer,
  type MailboxIds,
} from '../../data/mailboxes/mailboxes';
import { newId, type Database } from '../../data/database';
import { DomainError } from '../../domain/errors';
import { serverFaultText } from '../../domain/mail-ports';
import { codeVerifier, readSignInState, signInMs, signInState } from '../../domain/mail-sign-in';
import type { Actor } from '../../domain/permissions';
import { authenticate } from '../authentication';
import type { AppDeps } from '../deps';
import type { Handlers, UserActor } from '../handlers';

/** Somebody waits for the answer. */
const timeoutMs = 15_000;

export function mailboxHandlers({ config, db: database, hashKey, logger }: AppDeps) {
  const context = {
    secretKey: config.secretKey,
    mailDomain: config.mailDomain,
    outboundIps: config.outboundIps,
    mailProviders: config.mailProviders,
  };
  const source = { allow: config.mailAllow, trust: mailTrust(config.mail.caFile), timeoutMs };
  const client = createMailSignInClient({ timeoutMs });
  const accessToken = createAccessToken({
    ...{ db: database, secretKey: config.secretKey, providers: config.mailProviders, client },
  });
  const redirectUri = `${config.publicUrl}/api/v1/mailbox-sign-in`;
  const acting = (actor: Actor) => ({ ...context, actor });
  const idsOf = ({ organizationId }: Actor, userId: string) => ({ organizationId, userId });
  const mine = (actor: UserActor) => idsOf(actor, actor.user.id);

  async function test(ids: MailboxIds, server: UserServer): Promise<MailboxTest> {
    try {
      await (await connectMailbox(accessToken, ids, server, source)).close();
      return { ok: true, text: null, detail: null };
    } catch (error) {
      if (!(error instanceof MailboxError)) throw error;
      return { ok: false, text: serverFaultText(error.fault, server), detail: error.detail };
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
      const connection = await connectMailbox(accessToken, ids, server, source);
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
      throw new DomainError('conflict', `${serverFaultText(error.fault, server)}${said}`);
    }
  }

  async function fetchNow(db: Database, ids: { organizationId: string; userId: string }): Promise<Mailbox> {
    await fetchMailbox(db, ids);
    return readMailbox(db, context, ids);
  }

  /** R-BOX-2: the user comes back from the provider, with a code that is good for tokens. */
  async function endSignIn(
    req: Request,
    { state = '', code, error }: { state?: string; code?: string; error?: string },
  ): Promise<SignInOutcome> {
    const caller = await authenticate(database, req);
    const user = caller?.actor.user;
    if (!caller || !user || caller.scopes !== null) return 'expired';
    const { actor } = caller;
    const begun = readSignInState(hashKey, req.sessionID, state, await database.now());
    const isTheirs = begun?.organizationId === actor.organizationId && begun.userId === user.id;
    if (!begun || !isTheirs || !(await takeSignIn(database, idsOf(actor, user.id), state))) return 'expired';
    if (error !== undefined) return error === 'access_denied' ? 'denied' : 'refused';
    const provider = config.mailProviders.find(({ id }) => id === begun.provider);
    if (!provider || code === undefined) return 'refused';
    try {
      const verifier = codeVerifier(hashKey, state);
      const { address, refreshToken, ...tokens } = await client.redeem(provider, {
        ...{ code, verifier, redirectUri },
      });
      if (address === null) return 'no_address';
      if (refreshToken === undefined) return 'no_refresh';
      const before = await readSignIn(database, context, idsOf(actor, user.id));
      await saveSignIn(database, acting(actor), user.id, {
        ...{ provider, type: begun.type, address, tokens: { ...tokens, refreshToken } },
      });
      // with the same account that would take back the new one, too
      if (before && (before.provider !== provider.id || before.account !== address)) await takeBack(before);
      return 'done';
    } catch (fault) {
      if (!(fault instanceof SignInError)) throw fault;
      logger.warn(
        { userId: user.id, provider: provider.id, fault: fault.fault },
        'a sign-in was not completed',
      );
      return fault.fault === 'unreachable' ? 'unreachable' : 'refused';
    }
  }

  async function takeBack({ provider: id, refreshToken }: StoredSignIn): Promise<boolean> {
    const provider = config.mailProviders.find((one) => one.id === id);
    return provider !== undefined && refreshToken !== null && client.revoke(provider, refreshToken);
  }

  /** It is taken back before it is forgotten: afterwards nobody could. */
  async function signOut(db: Database, actor: Actor, userId: string): Promise<SignedOutMailbox> {
    for (;;) {
      const { signIn } = await readMailbox(db, context, idsOf(actor, userId));
      const stored = await readSignIn(db, context, idsOf(actor, userId));
      const isOver = !stored?.sealed || (await takeBack(stored));
      const mailbox = await signOutMailbox(db, acting(actor), userId, stored?.sealed ?? null);
      if (mailbox) return { ...mailbox, leftAtProvider: isOver ? null : (signIn?.name ?? null) };
    }
  }

  async function save(db: Database, actor: Actor, userId: string, body: MailboxInput): Promise<Mailbox> {
    const before = await readSignIn(db, context, idsOf(actor, userId));
    const mailbox = await saveMailbox(db, acting(actor), userId, body);
    // a password has taken its place
    if (before && mailbox.signIn === null) await takeBack(before);
    return mailbox;
  }

  return {
    'POST /api/v1/me/mailbox/sign-in': async ({ actor, body, db, req }) => {
      const provider = config.mailProviders.find(({ id }) => id === body.provider);
      if (!provider?.incoming[body.type])
        throw new DomainError(
          'conflict',
          'This provider is not set up here. Choose another, or use a password.',
        );
      const facts = { ...mine(actor), id: newId(), provider: provider.id, type: body.type };
      const expiresAt = new Date((await db.now()).getTime() + signInMs);
      const state = signInState(hashKey, req.sessionID, { ...facts, expiresAt });
      const hint = await beginSignIn(db, mine(actor), state);
      const verifier = codeVerifier(hashKey, state);
      return { url: client.authorizeUrl(provider, { state, verifier, redirectUri, hint }) };
    },
    'GET /api/v1/mailbox-sign-in': async ({ query, req, res }) => {
      const outcome = await endSignIn(req, query);
      res.redirect(303, `${config.publicUrl}/account?signIn=${outcome}`);
    },
    'DELETE /api/v1/me/mailbox/sign-in': ({ actor, db }) => signOut(db, actor, actor.user.id),
    'DELETE /api/v1/users/{userId}/mailbox/sign-in': ({ actor, params, db }) =>
      signOut(db, actor, params.userId),

    'GET /api/v1/me/mailbox': ({ actor, db }) => readMailbox(db, context, mine(actor)),
    'PUT /api/v1/me/mailbox': ({ actor, body, db }) => save(db, actor, actor.user.id, body),
    'POST /api/v1/me/mailbox/test': async ({ actor, body, db }) =>
      test(mine(actor), await serverToTest(db, context, mine(actor), body)),
    'POST /api/v1/me/mailbox/folders': ({ actor, db }) => foldersOf(db, mine(actor)),
    'PUT /api/v1/me/mailbox/folders': ({ actor, body, db }) =>
      mapFolders(db, acting(actor), actor.user.id, body.folders),
    'POST /api/v1/me/mailbox/fetch': ({ actor, db }) => fetchNow(db, mine(actor)),

    'GET /api/v1/users/{userId}/mailbox': ({ actor, params, db }) =>
      readMailbox(db, context, idsOf(actor, params.userId)),
    'PUT /api/v1/users/{userId}/mailbox': ({ actor, params, body, db }) =>
      save(db, actor, params.userId, body),
    'POST /api/v1/users/{userId}/mailbox/test': async ({ actor, params, body, db }) => {
      const ids = idsOf(actor, params.userId);
      return test(ids, await serverToTest(db, context, ids, body));
    },
    'POST /api/v1/users/{userId}/mailbox/folders': ({ actor, params, db }) =>
      foldersOf(db, idsOf(actor, params.userId)),
    'PUT /api/v1/users/{userId}/mailbox/folders': ({ actor, params, body, db }) =>
      mapFolders(db, acting(actor), params.userId, body.folders),
    'POST /api/v1/users/{userId}/mailbox/fetch': ({ actor, params, db }) =>
      fetchNow(db, idsOf(actor, params.userId)),
  } satisfies Partial<Handlers>;
}
