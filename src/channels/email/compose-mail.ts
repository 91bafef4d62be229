import MailComposer from 'nodemailer/lib/mail-composer';
import { linked } from './body';
import type { MailAddress } from './parse-mail';

/** A mail that a user has written, as it is to leave. */
export type WrittenMail = {
  messageId: string;
  date: Date;
  from: MailAddress;
  /** Who hands it over, where that is not the address it is from (RFC 5322, 3.6.2). */
  sender: MailAddress | null;
  to: MailAddress[];
  cc: MailAddress[];
  subject: string;
  text: string;
  signature: string | null;
  /** What it quotes, as text; `quotedHtml`: the sanitised HTML of that mail, where it has some. */
  quoted: string | null;
  quotedHtml: string | null;
  inReplyTo: string | null;
  references: string[];
  attachments: { filename: string; mimeType: string; bytes: Buffer; contentId: string | null }[];
};

/** The bytes that go over the wire. Who gets a blind copy stands in none of them. */
export function composeMail(mail: WrittenMail): Promise<Buffer> {
  const composer = new MailComposer({
    messageId: mail.messageId,
    date: mail.date,
    from: mail.from,
    ...(mail.sender && { sender: mail.sender }),
    to: mail.to,
    cc: mail.cc,
    subject: mail.subject,
    text: textOf(mail),
    html: htmlOf(mail),
    ...(mail.inReplyTo !== null && { inReplyTo: mail.inReplyTo }),
    ...(mail.references.length > 0 && { references: mail.references }),
    attachments: mail.attachments.map(({ filename, mimeType, bytes, contentId }) => ({
      filename,
      contentType: mimeType,
      content: bytes,
      ...(contentId !== null && mail.quotedHtml?.includes(`cid:${contentId}`) && { cid: contentId }),
    })),
  });
  return composer.compile().build();
}

const textOf = ({ text, signature, quoted }: WrittenMail): string =>
  [
    text.trimEnd(),
    ...(signature === null ? [] : [`-- \n${signature}`]),
    ...(quoted === null ? [] : [quoted]),
  ].join('\n\n') + '\n';

function htmlOf({ text, signature, quoted, quotedHtml }: WrittenMail): string {
  return `<!doctype html>
<html><head><meta charset="utf-8"></head><body>
<div>${lines(text.trimEnd())}</div>
${signature === null ? '' : `<br>\n<div>-- <br>${lines(signature)}</div>\n`}${quoted === null ? '' : quotedOf(quoted, quotedHtml)}</body></html>
`;
}

/** The first paragraph says whose mail it is; below stands that mail as it looked, where it has HTML. */
function quotedOf(quoted: string, html: string | null): string {
  const forwarded = !quoted.includes('\n>');
  const end = forwarded ? quoted.indexOf('\n\n') : quoted.indexOf('\n');
  const head = lines(quoted.slice(0, Math.max(0, end)));
  const body =
    html === null
      ? lines(forwarded ? quoted.slice(end).trim() : quoted.slice(end).trim().replace(/^> ?/gm, ''))
      : html.replaceAll(' data-remote="', ' src="');
  const shown = forwarded
    ? `<div>${body}</div>`
    : `<blockquote type="cite" style="margin: 0; padding: 0 0 0 1em; border-left: 2px solid #cccccc">${body.replace(/<img [^>]*src="cid:[^>]*>/g, '')}</blockquote>`;
  return `<br>\n<div>${head}</div>\n${shown}\n`;
}

const lines = (text: string): string => linked(text).replaceAll('\n', '<br>\n');
