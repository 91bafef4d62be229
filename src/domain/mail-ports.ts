import type { MailSecurity } from '../contracts/mailboxes';

/** The port of a server that users read their mail from, where none is given (R-BOX-2). */
export const incomingPort = (security: MailSecurity): number => (security === 'none' ? 143 : 993);

/** The same of one that they send by. */
export const outgoingPort = (security: MailSecurity): number => ({ none: 25, tls: 587, ssl: 465 })[security];
