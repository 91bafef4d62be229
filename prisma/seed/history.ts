import type { Channel } from '../../src/contracts/common';
import type { ReasonCode } from '../../src/contracts/reasons';
import { keyContactPoints } from '../../src/data/people/contact-points';
import { whatsAppCredits } from '../../src/data/credits/credits';
import type { MessageContent } from '../../src/data/messages/message-content';
import {
  newChat,
  reduceChat,
  settle,
  windowUntil,
  type Chat,
  type ChatChange,
  type Step,
} from '../../src/domain/chat';
import { reasonsAgainst, type SendIntent } from '../../src/domain/eligibility';
import { optOutWord } from '../../src/domain/opt-out';
import type { VariableValues } from '../../src/domain/template-render';
import {
  displayTemplate,
  fillParameters,
  type StoredComponent,
  type StoredParameter,
} from '../../src/domain/whatsapp-template';
import { conversationWorkflowId } from '../../src/domain/workflow-ids';
import { company, emailOf, interviewStage, type DemoUser } from './company';
import type { DemoFile } from './files';
import { mailRows } from './mail-rows';
import type { DemoPerson } from './people';
import type { Random } from './random';
import type { Row, Rows } from './rows';
import type { PhoneHistory } from './sandbox';
import type { Beat, DemoMail, Outcome } from './stories';

export type StoredTemplate = {
  id: string;
  name: string;
  language: string;
  status: string;
  category: string | null;
  version: number;
  components: StoredComponent[];
  parameters: StoredParameter[];
};

export type Scene = {
  now: Date;
  dayMs: number;
  random: Random;
  newId: (at: Date) => string;
  newWamid: (waId: string, direction: 'in' | 'out') => string;
  hashKey: (key: string) => string;
  organizationId: string;
  accountId: string;
  emailAccountId: string;
  userIds: ReadonlyMap<string, string>;
  users: ReadonlyMap<string, DemoUser>;
  templates: readonly StoredTemplate[];
  vacancies: ReadonlyMap<string, SceneVacancy>;
  files: Record<string, DemoFile>;
  /** False beside a real WhatsApp number: nobody has consented, nobody was written to. */
  withHistory: boolean;
  rows: Rows;
  phones: PhoneHistory;
};

export type SceneVacancy = {
  id: string;
  title: string;
  lead: string;
  team: string[];
  stages: { id: string; name: string }[];
  /** Of its interview stage. */
  action: { id: string; since: Date };
};

type Point = {
  id: string;
  kind: string;
  key: string;
  valid: boolean;
  phoneType: 'mobile' | 'landline' | 'voip' | 'unknown';
  whatsapp: 'unknown' | 'present' | 'absent';
  waId: string | null;
};

type Sent = {
  id: string;
  providerId: string | null;
  applicationId: string | null;
  row: Row;
  /** Of an e-mail. */
  header?: { messageId: string; threadId: string };
};

/**
 * Lets one person's history happen, oldest first, by the product's own rules: the chat reducer moves the chat, the
 * eligibility list decides what may be sent, and what is written is what the commands write. A story that the rules
 * forbid is a fault of the story, and throws.
 */
