import type { SmsMessage } from '../model';
import type { Store } from '../store';

/** Look-ups over the SMS in the store. */
export type SmsMessages = {
  /** In order of arrival. */
  of(waId: string): SmsMessage[];
  add(message: Omit<SmsMessage, 'seq'>): SmsMessage;
  forget(waId?: string): number;
};

export function createSmsMessages(store: Store): SmsMessages {
  const byPhone = new Map<string, SmsMessage[]>();
  let seq = 0;
  for (const message of [...store.tables.smsMessage.values()].sort((a, b) => a.seq - b.seq)) note(message);

  function note(message: SmsMessage): void {
    const list = byPhone.get(message.waId);
    if (list) list.push(message);
    else byPhone.set(message.waId, [message]);
    seq = Math.max(seq, message.seq);
  }

  return {
    of: (waId) => byPhone.get(waId) ?? [],
    add(facts) {
      const message = { ...facts, seq: ++seq };
      note(message);
      store.put('smsMessage', message);
      return message;
    },
    forget(waId) {
      const gone = waId === undefined ? [...store.tables.smsMessage.values()] : (byPhone.get(waId) ?? []);
      for (const { id } of gone) store.remove('smsMessage', id);
      if (waId === undefined) byPhone.clear();
      else byPhone.delete(waId);
      return gone.length;
    },
  };
}
