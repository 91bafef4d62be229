import express, { type NextFunction, type Request, type Response, type Router } from 'express';
import type { Context } from './context';
import type { Control } from './control';
import { ControlError } from './control-error';
import { dnsRoutes } from './dns/routes';
import { GraphError } from './graph-error';
import { verifyCallback } from './graph-routes';
import { mailRoutes } from './mail/routes';
import { isMediaKind } from './media-types';
import type { Phone, Template, TemplateStatus } from './model';
import { parseMultipart } from './multipart';
import { kindOfFile, type PhoneMessage } from './phones';
import type { PhoneWish } from './control';
import type { WebhookPoster } from './post-webhook';
import type { NewAccount } from './presets';
import { smsControlRoutes } from './sms/control-routes';

type Json = Record<string, unknown>;

/** `/sandbox/…`: what the real service has no API for. Described in docs/sandbox.md. */
export function controlRoutes(context: Context, control: Control, poster: WebhookPoster): Router {
  const router = express.Router();
  router.use(express.json({ limit: '150mb' }));

  router.get('/state', (_request, response) => {
    response.json({ now: context.clock.now().toISOString(), dayMs: context.dayMs });
  });
  router.get('/events', (_request, response) => context.live.subscribe(response));
  router.post('/reset', (request, response) => {
    control.reset({ everything: bodyOf(request).everything === true });
    response.json({ success: true });
  });

  accountRoutes(router, control, poster);
  phoneRoutes(router, control);
  smsControlRoutes(router, control.sms);
  templateRoutes(router, control);
  deliveryRoutes(router, control);
  mailRoutes(router, context.office);
  router.use('/dns', dnsRoutes(context.zone));

  router.get('/media/:id', async (request, response) => {
    const media = context.store.tables.media.get(request.params.id);
    const bytes = media && (await context.store.readBlob(media.id));
    if (!media || !bytes) throw new ControlError(404, 'There is no such file.');
    response.set({
      'Content-Type': media.mimeType,
      'X-Content-Type-Options': 'nosniff',
      'Content-Security-Policy': 'sandbox',
      'Content-Disposition': `inline; filename*=UTF-8''${encodeURIComponent(media.filename ?? media.id)}`,
    });
    response.send(bytes);
  });

  router.use((request) => {
    throw new ControlError(404, `The sandbox has no ${request.method} ${request.baseUrl}${request.path}.`);
  });
  router.use(answerError);
  return router;
}

function accountRoutes(router: Router, control: Control, poster: WebhookPoster): void {
  router.get('/accounts', (_request, response) => {
    response.json({ data: control.accounts().map(publicAccount) });
  });
  router.post('/accounts', (request, response) => {
    response.status(201).json(publicAccount(control.createAccount(accountWish(bodyOf(request)))));
  });
  router.get('/accounts/:id', (request, response) => {
    response.json(publicAccount(control.account(request.params.id)));
  });
  router.patch('/accounts/:id', (request, response) => {
    response.json(publicAccount(control.updateAccount(request.params.id, accountWish(bodyOf(request)))));
  });
  /** The app's own address, as one sets it in Meta's app dashboard: with the same handshake. */
  router.put('/accounts/:id/webhook', async (request, response) => {
    const { url, verifyToken } = bodyOf(request);
    control.account(request.params.id);
    if (typeof url === 'string') await verifyCallback(poster, { url, verifyToken: text(verifyToken) ?? '' });
    const appCallbackUrl = typeof url === 'string' ? url : null;
    response.json(publicAccount(control.updateAccount(request.params.id, { appCallbackUrl })));
  });
  router.post('/accounts/:id/history', async (request, response) => {
    response
      .status(201)
      .json({ remembered: await control.remember(request.params.id, bodyOf(request).messages) });
  });
  router.post('/accounts/:id/events', (request, response) => {
    const { field, value } = bodyOf(request);
    if (typeof field !== 'string' || value === undefined)
      throw new ControlError(400, 'An event needs field and value.');
    control.account(request.params.id);
    control.sendEvent(request.params.id, { field, value });
    response.status(202).json({ success: true });
  });
}

function publicAccount(account: ReturnType<Control['account']>): Json {
  const { id, ...rest } = account;
  return { phoneNumberId: id, ...rest };
}

function accountWish(body: Json): NewAccount {
  const texts = ['wabaId', 'token', 'appSecret', 'displayPhoneNumber', 'verifiedName'] as const;
  const numbers = ['throughput', 'pairIntervalMs', 'pairBurst', 'messagingLimit'] as const;
  const wish: NewAccount = {};
  if (typeof body.phoneNumberId === 'string') wish.id = body.phoneNumberId;
  for (const key of texts) if (typeof body[key] === 'string') wish[key] = body[key];
  for (const key of numbers) if (typeof body[key] === 'number' && body[key] >= 0) wish[key] = body[key];
  if (body.windowClosedAs === 'refusal' || body.windowClosedAs === 'status')
    wish.windowClosedAs = body.windowClosedAs;
  if (typeof body.autoApproveTemplates === 'boolean') wish.autoApproveTemplates = body.autoApproveTemplates;
  const { quality } = body;
  if (quality === 'GREEN' || quality === 'YELLOW' || quality === 'RED' || quality === 'UNKNOWN')
    wish.quality = quality;
  return wish;
}

