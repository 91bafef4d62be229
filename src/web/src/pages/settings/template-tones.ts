import type { Template } from '../../../../contracts/templates';

/** How a status of WhatsApp's review is coloured. */
export const templateTones = {
  draft: 'neutral',
  pending: 'warn',
  approved: 'ok',
  rejected: 'danger',
  paused: 'warn',
  disabled: 'danger',
} as const satisfies Record<Template['status'], string>;
