import { ChannelError } from '../src/channels/channel-error';
import { classifySmsCode, type SmsFailureEffects } from '../src/channels/sms/classify-error';
import { classifyCode, type FailureEffects } from '../src/channels/whatsapp/classify-error';
import { buildTemplateSend } from '../src/channels/whatsapp/templates';
import type {
  OutboundContent,
  OutboundWhatsApp,
  TemplateComponent,
  WhatsAppAccount,
  WhatsAppClient,
} from '../src/channels/whatsapp/types';
import type { ConversationIds } from '../src/data/conversations/conversation-store';
import type { Database } from '../src/data/database';
import type { Limits } from '../src/data/limits/dispatch-limits';
import {
  claimNextMessage,
  recordChannelBroken,
  recordFailed,
  recordRetry,
  recordSent,
  recordUnknown,
  type Claimed,
  type ClaimedMessage,
} from '../src/data/messages/dispatch';
import type { Slot } from '../src/data/limits/send-limits';
import type { Portfolio } from '../src/data/limits/messaging-limit';
import { fileCopies } from '../src/data/mail/file-copies';
import { mailEnvelope, type MailEnvelope } from '../src/data/mail/envelopes';
import { mediaToSend } from '../src/data/messages/media';
import { mediaTypeOf } from '../src/domain/media-rules';
import { wakeConversation } from '../src/data/conversations/wake';
import type { DispatchResult } from '../src/domain/dispatch';
import { unsubscribeUrl } from '../src/domain/unsubscribe-link';
import type { Logger } from '../src/logger';
import type { OpenAccount, SealedSmsAccount } from '../src/channels/open-account';
import type { EmailClient, OutboundEmail } from '../src/channels/email/types';
import type { SmsAccount, SmsClient } from '../src/channels/sms/types';
import { smsWebhookPath } from '../src/channels/sms/webhook-path';

export type DispatchDeps = {
  db: Database;
  whatsApp: WhatsAppClient;
  sms: SmsClient;
  email: EmailClient;
  openAccount: OpenAccount;
  openSmsAccount: (account: SealedSmsAccount) => SmsAccount;
  /** The key that signs for an organization's own mail domain; null where it cannot be opened. */
  openDkim: (organizationId: string, dkim: NonNullable<MailEnvelope['dkim']>) => OutboundEmail['dkim'];
  /** PARLEY_MAIL_DOMAIN */
  mailDomain: string | null;
  /** Where providers reach us; no trailing slash. */
  publicUrl: string;
  logger: Logger;
  dayMs: number;
  /** Keyed hash of an address (`src/seal.ts`). */
  hashKey: (key: string) => string;
  /** Hard deadline of one call to the provider. */
  callTimeoutMs: number;
  /** What this process shares of the rates and messaging limits. */
  limits: Limits;
};

/** Sends at most one message of a conversation. */
export function dispatchNext(deps: DispatchDeps, ids: ConversationIds): Promise<DispatchResult> {
  return dispatchQueued(deps, ids, () => false);
}

/**
 * Sends what is queued, one after another: until nothing is left or may go now, or until `goesOn` says no. Each is claimed (tx A), called,
 * recorded (tx B). Whatever happens in between, no message is called twice: an attempt whose end nobody saw stays `dispatching` until its
 * deadline, then becomes `unknown`. Returns the last result.
 */
export async function dispatchQueued(
  deps: DispatchDeps,
  ids: ConversationIds,
  goesOn: () => boolean,
): Promise<DispatchResult> {
  let claimed = await claimNextMessage(deps.db, ids, deps);
  for (;;) {
    const { next, ...result } = await carryOut(deps, ids, await inTurn(deps, ids, claimed), goesOn);
    if (!next && (!result.more || !goesOn())) return result;
    claimed = next ?? (await claimNextMessage(deps.db, ids, deps));
  }
}

/**
 * The same to the end, for one of many: what cannot go at once is handed to its conversation's workflow. What the messaging limit or quiet
 * hours hold up is woken by the sweep when its time comes: thousands may wait a day.
 */
export async function sendOrWake(deps: DispatchDeps, ids: ConversationIds): Promise<void> {
  const { outcome, blockedBy } = await dispatchQueued(deps, ids, () => true);
  if (blockedBy === 'messaging_limit' || blockedBy === 'quiet_hours') return;
  if (outcome === 'waiting' || outcome === 'blocked') await wakeConversation(deps.db, ids);
}

