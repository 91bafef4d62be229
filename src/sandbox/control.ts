import type { Context } from './context';
import { ControlError } from './control-error';
import { rememberMessages } from './history';
import { newObjectId } from './ids';
import type {
  Account,
  Content,
  Message,
  Misbehaviour,
  Phone,
  Subscription,
  Template,
  TemplateStatus,
} from './model';
import { digitsOf } from './numbers';
import {
  changeNumber,
  type PhoneMessage,
  playMessage,
  readChat,
  sendFromPhone,
  setBlocked,
  setMarketing,
  switchPhone,
} from './phones';
import { addPresets, helloWorld, makeAccount, type NewAccount } from './presets';
import { createSmsControl, isShown as isSmsShown, isUnread, type SmsControl } from './sms/control';
import { addSmsPresets } from './sms/presets';
import { deliverWaitingSms } from './sms/send';
import type { Delivery } from './webhooks';
import { templateStatusValue } from './webhook-payloads';

export type AccountView = Account & Omit<Subscription, 'id'>;

export type PhoneWish = Partial<Pick<Phone, 'name' | 'onWhatsApp' | 'switchedOn' | 'readReceipts'>> & {
  waId: string;
};

type PhoneView = Omit<Phone, 'id' | 'key'> & {
  waId: string;
  unread: number;
  lastMessageAt: number | undefined;
  lastText: string | undefined;
  /** Phone number ids of the companies this phone has a chat with, the latest first. */
  chats: string[];
};

type MessageView = {
  id: string;
  seq: number;
  direction: Message['direction'];
  phoneNumberId: string;
  waId: string;
  at: string;
  type: Content['type'];
  text: string;
  content: Content;
  callbackData: string | undefined;
  replyTo: string | undefined;
  status: 'accepted' | 'sent' | 'delivered' | 'read' | 'failed';
  errorCode: number | undefined;
  played: boolean;
  reactionOfPhone: string | undefined;
  reactionOfCompany: string | undefined;
};

/** Everything `/sandbox/…` can do, for tests that run the sandbox in their own process. Numbers may be written in any variant. */
export type Control = {
  accounts(): AccountView[];
  account(phoneNumberId: string): AccountView;
  createAccount(wish?: NewAccount): AccountView;
  updateAccount(
    phoneNumberId: string,
    change: Partial<Account> & { appCallbackUrl?: string | null },
  ): AccountView;
  /** Any webhook of the account: `account_update`, `phone_number_quality_update`, … */
  sendEvent(phoneNumberId: string, event: { field: string; value: unknown }): void;
  phones(filter?: { search?: string; limit?: number }): PhoneView[];
  phone(number: string): PhoneView;
  createPhone(wish: PhoneWish): PhoneView;
  updatePhone(number: string, change: Partial<Omit<PhoneWish, 'waId'>>): PhoneView;
  /** What the phone got, or with `direction` what it sent, or both. In order of arrival. */
  messages(filter?: {
    number?: string;
    direction?: 'received' | 'sent' | 'both';
    callbackData?: string;
    afterSeq?: number;
    /** The first of them. */
    limit?: number;
    /** The last of them, still in order. */
    newest?: number;
  }): MessageView[];
  counts(filter?: {
    number?: string;
    callbackData?: string;
    minimum?: number;
  }): ReturnType<Context['index']['counts']>;
  /** Forgets messages: of one phone, or of all. Windows stay open. */
  forgetMessages(number?: string): number;
  write(
    number: string,
    message: PhoneMessage,
    options?: { phoneNumberId?: string; replyTo?: string },
  ): Promise<MessageView>;
  /** Messages of the past, see `history.ts`: kept without any webhook. Returns how many. */
  remember(phoneNumberId: string, messages: unknown): Promise<number>;
  read(number: string, filter?: { phoneNumberId?: string; messageId?: string }): number;
  play(messageId: string): void;
  block(number: string, facts: { phoneNumberId?: string; blocked: boolean }): void;
  marketing(number: string, facts: { phoneNumberId?: string; value: 'stop' | 'resume' }): void;
  changeNumber(number: string, newNumber: string): PhoneView;
  templates(wabaId?: string): Template[];
  createTemplate(template: Partial<Template> & Pick<Template, 'wabaId' | 'name' | 'components'>): Template;
  setTemplateStatus(id: string, facts: { status: TemplateStatus; reason?: string }): Template;
  /** Sets the switches of an account (phone number id) or a phone (number), in place of those before. */
  misbehave(id: string, settings: Omit<Misbehaviour, 'id'>): void;
  misbehaviours(): Misbehaviour[];
  behave(id?: string): void;
  deliveries(): Delivery[];
  retryWebhooks(): void;
  settled(): Promise<void>;
  /** Forgets messages, media, limits, misbehaviour and waiting webhooks; with `everything` accounts and phones too. */
  reset(options?: { everything?: boolean }): void;
  sms: SmsControl;
};

