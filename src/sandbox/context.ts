import type { Clock } from '../clock';
import { usualWaId, variantKey } from './numbers';
import type { Limiter, Reach } from './limiter';
import type { Live } from './live';
import type { Zone } from './dns/zone';
import type { PostOffice } from './mail/post-office';
import type { Message, Phone } from './model';
import type { SmsMessages } from './sms/messages';
import type { SmsPosts } from './sms/posts';
import type { Store } from './store';
import type { Webhooks } from './webhooks';

/** What the parts of the sandbox share. */
export type Context = {
  store: Store;
  clock: Clock;
  /** Length of the service window. */
  dayMs: number;
  live: Live;
  webhooks: Webhooks;
  limiter: Limiter;
  reach: Reach;
  index: Index;
  sms: { messages: SmsMessages; posts: SmsPosts };
  office: PostOffice;
  zone: Zone;
};

/** Look-ups over the messages and phones in the store. */
export type Index = {
  phoneByNumber(digits: string): Phone | undefined;
  /** The phone of this number, made on the fly when nobody has registered it. */
  ensurePhone(digits: string): Phone;
  /** A phone with this very wa_id, not saved yet. */
  newPhone(waId: string): Phone;
  savePhone(phone: Phone): void;
  /** In order of arrival. */
  messagesOf(waId: string): Message[];
  addMessage(message: Omit<Message, 'seq'>): Message;
  removeMessages(filter: { waId?: string; phoneNumberId?: string }): number;
  /** Number of received messages by phone and callback data: what a test counts doubles with. */
  counts(): { waId: string; callbackData: string | undefined; count: number; ids: string[] }[];
  /** When the phone last wrote to this company; 0 when never. */
  lastInboundAt(phoneNumberId: string, waId: string): number;
  closeWindows(): void;
};

export function createIndex(store: Store, clock: Clock): Index {
  const phoneIdByKey = new Map<string, string>();
  const messagesByPhone = new Map<string, Message[]>();
  let seq = 0;
  let named = 0;

  for (const phone of store.tables.phone.values()) phoneIdByKey.set(phone.key, phone.id);
  for (const message of [...store.tables.message.values()].sort((a, b) => a.seq - b.seq))
    noteMessage(message);

  function noteMessage(message: Message): void {
    const list = messagesByPhone.get(message.waId);
    if (list) list.push(message);
    else messagesByPhone.set(message.waId, [message]);
    seq = Math.max(seq, message.seq);
  }

  function noteInbound({ waId, phoneNumberId, at }: Message): void {
    const phone = store.tables.phone.get(waId);
    if (!phone) return;
    const before = phone.lastWroteAt?.[phoneNumberId] ?? 0;
    store.put(
      'phone',
      Object.assign(phone, { lastWroteAt: { ...phone.lastWroteAt, [phoneNumberId]: Math.max(before, at) } }),
    );
  }

  function savePhone(phone: Phone): void {
    phoneIdByKey.set(phone.key, phone.id);
    store.put('phone', phone);
  }

  const newPhone = (waId: string): Phone => ({
    id: waId,
    key: variantKey(waId),
    name: inventedNames[named++ % inventedNames.length]!,
    onWhatsApp: true,
    switchedOn: true,
    readReceipts: true,
    blocked: [],
    marketingStopped: [],
    createdAt: clock.now().getTime(),
  });

  const phoneByNumber = (digits: string): Phone | undefined =>
    store.tables.phone.get(phoneIdByKey.get(variantKey(digits)) ?? digits);

  return {
    phoneByNumber,
    ensurePhone(digits) {
      const known = phoneByNumber(digits);
      if (known) return known;
      const phone = newPhone(usualWaId(digits));
      savePhone(phone);
      return phone;
    },
    newPhone,
    savePhone,
    messagesOf: (waId) => messagesByPhone.get(waId) ?? [],
    addMessage(facts) {
      const message = { ...facts, seq: ++seq };
      noteMessage(message);
      store.put('message', message);
      if (message.direction === 'sent') noteInbound(message);
      return message;
    },
    removeMessages({ waId, phoneNumberId }) {
      const gone = [...store.tables.message.values()].filter(
        (message) =>
          (waId === undefined || message.waId === waId) &&
          (phoneNumberId === undefined || message.phoneNumberId === phoneNumberId),
      );
      for (const message of gone) store.remove('message', message.id);
      for (const id of new Set(gone.map((message) => message.waId))) {
        const left = (messagesByPhone.get(id) ?? []).filter((message) =>
          store.tables.message.has(message.id),
        );
        messagesByPhone.set(id, left);
      }
      return gone.length;
    },
    counts() {
      const groups = new Map<
        string,
        { waId: string; callbackData: string | undefined; count: number; ids: string[] }
      >();
      for (const { id, direction, waId, callbackData } of store.tables.message.values()) {
        if (direction !== 'received') continue;
        const key = JSON.stringify([waId, callbackData ?? null]);
        const group = groups.get(key) ?? { waId, callbackData, count: 0, ids: [] };
        group.count++;
        group.ids.push(id);
        groups.set(key, group);
      }
      return [...groups.values()];
    },
    lastInboundAt: (phoneNumberId, waId) => store.tables.phone.get(waId)?.lastWroteAt?.[phoneNumberId] ?? 0,
    closeWindows() {
      for (const phone of store.tables.phone.values()) {
        if (phone.lastWroteAt) store.put('phone', Object.assign(phone, { lastWroteAt: undefined }));
      }
    },
  };
}

/** Profile names of phones that nobody has registered. */
// prettier-ignore
const inventedNames = [
  'Alex Novak', 'Bea Lindqvist', 'Carlos Duarte', 'Dana Okafor', 'Emre Kaya', 'Fiona Walsh', 'Goran Petrov',
  'Hana Suzuki', 'Ivo Marques', 'Jana Dvořák', 'Karim Haddad', 'Lucía Romero', 'Mara Schmidt', 'Noor Rahman',
  'Olu Adeyemi', 'Paula Ferreira', 'Quinn Murphy', 'Rosa Conti', 'Sven Larsen', 'Tara Singh',
];

/** R-CHAT-15: the window is one day long, however long a day is. */
export function windowEndsAt(context: Context, phoneNumberId: string, waId: string): number {
  const last = context.index.lastInboundAt(phoneNumberId, waId);
  return last === 0 ? 0 : last + context.dayMs;
}

export function isWindowOpen(context: Context, phoneNumberId: string, waId: string): boolean {
  return context.clock.now().getTime() < windowEndsAt(context, phoneNumberId, waId);
}
