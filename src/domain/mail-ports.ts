import {
  mailboxFaultText,
  type MailboxFault,
  type MailboxType,
  type MailSecurity,
} from '../contracts/mailboxes';

/** The port of a server that users read their mail from, where none is given (R-BOX-2). */
export function incomingPort(type: MailboxType, security: MailSecurity): number {
  const [plain, encrypted] = type === 'pop' ? [110, 995] : [143, 993];
  return security === 'none' ? plain : encrypted;
}

/** The same of one that they send by. */
export const outgoingPort = (security: MailSecurity): number => ({ none: 25, tls: 587, ssl: 465 })[security];

/** Why mail cannot be got from this server: also where its port may be that of another security than the chosen one, which shows in no other way. */
export function serverFaultText(
  fault: MailboxFault,
  { port, security }: { port: number; security: MailSecurity },
): string {
  const text = mailboxFaultText(fault);
  if (fault !== 'timeout' && fault !== 'tls_failed') return text;
  // with TLS, the usual ports of SSL are spoken to as they want it
  const usual = { tls: [993, 995, 143, 110], ssl: [993, 995], none: [143, 110] }[security];
  if (usual.includes(port)) return text;
  return `${text} Perhaps port ${port} is for another security: try ${security === 'ssl' ? 'TLS' : 'SSL'}.`;
}
