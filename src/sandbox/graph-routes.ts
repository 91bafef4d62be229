import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import express, { type NextFunction, type Request, type Response, type Router } from 'express';
import type { Context } from './context';
import { GraphError, invalidToken, unknownObject } from './graph-error';
import { newObjectId } from './ids';
import { storeMedia } from './media';
import { acceptedAsUpload, allMimeTypes } from './media-types';
import { misbehaviourOf } from './misbehaviour';
import type { Account, Media, Subscription, Template } from './model';
import { parseMultipart } from './multipart';
import { digitsOf } from './numbers';
import type { WebhookPoster } from './post-webhook';
import { acceptSend, resolveLink } from './send';
import { parseNewTemplate, templateJson, templateRefusal } from './templates';
import { templateStatusValue } from './webhook-payloads';

type Json = Record<string, unknown>;
const appId = '670843887433847';

/** The part of graph.facebook.com that the Cloud API is. Mounted below `/{version}`. */
export function graphRoutes(context: Context, poster: WebhookPoster): Router {
  const { store } = context;
  const router = express.Router();
  router.use(express.json({ limit: '5mb' }), express.urlencoded({ extended: true }));

  router.post('/:id/messages', async (request, response) => {
    const account = accountFor(context, request);
    const body = (request.body ?? {}) as Json;
    if (body.status === 'read') response.json(markRead(context, account, body));
    else await handleSend(context, account, { body, response });
  });

  router.post(
    '/:id/media',
    express.raw({ type: 'multipart/form-data', limit: '120mb' }),
    async (request, response) => {
      response.json(await upload(context, accountFor(context, request), request));
    },
  );

  router.get('/:id/message_templates', (request, response) => {
    const { wabaId } = wabaFor(context, request);
    response.json(listTemplates(context, wabaId, request));
  });

  router.post('/:id/message_templates', (request, response) => {
    const { wabaId, accounts } = wabaFor(context, request);
    response.json(
      createTemplate(context, { wabaId, account: accounts[0]!, body: (request.body ?? {}) as Json }),
    );
  });

  router.delete('/:id/message_templates', (request, response) => {
    const { wabaId } = wabaFor(context, request);
    const gone = [...store.tables.template.values()].filter(
      ({ id, name, wabaId: owner }) =>
        owner === wabaId &&
        name === request.query.name &&
        // without it all languages go
        (request.query.hsm_id === undefined || id === request.query.hsm_id),
    );
    if (gone.length === 0) throw new GraphError(100, { details: 'Message template not found' });
    for (const template of gone) store.remove('template', template.id);
    context.live.emit({ type: 'template' });
    response.json({ success: true });
  });

  router.get('/:id/phone_numbers', (request, response) => {
    const { accounts } = wabaFor(context, request);
    const fields = fieldsOf(request);
    response.json({
      data: accounts.map((account) => pick(phoneNumberJson(account), fields)),
      paging: { cursors: { before: cursorOf(0), after: cursorOf(Math.max(0, accounts.length - 1)) } },
    });
  });

  router.get('/:id/subscribed_apps', (request, response) => {
    const subscription = subscriptionOf(context, wabaFor(context, request).wabaId);
    response.json({ data: subscription.subscribed ? [subscriptionJson(subscription)] : [] });
  });

  router.post('/:id/subscribed_apps', async (request, response) => {
    const { wabaId } = wabaFor(context, request);
    const parameters = { ...request.query, ...(request.body as Json | undefined) };
    await subscribe(context, poster, { wabaId, parameters });
    response.json({ success: true });
  });

  router.delete('/:id/subscribed_apps', (request, response) => {
    const subscription = subscriptionOf(context, wabaFor(context, request).wabaId);
    store.put('subscription', { ...subscription, subscribed: false, overrideCallbackUrl: undefined });
    context.live.emit({ type: 'account' });
    response.json({ success: true });
  });

  router.get('/:id', (request, response) => {
    response.json(readObject(context, request));
  });

  router.post('/:id', (request, response) => {
    response.json(editTemplate(context, request));
  });

  router.delete('/:id', async (request, response) => {
    const media = mediaFor(context, request);
    store.remove('media', media.id);
    await store.removeBlob(media.id);
    response.json({ success: true });
  });

  router.use((request) => {
    tokenAccounts(context, request);
    throw unknownObject(request.method, request.path.split('/')[1] ?? '');
  });
  router.use(answerError);
  return router;
}