type InTurn = Exclude<Claimed, { kind: 'turn' | 'share' }>;

/** Waits, outside any transaction, for what a limit asks of the message, and claims it anew. */
async function inTurn(deps: DispatchDeps, ids: ConversationIds, first: Claimed): Promise<InTurn> {
  const { rate, reach } = deps.limits;
  let claimed = first;
  for (;;) {
    if (claimed.kind === 'share') {
      await reach.lease(claimed.portfolio, 1);
      claimed = await claimNextMessage(deps.db, ids, deps);
    } else if (claimed.kind === 'turn') {
      const turn = await rate.turn(claimed.account);
      if ('busyUntil' in turn) return { ...claimed, kind: 'wait', until: turn.busyUntil };
      await rate.ready(turn.slot);
      claimed = await claimNextMessage(deps.db, ids, deps, turn.slot);
      if (claimed.kind !== 'send' || claimed.slot !== turn.slot) rate.giveBack([turn.slot]);
    } else return claimed;
  }
}

/** `next`: has been claimed along. */
type Turn = DispatchResult & { next?: Claimed | undefined };

async function carryOut(
  deps: DispatchDeps,
  ids: ConversationIds,
  claimed: InTurn,
  goesOn: () => boolean,
): Promise<Turn> {
  const { snapshot, more } = claimed;
  const nothing = { more, retryAt: null, blockedBy: null, snapshot };
  switch (claimed.kind) {
    case 'idle':
      return { ...nothing, outcome: 'idle' };
    case 'suppressed':
      return { ...nothing, outcome: 'suppressed' };
    case 'wait':
      return { ...nothing, outcome: 'waiting', retryAt: claimed.until.toISOString() };
    case 'held':
      return {
        ...nothing,
        outcome: 'waiting',
        retryAt: claimed.until.toISOString(),
        blockedBy: claimed.by,
      };
    case 'blocked':
      return { ...nothing, outcome: 'blocked', blockedBy: claimed.by };
    case 'send':
      return send(deps, ids, claimed, goesOn);
  }
}

async function send(
  deps: DispatchDeps,
  ids: ConversationIds,
  { message, slot }: { message: ClaimedMessage; slot: Slot },
  goesOn: () => boolean,
): Promise<Turn> {
  const { db, limits } = deps;
  const { messageId, attemptToken } = message;
  try {
    await limits.rate.ready(slot);
    const result = await callProvider(deps, ids, message);
    const sent = await recordSent(db, ids, deps, {
      messageId,
      attemptToken,
      channelAccountId: message.account.id,
      goesOn: goesOn(),
      ...result,
    });
    const { copies } = message.content;
    if (copies)
      await fileCopies(db, ids, messageId, copies).catch((error: unknown) =>
        // the next may be claimed already: it is not held up
        deps.logger.error({ ...ids, messageId, err: error }, 'the copies of an e-mail are in no file'),
      );
    return { retryAt: null, blockedBy: null, outcome: 'sent', ...sent };
  } catch (error) {
    if (!(error instanceof ChannelError)) throw error;
    const refused = await settleRefusal(deps, ids, message, error);
    // What holds up this channel holds up no other.
    return refused.more ? { ...refused, retryAt: null, blockedBy: null } : refused;
  }
}

/** The one call to the provider of the message's channel. `envelope`: of an e-mail, where it was made along with others. */
export async function callProvider(
  deps: DispatchDeps,
  ids: ConversationIds,
  message: ClaimedMessage,
  envelope = () => mailEnvelope(deps.db, deps, ids, message.messageId),
): Promise<{ providerId: string; waId: string | undefined; copiesRefused?: string[] }> {
  const { messageId, to } = message;
  const options = { timeoutMs: deps.callTimeoutMs };
  switch (message.channel) {
    case 'whatsapp': {
      const { account, outbound } = await prepare(deps, ids, message);
      return deps.whatsApp.send(account, outbound, options);
    }
    case 'sms': {
      const account = opened(() => deps.openSmsAccount(message.account));
      const statusCallback = `${deps.publicUrl}${smsWebhookPath.status(message.account.id, messageId)}`;
      const body = message.body ?? '';
      const { providerId } = await deps.sms.send(account, { to, body, statusCallback }, options);
      return { providerId, waId: undefined };
    }
    case 'email': {
      const mail = await addressed(deps, ids, message, envelope);
      return { ...(await deps.email.send(mail, options)), waId: undefined };
    }
  }
}

