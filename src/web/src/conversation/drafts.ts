import type { MailAddress } from '../../../contracts/mails';
import { readStored, store } from '../local-store';

/** What somebody was writing in a conversation. */
export type Draft = {
  text: string;
  /** Of an e-mail; its title is null until it is touched. */
  email: string;
  title: string | null;
  cc: MailAddress[];
  bcc: MailAddress[];
  note: string;
  noteFor: string[];
  replyToId: string | null;
};

export const emptyDraft: Draft = {
  text: '',
  email: '',
  title: null,
  cc: [],
  bcc: [],
  note: '',
  noteFor: [],
  replyToId: null,
};

const keyOf = (userId: string, conversationId: string) => `draft.${userId}.${conversationId}`;

export function readDraft(userId: string, conversationId: string): Draft {
  return { ...emptyDraft, ...readStored<Partial<Draft>>(keyOf(userId, conversationId), {}) };
}

export function keepDraft(userId: string, conversationId: string, draft: Draft): void {
  const empty =
    draft.text + draft.email + draft.note === '' &&
    draft.cc.length + draft.bcc.length === 0 &&
    draft.replyToId === null;
  store(keyOf(userId, conversationId), empty ? null : draft);
}

export function hasDraft(userId: string, conversationId: string): boolean {
  return readStored<unknown>(keyOf(userId, conversationId), null) !== null;
}
