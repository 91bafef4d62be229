/**
 * The chat of a conversation (R-CHAT-1…8): a reducer over plain facts.
 * The status at an instant is a pure function of the stored state and that instant: `settle` applies what has run out,
 * dated when it was due, so that no timer decides anything.
 */
export type ChatStatus = 'active' | 'open' | 'closed';

export type Chat = {
  status: ChatStatus;
  ownerId: string | null;
  lastOwnerId: string | null;
  /** Counts the changes of status, owner and deadline. */
  version: number;
  lastContactAt: Date | null;
  openedAt: Date | null;
  lastInboundAt: Date | null;
  deadlineAt: Date | null;
};

export type ChatFact =
  /** A message from the person, by receive time. */
  | { type: 'inbound'; at: Date }
  /** A user sends, or presses Start: becomes owner unless somebody else is (R-CHAT-2, R-CHAT-3). */
  | { type: 'started'; at: Date; userId: string }
  /** A message sent by hand was taken by the provider (R-CHAT-4). */
  | { type: 'manualSendTaken'; at: Date; userId: string }
  | { type: 'closed'; at: Date }
  | { type: 'handedOver'; at: Date; userId: string }
  /** The owner was deactivated: to the successor, or Open (R-CHAT-8). */
  | { type: 'ownerLeft'; at: Date; successorId: string | null };

/** What a step changed by itself, with the instant at which it was due. */
export type ChatChange =
  | { type: 'started'; at: Date; userId: string }
  | { type: 'expired'; at: Date; ownerId: string; to: 'open' }
  | { type: 'ran_out'; at: Date; to: 'closed' }
  | { type: 'closed'; at: Date; ownerId: string }
  | { type: 'reopened'; at: Date }
  | { type: 'handedOver'; at: Date; from: string; to: string };

export type Step = { chat: Chat; changes: ChatChange[] };

export const newChat: Chat = {
  status: 'closed',
  ownerId: null,
  lastOwnerId: null,
  version: 0,
  lastContactAt: null,
  openedAt: null,
  lastInboundAt: null,
  deadlineAt: null,
};

/** Applies what has run out by `now`; 24:00:00 belongs to the next status. */
export function settle(chat: Chat, now: Date, dayMs: number): Step {
  const changes: ChatChange[] = [];
  let state = chat;
  if (state.status === 'active' && state.deadlineAt! <= now) {
    const at = state.deadlineAt!;
    changes.push({ type: 'expired', at, ownerId: state.ownerId!, to: 'open' });
    state = toOpen(state, at, dayMs);
  }
  if (state.status === 'open' && state.deadlineAt! <= now) {
    changes.push({ type: 'ran_out', at: state.deadlineAt!, to: 'closed' });
    state = { ...state, status: 'closed', openedAt: null, deadlineAt: null, version: state.version + 1 };
  }
  return { chat: state, changes };
}

/** Settles, then applies one fact. A fact that does not apply changes nothing. */
export function reduceChat(before: Chat, fact: ChatFact, dayMs: number): Step {
  const { chat, changes } = settle(before, fact.at, dayMs);
  const step = apply(chat, fact, dayMs);
  return { chat: step.chat, changes: [...changes, ...step.changes] };
}

/**
 * Two conversations of one person become one (R-CHAT-13): what runs goes before what does not, and of two owners the later-contacted
 * keeps the chat. The person's last message counts for both.
 */
export function mergeChats(kept: Chat, gone: Chat, now: Date, dayMs: number): Step {
  const one = settle(kept, now, dayMs);
  const two = settle(gone, now, dayMs);
  const [first, second] = goesFirst(one.chat, two.chat) ? [one.chat, two.chat] : [two.chat, one.chat];
  const lastInboundAt = latest(one.chat.lastInboundAt, two.chat.lastInboundAt);
  const running = first.status !== 'closed';
  const chat: Chat = {
    ...first,
    lastOwnerId: first.lastOwnerId ?? second.lastOwnerId,
    lastContactAt: latest(one.chat.lastContactAt, two.chat.lastContactAt),
    lastInboundAt,
    deadlineAt:
      running && lastInboundAt ? later(first.deadlineAt, after(lastInboundAt, dayMs)) : first.deadlineAt,
    version: Math.max(one.chat.version, two.chat.version) + 1,
  };
  const changes = [...one.changes, ...two.changes];
  if (first.ownerId !== null && second.ownerId !== null && first.ownerId !== second.ownerId)
    changes.push({ type: 'handedOver', at: now, from: second.ownerId, to: first.ownerId });
  return { chat, changes };
}

