import { newAppSecret, newObjectId, newToken } from './ids';
import type { Account, Template } from './model';
import type { Store } from './store';

export type NewAccount = Partial<Omit<Account, 'preset'>> & { preset?: Account['preset'] };

/** A company's number with credentials of its own; whatever is left out is made up. */
export function makeAccount(wish: NewAccount, serial: number): Account {
  return {
    id: newObjectId(),
    wabaId: newObjectId(),
    token: newToken(),
    appSecret: newAppSecret(),
    // 555-01xx is set aside for fiction.
    displayPhoneNumber: `+1 415-555-0${String(100 + (serial % 100)).padStart(3, '0')}`,
    verifiedName: 'Sandbox company',
    quality: 'GREEN',
    throughput: 80,
    pairIntervalMs: 6000,
    pairBurst: 45,
    messagingLimit: 10_000,
    windowClosedAs: 'refusal',
    autoApproveTemplates: false,
    ...wish,
  };
}

/** At the very first start: one number for the demonstration data, and one that anybody can connect by hand. */
export function addPresets(store: Store): void {
  // What an earlier version has stored knew no messaging limit.
  for (const account of store.tables.account.values()) account.messagingLimit ??= 10_000;
  if (store.tables.account.size > 0) return;
  const demonstration = makeAccount({ preset: 'demonstration', verifiedName: 'Demonstration company' }, 10);
  const free = makeAccount({ preset: 'free', verifiedName: 'Second company' }, 20);
  for (const account of [demonstration, free]) {
    store.put('account', account);
    store.put('template', helloWorld(account.wabaId));
  }
  store.flush();
}

/** Meta puts this one into every new account. */
export function helloWorld(wabaId: string): Template {
  return {
    id: newObjectId(),
    wabaId,
    name: 'hello_world',
    language: 'en_US',
    category: 'UTILITY',
    status: 'APPROVED',
    parameterFormat: 'POSITIONAL',
    rejectedReason: 'NONE',
    components: [
      { type: 'HEADER', format: 'TEXT', text: 'Hello World' },
      {
        type: 'BODY',
        text: 'Welcome and congratulations!! This message demonstrates your ability to send a WhatsApp message notification from the Cloud API.',
      },
      { type: 'FOOTER', text: 'WhatsApp Business Platform sample message' },
    ],
  };
}
