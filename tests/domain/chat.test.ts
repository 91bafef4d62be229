import fc from 'fast-check';
import {
  newChat,
  reduceChat,
  settle,
  windowUntil,
  type Chat,
  type ChatFact,
  type ChatStatus,
} from '../../src/domain/chat';

const day = 86_400_000;
const t0 = Date.parse('2026-03-01T10:00:00.000Z');
const at = (ms: number): Date => new Date(t0 + ms);
const from = (chat: Chat, ...facts: ChatFact[]): Chat =>
  facts.reduce((state, fact) => reduceChat(state, fact, day).chat, chat);
const statusAt = (chat: Chat, ms: number): ChatStatus => settle(chat, at(ms), day).chat.status;

const active = from(newChat, { type: 'started', at: at(0), userId: 'ann' });
const open = from(newChat, { type: 'inbound', at: at(0) });
const closed = newChat;

type Expected = { status: ChatStatus; owner: string | null; deadline: number | null; changes: string[] };
type Case = [string, Chat, ChatFact, Expected];

const still = (chat: Chat): Expected => ({
  status: chat.status,
  owner: chat.ownerId,
  deadline: chat.deadlineAt && chat.deadlineAt.getTime() - t0,
  changes: [],
});

/** The last instant of a status, and the first of the next. */
const last = day - 1;
const over = day;

const cases: Case[] = [
  // Active
  ['active', active, { type: 'inbound', at: at(1) }, { ...still(active), deadline: day + 1 }],
  ['active', active, { type: 'inbound', at: at(last) }, { ...still(active), deadline: last + day }],
  [
    'active, run out',
    active,
    { type: 'inbound', at: at(over) },
    { status: 'open', owner: null, deadline: over + day, changes: ['expired'] },
  ],
  [
    'active, run out twice',
    active,
    { type: 'inbound', at: at(2 * day) },
    { status: 'open', owner: null, deadline: 3 * day, changes: ['expired', 'ran_out', 'reopened'] },
  ],
  ['active', active, { type: 'started', at: at(last), userId: 'ann' }, still(active)],
  ['active', active, { type: 'started', at: at(last), userId: 'bob' }, still(active)],
  [
    'active, run out',
    active,
    { type: 'started', at: at(over), userId: 'bob' },
    { status: 'active', owner: 'bob', deadline: over + day, changes: ['expired', 'started'] },
  ],
  [
    'active, run out twice',
    active,
    { type: 'started', at: at(2 * day), userId: 'bob' },
    { status: 'active', owner: 'bob', deadline: 3 * day, changes: ['expired', 'ran_out', 'started'] },
  ],
  [
    'active',
    active,
    { type: 'manualSendTaken', at: at(last), userId: 'ann' },
    { ...still(active), deadline: last + day },
  ],
  ['active', active, { type: 'manualSendTaken', at: at(last), userId: 'bob' }, still(active)],
  [
    'active, run out',
    active,
    { type: 'manualSendTaken', at: at(over), userId: 'ann' },
    { status: 'open', owner: null, deadline: over + day, changes: ['expired'] },
  ],
  [
    'active',
    active,
    { type: 'closed', at: at(last) },
    { status: 'open', owner: null, deadline: last + day, changes: ['closed'] },
  ],
  [
    'active, run out',
    active,
    { type: 'closed', at: at(over) },
    { status: 'open', owner: null, deadline: over + day, changes: ['expired'] },
  ],
  [
    'active',
    active,
    { type: 'handedOver', at: at(last), userId: 'bob' },
    { ...still(active), owner: 'bob', changes: ['handedOver'] },
  ],
  ['active', active, { type: 'handedOver', at: at(last), userId: 'ann' }, still(active)],
  [
    'active, run out',
    active,
    { type: 'handedOver', at: at(over), userId: 'bob' },
    { status: 'open', owner: null, deadline: over + day, changes: ['expired'] },
  ],
  [
    'active',
    active,
    { type: 'ownerLeft', at: at(last), successorId: 'bob' },
    { ...still(active), owner: 'bob', changes: ['handedOver'] },
  ],
  [
    'active',
    active,
    { type: 'ownerLeft', at: at(last), successorId: null },
    { status: 'open', owner: null, deadline: last + day, changes: ['closed'] },
  ],
  [
    'active, run out',
    active,
    { type: 'ownerLeft', at: at(over), successorId: 'bob' },
    { status: 'open', owner: null, deadline: over + day, changes: ['expired'] },
  ],
  // Open
  ['open', open, { type: 'inbound', at: at(last) }, { ...still(open), deadline: last + day }],
  [
    'open, run out',
    open,
    { type: 'inbound', at: at(over) },
    { status: 'open', owner: null, deadline: over + day, changes: ['ran_out', 'reopened'] },
  ],
  [
    'open',
    open,
    { type: 'started', at: at(last), userId: 'ann' },
    { status: 'active', owner: 'ann', deadline: last + day, changes: ['started'] },
  ],
  [
    'open, run out',
    open,
    { type: 'started', at: at(over), userId: 'ann' },
    { status: 'active', owner: 'ann', deadline: over + day, changes: ['ran_out', 'started'] },
  ],
  ['open', open, { type: 'manualSendTaken', at: at(last), userId: 'ann' }, still(open)],
  ['open', open, { type: 'closed', at: at(last) }, still(open)],
  ['open', open, { type: 'handedOver', at: at(last), userId: 'ann' }, still(open)],
  ['open', open, { type: 'ownerLeft', at: at(last), successorId: 'ann' }, still(open)],
  ...(['closed', 'manualSendTaken', 'handedOver', 'ownerLeft'] as const).map((type): Case => [
    'open, run out',
    open,
    { type, at: at(over), userId: 'ann', successorId: 'ann' },
    { status: 'closed', owner: null, deadline: null, changes: ['ran_out'] },
  ]),
  // Closed
  [
    'closed',
    closed,
    { type: 'inbound', at: at(0) },
    { status: 'open', owner: null, deadline: day, changes: ['reopened'] },
  ],
  [
    'closed',
    closed,
    { type: 'started', at: at(0), userId: 'ann' },
    { status: 'active', owner: 'ann', deadline: day, changes: ['started'] },
  ],
  ['closed', closed, { type: 'manualSendTaken', at: at(0), userId: 'ann' }, still(closed)],
  ['closed', closed, { type: 'closed', at: at(0) }, still(closed)],
  ['closed', closed, { type: 'handedOver', at: at(0), userId: 'ann' }, still(closed)],
  ['closed', closed, { type: 'ownerLeft', at: at(0), successorId: null }, still(closed)],
];