function phoneRoutes(router: Router, control: Control): void {
  router.get('/phones', (request, response) => {
    const limit = Number(request.query.limit ?? 200);
    response.json({ data: control.phones({ search: text(request.query.search), limit }) });
  });
  router.post('/phones', (request, response) => {
    const wishes = Array.isArray(request.body) ? (request.body as Json[]) : undefined;
    const created = (wishes ?? [bodyOf(request)]).map((wish) => control.createPhone(phoneWish(wish)));
    response.status(201).json(wishes ? { data: created } : created[0]);
  });
  router.get('/phones/:number', (request, response) => {
    response.json(control.phone(request.params.number));
  });
  router.patch('/phones/:number', (request, response) => {
    response.json(control.updatePhone(request.params.number, phoneChange(bodyOf(request))));
  });
  router.get('/phones/:number/messages', (request, response) => {
    response.json({ data: control.messages({ ...messageFilter(request), number: request.params.number }) });
  });
  router.delete('/phones/:number/messages', (request, response) => {
    response.json({ forgotten: control.forgetMessages(request.params.number) });
  });
  router.post(
    '/phones/:number/send',
    express.raw({ type: 'multipart/form-data', limit: '120mb' }),
    async (request, response) => {
      const body = Buffer.isBuffer(request.body) ? fromForm(request) : bodyOf(request);
      const message = phoneMessage(body);
      const options = { phoneNumberId: text(body.phoneNumberId), replyTo: text(body.replyTo) };
      response.status(201).json(await control.write(request.params.number, message, options));
    },
  );
  router.post('/phones/:number/read', (request, response) => {
    const { phoneNumberId, messageId } = bodyOf(request);
    const filter = { phoneNumberId: text(phoneNumberId), messageId: text(messageId) };
    response.json({ read: control.read(request.params.number, filter) });
  });
  router.post('/phones/:number/played', (request, response) => {
    control.play(String(bodyOf(request).messageId));
    response.json({ success: true });
  });
  router.post('/phones/:number/block', (request, response) => {
    const { phoneNumberId, blocked } = bodyOf(request);
    control.block(request.params.number, { phoneNumberId: text(phoneNumberId), blocked: blocked !== false });
    response.json(control.phone(request.params.number));
  });
  router.post('/phones/:number/marketing', (request, response) => {
    const { phoneNumberId, value } = bodyOf(request);
    if (value !== 'stop' && value !== 'resume') throw new ControlError(400, 'value is stop or resume.');
    control.marketing(request.params.number, { phoneNumberId: text(phoneNumberId), value });
    response.json(control.phone(request.params.number));
  });
  router.post('/phones/:number/change-number', (request, response) => {
    response.json(control.changeNumber(request.params.number, String(bodyOf(request).to)));
  });
  router.get('/messages', (request, response) => {
    response.json({ data: control.messages(messageFilter(request)) });
  });
  router.get('/counts', (request, response) => {
    const minimum = Number(request.query.minimum ?? 1);
    const { number, callbackData } = request.query;
    response.json({
      data: control.counts({ number: text(number), callbackData: text(callbackData), minimum }),
    });
  });
}

function messageFilter(request: Request): Parameters<Control['messages']>[0] {
  const { direction, callbackData, afterSeq, limit, newest } = request.query;
  return {
    direction: direction === 'sent' || direction === 'both' ? direction : 'received',
    callbackData: text(callbackData),
    afterSeq: Number(afterSeq ?? 0),
    ...(limit !== undefined && { limit: Number(limit) }),
    ...(newest !== undefined && { newest: Number(newest) }),
  };
}

function phoneWish(body: Json): PhoneWish {
  const waId = text(body.waId) ?? text(body.wa_id) ?? text(body.number);
  if (waId === undefined) throw new ControlError(400, 'A phone needs waId.');
  return { waId, ...phoneChange(body) };
}

function phoneChange(
  body: Json,
): Partial<Pick<Phone, 'name' | 'onWhatsApp' | 'switchedOn' | 'readReceipts'>> {
  const flag = (value: unknown): boolean | undefined => (typeof value === 'boolean' ? value : undefined);
  return {
    name: text(body.name),
    onWhatsApp: flag(body.onWhatsApp),
    switchedOn: flag(body.switchedOn),
    readReceipts: flag(body.readReceipts),
  };
}

/** Fields and the file of a form, in the shape of the JSON body. */
function fromForm(request: Request): Json {
  const parts = parseMultipart(request.get('content-type') ?? '', request.body as Buffer);
  if (!parts) throw new ControlError(400, 'The form cannot be read.');
  const body: Json = {};
  for (const part of parts) {
    if (part.filename === undefined) body[part.name] = part.bytes.toString('utf8');
    else
      body.file = {
        bytes: part.bytes,
        mimeType: part.mimeType ?? 'application/octet-stream',
        filename: part.filename,
      };
  }
  if (typeof body.voice === 'string') body.voice = body.voice === 'true';
  return body;
}

