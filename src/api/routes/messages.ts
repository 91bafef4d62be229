import { ChannelError } from '../../channels/channel-error';
import type { SendInput } from '../../contracts/messages';
import { reasonText } from '../../contracts/reasons';
import { scheduleInput, type ScheduleInput } from '../../contracts/scheduled-messages';
import { mayMakePrivate } from '../../data/mail/confidential';
import { sendMessage } from '../../data/messages/accept-message';
import { readMedia, storeUpload } from '../../data/messages/media';
import {
  markRead,
  retryMessage,
  setReaction,
  type OutgoingReaction,
} from '../../data/messages/message-commands';
import { readMailHtml, readMailRaw } from '../../data/messages/message-mail';
import { listMessages, readFallback, readMessage, readReceipts } from '../../data/messages/message-read';
import { readScheduled, scheduleMessage } from '../../data/scheduled/scheduled-messages';
import { settleMessage } from '../../data/messages/settle-message';
import { withApplicationId } from '../../data/visibility';
import { DomainError } from '../../domain/errors';
import type { AppDeps } from '../deps';
import type { Handlers } from '../handlers';
import { readUpload, sendFile } from '../files';
import { sendMailHtml } from '../mail-html';

const reactionTimeoutMs = 10_000;

export function messageHandlers({ config: { dayMs }, whatsApp, openAccount, logger }: AppDeps) {
  return {
    'GET /api/v1/conversations/{conversationId}/messages': ({ actor, params, query, db }) =>
      listMessages(db, actor, { organizationId: actor.organizationId, ...params }, query),

    'POST /api/v1/conversations/{conversationId}/messages': {
      run: async ({ actor, params, body, db }) => {
        const ids = { organizationId: actor.organizationId, ...params };
        const sent = await withApplicationId(db, actor, body);
        if (body.sendAt === undefined)
          return readMessage(db, actor, await sendMessage(db, { actor, dayMs }, ids, sent));
        const later = scheduleInputOf(sent, body.sendAt);
        return readScheduled(db, actor, (await scheduleMessage(db, { actor, dayMs }, ids, later)).id);
      },
      replay: ({ actor, body, db }, { resourceId }) =>
        body.sendAt === undefined ? readMessage(db, actor, resourceId) : readScheduled(db, actor, resourceId),
    },

    'GET /api/v1/messages/{messageId}': async ({ actor, params, db }) => ({
      ...(await readMessage(db, actor, params.messageId)),
      receipts: await readReceipts(db, actor.organizationId, params.messageId),
      ...(await readFallback(db, actor, params.messageId)),
      mayMakePrivate: await mayMakePrivate(db, actor, params.messageId),
    }),

    'GET /api/v1/messages/{messageId}/mail/html': async ({ actor, params, query, db, res }) =>
      sendMailHtml(res, {
        ...(await readMailHtml(db, actor, params.messageId)),
        remote: query.pictures,
      }),

    'GET /api/v1/messages/{messageId}/mail/raw': async ({ actor, params, db, req, res }) => {
      const { bytes, subject } = await readMailRaw(db, actor, params.messageId);
      sendFile(req, res, {
        bytes,
        mimeType: 'message/rfc822',
        filename: `${subject.slice(0, 80) || 'mail'}.eml`,
      });
    },

    'POST /api/v1/messages/{messageId}/retry': {
      run: async ({ actor, params, db }) =>
        readMessage(db, actor, await retryMessage(db, { actor, dayMs }, params.messageId)),
      replay: ({ actor, db }, { resourceId }) => readMessage(db, actor, resourceId),
    },

    'POST /api/v1/messages/{messageId}/settle': async ({ actor, params, body, db }) => {
      await settleMessage(db, actor, params.messageId, body.outcome);
      return readMessage(db, actor, params.messageId);
    },

    'PUT /api/v1/messages/{messageId}/reaction': async ({ actor, params, body, db }) => {
      const reaction = await setReaction(db, { actor, dayMs }, params.messageId, body.emoji);
      await tell(reaction, params.messageId).catch(async (error: unknown) => {
        if (!(error instanceof ChannelError)) throw error;
        await db.query(
          'delete from reactions where organization_id = $1 and message_id = $2 and actor = $3',
          [actor.organizationId, params.messageId, actor.user.id],
        );
        throw new DomainError(error.reason, reasonText[error.reason]);
      });
    },

    'POST /api/v1/conversations/{conversationId}/read': async ({ actor, params, db }) => {
      const mark = await markRead(db, { actor, dayMs }, { organizationId: actor.organizationId, ...params });
      if (!mark) return;
      // A courtesy to the person: it holds nothing up, and is not worth a second try.
      whatsApp.markRead(openAccount(mark.account), mark.providerId).catch((error: unknown) => {
        const reason = error instanceof ChannelError ? error.reason : 'fault';
        logger.warn({ conversationId: params.conversationId, reason }, 'the read mark was not sent');
      });
    },

    'GET /api/v1/media/{mediaId}': async ({ actor, params, db, req, res }) =>
      sendFile(req, res, await readMedia(db, actor, params.mediaId)),

    'POST /api/v1/media': async ({ actor, query, db, req }) =>
      storeUpload(db, actor, { ...(await readUpload(req)), ...query }),
  } satisfies Partial<Handlers>;

  async function tell(
    { account, to, targetProviderId, emoji }: OutgoingReaction,
    messageId: string,
  ): Promise<void> {
    await whatsApp.send(
      openAccount(account),
      {
        to,
        clientReference: `reaction:${messageId}`,
        content: { type: 'reaction', targetProviderId, emoji },
      },
      { timeoutMs: reactionTimeoutMs },
    );
  }
}

/** A message with `sendAt`, as one that is scheduled. */
function scheduleInputOf(input: SendInput, sendAt: string): ScheduleInput {
  const { channel, ...rest } = input;
  const later = { ...rest, sendAt, channels: [channel] };
  if (!('mediaId' in later)) return scheduleInput.parse(later);
  return scheduleInput.parse({ ...later, text: later.caption || undefined, mediaIds: [later.mediaId] });
}
