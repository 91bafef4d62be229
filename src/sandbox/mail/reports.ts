import { hostname } from 'node:os';
import { randomUUID } from 'node:crypto';
import { decodeWords, headerOf, partOf } from '../mime';
import { buildMail, threadOf } from './compose';

export type ReportFacts = {
  at: Date;
  /** Who hears of it: the envelope's sender of the mail. */
  to: string;
  /** Whom the mail did not reach. */
  recipient: string;
  /** e.g. 5.1.1 */
  status: string;
  action: 'failed' | 'delayed';
  /** What a server said, e.g. `550 5.1.1 No such user`. */
  diagnostic: string;
  /** The mail that it is about. */
  original: Buffer;
};

const quotedWholeBytes = 100_000;

/** A delivery status notification (RFC 3464), as a mail server writes it. */
export function statusReport(facts: ReportFacts): Buffer {
  const { at, to, recipient, status, action, diagnostic, original } = facts;
  const boundary = `report-${randomUUID()}`;
  const failed = action === 'failed';
  const { head } = partOf(original);
  const whole = original.length <= quotedWholeBytes;
  const lines = [
    'From: Mail Delivery System <mailer-daemon@sandbox.example>',
    `To: <${to}>`,
    `Subject: ${failed ? 'Undelivered Mail Returned to Sender' : 'Delayed Mail (still being retried)'}`,
    `Date: ${rfc5322Date(at)}`,
    `Message-ID: <${randomUUID()}@sandbox.example>`,
    'Auto-Submitted: auto-replied',
    'MIME-Version: 1.0',
    `Content-Type: multipart/report; report-type=delivery-status; boundary="${boundary}"`,
    '',
    'This is a MIME-encapsulated message.',
    '',
    `--${boundary}`,
    'Content-Description: Notification',
    'Content-Type: text/plain; charset=us-ascii',
    '',
    `This is the mail system at host ${hostname()}.`,
    '',
    failed
      ? "I'm sorry to have to inform you that your message could not\r\nbe delivered to one or more recipients. It's attached below."
      : 'Your message could not be delivered yet. It will be retried until\r\nit is 5 days old. You do not need to resend it.',
    '',
    `<${recipient}>: ${diagnostic}`,
    '',
    `--${boundary}`,
    'Content-Description: Delivery report',
    'Content-Type: message/delivery-status',
    '',
    'Reporting-MTA: dns; sandbox.example',
    `Arrival-Date: ${rfc5322Date(at)}`,
    '',
    `Final-Recipient: rfc822; ${recipient}`,
    `Original-Recipient: rfc822;${recipient}`,
    `Action: ${action}`,
    `Status: ${status}`,
    'Remote-MTA: dns; sandbox.example',
    `Diagnostic-Code: smtp; ${diagnostic.replace(/\s+/g, ' ')}`,
    '',
    `--${boundary}`,
    `Content-Description: ${failed ? 'Undelivered Message' : 'Delayed Message'}${whole ? '' : ' Headers'}`,
    `Content-Type: ${whole ? 'message/rfc822' : 'text/rfc822-headers'}`,
    '',
    '',
  ];
  return Buffer.concat([
    Buffer.from(lines.join('\r\n')),
    whole ? original : head,
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ]);
}

/** The answer of somebody who is away; undefined where one answers nothing by itself (RFC 3834). */
export async function vacationAnswer(facts: {
  at: Date;
  /** Who is away. */
  from: { name: string; address: string };
  to: string;
  original: Buffer;
}): Promise<Buffer | undefined> {
  const { at, from, to, original } = facts;
  const { headers } = partOf(original);
  const header = (name: string) => headerOf(headers, name);
  const automatic = header('auto-submitted').toLowerCase();
  const isBulk = header('list-id') !== '' || /^(bulk|list|junk)/i.test(header('precedence'));
  if (to === '' || isBulk || (automatic !== '' && !automatic.startsWith('no'))) return undefined;
  return buildMail({
    ...{ from, to, date: at },
    subject: `Automatic reply: ${decodeWords(header('subject'))}`,
    ...threadOf(headers),
    headers: { 'Auto-Submitted': 'auto-replied' },
    text: 'Thank you for your mail. I am away until Monday and will answer then.',
  });
}

const rfc5322Date = (at: Date): string => at.toUTCString().replace('GMT', '+0000');
