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
  const { host, port, security, username, password } = server;
  const secure = security === 'ssl' || (security === 'tls' && port === 993);
  const client = new ImapFlow({
    host: address,
    port,
    secure,
    // without encryption the password is not sent to a server that should have it
    ...(secure ? {} : { doSTARTTLS: security === 'tls' }),
    ...(isIP(host) ? {} : { servername: host }),
    tls: trusting(trust),
    auth: { user: username, pass: password },
    clientInfo: { name: 'Parley' },
    logger: false,
    disableAutoIdle: watch === undefined,
    autoIdleDelay: 500,
    maxIdleTime: 4 * minute,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: watch ? 5 * minute : minute,
    maxLiteralSize: maxBytes + 1024,
  });
  let validity = 0;
  let closing = false;
  // each call that was under way rejects as well
  client.on('error', () => undefined);
  await attempt(client.connect());
  if (watch) {
    client.on('exists', ({ count, prevCount }) => {
      if (count > prevCount) watch.onNew();
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
        return { validity };
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
}

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
