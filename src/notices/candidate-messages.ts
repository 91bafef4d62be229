import { createHash } from 'node:crypto';
import { refusalSentence } from '../data/mail/held-mails';
import {
  messageNoticesToMail,
  noteNoticeMailed,
  refusedRepliesToMail,
  type MessageNotice,
  type RefusedReply,
} from '../data/mail/message-notices';
import { replyAddressOf } from '../data/mail/reply-addresses';
import { hideKeys } from '../domain/mail-keys';
import { replyAddress } from '../domain/reply-address';
import type { Hash } from '../domain/signed-token';
import type { Mail } from '../mailer';
import { mailEach, type NoticeDeps } from './mail-each';

type MessageNoticeDeps = NoticeDeps & {
  hashKey: Hash;
  /** PARLEY_MAIL_DOMAIN */
  mailDomain: string | null;
};

/** R-MAIL-2: mails what a candidate wrote to the vacancy's notification addresses; whoever may send answers by replying. */
export async function mailCandidateMessages(deps: MessageNoticeDeps): Promise<void> {
  await mailEach(deps, await messageNoticesToMail(deps.db, deps.mailDomain), {
    mail: async (notice) => noticeMail(deps.publicUrl, notice, await replyToOf(deps, notice)),
    note: noteNoticeMailed,
    about: ({ organizationId, messageId }) => ({ organizationId, messageId }),
  });
}

/** Tells who answered by mail that it was not passed on, and why. */
export async function mailRefusedReplies(deps: NoticeDeps): Promise<void> {
  await mailEach(deps, await refusedRepliesToMail(deps.db), {
    mail: (refused) => refusalMail(deps.publicUrl, refused),
    note: noteNoticeMailed,
    about: ({ organizationId, mailId }) => ({ organizationId, mailId }),
  });
}

async function replyToOf({ db, hashKey }: MessageNoticeDeps, notice: MessageNotice): Promise<string | null> {
  const { organizationId, conversationId, applicationId, party, mailDomain } = notice;
  if (party === null || mailDomain === null) return null;
  const thread = { organizationId, conversationId, applicationId };
  return replyAddress(hashKey, await replyAddressOf(db, thread, party), mailDomain);
}

function noticeMail(publicUrl: string, notice: MessageNotice, replyTo: string | null): Mail {
  const { personName, vacancyTitle, organization, channel, title, text, attachments } = notice;
  const link = `${publicUrl}/inbox/${notice.conversationId}?message=${notice.messageId}`;
  return {
    to: notice.address,
    fromName: `${personName} (Parley)`,
    ...(replyTo === null ? {} : { replyTo, replyToName: personName }),
    // the answer goes to the candidate under it
    subject: title ? `${title} (${vacancyTitle})` : vacancyTitle,
    messageId: `notice-${notice.messageId}-${shortHash(notice.address)}`,
    text: [
      `${personName} wrote to ${organization} about ${vacancyTitle}, ${channel === 'page' ? 'on their candidate page' : 'by e-mail'}:`,
      '',
      ...(title === null || title === '' ? [] : [title, '']),
      hideKeys(text),
      '',
      ...(attachments === 0
        ? []
        : [attachments === 1 ? '1 file is attached to it.' : `${attachments} files are attached to it.`, '']),
      '----',
      replyTo !== null
        ? `Reply to this mail, and your answer is sent to ${personName}. Or answer here:`
        : notice.party === null
          ? 'Your role does not allow answering: a reply to this mail reaches nobody. To read it:'
          : 'A reply to this mail reaches nobody. Answer here:',
      link,
    ].join('\n'),
  };
}

function refusalMail(publicUrl: string, refused: RefusedReply): Mail {
  return {
    to: refused.address,
    subject: `Not sent: ${refused.subject}`,
    messageId: `refused-${refused.mailId}`,
    inReplyTo: refused.messageIdHeader,
    text: [
      'Your answer was not sent.',
      refusalSentence(refused.reason) ??
        `It came from another address than the one that was written to, so it waits until somebody at ${refused.organization} has looked at it.`,
      '',
      'The conversation is here:',
      `${publicUrl}/inbox/${refused.conversationId}`,
      '',
      'What you wrote:',
      '',
      refused.text,
    ].join('\n'),
  };
}

const shortHash = (address: string): string =>
  createHash('sha256').update(address).digest('hex').slice(0, 16);
