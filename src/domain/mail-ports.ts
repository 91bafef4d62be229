import type { MailboxType, MailSecurity } from '../contracts/mailboxes';

/** The port of a server that users read their mail from, where none is given (R-BOX-2). */
export function incomingPort(type: MailboxType, security: MailSecurity): number {
  const [plain, encrypted] = type === 'pop' ? [110, 995] : [143, 993];
  return security === 'none' ? plain : encrypted;
}

/** The same of one that they send by. */
export const outgoingPort = (security: MailSecurity): number => ({ none: 25, tls: 587, ssl: 465 })[security];