function phoneMessage(body: Json): PhoneMessage {
  const file = fileOf(body);
  const type = text(body.type) ?? (file ? kindOfFile(file.mimeType) : 'text');
  if (isMediaKind(type)) {
    if (!file) throw new ControlError(400, 'A file needs base64 and mimeType.');
    return { type, file, caption: text(body.caption), voice: body.voice === true };
  }
  switch (type) {
    case 'text':
      return { type, text: needed(body, 'text') };
    case 'button':
      return { type, text: needed(body, 'text'), payload: text(body.payload) };
    case 'reaction':
      return { type, messageId: needed(body, 'messageId'), emoji: text(body.emoji) ?? '' };
    case 'location': {
      const { latitude, longitude } = body;
      if (typeof latitude !== 'number' || typeof longitude !== 'number') {
        throw new ControlError(400, 'A location needs latitude and longitude.');
      }
      return { type, latitude, longitude, name: text(body.name), address: text(body.address) };
    }
    case 'contacts':
      if (!Array.isArray(body.contacts)) throw new ControlError(400, 'contacts is a list.');
      return { type, contacts: body.contacts };
    case 'interactive':
      return { type, interactive: body.interactive, text: text(body.text) };
    case 'unsupported':
      return { type };
    case 'raw':
      return { type, message: body.message as Json };
    default:
      throw new ControlError(400, `A phone cannot send ${type}.`);
  }
}

function fileOf(body: Json): { bytes: Buffer; mimeType: string; filename?: string } | undefined {
  const file = body.file as
    { bytes?: Buffer; base64?: string; mimeType?: string; filename?: string } | undefined;
  if (file?.bytes && file.mimeType !== undefined)
    return { ...file, bytes: file.bytes, mimeType: file.mimeType };
  if (typeof file?.base64 !== 'string' || typeof file.mimeType !== 'string') return undefined;
  return { bytes: Buffer.from(file.base64, 'base64'), mimeType: file.mimeType, filename: file.filename };
}

function templateRoutes(router: Router, control: Control): void {
  router.get('/templates', (request, response) => {
    response.json({ data: control.templates(text(request.query.wabaId)) });
  });
  /** Unlike Meta's own call this one takes a status: a template that is approved from the start. */
  router.post('/templates', (request, response) => {
    const body = bodyOf(request) as Partial<Template>;
    if (!body.wabaId || !body.name || !Array.isArray(body.components)) {
      throw new ControlError(400, 'A template needs wabaId, name and components.');
    }
    const { wabaId, name, components } = body;
    response.status(201).json(control.createTemplate({ ...body, wabaId, name, components }));
  });
  router.post('/templates/:id/status', (request, response) => {
    const { status, reason } = bodyOf(request);
    const known: TemplateStatus[] = ['PENDING', 'APPROVED', 'REJECTED', 'PAUSED', 'DISABLED'];
    if (!known.includes(status as TemplateStatus))
      throw new ControlError(400, `status is one of ${known.join(', ')}.`);
    response.json(
      control.setTemplateStatus(request.params.id, {
        status: status as TemplateStatus,
        reason: text(reason),
      }),
    );
  });
}

function deliveryRoutes(router: Router, control: Control): void {
  router.get('/misbehaviour', (_request, response) => {
    response.json({ data: control.misbehaviours() });
  });
  router.put('/misbehaviour/:id', (request, response) => {
    control.misbehave(request.params.id, bodyOf(request));
    response.json({ data: control.misbehaviours() });
  });
  router.delete('/misbehaviour{/:id}', (request, response) => {
    control.behave(request.params.id);
    response.json({ data: control.misbehaviours() });
  });
  router.get('/webhooks', (_request, response) => {
    response.json({ data: control.deliveries() });
  });
  router.post('/webhooks/retry', (_request, response) => {
    control.retryWebhooks();
    response.status(202).json({ success: true });
  });
  /** Answers when nothing is under way any more. */
  router.get('/webhooks/settled', async (_request, response) => {
    await control.settled();
    response.json({ settled: true });
  });
}

function answerError(error: unknown, _request: Request, response: Response, next: NextFunction): void {
  if (response.headersSent) return next(error);
  const parser = (error as { status?: number } | undefined)?.status;
  const status =
    error instanceof ControlError || error instanceof GraphError ? error.status : (parser ?? 500);
  response
    .status(status)
    .json({ error: { message: error instanceof Error ? error.message : 'Unknown error' } });
}

function bodyOf(request: Request): Json {
  const body: unknown = request.body;
  return typeof body === 'object' && body !== null && !Array.isArray(body) ? (body as Json) : {};
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function needed(body: Json, key: string): string {
  const value = text(body[key]);
  if (value === undefined || value === '') throw new ControlError(400, `${key} is missing.`);
  return value;
}