const ranks: Record<ChatStatus, number> = { active: 2, open: 1, closed: 0 };

function goesFirst(one: Chat, two: Chat): boolean {
  if (one.status !== two.status) return ranks[one.status] > ranks[two.status];
  const lastOf = ({ lastContactAt, deadlineAt }: Chat) => (lastContactAt ?? deadlineAt)?.getTime() ?? 0;
  return lastOf(one) >= lastOf(two);
}

function apply(chat: Chat, fact: ChatFact, dayMs: number): Step {
  switch (fact.type) {
    case 'inbound': {
      const lastInboundAt = later(chat.lastInboundAt, fact.at);
      if (chat.status === 'active') {
        return unchanged(withContact({ ...chat, lastInboundAt }, fact.at, dayMs));
      }
      if (chat.status === 'open') {
        return unchanged(
          withDeadline({ ...chat, lastInboundAt }, later(chat.openedAt, lastInboundAt), dayMs),
        );
      }
      return {
        chat: toOpen({ ...chat, lastInboundAt }, fact.at, dayMs),
        changes: [{ type: 'reopened', at: fact.at }],
      };
    }
    case 'started': {
      if (chat.status === 'active') return unchanged(chat);
      const owned: Chat = {
        ...chat,
        status: 'active',
        ownerId: fact.userId,
        lastOwnerId: fact.userId,
        openedAt: null,
        lastContactAt: fact.at,
        deadlineAt: after(fact.at, dayMs),
        version: chat.version + 1,
      };
      return { chat: owned, changes: [{ type: 'started', at: fact.at, userId: fact.userId }] };
    }
    case 'manualSendTaken':
      return chat.status === 'active' && chat.ownerId === fact.userId
        ? unchanged(withContact(chat, fact.at, dayMs))
        : unchanged(chat);
    case 'closed': {
      if (chat.status !== 'active') return unchanged(chat);
      return {
        chat: toOpen(chat, fact.at, dayMs),
        changes: [{ type: 'closed', at: fact.at, ownerId: chat.ownerId! }],
      };
    }
    case 'handedOver': {
      if (chat.status !== 'active' || chat.ownerId === fact.userId) return unchanged(chat);
      return handOver(chat, fact.at, fact.userId);
    }
    case 'ownerLeft': {
      if (chat.status !== 'active') return unchanged(chat);
      if (fact.successorId) return handOver(chat, fact.at, fact.successorId);
      return {
        chat: toOpen(chat, fact.at, dayMs),
        changes: [{ type: 'closed', at: fact.at, ownerId: chat.ownerId! }],
      };
    }
  }
}

function toOpen(chat: Chat, at: Date, dayMs: number): Chat {
  return {
    ...chat,
    status: 'open',
    ownerId: null,
    openedAt: at,
    deadlineAt: after(later(chat.lastInboundAt, at), dayMs),
    version: chat.version + 1,
  };
}

function handOver(chat: Chat, at: Date, userId: string): Step {
  return {
    chat: { ...chat, ownerId: userId, lastOwnerId: userId, version: chat.version + 1 },
    changes: [{ type: 'handedOver', at, from: chat.ownerId!, to: userId }],
  };
}

function withContact(chat: Chat, at: Date, dayMs: number): Chat {
  const lastContactAt = later(chat.lastContactAt, at);
  return withDeadline({ ...chat, lastContactAt }, lastContactAt, dayMs);
}

/** Deadlines move forward only. */
function withDeadline(chat: Chat, from: Date, dayMs: number): Chat {
  const deadlineAt = later(chat.deadlineAt, after(from, dayMs));
  if (deadlineAt.getTime() === chat.deadlineAt?.getTime()) return chat;
  return { ...chat, deadlineAt, version: chat.version + 1 };
}

const unchanged = (chat: Chat): Step => ({ chat, changes: [] });
const after = (at: Date, ms: number): Date => new Date(at.getTime() + ms);
const latest = (a: Date | null, b: Date | null): Date | null => (b === null ? a : later(a, b));
const later = (a: Date | null, b: Date): Date => (a && a > b ? a : b);

/** Until when free text is possible: the service window (24 h since the person's last message); null when closed at `now`. */
export function windowUntil(lastInboundAt: Date | null, now: Date, dayMs: number): Date | null {
  if (!lastInboundAt) return null;
  const until = after(lastInboundAt, dayMs);
  return until > now ? until : null;
}
