import { heartbeat } from '@temporalio/activity';

/** A call that takes longer than this says that its worker still lives; shorter ones need no heartbeat at all. */
const beatEveryMs = 5000;

/** A dead worker is noticed by its missing heartbeats long before the activity's own time is over. */
export async function beating<T>(work: () => Promise<T>): Promise<T> {
  const timer = setInterval(() => heartbeat(), beatEveryMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