describe('every status with every fact', () => {
  it.each(cases)('R-CHAT-1…8: %s %#', (_name, chat, fact, expected) => {
    const step = reduceChat(chat, fact, day);
    expect({
      status: step.chat.status,
      owner: step.chat.ownerId,
      deadline: step.chat.deadlineAt && step.chat.deadlineAt.getTime() - t0,
      changes: step.changes.map((change) => change.type),
    }).toEqual(expected);
  });

  it('R-CHAT-4, R-CHAT-5: 24:00:00 belongs to the next status, and the change is dated when it was due', () => {
    expect(statusAt(active, day - 1)).toBe('active');
    expect(statusAt(active, day)).toBe('open');
    expect(statusAt(active, 2 * day - 1)).toBe('open');
    expect(statusAt(active, 2 * day)).toBe('closed');
    expect(settle(active, at(30 * day), day).changes).toEqual([
      { type: 'expired', at: at(day), ownerId: 'ann', to: 'open' },
      { type: 'ran_out', at: at(2 * day), to: 'closed' },
    ]);
  });

  it('R-CHAT-5: Open counts from when it became Open, or from the last message of the person if that is later', () => {
    const answered = from(active, { type: 'inbound', at: at(1000) }, { type: 'closed', at: at(5000) });
    expect(answered.deadlineAt).toEqual(at(5000 + day));
    expect(from(answered, { type: 'inbound', at: at(6000) }).deadlineAt).toEqual(at(6000 + day));
  });

  it('R-CHAT-11: the last owner stays known', () => {
    expect(from(active, { type: 'closed', at: at(1) })).toMatchObject({ ownerId: null, lastOwnerId: 'ann' });
    expect(settle(active, at(9 * day), day).chat).toMatchObject({ ownerId: null, lastOwnerId: 'ann' });
  });

  it('R-CHAT-2: the window is open until, and not at, 24 hours after the last message of the person', () => {
    expect(windowUntil(at(0), at(day - 1), day)).toEqual(at(day));
    expect(windowUntil(at(0), at(day), day)).toBeNull();
    expect(windowUntil(null, at(0), day)).toBeNull();
  });
});

const user = fc.constantFrom('ann', 'bob', 'cy');
const fact = fc.oneof(
  fc.record({ type: fc.constant('inbound' as const) }),
  fc.record({ type: fc.constant('started' as const), userId: user }),
  fc.record({ type: fc.constant('manualSendTaken' as const), userId: user }),
  fc.record({ type: fc.constant('closed' as const) }),
  fc.record({ type: fc.constant('handedOver' as const), userId: user }),
  fc.record({ type: fc.constant('ownerLeft' as const), successorId: fc.option(user) }),
);
const gap = fc.oneof(
  fc.constantFrom(0, 1, day - 1, day, day + 1, 2 * day),
  fc.integer({ min: 0, max: 3 * day }),
);
const history = fc.array(fc.record({ fact, gap }), { maxLength: 12 });

