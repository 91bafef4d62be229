import type { BulkSend } from '../../../../contracts/sends';

export const stateTones = {
  running: 'accent',
  paused: 'warn',
  finished: 'ok',
  cancelled: 'neutral',
} as const satisfies Record<BulkSend['state'], string>;