export function tellHistory(
  scene: Scene,
  person: DemoPerson & { kind?: 'contact'; employerId?: string; toReview?: boolean },
  beats: readonly Beat[],
): void {
  const { rows, dayMs, organizationId, now } = scene;
  const org = { organization_id: organizationId };
  const at = (daysAgo: number): Date =>
    new Date(Math.min(Math.round(now.getTime() - daysAgo * dayMs), now.getTime()));
  const later = (date: Date, minutes: number): Date =>
    new Date(date.getTime() + Math.round((minutes * dayMs) / 1440));
  const userId = (key: string | null): string | null => (key === null ? null : scene.userIds.get(key)!);

  const addedAt = at(person.addedDaysAgo);
  const personId = scene.newId(addedAt);
  const conversationId = scene.newId(addedAt);
  const responsibleUserId = userId(person.responsible);
  let chat: Chat = newChat;
  let messageCount = 0;
  let inboundCount = 0;
  let answeredInbound = 0;
  let last: { at: Date; id: string; direction: 'in' | 'out' } | null = null;
  let lastSenderId: string | null = null;
  let unansweredSince: Date | null = null;
  let windowAt: Date | null = null;
  let consent: boolean | null = null;
  let optedOut: Channel[] = [];
  let application: {
    id: string;
    vacancy: SceneVacancy;
    stageId: string;
    entryId: string;
    updatedAt: Date;
  } | null = null;
  let rejectedAt: Date | null = null;
  let currentEntry: Row | null = null;
  const messages: Sent[] = [];
  const ownMails: Row[] = [];
  const notifications: Row[] = [];

  const points = makePoints();
  const phone = points.find((point) => point.kind === 'phone');
  const number = phone?.valid ? (phone.waId ?? phone.key.slice(1)) : null;
  if (number && phone?.phoneType === 'mobile') {
    scene.phones.phones.push({
      number,
      name: `${person.firstName} ${person.lastName}`,
      onWhatsApp: person.onWhatsApp,
    });
  }
  timeline('personCreated', addedAt, {
    actor: person.toReview ? null : (person.responsible ?? 'anna'),
    data: person.toReview ? { source: 'whatsapp' } : {},
  });
  if (phone) tellConsent(phone);
  for (const event of events()) event.happen();
  moveChat(settle(chat, now, dayMs), null);
  writePerson();

  function makePoints(): Point[] {
    const inputs = [
      ...(person.phone === null ? [] : [{ kind: 'phone' as const, value: person.phone }]),
      ...(person.secondPhone === null ? [] : [{ kind: 'phone' as const, value: person.secondPhone }]),
      ...(person.email === null ? [] : [{ kind: 'email' as const, value: person.email }]),
    ];
    return keyContactPoints(inputs, company.country).points.map((point) => ({
      ...point,
      id: scene.newId(addedAt),
      whatsapp: 'unknown' as const,
      value: point.value,
    }));
  }

  /** Stage entries and the story's own beats, in the order of time. */
  function events(): { daysAgo: number; happen: () => void }[] {
    const entered = person.application?.entered ?? [];
    const list = [
      ...entered.map(({ stage, daysAgo }) => ({ daysAgo, happen: () => enterStage(stage, at(daysAgo)) })),
      ...beats.map((beat) => ({ daysAgo: beat.daysAgo, happen: () => tell(beat, at(beat.daysAgo)) })),
    ];
    const rejected = person.application?.rejectedDaysAgo;
    if (rejected !== undefined) list.push({ daysAgo: rejected, happen: () => (rejectedAt = at(rejected)) });
    return list.sort((a, b) => b.daysAgo - a.daysAgo);
  }

  function tell(beat: Beat, date: Date): void {
    switch (beat.type) {
      case 'in':
        return receive(date, { kind: 'text', body: beat.text, content: {} });
      case 'press':
        return receive(date, {
          kind: 'buttonReply',
          body: beat.text,
          content: { buttonPayload: beat.text },
          replyTo: messages.findLast(({ row }) => row.kind === 'template'),
        });
      case 'fileIn':
        return receive(date, { ...fileOf(beat.file, date), body: beat.caption ?? null });
      case 'location':
        return receive(date, {
          kind: 'location',
          body: beat.name,
          content: {
            location: { latitude: beat.latitude, longitude: beat.longitude, name: beat.name, address: null },
          },
        });
      case 'react':
        return react(date, beat.emoji);
      case 'out':
        return send(date, { by: beat.by, kind: 'text', body: beat.text, content: {} }, beat.outcome);
      case 'template':
        return sendTemplate(
          date,
          { name: beat.name, language: beat.language, by: beat.by, stageEntryId: null },
          beat.outcome,
        );
      case 'close':
        return moveChat(reduceChat(chat, { type: 'closed', at: date }, dayMs), beat.by);
      case 'handOver':
        return handOver(date, beat.by, beat.to);
      case 'note':
        return note(date, beat);
      case 'mail':
        return mail(date, beat);
    }
  }

  function enterStage(position: number, date: Date): void {
    const vacancy = scene.vacancies.get(person.application!.vacancy)!;
    const stage = vacancy.stages[position]!;
    const actor = userId(position === 0 ? (person.responsible ?? vacancy.lead) : vacancy.lead);
    const from: string | null = application?.stageId ?? null;
    const [moveId, entryId] = [scene.newId(date), scene.newId(date)];
    if (currentEntry) currentEntry.left_at = date;
    application = {
      id: application?.id ?? scene.newId(date),
      vacancy,
      stageId: stage.id,
      entryId,
      updatedAt: date,
    };
    currentEntry = {
      ...org,
      id: entryId,
      application_id: application.id,
      move_id: moveId,
      from_stage_id: from,
      to_stage_id: stage.id,
      actor_user_id: actor,
      entered_at: date,
      left_at: null,
    };
    rows.stage_entries.push(currentEntry);
    const acts = scene.withHistory && stage.name === interviewStage && date >= vacancy.action.since;
    rows.stage_moves.push({
      ...org,
      id: moveId,
      stage_id: stage.id,
      vacancy_id: application.vacancy.id,
      count: 1,
      run_actions: true,
      actor_user_id: actor,
      created_at: date,
      finished_at: acts ? later(date, 0.05) : null,
    });
    timeline('stageMoved', date, {
      actorId: actor,
      applicationId: application.id,
      data: { fromStageId: from, toStageId: stage.id },
    });
    if (acts) runAction(date, moveId, entryId);
  }

  /** The automatic action of the interview stage, as the stage move's workflow carries it out. */
  function runAction(date: Date, moveId: string, entryId: string): void {
    const fired = later(date, 0.01);
    sendTemplate(fired, { name: 'interview_invitation', language: 'en', by: null, stageEntryId: entryId });
    const message = messages.at(-1)!;
    const suppressed = message.row.state === 'suppressed';
    rows.action_runs.push({
      ...org,
      id: scene.newId(date),
      stage_entry_id: entryId,
      stage_action_id: application!.vacancy.action.id,
      move_id: moveId,
      application_id: application!.id,
      channel: 'whatsapp',
      state: suppressed ? 'suppressed' : 'done',
      due_at: date,
      reason: suppressed ? message.row.reason : null,
      message_id: message.id,
      created_at: date,
      settled_at: fired,
    });
  }

  function sendTemplate(
    date: Date,
    which: { name: string; language: string; by: string | null; stageEntryId: string | null },
    outcome?: Outcome,
  ): void {
    const template = scene.templates.find(
      ({ name, language }) => name === which.name && language === which.language,
    )!;
    const { values, missing } = fillParameters(template.parameters, {}, variables(which.by));
    const display = displayTemplate(template.components, values);
    send(
      date,
      {
        by: which.by,
        kind: 'template',
        body: display.body,
        content: { template: { name: template.name, language: template.language, values, display } },
        template,
        complete: missing.length === 0,
        stageEntryId: which.stageEntryId,
      },
      outcome,
    );
  }

  /** As `loadVariables` reads them. */
  function variables(by: string | null): VariableValues {
    const user = scene.users.get(by ?? person.responsible ?? '');
    const kind = person.kind ?? 'candidate';
    const stage = application?.vacancy.stages.find(({ id }) => id === application!.stageId);
    return {
      [`${kind}.firstName`]: person.firstName,
      [`${kind}.lastName`]: person.lastName,
      [`${kind}.fullName`]: `${person.firstName} ${person.lastName}`.trim(),
      'vacancy.title': application?.vacancy.title,
      'stage.name': stage?.name,
      'company.name': company.name,
      'recruiter.firstName': user?.firstName,
      'recruiter.fullName': user && `${user.firstName} ${user.lastName}`,
      'recruiter.phone': user?.phone,
      'recruiter.email': user && emailOf(user),
    };
  }

  function send(
    date: Date,
    message: {
      by: string | null;
      kind: string;
      body: string | null;
      content: MessageContent;
      template?: StoredTemplate;
      complete?: boolean;
      stageEntryId?: string | null;
    },
    outcome: Outcome = {},
  ): void {
    const sender = userId(message.by);
    const settled = settle(chat, date, dayMs).chat;
    if (sender && settled.ownerId && settled.ownerId !== sender)
      throw new Error(
        `${message.by} cannot write to ${person.firstName} ${person.lastName}: a colleague owns the chat.`,
      );
    const reason = reasonAgainst(date, message);
    if (reason && sender)
      throw new Error(`${message.by} cannot write to ${person.firstName} ${person.lastName}: ${reason}.`);
    const id = scene.newId(date);
    if (!reason && sender)
      moveChat(reduceChat(chat, { type: 'started', at: date, userId: sender }, dayMs), message.by);
    const row: Row = {
      ...messageRow(id, date),
      direction: 'out',
      origin: sender ? 'manual' : 'automatic',
      state: reason ? 'suppressed' : 'sent',
      kind: message.kind,
      body: message.body,
      content: message.content,
      application_id: application?.id ?? null,
      template_id: message.template?.id ?? null,
      template_version: message.template?.version ?? null,
      sender_user_id: sender,
      stage_entry_id: message.stageEntryId ?? null,
      credits: reason ? 0 : whatsAppCredits,
      reason: reason ?? null,
    };
    rows.messages.push(row);
    messages.push({ id, providerId: null, applicationId: application?.id ?? null, row });
    timeline(reason ? 'messageSuppressed' : 'messageSent', date, {
      actorId: sender,
      applicationId: application?.id ?? null,
      messageId: id,
      data: { automatic: !sender, ...(reason ? { reason } : {}) },
    });
    if (reason) return;
    ledger('reserve', -whatsAppCredits, id, date);
    last = { at: date, id, direction: 'out' };
    lastSenderId = sender ?? lastSenderId;
    if (sender) {
      unansweredSince = null;
      answeredInbound = inboundCount;
    }
    takeIt(date, messages.at(-1)!, outcome, message);
  }

  /** The provider takes the message, and says what became of it. */
  function takeIt(
    date: Date,
    sent: Sent,
    outcome: Outcome,
    message: { kind: string; template?: StoredTemplate },
  ): void {
    const { row, id } = sent;
    const sentAt = later(date, 0.02);
    const waId = number!;
    const providerId = scene.newWamid(waId, 'out');
    sent.providerId = providerId;
    Object.assign(row, {
      provider_id: providerId,
      attempts: 1,
      attempt_token: scene.newId(date),
      dispatch_deadline_at: new Date(date.getTime() + 12_000),
      sent_at: sentAt,
    });
    providerMessage(providerId, id);
    ledger('commit', 0, id, sentAt);
    phone!.whatsapp = 'present';
    if (row.sender_user_id)
      moveChat(
        reduceChat(
          chat,
          { type: 'manualSendTaken', at: sentAt, userId: row.sender_user_id as string },
          dayMs,
        ),
        null,
      );
    receipt(id, 'sent', sentAt);
    const failedAt = later(date, 0.05);
    if (outcome.failed) {
      const { code, reason, detail } = outcome.failed;
      Object.assign(row, {
        state: 'failed',
        reason,
        reason_detail: detail,
        provider_code: code,
        failed_at: failedAt,
      });
      receipt(id, 'failed', failedAt, outcome.failed);
      ledger('refund', whatsAppCredits, id, failedAt);
      if (reason === 'not_on_whatsapp') phone!.whatsapp = 'absent';
      timeline('messageFailed', failedAt, {
        applicationId: row.application_id as string | null,
        messageId: id,
        data: { reason },
      });
    } else if (outcome.until !== 'sent') {
      const deliveredAt = later(date, 0.06);
      const readAt = later(date, outcome.readAfterMinutes ?? 4);
      Object.assign(row, { state: 'delivered', delivered_at: deliveredAt });
      receipt(id, 'delivered', deliveredAt);
      if (outcome.until !== 'delivered' && readAt < now) {
        Object.assign(row, { state: 'read', read_at: readAt });
        receipt(id, 'read', readAt);
      }
    }
    const display = (row.content as MessageContent).template?.display;
    scene.phones.messages.push({
      number: waId,
      id: providerId,
      direction: 'received',
      at: date,
      sentAt,
      deliveredAt: (row.delivered_at as Date | null) ?? undefined,
      readAt: (row.read_at as Date | null) ?? undefined,
      ...(outcome.failed ? { failedAt, error: outcome.failed } : {}),
      callbackData: id,
      category: message.template ? (message.template.category?.toLowerCase() ?? 'utility') : 'service',
      content: display
        ? {
            type: 'template',
            name: message.template!.name,
            language: message.template!.language,
            ...(display.header === null ? {} : { header: display.header }),
            text: display.body,
            ...(display.footer === null ? {} : { footer: display.footer }),
            buttons: display.buttons.map((button) => ({ ...button, payload: button.text })),
          }
        : { type: 'text', text: row.body as string },
    });
  }

  function reasonAgainst(
    date: Date,
    message: { template?: StoredTemplate; complete?: boolean },
  ): ReasonCode | undefined {
    const intent: SendIntent = {
      credits: whatsAppCredits,
      content: message.template
        ? {
            type: 'template',
            approved: message.template.status === 'approved',
            category: message.template.category,
            complete: message.complete ?? true,
          }
        : { type: 'free' },
    };
    const facts = {
      channel: 'whatsapp' as const,
      email: null,
      confidential: false,
      inPlan: true,
      account: { state: 'connected' as const },
      phone: phone ? { valid: phone.valid, phoneType: phone.phoneType, whatsapp: phone.whatsapp } : null,
      consent,
      optedOut,
      marketingDeclined: false,
      windowOpen: windowUntil(windowAt, date, dayMs) !== null,
      balance: company.credits,
    };
    return reasonsAgainst(facts, intent)[0];
  }

  function receive(
    date: Date,
    message: { kind: string; body: string | null; content: MessageContent; file?: DemoFile; replyTo?: Sent },
  ): void {
    const id = scene.newId(date);
    const providerId = scene.newWamid(number!, 'in');
    const replied = message.replyTo ?? null;
    const about =
      replied ?? messages.findLast(({ row }) => row.direction === 'out' && row.state !== 'suppressed');
    wasContacted(date);
    const row: Row = {
      ...messageRow(id, date),
      direction: 'in',
      origin: 'person',
      state: 'received',
      kind: message.kind,
      body: message.body,
      content: message.content,
      application_id: about?.applicationId ?? null,
      reply_to_id: replied?.id ?? null,
      provider_id: providerId,
    };
    rows.messages.push(row);
    messages.push({ id, providerId, applicationId: about?.applicationId ?? null, row });
    if (message.content.mediaId) rows.media.push(mediaRow(message.content.mediaId, id, message.file!, date));
    providerMessage(providerId, id);
    inboundCount++;
    last = { at: date, id, direction: 'in' };
    unansweredSince ??= date;
    timeline('messageReceived', date, { applicationId: about?.applicationId ?? null, messageId: id });
    notify(
      'messageReceived',
      date,
      [chat.status === 'active' ? chat.ownerId : responsibleUserId, lastSenderId],
      {
        message_id: id,
      },
    );
    takeOptOut(message, date);
    scene.phones.messages.push({
      number: number!,
      id: providerId,
      direction: 'sent',
      at: date,
      deliveredAt: date,
      ...(replied?.providerId ? { replyTo: replied.providerId } : {}),
      ...(message.file ? { file: message.file } : {}),
      content: phoneContent(message),
    });
  }

  function phoneContent(message: {
    kind: string;
    body: string | null;
    content: MessageContent;
    file?: DemoFile;
  }): object {
    if (message.kind === 'buttonReply') return { type: 'button', text: message.body, payload: message.body };
    if (message.kind === 'location') {
      const { latitude, longitude, name } = message.content.location!;
      return { type: 'location', latitude, longitude, name };
    }
    if (!message.file) return { type: 'text', text: message.body };
    return {
      type: message.kind,
      mimeType: message.file.mimeType,
      filename: message.file.filename,
      ...(message.body === null ? {} : { caption: message.body }),
    };
  }

  function fileOf(name: string, date: Date): { kind: string; content: MessageContent; file: DemoFile } {
    const file = scene.files[name]!;
    const kind = file.mimeType.startsWith('image/') ? 'image' : 'document';
    return { kind, content: { mediaId: scene.newId(date) }, file };
  }

  /** The person wrote or reacted: the window opens, the chat moves (R-CHAT-6). */
  function wasContacted(date: Date): void {
    windowAt = date;
    phone!.whatsapp = 'present';
    moveChat(reduceChat(chat, { type: 'inbound', at: date }, dayMs), null);
  }

  function react(date: Date, emoji: string): void {
    const target = messages.findLast(({ row }) => row.direction === 'out' && row.state !== 'suppressed')!;
    wasContacted(date);
    rows.reactions.push({ ...org, message_id: target.id, actor: 'person', emoji, occurred_at: date });
    const shown = scene.phones.messages.find(({ id }) => id === target.providerId)!;
    shown.reactionOfPhone = emoji;
    // It opens the window on the phone's side too.
    scene.phones.messages.push({
      number: number!,
      id: scene.newWamid(number!, 'in'),
      direction: 'sent',
      at: date,
      deliveredAt: date,
      content: { type: 'reaction', messageId: target.providerId, emoji },
    });
  }

  function takeOptOut(message: { kind: string; body: string | null }, date: Date): void {
    const meaning =
      message.kind === 'text' || message.kind === 'buttonReply' ? optOutWord(message.body ?? '') : undefined;
    if (meaning !== 'stop') return;
    optedOut = ['whatsapp', 'sms'];
    rows.opt_outs.push({
      ...org,
      id: scene.newId(date),
      key_hash: scene.hashKey(phone!.key),
      contact_point_id: phone!.id,
      channels: optedOut,
      marketing_only: false,
      words: message.body,
      occurred_at: date,
    });
    timeline('optOut', date, { data: { optedOut: true, marketingOnly: false, words: message.body } });
  }

  function handOver(date: Date, by: string, to: string): void {
    notify('handedOver', date, [userId(to)], { data: { by: nameOf(by) } });
    moveChat(reduceChat(chat, { type: 'handedOver', at: date, userId: userId(to)! }, dayMs), by);
  }

  /** It moves no chat: those are of WhatsApp. */
  function mail(date: Date, beat: DemoMail): void {
    const point = points.find(({ kind }) => kind === 'email')!;
    const before = beat.answers ? messages.findLast(({ header }) => header !== undefined)! : null;
    const sender = userId(beat.by ?? null);
    const direction = sender ? 'out' : 'in';
    const about =
      before ??
      (sender ? null : messages.findLast(({ row }) => row.direction === 'out' && row.state !== 'suppressed'));
    const applicationId = about ? about.applicationId : beat.in ? null : (application?.id ?? null);
    const [id, mailId] = [scene.newId(date), scene.newId(date)];
    const fromConversation = sender !== null && !beat.in;
    const messageId = `<${fromConversation ? id : mailId}@${direction === 'out' ? company.domain : 'mail.example'}>`;
    const header = { messageId, threadId: before?.header?.threadId ?? mailId };
    const providerId = fromConversation ? messageId : `${messageId} ${conversationId}`;
    const row: Row = {
      ...messageRow(id, date),
      channel: 'email',
      direction,
      origin: sender ? 'manual' : 'person',
      state: sender ? 'sent' : 'received',
      kind: 'text',
      title: beat.subject,
      body: beat.text,
      content: fromConversation ? null : { mailId },
      application_id: applicationId,
      reply_to_id: fromConversation ? null : (before?.id ?? null),
      sender_user_id: sender,
      channel_account_id: scene.emailAccountId,
      contact_point_id: point.id,
      provider_id: providerId,
      sent_at: sender ? later(date, 0.02) : null,
      ...(fromConversation && { attempts: 1, attempt_token: scene.newId(date) }),
    };
    rows.messages.push(row);
    messages.push({ id, providerId, applicationId, row, header });
    rows.provider_messages.push({
      channel_account_id: scene.emailAccountId,
      provider_id: providerId,
      ...org,
      message_id: id,
    });
    last = { at: date, id, direction };
    timeline(sender ? 'messageSent' : 'messageReceived', date, {
      actorId: sender,
      applicationId,
      messageId: id,
      ...(fromConversation && { data: { automatic: false } }),
    });
    if (sender) {
      lastSenderId = sender;
      unansweredSince = null;
      answeredInbound = inboundCount;
    } else {
      inboundCount++;
      unansweredSince ??= date;
      notify(
        'messageReceived',
        date,
        [responsibleUserId, lastSenderId, ...['anna', ...(application?.vacancy.team ?? [])].map(userId)],
        {
          message_id: id,
        },
      );
    }
    if (fromConversation) return;
    const file = beat.file === undefined ? undefined : scene.files[beat.file]!;
    const own = scene.users.get(beat.in ?? '');
    const theirs = { name: `${person.firstName} ${person.lastName}`, address: person.email! };
    const ours = own
      ? { name: `${own.firstName} ${own.lastName}`, address: emailOf(own) }
      : { name: company.name, address: `reply@${company.domain}` };
    const stored = mailRows({
      organizationId,
      id: mailId,
      userId: userId(beat.in ?? null),
      conversationId: own ? null : conversationId,
      direction,
      ...header,
      answers: before?.header?.messageId ?? null,
      ...(sender ? { from: ours, to: theirs } : { from: theirs, to: ours }),
      subject: beat.subject,
      text: beat.text,
      file,
      at: date,
      seen: true,
    });
    rows.mails.push(stored.mail);
    rows.mail_raws.push(stored.raw);
    rows.mail_filings.push({ ...org, mail_id: mailId, person_id: personId, message_id: id, by_hand: false });
    if (file) rows.media.push({ ...mediaRow(scene.newId(date), null, file, date), mail_id: mailId });
    if (!sender && own) ownMails.push(stored.mail);
  }

  function note(date: Date, beat: { by: string; text: string; for?: string[] }): void {
    const id = scene.newId(date);
    const visibleTo = (beat.for ?? []).map((key) => userId(key)!);
    const applicationId = application?.id ?? null;
    rows.notes.push({
      ...org,
      id,
      person_id: personId,
      application_id: applicationId,
      author_id: userId(beat.by)!,
      body: beat.text,
      visible_to: visibleTo,
      occurred_at: date,
    });
    timeline('note', date, { actor: beat.by, applicationId, noteId: id });
    notify('note', date, visibleTo, { note_id: id, data: { by: nameOf(beat.by) } });
  }

  function tellConsent(point: Point): void {
    if (!scene.withHistory || person.consent === 'none') return;
    const given = later(addedAt, 1);
    const day = given.toISOString().slice(0, 10);
    const by = person.responsible ?? 'anna';
    const wording = `${company.name} may write to me on WhatsApp about my applications.`;
    if (person.consent === 'recorded')
      writeConsent(point, given, true, 'recordedByUser', {
        by,
        wording,
        evidence: `Said so on the phone on ${day}.`,
      });
    else if (person.consent === 'import')
      writeConsent(point, given, true, 'import', {
        by,
        wording,
        evidence: 'Column “WhatsApp: yes” of the file of the job fair.',
      });
    else
      writeConsent(point, given, true, 'applicationForm', {
        by: null,
        wording,
        evidence: `Ticked on the application form on ${day}.`,
      });
    if (person.consent !== 'withdrawn') return;
    writeConsent(point, at(person.addedDaysAgo * 0.7), false, 'recordedByUser', {
      by,
      wording: null,
      evidence: 'Asked on the phone to be written to by e-mail only.',
    });
  }

  function writeConsent(
    point: Point,
    date: Date,
    granted: boolean,
    source: string,
    more: { by: string | null; wording: string | null; evidence: string },
  ): void {
    const id = scene.newId(date);
    consent = granted;
    rows.consents.push({
      ...org,
      id,
      contact_point_id: point.id,
      channel: 'whatsapp',
      granted,
      source,
      wording: more.wording,
      evidence: more.evidence,
      recorded_by_id: userId(more.by),
      occurred_at: date,
      created_at: date,
    });
    timeline('consent', date, { actor: more.by, data: { channel: 'whatsapp', granted } });
    rows.audit_entries.push({
      ...org,
      id: scene.newId(date),
      actor_user_id: userId(more.by),
      actor: more.by === null ? 'Application form' : nameOf(more.by),
      action: 'consent.recorded',
      target: 'person',
      target_id: personId,
      after: { consentId: id, channel: 'whatsapp', granted },
      occurred_at: date,
    });
  }

  function moveChat(step: Step, by: string | null): void {
    for (const change of step.changes) tellChange(change, by);
    chat = step.chat;
  }

  function tellChange(change: ChatChange, by: string | null): void {
    switch (change.type) {
      case 'started':
        return timeline('chatStarted', change.at, { actorId: change.userId });
      case 'closed':
        return timeline('chatClosed', change.at, { actor: by, data: { ownerId: change.ownerId } });
      case 'expired':
        return timeline('chatExpired', change.at, { data: { ownerId: change.ownerId, to: 'open' } });
      case 'ran_out':
        return timeline('chatExpired', change.at, { data: { to: 'closed' } });
      case 'handedOver':
        return timeline('chatHandedOver', change.at, {
          actor: by,
          data: { from: change.from, to: change.to },
        });
      case 'reopened':
        return undefined;
    }
  }

  function timeline(
    kind: string,
    date: Date,
    more: {
      actor?: string | null;
      actorId?: string | null;
      applicationId?: string | null;
      messageId?: string;
      noteId?: string;
      data?: object;
    } = {},
  ): void {
    rows.timeline_entries.push({
      ...org,
      id: scene.newId(date),
      person_id: personId,
      application_id: more.applicationId ?? null,
      kind,
      actor_user_id: more.actorId ?? userId(more.actor ?? null),
      message_id: more.messageId ?? null,
      note_id: more.noteId ?? null,
      data: more.data ?? {},
      occurred_at: date,
    });
  }

  function notify(
    kind: string,
    date: Date,
    to: (string | null)[],
    more: { message_id?: string; note_id?: string; data?: object },
  ): void {
    for (const user of new Set(to.filter((id) => id !== null))) {
      const row: Row = {
        ...org,
        id: scene.newId(date),
        user_id: user,
        kind,
        person_id: personId,
        conversation_id: conversationId,
        message_id: more.message_id ?? null,
        note_id: more.note_id ?? null,
        data: more.data ?? {},
        occurred_at: date,
        seen_at: null,
      };
      notifications.push(row);
      rows.notifications.push(row);
    }
  }

  function ledger(kind: string, amount: number, messageId: string, date: Date): void {
    rows.credit_entries.push({
      ...org,
      id: scene.newId(date),
      kind,
      amount,
      message_id: messageId,
      note: null,
      actor: null,
      occurred_at: date,
    });
  }

  function receipt(
    messageId: string,
    status: string,
    date: Date,
    failure?: { code: number; detail: string },
  ): void {
    rows.receipts.push({
      ...org,
      message_id: messageId,
      status,
      occurred_at: date,
      received_at: date,
      provider_code: failure?.code ?? null,
      detail: failure?.detail ?? null,
    });
  }

  function providerMessage(providerId: string, messageId: string): void {
    rows.provider_messages.push({
      channel_account_id: scene.accountId,
      provider_id: providerId,
      ...org,
      message_id: messageId,
    });
  }

  /** Every column that a message can have, so that all rows of the table name the same. */
  function messageRow(id: string, date: Date): Row {
    return {
      ...org,
      id,
      conversation_id: conversationId,
      position: ++messageCount,
      application_id: null,
      channel: 'whatsapp',
      direction: null,
      origin: null,
      state: null,
      kind: null,
      title: null,
      body: null,
      content: null,
      template_id: null,
      template_version: null,
      reply_to_id: null,
      sender_user_id: null,
      channel_account_id: scene.accountId,
      contact_point_id: phone?.id ?? null,
      stage_entry_id: null,
      credits: 0,
      reason: null,
      reason_detail: null,
      provider_code: null,
      provider_id: null,
      attempts: 0,
      attempt_token: null,
      dispatch_deadline_at: null,
      occurred_at: date,
      created_at: date,
      sent_at: null,
      delivered_at: null,
      read_at: null,
      failed_at: null,
    };
  }

  function mediaRow(id: string, messageId: string | null, file: DemoFile, date: Date): Row {
    return {
      ...org,
      id,
      message_id: messageId,
      mail_id: null,
      state: 'stored',
      provider_id: messageId === null ? null : String(scene.random.between(1e14, 9e14)),
      mime_type: file.mimeType,
      filename: file.filename,
      size: file.bytes.length,
      sha256: file.sha256,
      bytes: `\\x${file.bytes.toString('hex')}`,
      voice: false,
      attempts: 1,
      created_at: date,
    };
  }

  function writePerson(): void {
    const updatedAt = last?.at ?? addedAt;
    rows.people.push({
      ...org,
      id: personId,
      kind: person.kind ?? 'candidate',
      first_name: person.firstName,
      last_name: person.lastName,
      employer_id: person.employerId ?? null,
      responsible_user_id: responsibleUserId,
      time_zone: person.toReview ? null : person.timeZone,
      language: person.toReview ? null : person.language,
      tags: person.tags,
      custom: person.custom,
      to_review: person.toReview ?? false,
      confidential: false,
      created_at: addedAt,
      updated_at: addedAt,
    });
    points.forEach((point, position) =>
      rows.contact_points.push({
        ...org,
        id: point.id,
        person_id: personId,
        kind: point.kind,
        key: point.key,
        value: (point as Point & { value: string }).value,
        valid: point.valid,
        phone_type: point.phoneType,
        whatsapp: point.whatsapp,
        wa_id: point === phone && point.whatsapp === 'present' ? number : point.waId,
        position,
        created_at: addedAt,
      }),
    );
    if (application) {
      rows.applications.push({
        ...org,
        id: application.id,
        person_id: personId,
        vacancy_id: application.vacancy.id,
        stage_id: application.stageId,
        stage_entry_id: application.entryId,
        position: 0,
        rejected_at: rejectedAt,
        created_at: at(person.application!.entered[0]!.daysAgo),
        updated_at: rejectedAt ?? application.updatedAt,
      });
    }
    rows.conversations.push({
      ...org,
      id: conversationId,
      person_id: personId,
      status: chat.status,
      owner_id: chat.ownerId,
      last_owner_id: chat.lastOwnerId,
      chat_version: chat.version,
      last_contact_at: chat.lastContactAt,
      opened_at: chat.openedAt,
      last_inbound_at: chat.lastInboundAt,
      deadline_at: chat.deadlineAt,
      responsible_user_id: responsibleUserId,
      inbox_user_id: chat.status === 'active' ? chat.ownerId : responsibleUserId,
      message_count: messageCount,
      inbound_count: inboundCount,
      last_message_at: last?.at ?? null,
      last_message_id: last?.id ?? null,
      last_direction: last?.direction ?? null,
      last_sender_id: lastSenderId,
      channels: [...new Set(messages.map(({ row }) => row.channel as string))],
      unanswered_since: unansweredSince,
      created_at: addedAt,
      updated_at: updatedAt,
    });
    if (windowAt && phone)
      rows.service_windows.push({
        ...org,
        channel_account_id: scene.accountId,
        contact_point_id: phone.id,
        last_inbound_at: windowAt,
      });
    for (const row of notifications) {
      const waits = unansweredSince !== null && (row.occurred_at as Date) >= unansweredSince;
      if (!waits) row.seen_at = later(row.occurred_at as Date, 3);
    }
    // as the message in the conversation, so the mail
    for (const row of ownMails)
      if (unansweredSince !== null && (row.occurred_at as Date) >= unansweredSince) row.seen_at = null;
    markRead();
    if (chat.status !== 'closed') tellWorkflow();
  }

  /** The office has read everything up to its last answer. */
  function markRead(): void {
    const read = unansweredSince === null ? inboundCount : answeredInbound;
    if (read === 0) return;
    for (const user of scene.users.values()) {
      if (user.role !== 'administrator' && user.role !== 'supervisor' && user.role !== 'recruiter') continue;
      rows.conversation_reads.push({
        ...org,
        conversation_id: conversationId,
        user_id: userId(user.key),
        inbound_read: read,
        read_at: last!.at,
      });
    }
  }

  /** Its workflow keeps the deadline: the outbox starts it. */
  function tellWorkflow(): void {
    rows.outbox.push({
      id: scene.newId(now),
      ...org,
      workflow_type: 'conversation',
      workflow_id: conversationWorkflowId(conversationId),
      payload: {
        organizationId,
        conversationId,
        snapshot: {
          version: chat.version,
          status: chat.status,
          ownerId: chat.ownerId,
          personId,
          deadlineAt: chat.deadlineAt?.toISOString() ?? null,
          pending: false,
        },
      },
      created_at: now,
      attempts: 0,
      next_try_at: now,
    });
  }

  function nameOf(key: string): string {
    const user = scene.users.get(key)!;
    return `${user.firstName} ${user.lastName}`;
  }
}
