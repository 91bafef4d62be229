import type { Request, Response } from 'express';
import type { UserSummary } from '../contracts/common';
import type { LiveEvent } from '../contracts/conversations';
import type { Database, LiveNotice } from '../data/database';
import {
  createLivePublisher,
  keyOf,
  listenLive,
  readNotices,
  type LivePublisher,
  type Notice,
  type PresenceNotice,
} from '../data/live';
import { whoSeesPeople, whoSeesVacancies } from '../data/visibility';
import { DomainError } from '../domain/errors';
import { seesEverything } from '../domain/permissions';
import { createPresence } from './presence';
import type { UserActor } from './handlers';

const keepAliveEveryMs = 15_000;
const pollEveryMs = 1000;
/** How far a poll looks back behind the one before, for commits that took long. */
const pollWindowMs = 5000;
/** So long a page may have taken from its first look to its stream; one that took longer looks again. */
const recentMs = 60_000;
/** So many tabs may have one candidate page open. */
const streamsPerPage = 20;
/** A browser that does not read is let go; it comes back and fetches all again. */
const maxBufferedBytes = 1_000_000;

type Stream = { actor: UserActor; res: Response; sessionId: string };

/** What a candidate page shows; `state` differs whenever that does. */
export type PageState = { organizationId: string; pageId: string; conversationId: string; state: string };

/** A candidate page that is open, and how to look at it again. */
type PageStream = {
  shown: PageState;
  read: () => Promise<PageState>;
  res: Response;
  /** One look after the other: an older one that took longer would take back what a newer one saw. */
  looking: Promise<void>;
};

export interface LiveHub {
  /** Sends live events to this page until it leaves, and before them what was said `since` it looked first. */
  open(actor: UserActor, since: Date | null, req: Request, res: Response): void;
  /** Says “changed” to an open candidate page whenever it shows something else, and nothing of what else goes on. */
  openPage(shown: PageState, read: () => Promise<PageState>, req: Request, res: Response): void;
  /** Tells colleagues, in all processes, that somebody is viewing or typing. */
  announce(presence: PresenceNotice): void;
  /** Ends all streams and stops. */
  close(): Promise<void>;
}

