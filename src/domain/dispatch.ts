import type { ChatSnapshot } from './snapshot';

export type DispatchOutcome = 'idle' | 'sent' | 'failed' | 'suppressed' | 'unknown' | 'waiting' | 'blocked';

/** What one turn of the gate did: at most one message was sent. Instants are ISO 8601. */
export type DispatchResult = {
  outcome: DispatchOutcome;
  /** Another message is queued now. */
  more: boolean;
  /** There is nothing to do before then: a rate limit, an attempt in flight, a back-off. */
  retryAt: string | null;
  /** What holds up the rest until somebody mends it, e.g. channel_paused: the next poke asks again. */
  blockedBy: string | null;
  snapshot: ChatSnapshot;
};