/** What goes by e-mail, with its envelope. Whatever fails here, the message itself has not left. */
async function addressed(
  deps: DispatchDeps,
  ids: ConversationIds,
  message: ClaimedMessage,
  envelope: () => Promise<MailEnvelope>,
): Promise<OutboundEmail> {
  const { messageId, attemptToken, to } = message;
  try {
    const { mailDomain, replyTo, pageUrl, mayAnswerOnPage, references, brand, dkim } = await envelope();
    return {
      to,
      company: message.company,
      brand,
      mailDomain,
      replyTo: replyTo ?? message.replyTo,
      envelopeFrom: replyTo,
      subject: message.title ?? '',
      text: message.body ?? '',
      clientReference: messageId,
      references,
      pageUrl,
      mayAnswerOnPage,
      automatic: message.origin === 'automatic' || message.origin === 'bulk',
      unsubscribeUrl: message.origin === 'manual' ? null : unsubscribeUrlOf(deps, ids, message),
      language: message.language,
      dkim: dkim && deps.openDkim(ids.organizationId, dkim),
      copies: message.content.copies,
      attachments: await attachmentsOf(deps, ids, message.content.mediaIds ?? []),
    };
  } catch (error) {
    if (!(error instanceof ChannelError))
      await recordRetry(deps.db, ids, { messageId, attemptToken, retryAfterMs: 2_000 });
    throw error;
  }
}

function attachmentsOf(
  { db }: DispatchDeps,
  { organizationId }: ConversationIds,
  mediaIds: string[],
): Promise<NonNullable<OutboundEmail['attachments']>> {
  return Promise.all(
    mediaIds.map(async (mediaId) => {
      const file = await mediaToSend(db, { organizationId, mediaId });
      if (!file) throw new ChannelError({ errorClass: 'permanent', reason: 'media_failed' });
      return { filename: file.filename, contentType: file.mimeType, content: file.bytes };
    }),
  );
}

const unsubscribeUrlOf = (
  { publicUrl, hashKey }: DispatchDeps,
  { organizationId }: ConversationIds,
  { messageId, to }: ClaimedMessage,
): string => unsubscribeUrl(publicUrl, hashKey, { organizationId, messageId, keyHash: hashKey(to) });

/** What is sent with which credentials. Whatever fails here, the message itself has not left. */
async function prepare(
  deps: DispatchDeps,
  ids: ConversationIds,
  message: ClaimedMessage,
): Promise<{ account: WhatsAppAccount; outbound: OutboundWhatsApp }> {
  const { messageId, attemptToken, to, replyToProviderId } = message;
  try {
    const account = opened(() => deps.openAccount(message.account));
    const content = await contentOf(deps, ids, message, account);
    const reply = replyToProviderId === null ? {} : { replyToProviderId };
    return { account, outbound: { to, clientReference: messageId, ...reply, content } };
  } catch (error) {
    if (!(error instanceof ChannelError))
      await recordRetry(deps.db, ids, { messageId, attemptToken, retryAfterMs: 2_000 });
    throw error;
  }
}

/** Credentials that cannot be opened (another key, a damaged row) are as good as none. */
function opened<T>(open: () => T): T {
  try {
    return open();
  } catch {
    throw new ChannelError({ errorClass: 'channelBroken', reason: 'channel_disconnected' });
  }
}