function play(steps: { fact: object; gap: number }[]): { chat: Chat; now: number }[] {
  let chat = newChat;
  let now = 0;
  return steps.map((step) => {
    now += step.gap;
    chat = reduceChat(chat, { ...step.fact, at: at(now) } as ChatFact, day).chat;
    return { chat, now };
  });
}

describe('whatever happens', () => {
  it('R-CHAT-1: an owner exactly while Active, a deadline exactly while not Closed, and it lies ahead', () => {
    fc.assert(
      fc.property(history, (steps) => {
        for (const { chat, now } of play(steps)) {
          expect(chat.ownerId !== null).toBe(chat.status === 'active');
          expect(chat.deadlineAt !== null).toBe(chat.status !== 'closed');
          expect(chat.openedAt !== null).toBe(chat.status === 'open');
          if (chat.deadlineAt) expect(chat.deadlineAt.getTime()).toBeGreaterThan(t0 + now);
        }
      }),
    );
  });

  it('R-CHAT-4: within a status deadlines move forward only, and no status outlasts a day after the last fact', () => {
    fc.assert(
      fc.property(history, (steps) => {
        const states = play(steps);
        states.forEach(({ chat, now }, index) => {
          const before = states[index - 1]?.chat;
          if (before?.status === chat.status && before.deadlineAt && before.deadlineAt > at(now)) {
            expect(chat.deadlineAt!.getTime()).toBeGreaterThanOrEqual(before.deadlineAt.getTime());
          }
          if (chat.deadlineAt) expect(chat.deadlineAt.getTime()).toBeLessThanOrEqual(t0 + now + day);
        });
      }),
    );
  });

  it('the version grows with every change of status, owner or deadline, and with nothing else', () => {
    fc.assert(
      fc.property(history, (steps) => {
        const states = [{ chat: newChat }, ...play(steps)];
        for (let index = 1; index < states.length; index++) {
          const [a, b] = [states[index - 1]!.chat, states[index]!.chat];
          const key = ({ status, ownerId, deadlineAt }: Chat) =>
            `${status} ${ownerId} ${deadlineAt?.getTime()}`;
          if (key(a) !== key(b)) expect(b.version).toBeGreaterThan(a.version);
          expect(b.version).toBeGreaterThanOrEqual(a.version);
        }
      }),
    );
  });

  it('settling is the same in one step or in many, and again changes nothing', () => {
    fc.assert(
      fc.property(
        history,
        fc.array(fc.integer({ min: 0, max: 3 * day }), { maxLength: 5 }),
        (steps, waits) => {
          const end = play(steps).at(-1) ?? { chat: newChat, now: 0 };
          const instants = [...waits].sort((a, b) => a - b).map((wait) => at(end.now + wait));
          const target = at(end.now + 3 * day);
          const once = settle(end.chat, target, day);
          let chat = end.chat;
          const changes = [...instants, target].flatMap((instant) => {
            const step = settle(chat, instant, day);
            chat = step.chat;
            return step.changes;
          });
          expect(chat).toEqual(once.chat);
          expect(changes).toEqual(once.changes);
          expect(settle(chat, target, day)).toEqual({ chat, changes: [] });
        },
      ),
    );
  });

  it('a fact does the same whether or not time was settled before it', () => {
    fc.assert(
      fc.property(history, fact, gap, (steps, next, wait) => {
        const end = play(steps).at(-1) ?? { chat: newChat, now: 0 };
        const later = { ...next, at: at(end.now + wait) } as ChatFact;
        const settled = settle(end.chat, later.at, day).chat;
        expect(reduceChat(settled, later, day).chat).toEqual(reduceChat(end.chat, later, day).chat);
      }),
    );
  });

  it('R-CHAT-6: messages of the person and taken sends may come in any order', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(active, open),
        fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5 }),
        (chat, order) => {
          const facts: ChatFact[] = [
            { type: 'inbound', at: at(1000) },
            { type: 'inbound', at: at(2000) },
            { type: 'manualSendTaken', at: at(3000), userId: 'ann' },
            { type: 'manualSendTaken', at: at(1500), userId: 'ann' },
            { type: 'inbound', at: at(500) },
          ];
          const { version: _, ...swapped } = from(chat, ...order.map((index) => facts[index]!));
          const { version: __, ...straight } = from(chat, ...facts);
          expect(swapped).toEqual(straight);
        },
      ),
    );
  });
});
