import type { MessageState } from '../../../contracts/messages';

const givenBack: ReadonlySet<MessageState> = new Set(['suppressed', 'cancelled', 'failed']);

/** What a message costs as things are: of one that was not sent, or failed, the credits came back (R-CRED-2). */
export const costOf = ({ state, credits }: { state: MessageState; credits: number }): number =>
  givenBack.has(state) ? 0 : credits;
