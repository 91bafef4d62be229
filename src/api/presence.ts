import type { UserSummary } from '../contracts/common';
import type { Notice } from '../data/live';

const lifeMs = 15_000;

type Viewer = UserSummary & { typing: boolean };
type Room = { organizationId: string; personId: string; viewers: Map<string, Viewer & { until: number }> };

export type PresenceChange = {
  organizationId: string;
  conversationId: string;
  personId: string;
  viewers: Viewer[];
};

/** Who is looking at which conversation just now: kept in memory alone, each for 15 s. */
export function createPresence(): {
  /** The viewers to tell of, when this notice changed them or there are several. */
  note(notice: Notice): Viewer[] | undefined;
  /** Conversations that somebody has left without a word. */
  expire(): PresenceChange[];
} {
  const rooms = new Map<string, Room>();

  return {
    note(notice) {
      if (notice.type !== 'presence') return undefined;
      const { organizationId, conversationId, personId, user, state } = notice;
      const room: Room = rooms.get(conversationId) ?? { organizationId, personId, viewers: new Map() };
      const before = room.viewers.get(user.id);
      if (state === 'gone') room.viewers.delete(user.id);
      else
        room.viewers.set(user.id, { ...user, typing: state === 'typing', until: performance.now() + lifeMs });
      if (room.viewers.size === 0) rooms.delete(conversationId);
      else rooms.set(conversationId, room);
      const changed = before?.typing !== room.viewers.get(user.id)?.typing;
      return changed || room.viewers.size > 1 ? listOf(room) : undefined;
    },
    expire() {
      const now = performance.now();
      const changes: PresenceChange[] = [];
      for (const [conversationId, room] of rooms) {
        const old = [...room.viewers].filter(([, viewer]) => viewer.until <= now);
        if (old.length === 0) continue;
        for (const [userId] of old) room.viewers.delete(userId);
        if (room.viewers.size === 0) rooms.delete(conversationId);
        const { organizationId, personId } = room;
        changes.push({ organizationId, conversationId, personId, viewers: listOf(room) });
      }
      return changes;
    },
  };
}

const listOf = (room: Room): Viewer[] =>
  [...room.viewers.values()].map(({ id, name, role, typing }) => ({ id, name, role, typing }));
