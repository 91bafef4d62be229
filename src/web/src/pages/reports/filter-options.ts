import type { Channel } from '../../../../contracts/common';

export const channels = ['whatsapp', 'sms', 'email', 'page'] as const satisfies readonly Channel[];
