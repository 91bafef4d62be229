import { setTimeout as sleep } from 'node:timers/promises';
import express, { type NextFunction, type Request, type Response, type Router } from 'express';
import type { Context } from '../context';
import { misbehaviourOf } from '../misbehaviour';
import type { SmsAccount } from '../model';
import { digitsOf } from '../numbers';
import { acceptSms } from './send';
import { SmsError } from './sms-error';

type Json = Record<string, unknown>;

/** The part of api.twilio.com that Programmable Messaging is. Mounted below `/2010-04-01/Accounts`. */
export function smsRoutes(context: Context): Router {
  const router = express.Router();
  router.use(express.urlencoded({ extended: false, limit: '1mb' }));

  router.post('/:sid/Messages.json', async (request, response) => {
    await handleSend(context, accountFor(context, request), request, response);
  });

  router.get('/:sid/IncomingPhoneNumbers.json', (request, response) => {
    const account = accountFor(context, request);
    const wanted = request.query.PhoneNumber;
    const found = wanted === undefined || wanted === account.number ? [numberJson(account)] : [];
    response.json({ incoming_phone_numbers: found, page: 0, page_size: 50, next_page_uri: null });
  });

  router.post('/:sid/IncomingPhoneNumbers/:number.json', (request, response) => {
    const account = accountFor(context, request);
    if (request.params.number !== account.numberSid) throw new SmsError(20404);
    const { SmsUrl: smsUrl } = bodyOf(request);
    if (typeof smsUrl === 'string') {
      const changed = { ...account, smsUrl: smsUrl === '' ? undefined : smsUrl };
      context.store.put('smsAccount', changed);
      context.live.emit({ type: 'account' });
      response.json(numberJson(changed));
    } else response.json(numberJson(account));
  });

  router.get('/:sid.json', (request, response) => {
    const account = accountFor(context, request, true);
    response.json({
      sid: account.id,
      friendly_name: account.friendlyName,
      status: account.status,
      type: 'Full',
      uri: `/2010-04-01/Accounts/${account.id}.json`,
    });
  });

  router.use(() => {
    throw new SmsError(20404);
  });
  router.use(answerError);
  return router;
}

function accountFor(context: Context, request: Request, evenSuspended = false): SmsAccount {
  const encoded = /^Basic\s+(\S+)$/i.exec(request.get('authorization') ?? '')?.[1] ?? '';
  const [user, ...password] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
  const account = context.store.tables.smsAccount.get(user ?? '');
  if (!account || account.authToken !== password.join(':')) throw new SmsError(20003);
  if (account.id !== request.params.sid) throw new SmsError(20404);
  if (account.status !== 'active' && !evenSuspended) throw new SmsError(20005);
  return account;
}

async function handleSend(
  context: Context,
  account: SmsAccount,
  request: Request,
  response: Response,
): Promise<void> {
  const { store } = context;
  const form = bodyOf(request);
  const digits = typeof form.To === 'string' ? digitsOf(form.To) : undefined;
  const waId = digits === undefined ? undefined : (context.index.phoneByNumber(digits)?.id ?? digits);
  const behaviour = misbehaviourOf(store, { phoneNumberId: account.id, waId });
  const delayMs = behaviour.value('answerDelayMs') ?? 0;

  if (behaviour.use('hangUpBeforeAccept') !== undefined) return hangUp(response);
  if (behaviour.value('refuse') && behaviour.value('refuse')?.as !== 'status') {
    const refusal = behaviour.use('refuse');
    await sleep(delayMs);
    if (typeof refusal === 'object' && 'code' in refusal) throw new SmsError(refusal.code, refusal.details);
  }
  const broken = behaviour.use('httpError') as
    { status: number; graphBody?: boolean; accepted?: boolean } | undefined;
  if (broken && broken.accepted !== true) return answerBroken(response, broken);

  const accepted = acceptSms(context, account, form);
  const posts = context.sms.posts.note(accepted.posts);
  // From here on the message is sent, whatever becomes of the answer.
  store.flush();
  if (behaviour.use('neverAnswer') !== undefined) return context.sms.posts.release(posts);
  if (behaviour.use('hangUpAfterAccept') !== undefined) {
    context.sms.posts.release(posts);
    return hangUp(response);
  }
  const early = behaviour.value('statusBeforeAnswer') === true;
  if (early) await context.sms.posts.deliverNow(posts);
  if (delayMs > 0) await sleep(delayMs);
  if (broken) answerBroken(response, broken);
  else response.status(201).json(accepted.answer);
  if (!early) context.sms.posts.release(posts);
}

function hangUp(response: Response): void {
  response.socket?.resetAndDestroy();
}

function answerBroken(response: Response, broken: { status: number; graphBody?: boolean }): void {
  if (broken.graphBody === true) {
    response.status(broken.status).json(new SmsError(broken.status === 500 ? 20500 : 20503).body());
    return;
  }
  response.status(broken.status).type('html').send(`<html><body><h1>${broken.status}</h1></body></html>`);
}

function numberJson(account: SmsAccount): object {
  return {
    sid: account.numberSid,
    account_sid: account.id,
    phone_number: account.number,
    friendly_name: account.number,
    capabilities: { voice: false, sms: true, mms: false, fax: false },
    sms_url: account.smsUrl ?? '',
    sms_method: 'POST',
  };
}

function bodyOf(request: Request): Json {
  return (request.body ?? {}) as Json;
}

function answerError(error: unknown, _request: Request, response: Response, next: NextFunction): void {
  if (response.headersSent) return next(error);
  const known = error instanceof SmsError ? error : new SmsError(20500);
  response.status(known.status).json(known.body());
}
