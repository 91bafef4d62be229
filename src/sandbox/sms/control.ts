import type { Context } from '../context';
import { ControlError } from '../control-error';
import type { Phone, SmsAccount, SmsMessage } from '../model';
import { digitsOf } from '../numbers';
import { makeSmsAccount, type NewSmsAccount } from './presets';
import { sendSmsFromPhone } from './send';

type SmsView = Omit<SmsMessage, 'at' | 'deliveredAt' | 'readAt'> & { at: string; read: boolean };

/** What a phone shows under one sender. */
type SmsThread = {
  accountSid: string;
  sender: string;
  company: string;
  /** A sender in letters cannot be. */
  canBeAnswered: boolean;
  unread: number;
  lastMessageAt: number;
  messages: SmsView[];
};

type SmsCount = { waId: string; statusCallback: string | undefined; count: number; ids: string[] };

/** Everything `/sandbox/sms…` can do. Numbers may be written in any variant. */
export type SmsControl = {
  accounts(): SmsAccount[];
  createAccount(wish?: NewSmsAccount): SmsAccount;
  updateAccount(sid: string, change: NewSmsAccount): SmsAccount;
  /** What phones got, or with `direction` what they sent, or both. In order of arrival. */
  messages(filter?: { number?: string; direction?: 'received' | 'sent' | 'both' }): SmsView[];
  /** Received messages by phone and status callback: what a test counts doubles with. */
  counts(filter?: { minimum?: number }): SmsCount[];
  /** The latest first. */
  threads(number: string): SmsThread[];
  /** The phone writes to the account's number; without `accountSid` to the last that wrote to it. */
  write(number: string, text: string, options?: { accountSid?: string }): SmsView;
  read(number: string, sender: string): number;
  reset(options: { everything: boolean }): void;
};

export function createSmsControl(context: Context): SmsControl {
  const { store, index, live, sms } = context;
  let serial = store.tables.smsAccount.size + 60;

  function findAccount(sid: string | undefined): SmsAccount {
    const account = store.tables.smsAccount.get(sid ?? '');
    if (!account) throw new ControlError(404, `There is no SMS account with the SID ${sid}.`);
    return account;
  }

  function findPhone(number: string): Phone {
    const digits = digitsOf(number);
    if (digits === undefined) throw new ControlError(400, `${number} is not an international phone number.`);
    return index.ensurePhone(digits);
  }

  return {
    accounts: () => [...store.tables.smsAccount.values()],
    createAccount(wish = {}) {
      const account = makeSmsAccount(wish, serial++);
      if (store.tables.smsAccount.has(account.id))
        throw new ControlError(409, `There is an SMS account with the SID ${account.id} already.`);
      store.put('smsAccount', account);
      live.emit({ type: 'account' });
      return account;
    },
    updateAccount(sid, change) {
      const account = { ...findAccount(sid), ...change, id: sid };
      store.put('smsAccount', account);
      live.emit({ type: 'account' });
      return account;
    },
    messages({ number, direction = 'received' } = {}) {
      const source =
        number === undefined ? [...store.tables.smsMessage.values()] : sms.messages.of(findPhone(number).id);
      return source.filter((message) => direction === 'both' || message.direction === direction).map(viewOf);
    },
    counts({ minimum = 1 } = {}) {
      const groups = new Map<string, SmsCount>();
      for (const { id, direction, waId, statusCallback } of store.tables.smsMessage.values()) {
        if (direction !== 'received') continue;
        const key = JSON.stringify([waId, statusCallback ?? null]);
        const group = groups.get(key) ?? { waId, statusCallback, count: 0, ids: [] };
        group.count++;
        group.ids.push(id);
        groups.set(key, group);
      }
      return [...groups.values()].filter(({ count }) => count >= minimum);
    },
    threads(number) {
      const bySender = new Map<string, SmsMessage[]>();
      for (const message of sms.messages.of(findPhone(number).id).filter(isShown)) {
        const key = `${message.accountSid} ${message.sender}`;
        const thread = bySender.get(key);
        if (thread) thread.push(message);
        else bySender.set(key, [message]);
      }
      return [...bySender.values()]
        .map((messages): SmsThread => {
          const { accountSid, sender } = messages[0]!;
          return {
            accountSid,
            sender,
            company: store.tables.smsAccount.get(accountSid)?.friendlyName ?? sender,
            canBeAnswered: sender.startsWith('+'),
            unread: messages.filter(isUnread).length,
            lastMessageAt: messages.at(-1)!.at,
            messages: messages.map(viewOf),
          };
        })
        .sort((a, b) => b.lastMessageAt - a.lastMessageAt);
    },
    write(number, text, { accountSid } = {}) {
      if (text === '') throw new ControlError(400, 'text is missing.');
      const phone = findPhone(number);
      const last = sms.messages.of(phone.id).at(-1)?.accountSid;
      const account = findAccount(accountSid ?? last ?? [...store.tables.smsAccount.keys()][0]);
      return viewOf(sendSmsFromPhone(context, { phone, account, text }));
    },
    read(number, sender) {
      const phone = findPhone(number);
      const unread = sms.messages
        .of(phone.id)
        .filter((message) => message.sender === sender && isUnread(message));
      const readAt = context.clock.now().getTime();
      for (const message of unread) store.put('smsMessage', Object.assign(message, { readAt }));
      if (unread.length > 0) live.emit({ type: 'phone', waId: phone.id });
      return unread.length;
    },
    reset({ everything }) {
      sms.posts.forget();
      sms.messages.forget();
      for (const phone of store.tables.phone.values())
        if (phone.smsStopped) store.put('phone', Object.assign(phone, { smsStopped: undefined }));
      if (everything) for (const id of [...store.tables.smsAccount.keys()]) store.remove('smsAccount', id);
    },
  };
}

/** What never got as far as the phone is not on it. */
export function isShown({ direction, status }: SmsMessage): boolean {
  return direction === 'sent' || status === 'delivered';
}

export function isUnread(message: SmsMessage): boolean {
  return message.direction === 'received' && message.status === 'delivered' && message.readAt === undefined;
}

function viewOf({ deliveredAt: _, readAt, ...message }: SmsMessage): SmsView {
  return { ...message, at: new Date(message.at).toISOString(), read: readAt !== undefined };
}
