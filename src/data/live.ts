import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import type { UserSummary } from '../contracts/common';
import type { Database, LiveNotice } from './database';

const channel = 'parley_live';
const flushEveryMs = 50;
/** PostgreSQL takes less than 8,000 bytes in one notification. */
const maxPayloadBytes = 7900;

/** Somebody looks at a conversation, or types: never stored. */
export type PresenceNotice = {
  type: 'presence';
  organizationId: string;
  conversationId: string;
  personId: string;
  user: UserSummary;
  state: 'viewing' | 'typing' | 'gone';
};

export type Notice = LiveNotice | PresenceNotice;

export interface LivePublisher {
  publish(notice: Notice): void;
  /** Sends what waits, then stops listening to the database's commits. */
  close(): Promise<void>;
}

/**
 * Tells all api processes what this process has committed: one coalesced notification per 50 ms, outside the commands' own
 * transactions (which NOTIFY would serialise). A notification that fails is no loss: receivers also poll.
 */
export function createLivePublisher(db: Database): LivePublisher {
  const waiting = new Map<string, Notice>();
  let timer: NodeJS.Timeout | undefined;
  let sending = Promise.resolve();

  function publish(notice: Notice): void {
    waiting.set(keyOf(notice), notice);
    timer ??= setTimeout(flush, flushEveryMs).unref();
  }

  function flush(): void {
    timer = undefined;
    const payloads = split([...waiting.values()]);
    waiting.clear();
    if (payloads.length === 0) return;
    sending = sending
      .then(() =>
        db.query('select pg_notify($1, payload) from unnest($2::text[]) as payload', [channel, payloads]),
      )
      .then(
        () => undefined,
        () => undefined,
      );
  }

  const unsubscribe = db.onCommitted(({ notices }) => notices.forEach(publish));
  return {
    publish,
    async close() {
      unsubscribe();
      clearTimeout(timer);
      flush();
      await sending;
    },
  };
}

/**
 * Listens on a connection of its own, and connects again by itself when it breaks; `onGap` is called then, because
 * something may have been missed.
 */
export async function listenLive(options: {
  databaseUrl: string;
  onNotices: (notices: Notice[]) => void;
  onGap: () => void;
}): Promise<{ close(): Promise<void> }> {
  let closed = false;
  let client: Client | undefined;

  async function connect(): Promise<void> {
    const next = new Client({
      connectionString: options.databaseUrl,
      application_name: 'parley live',
      keepAlive: true,
    });
    next.on('notification', ({ payload }) => options.onNotices(parse(payload)));
    next.on('error', () => void next.end().catch(() => undefined));
    next.on('end', () => {
      if (client === next && !closed) void reconnect();
    });
    await next.connect();
    await next.query(`listen ${channel}`);
    client = next;
  }

  async function reconnect(): Promise<void> {
    for (let waitMs = 100; !closed; waitMs = Math.min(waitMs * 2, 5000)) {
      await sleep(waitMs, undefined, { ref: false });
      const done = await connect().then(
        () => true,
        () => false,
      );
      if (done) return options.onGap();
    }
  }

  await connect();
  return {
    async close() {
      closed = true;
      await client?.end();
    },
  };
}

/** What has been committed since, read from the tables: for notifications that got lost. */
export async function readNotices(
  db: Database,
  organizationIds: string[],
  sinceMs: number,
): Promise<{ id: string; notice: LiveNotice }[]> {
  const since = firstIdAt(sinceMs);
  const [entries, notifications, mails] = await Promise.all([
    db.query<{
      id: string;
      organizationId: string;
      personId: string;
      conversationId: string;
      vacancyId: string | null;
    }>(
      `select t.id, t.organization_id as "organizationId", t.person_id as "personId", c.id as "conversationId",
         a.vacancy_id as "vacancyId"
       from timeline_entries t
       join conversations c on c.organization_id = t.organization_id and c.person_id = t.person_id
       left join applications a on a.organization_id = t.organization_id and a.id = t.application_id
       where t.organization_id = any($1::uuid[]) and t.id > $2 order by t.id limit 2000`,
      [organizationIds, since],
    ),
    db.query<{ id: string; organizationId: string; userId: string }>(
      `select id, organization_id as "organizationId", user_id as "userId" from notifications
       where organization_id = any($1::uuid[]) and id > $2 order by id limit 2000`,
      [organizationIds, since],
    ),
    db.query<{ id: string; organizationId: string; userId: string }>(
      `select id, organization_id as "organizationId", user_id as "userId" from mails
       where organization_id = any($1::uuid[]) and id > $2 and user_id is not null order by id limit 2000`,
      [organizationIds, since],
    ),
  ]);
  return [
    ...entries.flatMap(({ id, vacancyId, ...conversation }) => [
      { id, notice: { type: 'conversation' as const, ...conversation } },
      ...(vacancyId === null
        ? []
        : [
            {
              id: `${id} board`,
              notice: { type: 'board' as const, organizationId: conversation.organizationId, vacancyId },
            },
          ]),
    ]),
    ...notifications.map(({ id, organizationId, userId }) => ({
      id,
      notice: { type: 'notification' as const, organizationId, userId, notificationId: id },
    })),
    ...mails.map(({ id, ...notice }) => ({ id, notice: { type: 'mail' as const, ...notice } })),
  ];
}

/** One thing that pages refresh: several notices of it are one. */
export function keyOf(notice: Notice): string {
  switch (notice.type) {
    case 'conversation':
      return `conversation ${notice.conversationId}`;
    case 'board':
      return `board ${notice.vacancyId}`;
    case 'notification':
      return `notification ${notice.notificationId}`;
    case 'mail':
      return `mail ${notice.userId}`;
    case 'settings':
      return `settings ${notice.organizationId}`;
    case 'presence':
      return `presence ${notice.conversationId} ${notice.user.id}`;
  }
}

function split(notices: Notice[]): string[] {
  const payloads: string[] = [];
  let texts: string[] = [];
  let bytes = 2;
  for (const notice of notices) {
    const text = JSON.stringify(notice);
    const size = Buffer.byteLength(text) + 1;
    if (bytes + size > maxPayloadBytes && texts.length > 0) {
      payloads.push(`[${texts.join(',')}]`);
      texts = [];
      bytes = 2;
    }
    texts.push(text);
    bytes += size;
  }
  return texts.length > 0 ? [...payloads, `[${texts.join(',')}]`] : payloads;
}

function parse(payload: string | undefined): Notice[] {
  try {
    return JSON.parse(payload ?? '[]') as Notice[];
  } catch {
    return [];
  }
}

/** The smallest UUIDv7 of an instant. */
function firstIdAt(ms: number): string {
  const hex = Math.max(0, Math.floor(ms)).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
}