/** The address that a media look-up answers with; it asks for the token as well. */
export function mediaDownloadRoute(context: Context): Router {
  const router = express.Router();
  router.get('/', async (request, response) => {
    const accounts = tokenAccounts(context, request);
    const media = context.store.tables.media.get(request.query.mid as string);
    const expired = Number(request.query.ext) * 1000 < context.clock.now().getTime();
    const bytes = media && !expired ? await context.store.readBlob(media.id) : undefined;
    if (!media || !bytes || !accounts.some((account) => account.id === media.phoneNumberId)) {
      response.status(404).send();
      return;
    }
    response.setHeader('Content-Type', media.mimeType);
    response.send(bytes);
  });
  router.use(answerError);
  return router;
}

function answerError(error: unknown, _request: Request, response: Response, next: NextFunction): void {
  if (response.headersSent) return next(error);
  const known = error instanceof GraphError ? error : fromParser(error);
  response
    .status(known.status)
    .setHeader(
      'WWW-Authenticate',
      `OAuth "Facebook Platform" "invalid_request" "${known.message.replace(/[^\x20-\x7e]|"/g, '')}"`,
    )
    .json(known.body());
}

function fromParser(error: unknown): GraphError {
  const type = (error as { type?: string } | undefined)?.type;
  if (type === 'entity.parse.failed')
    return new GraphError(100, { message: '(#100) Invalid parameter: the body is no JSON' });
  if (type === 'entity.too.large')
    return new GraphError(131053, { details: 'The request body is too large.' });
  return new GraphError(131000);
}

function tokenAccounts(context: Context, request: Request): Account[] {
  const token =
    /^Bearer\s+(\S+)$/i.exec(request.get('authorization') ?? '')?.[1] ?? request.query.access_token;
  const accounts = [...context.store.tables.account.values()].filter((account) => account.token === token);
  if (accounts.length === 0) throw invalidToken();
  return accounts;
}

function accountFor(context: Context, request: Request): Account {
  const accounts = tokenAccounts(context, request);
  const account = accounts.find(({ id }) => id === request.params.id);
  if (!account) throw unknownObject(request.method, String(request.params.id));
  return account;
}

function wabaFor(context: Context, request: Request): { wabaId: string; accounts: Account[] } {
  const accounts = tokenAccounts(context, request).filter(({ wabaId }) => wabaId === request.params.id);
  if (accounts.length === 0) throw unknownObject(request.method, String(request.params.id));
  return { wabaId: String(request.params.id), accounts };
}

function mediaFor(context: Context, request: Request): Media {
  const accounts = tokenAccounts(context, request);
  const media = context.store.tables.media.get(String(request.params.id));
  if (!media || !accounts.some((account) => account.id === media.phoneNumberId)) {
    throw unknownObject(request.method, String(request.params.id));
  }
  return media;
}

async function handleSend(
  context: Context,
  account: Account,
  { body, response }: { body: Json; response: Response },
): Promise<void> {
  const { store, webhooks } = context;
  const digits = typeof body.to === 'string' ? digitsOf(body.to) : undefined;
  const waId = digits === undefined ? undefined : (context.index.phoneByNumber(digits)?.id ?? digits);
  const misbehaviour = misbehaviourOf(store, { phoneNumberId: account.id, waId });

  if (misbehaviour.use('hangUpBeforeAccept') !== undefined) return hangUp(response);
  if (misbehaviour.value('refuse') && misbehaviour.value('refuse')?.as !== 'status') {
    const refusal = misbehaviour.use('refuse');
    await sleep(misbehaviour.value('answerDelayMs') ?? 0);
    if (typeof refusal === 'object' && 'code' in refusal)
      throw new GraphError(refusal.code, { details: refusal.details });
  }
  const broken = misbehaviour.use('httpError') as
    { status: number; graphBody?: boolean; accepted?: boolean } | undefined;
  if (broken && broken.accepted !== true) return answerBroken(response, broken);

  const accepted = acceptSend(context, account, body);
  const elements = webhooks.note(accepted.elements);
  // From here on the message is sent, whatever becomes of the answer.
  store.flush();
  if ('link' in accepted.message.content) {
    void resolveLink(context, accepted.message).then((late) => webhooks.send(late));
  }
  const silent = misbehaviour.use('neverAnswer') !== undefined;
  if (silent) return webhooks.release(elements);
  if (misbehaviour.use('hangUpAfterAccept') !== undefined) {
    webhooks.release(elements);
    return hangUp(response);
  }
  const early = misbehaviour.value('statusBeforeAnswer') === true;
  if (early) await webhooks.deliverNow(elements);
  const delayMs = misbehaviour.value('answerDelayMs') ?? 0;
  if (delayMs > 0) await sleep(delayMs);
  if (broken) answerBroken(response, broken);
  else response.json(accepted.answer);
  if (!early) webhooks.release(elements);
}