/** Tx B of a call that did not succeed. */
export async function settleRefusal(
  deps: DispatchDeps,
  ids: ConversationIds,
  message: ClaimedMessage,
  error: ChannelError,
): Promise<DispatchResult> {
  const { db, logger } = deps;
  const { messageId, attemptToken } = message;
  const { errorClass, reason, providerCode, detail } = error;
  const nothing = { retryAt: null, blockedBy: null };
  logger.warn({ ...ids, messageId, errorClass, reason, providerCode }, 'the provider did not take a message');
  switch (errorClass) {
    case 'unknown':
      return { ...nothing, outcome: 'unknown', ...(await recordUnknown(db, ids, { messageId })) };
    case 'permanent': {
      const effects = effectsOf(message, providerCode);
      const failed = await recordFailed(db, ids, deps, {
        messageId,
        attemptToken,
        outside: message.outside,
        reason,
        detail,
        providerCode,
        ...effects,
      });
      return { ...nothing, outcome: 'failed', ...failed };
    }
    case 'channelBroken': {
      const breaks = effectsOf(message, providerCode).breaksChannel;
      const broken = await recordChannelBroken(db, ids, {
        messageId,
        attemptToken,
        channelAccountId: message.account.id,
        reason: breaks ?? 'token',
      });
      return { ...broken, outcome: 'blocked', retryAt: null, blockedBy: 'channel_paused' };
    }
    case 'transient':
    case 'rateLimited': {
      const retry = { messageId, attemptToken, ...(await slowDown(deps, ids, message, error)) };
      const { until, ...recorded } = await recordRetry(db, ids, retry);
      const blockedBy = retry.held ? 'messaging_limit' : null;
      return { ...recorded, outcome: 'waiting', retryAt: until.toISOString(), blockedBy };
    }
  }
}

/** A provider that wants it slower gets it from all workers. Says when this one message may be tried again. */
async function slowDown(
  { db, limits }: DispatchDeps,
  { organizationId }: ConversationIds,
  message: ClaimedMessage,
  { errorClass, providerCode, retryAfterMs = 2_000 }: ChannelError,
): Promise<{ retryAfterMs: number; held?: { portfolio: Portfolio; until: Date } }> {
  const { limit } = effectsOf(message, providerCode);
  if (limit === 'reach' && message.outside) {
    const until = new Date((await db.now()).getTime() + retryAfterMs);
    await limits.reach.hold(message.outside, until);
    return { retryAfterMs, held: { portfolio: message.outside, until } };
  }
  if (errorClass === 'rateLimited' && limit === undefined)
    await limits.rate.slowDown({ organizationId, channelAccountId: message.account.id }, retryAfterMs);
  return { retryAfterMs };
}

type Effects = FailureEffects & Pick<SmsFailureEffects, 'marksOptedOut'>;

/** What the provider's code says beyond this message. */
function effectsOf({ channel }: ClaimedMessage, providerCode: number | undefined): Effects {
  if (providerCode === undefined) return {};
  switch (channel) {
    case 'whatsapp':
      return classifyCode(providerCode);
    case 'sms':
      return classifySmsCode(providerCode);
    case 'email':
      return {};
  }
}

async function contentOf(
  deps: DispatchDeps,
  ids: ConversationIds,
  message: ClaimedMessage,
  account: WhatsAppAccount,
): Promise<OutboundContent> {
  const { template, mediaId } = message.content;
  if (template) return { type: 'template', template: templateOf(message, template) };
  if (mediaId === undefined) return { type: 'text', body: message.body ?? '' };
  const file = await mediaToSend(deps.db, { organizationId: ids.organizationId, mediaId });
  const media = file && mediaTypeOf(file.mimeType);
  if (!media) throw new ChannelError({ errorClass: 'permanent', reason: 'media_failed' });
  const providerMediaId = await deps.whatsApp.uploadMedia(account, file);
  const withCaption = media === 'image' || media === 'video' || media === 'document';
  return {
    type: 'media',
    media,
    mediaId: providerMediaId,
    ...(withCaption && message.body ? { caption: message.body } : {}),
    ...(media === 'document' ? { filename: file.filename } : {}),
  };
}

function templateOf(
  message: ClaimedMessage,
  template: NonNullable<ClaimedMessage['content']['template']>,
): Extract<OutboundContent, { type: 'template' }>['template'] {
  const keys = Object.keys(template.values).filter((key) => !key.startsWith('button.'));
  const built = buildTemplateSend(
    {
      name: template.name,
      language: template.language,
      parameterFormat: keys.some((key) => !/\.\d+$/.test(key)) ? 'NAMED' : 'POSITIONAL',
      components: (message.components ?? []) as TemplateComponent[],
    },
    template.values,
  );
  if (!built.ok) throw new ChannelError({ errorClass: 'permanent', reason: 'template_mismatch' });
  return built.template;
}
