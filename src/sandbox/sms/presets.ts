import { randomBytes } from 'node:crypto';
import type { SmsAccount } from '../model';
import type { Store } from '../store';

export type NewSmsAccount = Partial<Omit<SmsAccount, 'preset'>> & { preset?: SmsAccount['preset'] };

export const newSid = (prefix: 'AC' | 'PN' | 'MG' | 'SM'): string =>
  `${prefix}${randomBytes(16).toString('hex')}`;

/** An account with credentials and a number of its own; whatever is left out is made up. */
export function makeSmsAccount(wish: NewSmsAccount, serial: number): SmsAccount {
  return {
    id: newSid('AC'),
    authToken: randomBytes(16).toString('hex'),
    friendlyName: 'Sandbox company',
    status: 'active',
    // 555-01xx is set aside for fiction.
    number: `+14155550${String(100 + (serial % 100))}`,
    numberSid: newSid('PN'),
    messagingServiceSid: newSid('MG'),
    throughput: 100,
    ...wish,
  };
}

/** One for the demonstration data, and one that anybody can connect by hand. */
export function addSmsPresets(store: Store): void {
  if (store.tables.smsAccount.size > 0) return;
  store.put(
    'smsAccount',
    makeSmsAccount({ preset: 'demonstration', friendlyName: 'Demonstration company' }, 50),
  );
  store.put('smsAccount', makeSmsAccount({ preset: 'free', friendlyName: 'Second company' }, 60));
  store.flush();
}
