import type { BulkSend } from '../../../../contracts/sends';
import { serverNow } from '../../clock';

/** With the look of their badges. */
export const states = {
  scheduled: 'neutral',
  running: 'accent',
  paused: 'warn',
  finished: 'ok',
  cancelled: 'neutral',
} as const;
export type SendState = keyof typeof states;

/** One whose time has not come runs, but nothing is sent. */
export const stateOf = ({ state, sendAt }: Pick<BulkSend, 'state' | 'sendAt'>): SendState =>
  state === 'running' && sendAt !== null && Date.parse(sendAt) > serverNow() ? 'scheduled' : state;