/** The live stream of one api process (design: ids and versions only, filtered by the same rule as reads). */
export async function createLiveHub(options: {
  db: Database;
  databaseUrl: string;
  onError: (error: unknown) => void;
}): Promise<LiveHub> {
  const { db } = options;
  const streams = new Set<Stream>();
  const pages = new Set<PageStream>();
  const publisher: LivePublisher = createLivePublisher(db);
  const presence = createPresence();
  const delivered = new Map<string, number>();
  const polled = new Map<string, number>();
  const recent = new Map<string, { notice: LiveNotice; at: number }>();
  const distributing = new Set<Promise<void>>();

  const listener = await listenLive({
    databaseUrl: options.databaseUrl,
    onNotices: (notices) => deliver(notices),
    onGap: () => {
      streams.forEach((stream) => send(stream, { type: 'reset' }));
      lookAgain([...pages]);
    },
  });

  function deliver(found: Notice[]): void {
    const said = new Set(
      found.flatMap((notice) => (notice.type === 'conversation' ? [notice.conversationId] : [])),
    );
    lookAgain([...pages].filter(({ shown }) => said.has(shown.conversationId)));
    for (const notice of found)
      if (notice.type !== 'presence') recent.set(keyOf(notice), { notice, at: Date.now() });
    if (streams.size === 0) return found.forEach((notice) => presence.note(notice));
    // the poll may have been here before the word of it: a sound twice is one too many
    const notices = found.filter((notice) => notice.type !== 'notification' || !delivered.has(keyOf(notice)));
    for (const notice of notices) delivered.set(keyOf(notice), Date.now());
    const events = notices.flatMap((notice): { notice: Addressed; event: LiveEvent }[] => {
      if (notice.type !== 'presence') return [{ notice, event: eventOf(notice) }];
      const viewers = presence.note(notice);
      return viewers ? [{ notice, event: presenceEvent(notice.conversationId, viewers) }] : [];
    });
    const work = distribute(events)
      .catch(options.onError)
      .finally(() => distributing.delete(work));
    distributing.add(work);
  }

  function lookAgain(open: PageStream[]): void {
    for (const stream of open) {
      const work = stream.looking
        .then(() => stream.read())
        .catch((error: unknown) => {
          if (!(error instanceof DomainError)) throw error;
          // the link works no more
          return { ...stream.shown, state: 'gone' };
        })
        .then((now) => {
          if (now.state !== stream.shown.state && !stream.res.writableEnded)
            stream.res.write('data: changed\n\n');
          stream.shown = now;
        })
        .catch(options.onError)
        .finally(() => distributing.delete(work));
      stream.looking = work;
      distributing.add(work);
    }
  }

  async function distribute(events: { notice: Addressed; event: LiveEvent }[]): Promise<void> {
    const organizationIds = new Set(events.map(({ notice }) => notice.organizationId));
    for (const organizationId of organizationIds) {
      const here = [...streams].filter((stream) => stream.actor.organizationId === organizationId);
      const mine = events.filter(({ notice }) => notice.organizationId === organizationId);
      if (here.length === 0) continue;
      if (mine.some(({ notice }) => notice.type === 'settings')) await refreshActors(organizationId, here);
      const sees = await seenBy(
        organizationId,
        here,
        mine.map(({ notice }) => notice),
      );
      for (const stream of here) {
        for (const { notice, event } of mine) if (sees(stream, notice)) send(stream, event);
      }
    }
  }

  /** A page is told what was said between its first look and now. */
  async function catchUp(stream: Stream, since: Date): Promise<void> {
    if (since.getTime() < Date.now() - recentMs) return send(stream, { type: 'reset' });
    const { organizationId } = stream.actor;
    const missed = [...recent.values()]
      .filter(({ notice, at }) => notice.organizationId === organizationId && at >= since.getTime())
      .map(({ notice }) => notice);
    if (missed.length === 0) return;
    const sees = await seenBy(organizationId, [stream], missed);
    for (const notice of missed) if (sees(stream, notice)) send(stream, eventOf(notice));
  }

  /** Who sees which notice: asked of the database once for all whose sight is limited. */
  async function seenBy(organizationId: string, here: Stream[], notices: Addressed[]) {
    const userIds = [
      ...new Set(here.filter(({ actor }) => !seesEverything(actor)).map(({ actor }) => actor.user.id)),
    ];
    const [people, vacancies] = await Promise.all([
      whoSeesPeople(db, {
        organizationId,
        userIds,
        personIds: notices.flatMap((notice) => ('personId' in notice ? [notice.personId] : [])),
      }),
      whoSeesVacancies(db, {
        organizationId,
        userIds,
        vacancyIds: notices.flatMap((notice) => (notice.type === 'board' ? [notice.vacancyId] : [])),
      }),
    ]);
    return ({ actor }: Stream, notice: Addressed): boolean => {
      switch (notice.type) {
        case 'conversation':
        case 'presence':
          return seesEverything(actor) || people.has(`${notice.personId} ${actor.user.id}`);
        case 'board':
          return seesEverything(actor) || vacancies.has(`${notice.vacancyId} ${actor.user.id}`);
        case 'notification':
          return notice.userId === actor.user.id;
        case 'mail':
          return notice.userId === actor.user.id;
        case 'settings':
          return true;
      }
    };
  }

  /** A role may have changed, a user may have been deactivated. */
  async function refreshActors(organizationId: string, here: Stream[]): Promise<void> {
    const users = await db.query<{ id: string; role: UserSummary['role'] }>(
      `select id, role from users where organization_id = $1 and id = any($2::uuid[]) and deactivated_at is null`,
      [organizationId, here.map(({ actor }) => actor.user.id)],
    );
    const roles = new Map(users.map((user) => [user.id, user.role]));
    for (const stream of here) {
      const role = roles.get(stream.actor.user.id);
      if (role === undefined) stream.res.end();
      else stream.actor = { ...stream.actor, user: { ...stream.actor.user, role } };
    }
  }

  /** Signed out, or by a new password everywhere else: their pages hear no more. */
  async function endSignedOut(): Promise<void> {
    const here = [...streams];
    if (here.length === 0) return;
    const rows = await db.prepared<{ sid: string }>('select sid from sessions where sid = any($1::text[])', [
      here.map(({ sessionId }) => sessionId),
    ]);
    const signedIn = new Set(rows.map(({ sid }) => sid));
    for (const { sessionId, res } of here) if (!signedIn.has(sessionId)) res.end();
  }

  let polledAt = Date.now();

  async function poll(): Promise<void> {
    const now = Date.now();
    // later than a second ago where the process, or the database, stood still
    const since = polledAt - pollWindowMs;
    await endSignedOut();
    forgetOld(delivered, since - pollWindowMs);
    forgetOld(polled, since - pollWindowMs);
    for (const [key, { at }] of recent) if (at < now - recentMs) recent.delete(key);
    const gone = presence.expire();
    if (gone.length > 0) {
      await distribute(
        gone.map(({ viewers, ...notice }) => ({
          notice: { type: 'presence' as const, ...notice },
          event: presenceEvent(notice.conversationId, viewers),
        })),
      );
    }
    const organizationIds = [
      ...new Set([
        ...[...streams].map(({ actor }) => actor.organizationId),
        ...[...pages].map(({ shown }) => shown.organizationId),
      ]),
    ];
    const found = organizationIds.length > 0 ? await readNotices(db, organizationIds, since) : [];
    polledAt = now;
    const missed = found.filter(({ id, notice }) => {
      if (polled.has(id)) return false;
      polled.set(id, now);
      return (delivered.get(keyOf(notice)) ?? 0) < madeAt(id);
    });
    if (missed.length > 0)
      deliver([...new Map(missed.map(({ notice }) => [keyOf(notice), notice])).values()]);
  }

  let polling: Promise<void> | undefined;
  const pollTimer = setInterval(() => {
    polling ??= poll()
      .catch(options.onError)
      .finally(() => {
        polling = undefined;
      });
  }, pollEveryMs).unref();
  const keepAliveTimer = setInterval(() => {
    for (const { res } of [...streams, ...pages]) res.write(': here\n\n');
  }, keepAliveEveryMs).unref();

  return {
    open(actor, since, req, res) {
      const stream = { actor, res, sessionId: req.sessionID };
      begin(streams, stream, req);
      if (since === null) return;
      const work = catchUp(stream, since)
        .catch(options.onError)
        .finally(() => distributing.delete(work));
      distributing.add(work);
    },
    openPage(shown, read, req, res) {
      const already = [...pages].filter((page) => page.shown.pageId === shown.pageId);
      if (already.length >= streamsPerPage)
        throw new DomainError('rate_limited', 'This page is open too often. Close it elsewhere.');
      const stream: PageStream = { shown, read, res, looking: Promise.resolve() };
      begin(pages, stream, req);
      // what was said between the first look and now
      lookAgain([stream]);
    },
    announce: (notice) => publisher.publish(notice),
    async close() {
      clearInterval(pollTimer);
      clearInterval(keepAliveTimer);
      for (const { res } of [...streams, ...pages]) res.end();
      streams.clear();
      pages.clear();
      await polling;
      await publisher.close();
      await listener.close();
      await Promise.all(distributing);
    },
  };
}