export function createControl(context: Context): Control {
  const { store, index, live, webhooks } = context;
  const sms = createSmsControl(context);
  let serial = store.tables.account.size + 30;

  const accountView = (account: Account): AccountView => {
    const { id: _, ...subscription } = store.tables.subscription.get(account.wabaId) ?? {
      id: '',
      subscribed: false,
    };
    return { ...account, ...subscription };
  };

  function findAccount(id: string | undefined): Account {
    const account = store.tables.account.get(id ?? '');
    if (!account) throw new ControlError(404, `There is no account with the phone number id ${id}.`);
    return account;
  }

  function findPhone(number: string): Phone {
    const digits = digitsOf(number);
    const phone = digits === undefined ? undefined : index.phoneByNumber(digits);
    if (!phone) throw new ControlError(404, `No phone has the number ${number}.`);
    return phone;
  }

  /** The company that the phone talks with: the one named, else the last to write, else the first there is. */
  function companyOf(phone: Phone, phoneNumberId: string | undefined): Account {
    if (phoneNumberId !== undefined) return findAccount(phoneNumberId);
    const last = index.messagesOf(phone.id).at(-1)?.phoneNumberId;
    return findAccount(last ?? [...store.tables.account.keys()][0]);
  }

  function phoneView(phone: Phone): PhoneView {
    const messages = index.messagesOf(phone.id).filter((message) => isShown(message));
    const { id, key: _, ...rest } = phone;
    const smsMessages = context.sms.messages.of(id).filter(isSmsShown);
    const last = messages.at(-1);
    const lastSms = smsMessages.at(-1);
    const newestIsSms = lastSms !== undefined && lastSms.at >= (last?.at ?? 0);
    return {
      ...rest,
      waId: id,
      unread:
        messages.filter(
          (m) => m.direction === 'received' && m.deliveredAt !== undefined && m.readAt === undefined,
        ).length + smsMessages.filter(isUnread).length,
      lastMessageAt: newestIsSms ? lastSms.at : last?.at,
      lastText: newestIsSms ? lastSms.text : last && textOf(last.content),
      chats: [...new Set(messages.map((message) => message.phoneNumberId).reverse())],
    };
  }

  function idOf(id: string): string {
    if (store.tables.account.has(id) || store.tables.smsAccount.has(id)) return id;
    const digits = digitsOf(id);
    if (digits === undefined)
      throw new ControlError(404, `${id} is neither a phone number id, an account SID nor a number.`);
    return index.ensurePhone(digits).id;
  }

  return {
    accounts: () => [...store.tables.account.values()].map(accountView),
    account: (id) => accountView(findAccount(id)),
    createAccount(wish = {}) {
      if (wish.id !== undefined && store.tables.account.has(wish.id)) {
        throw new ControlError(409, `There is an account with the phone number id ${wish.id} already.`);
      }
      const sibling = [...store.tables.account.values()].find(({ wabaId }) => wabaId === wish.wabaId);
      const shared = sibling && { token: sibling.token, appSecret: sibling.appSecret };
      const account = makeAccount({ ...shared, ...wish }, serial++);
      store.put('account', account);
      if (!sibling) store.put('template', helloWorld(account.wabaId));
      live.emit({ type: 'account' });
      return accountView(account);
    },
    updateAccount(id, change) {
      const { appCallbackUrl, id: _, ...rest } = change;
      const account = { ...findAccount(id), ...rest };
      store.put('account', account);
      if (appCallbackUrl !== undefined) {
        const subscription = store.tables.subscription.get(account.wabaId) ?? {
          id: account.wabaId,
          subscribed: false,
        };
        store.put('subscription', { ...subscription, appCallbackUrl: appCallbackUrl ?? undefined });
      }
      live.emit({ type: 'account' });
      webhooks.wake();
      return accountView(account);
    },
    sendEvent(id, { field, value }) {
      const { wabaId } = findAccount(id);
      webhooks.send([{ wabaId, phoneNumberId: id, field, part: 'value', value }]);
    },
    phones({ search, limit = 200 } = {}) {
      const words = search?.trim().toLowerCase();
      const digits = search?.replace(/\D/g, '') ?? '';
      return [...store.tables.phone.values()]
        .filter(
          ({ name, id }) =>
            !words || name.toLowerCase().includes(words) || (digits.length >= 3 && id.includes(digits)),
        )
        .map((phone) => ({
          phone,
          at: Math.max(
            index.messagesOf(phone.id).at(-1)?.at ?? 0,
            context.sms.messages.of(phone.id).at(-1)?.at ?? 0,
          ),
        }))
        .sort((a, b) => b.at - a.at || a.phone.name.localeCompare(b.phone.name))
        .slice(0, limit)
        .map(({ phone }) => phoneView(phone));
    },
    phone: (number) => phoneView(findPhone(number)),
    createPhone({ waId, ...wish }) {
      const digits = digitsOf(waId);
      if (digits === undefined) throw new ControlError(400, `${waId} is not an international phone number.`);
      // Told expressly, the wa_id is the one that was told.
      const phone = Object.assign(index.phoneByNumber(digits) ?? index.newPhone(digits), definedOf(wish));
      index.savePhone(phone);
      live.emit({ type: 'phone', waId: phone.id });
      return phoneView(phone);
    },
    updatePhone(number, { switchedOn, ...change }) {
      const phone = findPhone(number);
      index.savePhone(Object.assign(phone, definedOf(change)));
      if (switchedOn !== undefined) switchPhone(context, phone, switchedOn);
      if (switchedOn === true) deliverWaitingSms(context, phone);
      live.emit({ type: 'phone', waId: phone.id });
      return phoneView(phone);
    },
    messages({ number, direction = 'received', callbackData, afterSeq = 0, limit, newest } = {}) {
      const source =
        number === undefined ? [...store.tables.message.values()] : index.messagesOf(phoneIdOf(number));
      const found = source.filter(
        (message) =>
          (direction === 'both' || message.direction === direction) &&
          (callbackData === undefined || message.callbackData === callbackData) &&
          message.seq > afterSeq,
      );
      const some = newest === undefined ? found.slice(0, limit) : found.slice(-newest);
      return some.map(messageView);
    },
    counts({ number, callbackData, minimum = 1 } = {}) {
      const waId = number === undefined ? undefined : phoneIdOf(number);
      return index
        .counts()
        .filter(
          (group) =>
            group.count >= minimum &&
            (waId === undefined || group.waId === waId) &&
            (callbackData === undefined || group.callbackData === callbackData),
        );
    },
    forgetMessages(number) {
      const waId = number === undefined ? undefined : phoneIdOf(number);
      const count = index.removeMessages({ waId }) + context.sms.messages.forget(waId);
      live.emit({ type: 'reset' });
      return count;
    },
    async write(number, message, options = {}) {
      const digits = digitsOf(number);
      if (digits === undefined)
        throw new ControlError(400, `${number} is not an international phone number.`);
      const phone = index.ensurePhone(digits);
      const account = companyOf(phone, options.phoneNumberId);
      return messageView(await sendFromPhone(context, { phone, account, message, replyTo: options.replyTo }));
    },
    async remember(phoneNumberId, messages) {
      return rememberMessages(context, { phoneNumberId: findAccount(phoneNumberId).id, messages });
    },
    read: (number, filter = {}) => readChat(context, findPhone(number), filter),
    play(messageId) {
      const message = store.tables.message.get(messageId);
      if (!message) throw new ControlError(404, 'There is no message with this id.');
      playMessage(context, message);
    },
    block(number, { phoneNumberId, blocked }) {
      const phone = findPhone(number);
      setBlocked(context, phone, { phoneNumberId: companyOf(phone, phoneNumberId).id, blocked });
      live.emit({ type: 'phone', waId: phone.id });
    },
    marketing(number, { phoneNumberId, value }) {
      const phone = findPhone(number);
      setMarketing(context, phone, { account: companyOf(phone, phoneNumberId), value });
      live.emit({ type: 'phone', waId: phone.id });
    },
    changeNumber(number, newNumber) {
      const digits = digitsOf(newNumber);
      if (digits === undefined)
        throw new ControlError(400, `${newNumber} is not an international phone number.`);
      const moved = changeNumber(context, findPhone(number), digits);
      live.emit({ type: 'phone', waId: moved.id });
      return phoneView(moved);
    },
    templates: (wabaId) =>
      [...store.tables.template.values()].filter(
        (template) => wabaId === undefined || template.wabaId === wabaId,
      ),
    createTemplate(wish) {
      const same = [...store.tables.template.values()].find(
        (other) =>
          other.wabaId === wish.wabaId &&
          other.name === wish.name &&
          other.language === (wish.language ?? 'en_US'),
      );
      const template: Template = {
        language: 'en_US',
        category: 'UTILITY',
        status: 'APPROVED',
        parameterFormat: 'POSITIONAL',
        rejectedReason: 'NONE',
        ...wish,
        id: same?.id ?? newObjectId(),
      };
      store.put('template', template);
      live.emit({ type: 'template' });
      return template;
    },
    setTemplateStatus(id, { status, reason }) {
      const template = store.tables.template.get(id);
      if (!template) throw new ControlError(404, 'There is no template with this id.');
      const rejectedReason = status === 'REJECTED' ? (reason ?? 'INVALID_FORMAT') : 'NONE';
      const changed = { ...template, status, rejectedReason };
      store.put('template', changed);
      live.emit({ type: 'template' });
      const value = templateStatusValue(changed);
      webhooks.send([
        { wabaId: template.wabaId, field: 'message_template_status_update', part: 'value', value },
      ]);
      return changed;
    },
    misbehave(id, settings) {
      const key = idOf(id);
      if (Object.keys(definedOf(settings)).length === 0) store.remove('misbehaviour', key);
      else store.put('misbehaviour', { ...definedOf(settings), id: key });
      store.flush();
      live.emit({ type: 'misbehaviour' });
      webhooks.wake();
      context.sms.posts.wake();
    },
    misbehaviours: () => [...store.tables.misbehaviour.values()],
    behave(id) {
      if (id === undefined)
        for (const key of [...store.tables.misbehaviour.keys()]) store.remove('misbehaviour', key);
      else store.remove('misbehaviour', idOf(id));
      live.emit({ type: 'misbehaviour' });
      webhooks.wake();
      context.sms.posts.wake();
    },
    deliveries: () => webhooks.deliveries(),
    retryWebhooks() {
      webhooks.retryNow();
      context.sms.posts.retryNow();
    },
    async settled() {
      await webhooks.settled();
      await context.sms.posts.settled();
      await context.office.outbox.settled();
    },
    reset({ everything = false } = {}) {
      index.removeMessages({});
      index.closeWindows();
      webhooks.forget();
      sms.reset({ everything });
      context.limiter.clear();
      context.reach.clear();
      context.office.reset();
      const tables = ['media', 'misbehaviour'] as const;
      const more = ['phone', 'account', 'subscription', 'template', 'dnsRecords'] as const;
      for (const table of everything ? [...tables, ...more] : tables) {
        for (const id of [...store.tables[table].keys()]) {
          if (table === 'media') void store.removeBlob(id);
          store.remove(table, id);
        }
      }
      if (everything) {
        addPresets(store);
        addSmsPresets(store);
      }
      store.flush();
      live.emit({ type: 'reset' });
    },
    sms,
  };

  function phoneIdOf(number: string): string {
    const digits = digitsOf(number);
    return (digits === undefined ? undefined : index.phoneByNumber(digits)?.id) ?? number;
  }
}