function hangUp(response: Response): void {
  response.socket?.resetAndDestroy();
}

function answerBroken(response: Response, broken: { status: number; graphBody?: boolean }): void {
  if (broken.graphBody === true) {
    response.status(broken.status).json(new GraphError(broken.status === 500 ? 131000 : 2).body());
    return;
  }
  response
    .status(broken.status)
    .type('html')
    .send(
      `<html><head><title>${broken.status}</title></head><body><h1>Sorry, something went wrong.</h1></body></html>`,
    );
}

function markRead(context: Context, account: Account, body: Json): object {
  const message = context.store.tables.message.get(String(body.message_id));
  if (message?.direction !== 'sent' || message.phoneNumberId !== account.id) {
    throw new GraphError(131009, { details: 'Invalid message_id: no message of a customer has this id' });
  }
  const at = context.clock.now().getTime();
  // A read mark covers everything that came before in the same chat.
  for (const earlier of context.index.messagesOf(message.waId)) {
    const covered =
      earlier.direction === 'sent' && earlier.phoneNumberId === account.id && earlier.seq <= message.seq;
    if (!covered || earlier.readAt !== undefined) continue;
    context.store.put(
      'message',
      Object.assign(earlier, { readAt: at, deliveredAt: earlier.deliveredAt ?? at }),
    );
  }
  const facts = { waId: message.waId, phoneNumberId: account.id, messageId: message.id };
  context.live.emit({ type: 'status', ...facts });
  if (body.typing_indicator !== undefined) context.live.emit({ type: 'typing', ...facts });
  return { success: true };
}

async function upload(context: Context, account: Account, request: Request): Promise<object> {
  const parts = Buffer.isBuffer(request.body)
    ? parseMultipart(request.get('content-type') ?? '', request.body)
    : undefined;
  const field = (name: string): string | undefined =>
    parts?.find((part) => part.name === name)?.bytes.toString('utf8');
  if (field('messaging_product') !== 'whatsapp') {
    throw new GraphError(100, { message: '(#100) The parameter messaging_product is required.' });
  }
  const file = parts?.find((part) => part.name === 'file');
  if (!file) throw new GraphError(100, { message: '(#100) The parameter file is required.' });
  const mimeType = file.mimeType ?? field('type') ?? 'application/octet-stream';
  const rule = acceptedAsUpload(mimeType);
  if (!rule) {
    throw new GraphError(100, {
      message: `(#100) Param file must be a file with one of the following types: ${allMimeTypes.join(', ')}. Received file of type '${mimeType}'.`,
    });
  }
  if (file.bytes.length === 0) throw new GraphError(131053, { details: 'Media file is empty.' });
  if (file.bytes.length > rule.maxBytes) {
    throw new GraphError(131053, {
      details: `Media file size too big. Max file size we currently support: ${rule.maxBytes} bytes.`,
    });
  }
  const media = await storeMedia(context, account.id, {
    bytes: file.bytes,
    mimeType,
    filename: file.filename,
  });
  context.store.flush();
  return { id: media.id };
}

function readObject(context: Context, request: Request): object {
  const accounts = tokenAccounts(context, request);
  const id = String(request.params.id);
  const fields = fieldsOf(request);
  const account = accounts.find((candidate) => candidate.id === id);
  if (account) return pick(phoneNumberJson(account), fields);
  const first = accounts.find(({ wabaId }) => wabaId === id);
  if (first) return pick({ id, name: first.verifiedName, timezone_id: '1', currency: 'EUR' }, fields);
  const template = context.store.tables.template.get(id);
  if (template && accounts.some(({ wabaId }) => wabaId === template.wabaId))
    return templateJson(template, fields);
  const media = mediaFor(context, request);
  const expires = Math.floor(context.clock.now().getTime() / 1000) + 300;
  const base = `${request.protocol}://${request.get('host')}`;
  return {
    messaging_product: 'whatsapp',
    url: `${base}/whatsapp_business/attachments/?mid=${media.id}&ext=${expires}`,
    mime_type: media.mimeType,
    sha256: media.sha256,
    file_size: media.size,
    id: media.id,
  };
}

