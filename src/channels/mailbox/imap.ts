import { isIP } from 'node:net';
import { ImapFlow, type ImapFlowError, type ListResponse } from 'imapflow';
import type { MappedFolder } from '../../contracts/mailboxes';
import { trusting } from '../mail-trust';
import { connectionFault } from './connection-faults';
import {
  MailboxError,
  maxBytesOfOne,
  type MailServer,
  type MailSource,
  type MailSourceOptions,
  type ServerId,
} from './types';

const minute = 60_000;

/** Connects to `address`, which stands for the server's host, and signs in. */
export async function openImap(
  server: MailServer,
  address: string,
  { timeoutMs = 20_000, maxBytes = maxBytesOfOne, watch, trust }: MailSourceOptions,
): Promise<MailSource> {
  const { host, port, security, username } = server;
  const secure = security === 'ssl' || (security === 'tls' && port === 993);
  const client = new ImapFlow({
    host: address,
    port,
    secure,
    // without encryption the password is not sent to a server that should have it
    ...(secure ? {} : { doSTARTTLS: security === 'tls' }),
    ...(isIP(host) ? {} : { servername: host }),
    tls: trusting(trust),
    auth: {
      user: username,
      ...('accessToken' in server ? { accessToken: server.accessToken } : { pass: server.password }),
    },
    clientInfo: { name: 'Parley' },
    logger: false,
    disableAutoIdle: watch === undefined,
    autoIdleDelay: 500,
    maxIdleTime: 4 * minute,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: watch ? 5 * minute : minute,
    maxLiteralSize: maxBytes + 1024,
    qresync: true,
  });
  let validity = 0;
  let closing = false;
  /** What the server has told of the opened folder, by UID. */
  let told = nothingOf('', 0);
  // each call that was under way rejects as well
  client.on('error', () => undefined);
  await attempt(client.connect());
  client.on('flags', ({ path, uid, flags }) => {
    if (path === told.path) {
      if (uid !== undefined) told.seen.set(uid, flags.has('\\Seen'));
      // a server that counts its changes is asked for them
      else if (modSeqOf(client) === undefined) told.more = true;
    }
    watch?.onChange();
  });
  client.on('expunge', (gone) => {
    if (gone.path === told.path) {
      if (gone.uid !== undefined) told.gone.add(gone.uid);
      else told.more = true;
    }
    // the client does not count these, and may take the next new mail for one that it knows: whoever watches opens the folder anew
    watch?.onChange();
  });
  if (watch) {
    client.on('exists', ({ count, prevCount }) => {
      if (count > prevCount) watch.onChange();
    });
    client.on('close', () => {
      if (!closing) watch.onEnd();
    });
  }

  return {
    async folders() {
      const listed = await attempt(client.list());
      const folders = listed.filter(({ flags }) => !flags.has('\\Noselect') && !flags.has('\\NonExistent'));
      const taken = new Set<MappedFolder>();
      return folders.map((folder) => {
        const proposed = proposalFor(folder);
        // of several that seem to be the same the first one is proposed
        const fits = proposed !== null && !taken.has(proposed);
        if (fits) taken.add(proposed);
        return {
          path: folder.path,
          name: folder.name,
          specialUse: folder.specialUse ?? null,
          folder: fits ? proposed : null,
        };
      });
    },

    async open(path) {
      try {
        const opened = await client.mailboxOpen(path, { readOnly: true });
        validity = Number(opened.uidValidity);
        if (path !== told.path || validity !== told.validity) told = nothingOf(path, validity);
        return { validity, modSeq: modSeqOf(client)?.toString() ?? null };
      } catch (error) {
        const { mailboxMissing, serverResponseCode } = error as ImapFlowError;
        if (mailboxMissing || serverResponseCode === 'NONEXISTENT') return undefined;
        throw toMailboxError(error);
      }
    },

    async ids(afterUid) {
      const range = `${afterUid + 1}:*`;
      const found = await attempt(client.search({ uid: range }, { uid: true }));
      // `n:*` also names the last one, be it before n
      return (found || [])
        .filter((uid) => uid > afterUid)
        .sort((one, other) => one - other)
        .map(idOf);
    },

    async *read(ids) {
      const uids = ids.map(({ uid }) => uid).join(',');
      const query = { uid: true, flags: true, source: { start: 0, maxLength: maxBytes } };
      try {
        for await (const { uid, source: raw, flags } of client.fetch(uids, query, { uid: true }))
          if (raw)
            yield { ...idOf(uid), raw, cut: raw.length >= maxBytes, seen: flags?.has('\\Seen') ?? false };
      } catch (error) {
        throw toMailboxError(error);
      }
    },

    async unseen() {
      const found = await attempt(client.search({ seen: false }, { uid: true }));
      return new Set((found || []).map((uid) => idOf(uid).id));
    },

    async changes(modSeq) {
      const current = modSeqOf(client);
      if (modSeq !== null && current !== undefined && current > BigInt(modSeq)) {
        const options = { uid: true, changedSince: BigInt(modSeq) };
        try {
          for await (const { uid, flags } of client.fetch('1:*', { uid: true, flags: true }, options))
            if (flags) told.seen.set(uid, flags.has('\\Seen'));
        } catch (error) {
          throw toMailboxError(error);
        }
      }
      const { seen, gone, more } = told;
      told = nothingOf(told.path, validity);
      return {
        seen: new Map([...seen].map(([uid, isSeen]) => [idOf(uid).id, isSeen])),
        gone: [...gone].map((uid) => idOf(uid).id),
        more,
      };
    },

    async setSeen(path, ids, seen) {
      const { uidValidity } = await attempt(client.mailboxOpen(path));
      validity = Number(uidValidity);
      const uids = uidsOf(ids);
      if (uids.length === 0) return false;
      const options = { uid: true, silent: true };
      const set = seen
        ? client.messageFlagsAdd(uids, ['\\Seen'], options)
        : client.messageFlagsRemove(uids, ['\\Seen'], options);
      return attempt(set);
    },

    async move(path, ids, to) {
      const inOneStep = client.capabilities.has('MOVE');
      // without either, taking away what was copied would take all that others have marked as deleted
      if (!inOneStep && !client.capabilities.has('UIDPLUS')) return undefined;
      const { uidValidity } = await attempt(client.mailboxOpen(path));
      validity = Number(uidValidity);
      const uids = uidsOf(ids);
      if (uids.length === 0) return new Map();
      const moved = await attempt(client.messageMove(uids, to, { uid: true }));
      if (moved)
        return new Map(
          uids.map((uid) => {
            const after = moved.uidMap?.get(uid);
            return [idOf(uid).id, after === undefined ? null : `${moved.uidValidity}:${after}`];
          }),
        );
      if (!client.usable) throw new MailboxError('disconnected');
      // copying again and again would fill the folder
      if (!inOneStep) return undefined;
      throw new MailboxError('protocol');
    },

    async append(path, { messageId, raw }) {
      const { uidValidity } = await attempt(client.mailboxOpen(path));
      validity = Number(uidValidity);
      const there = await attempt(client.search({ header: { 'message-id': messageId } }, { uid: true }));
      const found = there && there.at(-1);
      if (found) return idOf(found);
      const appended = await attempt(client.append(path, raw, ['\\Seen']));
      return appended && appended.uid !== undefined ? idOf(appended.uid) : undefined;
    },

    async close() {
      closing = true;
      await client.logout().catch(() => undefined);
      client.close();
    },
  };

  function idOf(uid: number): ServerId {
    return { id: `${validity}:${uid}`, uid };
  }

  /** Those of other names mean other mails. */
  function uidsOf(ids: string[]): number[] {
    return ids.filter((id) => id.startsWith(`${validity}:`)).map((id) => Number(id.split(':')[1]));
  }
}