/** Not on the phone: what it blocked, and what never got as far. */
function isShown(message: Message): boolean {
  if (message.content.type === 'reaction') return false;
  return message.direction === 'sent' || message.deliveredAt !== undefined;
}

function messageView(message: Message): MessageView {
  return {
    id: message.id,
    seq: message.seq,
    direction: message.direction,
    phoneNumberId: message.phoneNumberId,
    waId: message.waId,
    at: new Date(message.at).toISOString(),
    type: message.content.type,
    text: textOf(message.content),
    content: message.content,
    callbackData: message.callbackData,
    replyTo: message.replyTo,
    status: statusOf(message),
    errorCode: message.error?.code,
    played: message.playedAt !== undefined,
    reactionOfPhone: message.reactionOfPhone,
    reactionOfCompany: message.reactionOfCompany,
  };
}

function statusOf(message: Message): MessageView['status'] {
  if (message.readAt !== undefined) return 'read';
  if (message.deliveredAt !== undefined) return 'delivered';
  if (message.failedAt !== undefined) return 'failed';
  return message.sentAt === undefined ? 'accepted' : 'sent';
}

/** What a person reads of it. */
function textOf(content: Content): string {
  switch (content.type) {
    case 'template':
      return [content.header, content.text, content.footer].filter((part) => part !== undefined).join('\n');
    case 'image':
    case 'video':
    case 'document':
      return content.caption ?? content.filename ?? '';
    case 'audio':
    case 'sticker':
      return '';
    case 'location':
      return content.name ?? `${content.latitude}, ${content.longitude}`;
    case 'contacts':
      return `${content.contacts.length} contact(s)`;
    case 'reaction':
      return content.emoji;
    default:
      return content.text;
  }
}

function definedOf<Value extends object>(value: Value): Value {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as Value;
}