/** Meta knows 250, 2K, 10K, 100K and UNLIMITED; one may play with others. */
function tierOf(people: number): string {
  if (people === 0) return 'TIER_UNLIMITED';
  return people % 1000 === 0 ? `TIER_${people / 1000}K` : `TIER_${people}`;
}

function phoneNumberJson(account: Account): Json {
  return {
    verified_name: account.verifiedName,
    code_verification_status: 'VERIFIED',
    display_phone_number: account.displayPhoneNumber,
    quality_rating: account.quality,
    platform_type: 'CLOUD_API',
    throughput: { level: account.throughput > 80 || account.throughput === 0 ? 'HIGH' : 'STANDARD' },
    name_status: 'APPROVED',
    messaging_limit_tier: tierOf(account.messagingLimit),
    whatsapp_business_manager_messaging_limit: tierOf(account.messagingLimit),
    status: 'CONNECTED',
    id: account.id,
  };
}

function listTemplates(context: Context, wabaId: string, request: Request): object {
  const { name, status, language, category } = request.query;
  const limit = Math.min(1000, Math.max(1, Number(request.query.limit ?? 25) || 25));
  const all = [...context.store.tables.template.values()].filter(
    (template) =>
      template.wabaId === wabaId &&
      (name === undefined || template.name.includes(name as string)) &&
      (status === undefined || template.status === status) &&
      (language === undefined || template.language === language) &&
      (category === undefined || template.category === category),
  );
  const { after, before } = request.query;
  const start =
    after !== undefined
      ? indexOf(after) + 1
      : before !== undefined
        ? Math.max(0, indexOf(before) - limit)
        : 0;
  const page = all.slice(start, start + limit);
  if (page.length === 0) return { data: [] };
  const end = start + page.length - 1;
  const link = (cursor: Record<string, string>): string => {
    const url = new URL(`${request.protocol}://${request.get('host')}${request.originalUrl}`);
    url.searchParams.delete('after');
    url.searchParams.delete('before');
    for (const [key, value] of Object.entries(cursor)) url.searchParams.set(key, value);
    return url.href;
  };
  return {
    data: page.map((template) => templateJson(template, fieldsOf(request))),
    paging: {
      cursors: { before: cursorOf(start), after: cursorOf(end) },
      ...(start > 0 && { previous: link({ before: cursorOf(start) }) }),
      ...(end < all.length - 1 && { next: link({ after: cursorOf(end) }) }),
    },
  };
}

function createTemplate(context: Context, facts: { wabaId: string; account: Account; body: Json }): object {
  const { wabaId, account, body } = facts;
  const wanted = parseNewTemplate(body);
  const taken = [...context.store.tables.template.values()].some(
    (other) => other.wabaId === wabaId && other.name === wanted.name && other.language === wanted.language,
  );
  if (taken) {
    throw new GraphError(100, {
      message: 'Invalid parameter',
      subcode: 2388024,
      userMessage: {
        title: 'Content in This Language Already Exists',
        message: `There is already ${wanted.language} content for this template. You can create a new template and try again.`,
      },
    });
  }
  const status = account.autoApproveTemplates ? 'APPROVED' : 'PENDING';
  const template: Template = { ...wanted, id: newObjectId(), wabaId, status, rejectedReason: 'NONE' };
  context.store.put('template', template);
  context.live.emit({ type: 'template' });
  if (status === 'APPROVED') tellStatus(context, template);
  return { id: template.id, status, category: template.category };
}