function begin<S extends { res: Response }>(open: Set<S>, stream: S, req: Request): void {
  const { res } = stream;
  res.writeHead(200, {
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-store, no-transform',
    Connection: 'keep-alive',
    'X-Accel-Buffering': 'no',
  });
  res.write('retry: 2000\n\n: here\n\n');
  open.add(stream);
  const leave = () => open.delete(stream);
  req.on('close', leave);
  res.on('close', leave).on('error', leave);
}

type Addressed =
  | Exclude<Notice, PresenceNotice>
  | { type: 'presence'; organizationId: string; conversationId: string; personId: string };

function eventOf(notice: Exclude<Notice, PresenceNotice>): LiveEvent {
  switch (notice.type) {
    case 'conversation':
      return { type: notice.type, conversationId: notice.conversationId, personId: notice.personId };
    case 'board':
      return { type: notice.type, vacancyId: notice.vacancyId };
    case 'notification':
      return { type: notice.type, notificationId: notice.notificationId };
    case 'mail':
    case 'settings':
      return { type: notice.type };
  }
}

const presenceEvent = (
  conversationId: string,
  viewers: (UserSummary & { typing: boolean })[],
): LiveEvent => ({ type: 'presence', conversationId, viewers });

function send({ res }: Stream, event: LiveEvent): void {
  if (res.writableEnded) return;
  res.write(`data: ${JSON.stringify(event)}\n\n`);
  if (res.writableLength > maxBufferedBytes) res.destroy();
}

/** The instant in a UUIDv7. */
const madeAt = (id: string): number => Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);

function forgetOld(times: Map<string, number>, beforeMs: number): void {
  for (const [key, at] of times) if (at < beforeMs) times.delete(key);
}
