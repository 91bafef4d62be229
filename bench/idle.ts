import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ImapFlow } from 'imapflow';
import { createDatabase, newId, type Database } from '../src/data/database';
import { sealContext } from '../src/channels/open-account';
import { createLogger } from '../src/logger';
import { keepConnections } from '../src/mail/keep-connections';
import { seal } from '../src/seal';
import type { Company } from './company';
import type { Platform } from './platform';

const host = '127.0.0.1';
const password = 'bench';
const addressOf = (userId: string): string => `${userId}@mail.example`;

export type IdleFigures = {
  /** Seconds. */
  connectedIn: number;
  /** Milliseconds of processor. */
  connectCpu: number;
  kbEach: number;
  /** Of one processor. */
  idleCpu: number;
  /** Milliseconds. */
  noticed: number[];
  away: number;
  againIn: number;
  mostInASecond: number;
};

/** Holds the inboxes of many users open in this process, at the sandbox's IMAP server. */
export async function holdIdle(platform: Platform, company: Company, count: number): Promise<IdleFigures> {
  const db = createDatabase({ url: platform.databaseUrl });
  const userIds = await addMailboxes(db, platform, company, count);
  const before = memory();
  const cpu = process.cpuUsage();
  const keeper = keepConnections({
    db,
    logger: createLogger('bench', 'warn'),
    secretKey: platform.secretKey,
    source: { allow: [host] },
  });
  try {
    const allHeld = () => until(() => keeper.held === count);
    const connectedIn = await allHeld();
    const connectCpu = cpuMs(cpu);
    // whoever was connected last reads its inbox, and begins to wait
    await sleep(5_000);
    const kbEach = (memory() - before) / 1024 / count;
    const waiting = process.cpuUsage();
    await sleep(20_000);
    const idleCpu = cpuMs(waiting) / 20_000;
    const noticed: number[] = [];
    for (const number of Array(20).keys()) {
      const userId = userIds[Math.floor((number * count) / 20)]!;
      noticed.push(await noticedAfter(db, platform, userId));
    }
    const away = 10;
    await platform.withoutSandbox(async () => {
      await until(() => keeper.held === 0);
      await sleep(away * 1000);
    });
    const held: number[] = [];
    const sampling = setInterval(() => held.push(keeper.held), 100);
    const againIn = await allHeld();
    clearInterval(sampling);
    const mostInASecond = Math.max(...held.map((now, index) => now - (held[index - 10] ?? 0)));
    return { connectedIn, connectCpu, kbEach, idleCpu, noticed, away, againIn, mostInASecond };
  } finally {
    await keeper.stop();
    await db.close();
  }
}

async function addMailboxes(
  db: Database,
  platform: Platform,
  { organizationId }: Company,
  count: number,
): Promise<string[]> {
  const userIds = Array.from({ length: count }, () => newId());
  const now = await db.now();
  await db.query(
    `insert into users (organization_id, id, email, first_name, last_name, role, password_hash, created_at)
     select $1, id, id || '@bench.example', 'Idle', 'User', 'recruiter', 'none', $3 from unnest($2::uuid[]) as n(id)`,
    [organizationId, userIds, now],
  );
  await db.query(
    `insert into mailboxes (organization_id, user_id, "fetch", kind, host, port, security, username, password_sealed, state, state_changed_at,
       fetched_at, reconciled_at, created_at, updated_at)
     select $1, id, true, 'imap', $4, $5, 'none', username, sealed, 'ready', $3, $3, $3, $3, $3
     from unnest($2::uuid[], $6::text[], $7::bytea[]) as n(id, username, sealed)`,
    [
      ...[organizationId, userIds, now, host, platform.imapPort, userIds.map(addressOf)],
      userIds.map((id) => seal(platform.secretKey, password, sealContext.mailboxPassword(id))),
    ],
  );
  await db.query(
    `insert into mailbox_folders (organization_id, id, user_id, path, folder)
     select $1, gen_random_uuid(), id, 'INBOX', 'inbox' from unnest($2::uuid[]) as n(id)`,
    [organizationId, userIds],
  );
  return userIds;
}

/** From when the server has taken a mail until it is stored. */
async function noticedAfter(db: Database, platform: Platform, userId: string): Promise<number> {
  let storedAt = 0;
  const end = db.onCommitted(({ notices }) => {
    if (notices.some((notice) => notice.type === 'mail' && notice.userId === userId))
      storedAt = performance.now();
  });
  const client = new ImapFlow({
    ...{ host, port: platform.imapPort, secure: false, doSTARTTLS: false, logger: false },
    auth: { user: addressOf(userId), pass: password },
  });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.append(
      'INBOX',
      `From: a@mail.example\r\nSubject: New\r\nMessage-ID: <${newId()}@mail.example>\r\n\r\nNew`,
    );
    const takenAt = performance.now();
    await until(() => storedAt > 0);
    return Math.max(0, storedAt - takenAt);
  } finally {
    end();
    await client.logout();
  }
}

/** In seconds; a few minutes at most. */
async function until(is: () => boolean): Promise<number> {
  const started = performance.now();
  while (!is()) {
    if (performance.now() - started > 300_000) throw new Error('it took too long');
    await sleep(20);
  }
  return (performance.now() - started) / 1000;
}

function cpuMs(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
}

/** Resident, without what is garbage. */
function memory(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage.rss();
}