/** What Meta lets be edited; the new text is reviewed like a new template. */
function editTemplate(context: Context, request: Request): object {
  const accounts = tokenAccounts(context, request);
  const id = String(request.params.id);
  const template = context.store.tables.template.get(id);
  const account = accounts.find(({ wabaId }) => wabaId === template?.wabaId);
  if (!template || !account) throw unknownObject(request.method, id);
  const body = (request.body ?? {}) as Json;
  if (template.status === 'PENDING' || template.status === 'DISABLED') {
    throw templateRefusal(
      'Message template cannot be edited',
      'Only approved, rejected or paused templates can be edited.',
    );
  }
  if (template.status === 'APPROVED' && body.category !== undefined && body.category !== template.category) {
    throw templateRefusal(
      'Category cannot be changed',
      'The category of an approved template cannot be changed.',
    );
  }
  const { name, language, category, parameterFormat } = template;
  const wanted = parseNewTemplate({ category, parameter_format: parameterFormat, ...body, name, language });
  const status = account.autoApproveTemplates ? 'APPROVED' : 'PENDING';
  const edited: Template = { ...template, ...wanted, status, rejectedReason: 'NONE' };
  context.store.put('template', edited);
  context.live.emit({ type: 'template' });
  if (status === 'APPROVED') tellStatus(context, edited);
  return { success: true, id, name, category: edited.category };
}

function tellStatus(context: Context, template: Template): void {
  const value = templateStatusValue(template);
  context.webhooks.send([
    { wabaId: template.wabaId, field: 'message_template_status_update', part: 'value', value },
  ]);
}

async function subscribe(
  context: Context,
  poster: WebhookPoster,
  { wabaId, parameters }: { wabaId: string; parameters: Json },
): Promise<void> {
  const subscription = subscriptionOf(context, wabaId);
  const url = parameters.override_callback_uri;
  if (url === undefined) {
    // Without parameters Meta takes an override away again.
    store({ ...subscription, subscribed: true, overrideCallbackUrl: undefined });
    return;
  }
  if (!subscription.subscribed) {
    throw new GraphError(100, {
      message:
        '(#100) Before override the current callback uri, your app must be subscribed to receive messages for WhatsApp Business Account.',
    });
  }
  if (typeof url !== 'string' || !/^https?:\/\//.test(url) || url.length > 200) {
    throw new GraphError(100, {
      message: '(#100) Param override_callback_uri must be a URL of at most 200 characters.',
    });
  }
  if (typeof parameters.verify_token !== 'string' || parameters.verify_token === '') {
    throw new GraphError(100, { message: '(#100) The parameter verify_token is required.' });
  }
  await verifyCallback(poster, { url, verifyToken: parameters.verify_token });
  store({ ...subscription, subscribed: true, overrideCallbackUrl: url });

  function store(next: Subscription): void {
    context.store.put('subscription', next);
    context.store.flush();
    context.live.emit({ type: 'account' });
    context.webhooks.wake();
  }
}

/** The GET handshake; throws as Meta does when the endpoint does not play along. */
export async function verifyCallback(
  poster: WebhookPoster,
  target: { url: string; verifyToken: string },
): Promise<void> {
  const challenge = String(randomInt(1_000_000_000));
  const outcome = await poster.verify({ ...target, challenge });
  if (outcome.echoed) return;
  const cause =
    outcome.status === undefined
      ? `curl_errno = ${outcome.error}`
      : outcome.status === 200
        ? 'HTTP Status Code = 200; the response did not match the challenge'
        : `HTTP Status Code = ${outcome.status}`;
  throw new GraphError(2200, {
    message: `(#2200) Callback verification failed with the following errors: ${cause}`,
  });
}

function subscriptionOf(context: Context, wabaId: string): Subscription {
  return context.store.tables.subscription.get(wabaId) ?? { id: wabaId, subscribed: false };
}

function subscriptionJson(subscription: Subscription): Json {
  return {
    whatsapp_business_api_data: {
      id: appId,
      link: `https://www.facebook.com/games/?app_id=${appId}`,
      name: 'Sandbox app',
    },
    ...(subscription.overrideCallbackUrl !== undefined && {
      override_callback_uri: subscription.overrideCallbackUrl,
    }),
  };
}

function fieldsOf(request: Request): string[] | undefined {
  const { fields } = request.query;
  return typeof fields === 'string' && fields !== ''
    ? fields.split(',').map((field) => field.trim())
    : undefined;
}

function pick(whole: Json, fields: string[] | undefined): Json {
  if (!fields) return whole;
  return Object.fromEntries(Object.entries(whole).filter(([key]) => key === 'id' || fields.includes(key)));
}

function cursorOf(position: number): string {
  return Buffer.from(`sandbox:${position}`).toString('base64');
}

function indexOf(cursor: unknown): number {
  const position = Number(Buffer.from(String(cursor), 'base64').toString('utf8').split(':')[1]);
  if (!Number.isInteger(position)) throw new GraphError(100, { message: '(#100) Invalid cursor' });
  return position;
}
