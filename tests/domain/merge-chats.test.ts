import { mergeChats, newChat, reduceChat, type Chat } from '../../src/domain/chat';

const dayMs = 24 * 3_600_000;
const t0 = new Date('2026-03-02T10:00:00Z');
const hour = (n: number) => new Date(t0.getTime() + n * 3_600_000);

const started = (userId: string, at: number): Chat =>
  reduceChat(newChat, { type: 'started', at: hour(at), userId }, dayMs).chat;
const wrote = (chat: Chat, at: number): Chat =>
  reduceChat(chat, { type: 'inbound', at: hour(at) }, dayMs).chat;

describe('R-CHAT-13: two chats of one person become one', () => {
  it('of two owners the later-contacted keeps the chat, and the change is told', () => {
    for (const [kept, gone] of [
      [started('ana', 1), started('ben', 3)],
      [started('ben', 3), started('ana', 1)],
    ] as const) {
      const { chat, changes } = mergeChats(kept, gone, hour(5), dayMs);
      expect(chat).toMatchObject({
        status: 'active',
        ownerId: 'ben',
        lastOwnerId: 'ben',
        deadlineAt: hour(27),
      });
      expect(changes).toEqual([{ type: 'handedOver', at: hour(5), from: 'ana', to: 'ben' }]);
      expect(chat.version).toBeGreaterThan(Math.max(kept.version, gone.version));
    }
  });

  it('an Active chat stays, and the other’s last message starts its 24 hours anew', () => {
    const { chat } = mergeChats(wrote(newChat, 4), started('ana', 1), hour(5), dayMs);
    expect(chat).toMatchObject({
      status: 'active',
      ownerId: 'ana',
      lastInboundAt: hour(4),
      deadlineAt: hour(28),
    });
  });

  it('Open goes before Closed, and two Closed stay Closed', () => {
    expect(mergeChats(newChat, wrote(newChat, 1), hour(2), dayMs).chat).toMatchObject({
      status: 'open',
      ownerId: null,
      deadlineAt: hour(25),
    });
    expect(mergeChats(newChat, newChat, hour(2), dayMs).chat).toMatchObject({
      status: 'closed',
      deadlineAt: null,
    });
  });

  it('what had run out by then runs out first', () => {
    const { chat, changes } = mergeChats(started('ana', 0), started('ben', 20), hour(25), dayMs);
    expect(chat).toMatchObject({ status: 'active', ownerId: 'ben' });
    expect(changes).toEqual([{ type: 'expired', at: hour(24), ownerId: 'ana', to: 'open' }]);
  });
});