const nothingOf = (path: string, validity: number) => ({
  path,
  validity,
  seen: new Map<number, boolean>(),
  gone: new Set<number>(),
  more: false,
});

/** Undefined: the server does not count the changes of the opened folder. */
const modSeqOf = ({ enabled, mailbox }: ImapFlow): bigint | undefined =>
  mailbox && enabled.has('CONDSTORE') && !mailbox.noModseq ? mailbox.highestModseq : undefined;

async function attempt<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw toMailboxError(error);
  }
}

const bySpecialUse: Record<string, MappedFolder> = {
  '\\Inbox': 'inbox',
  '\\Sent': 'sent',
  '\\Archive': 'archive',
  '\\Junk': 'junk',
  '\\Trash': 'trash',
};

/** By its special use, which servers without flags are given by its name. */
function proposalFor({ path, specialUse }: ListResponse): MappedFolder | null {
  if (path.toUpperCase() === 'INBOX') return 'inbox';
  return bySpecialUse[specialUse ?? ''] ?? null;
}

function toMailboxError(error: unknown): MailboxError {
  if (error instanceof MailboxError) return error;
  const { code = '', authenticationFailed, tlsFailed, serverResponseCode, ...said } = error as ImapFlowError;
  const words = said.responseText ?? (typeof said.response === 'string' ? said.response : undefined);
  const detail = words?.slice(0, 300) ?? null;
  // UNAVAILABLE: the server cannot look it up just now; the password may be right
  if (authenticationFailed && serverResponseCode !== 'UNAVAILABLE')
    return new MailboxError('wrong_credentials', detail);
  if (tlsFailed) return new MailboxError('tls_failed', detail);
  return new MailboxError(connectionFault(code) ?? 'protocol', detail);
}
