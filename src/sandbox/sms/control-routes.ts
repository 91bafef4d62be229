import type { Request, Router } from 'express';
import { ControlError } from '../control-error';
import type { SmsControl } from './control';
import type { NewSmsAccount } from './presets';

type Json = Record<string, unknown>;

/** `/sandbox/sms/…` and `/sandbox/phones/{number}/sms`. Described in docs/sandbox.md. */
export function smsControlRoutes(router: Router, control: SmsControl): void {
  router.get('/sms/accounts', (_request, response) => {
    response.json({ data: control.accounts().map(publicAccount) });
  });
  router.post('/sms/accounts', (request, response) => {
    response.status(201).json(publicAccount(control.createAccount(accountWish(bodyOf(request)))));
  });
  router.patch('/sms/accounts/:sid', (request, response) => {
    response.json(publicAccount(control.updateAccount(request.params.sid, accountWish(bodyOf(request)))));
  });
  router.get('/sms/messages', (request, response) => {
    response.json({ data: control.messages({ direction: directionOf(request) }) });
  });
  router.get('/sms/counts', (request, response) => {
    response.json({ data: control.counts({ minimum: Number(request.query.minimum ?? 1) }) });
  });
  router.get('/phones/:number/sms', (request, response) => {
    const { number } = request.params;
    response.json({ data: control.messages({ number, direction: directionOf(request) }) });
  });
  router.get('/phones/:number/sms/threads', (request, response) => {
    response.json({ data: control.threads(request.params.number) });
  });
  router.post('/phones/:number/sms', (request, response) => {
    const { text, accountSid } = bodyOf(request);
    if (typeof text !== 'string' || text === '') throw new ControlError(400, 'text is missing.');
    const options = typeof accountSid === 'string' ? { accountSid } : {};
    response.status(201).json(control.write(request.params.number, text, options));
  });
  router.post('/phones/:number/sms/read', (request, response) => {
    response.json({ read: control.read(request.params.number, String(bodyOf(request).sender)) });
  });
}

function directionOf({ query }: Request): 'received' | 'sent' | 'both' {
  return query.direction === 'sent' || query.direction === 'both' ? query.direction : 'received';
}

function publicAccount(account: ReturnType<SmsControl['accounts']>[number]): Json {
  const { id, ...rest } = account;
  return { accountSid: id, ...rest };
}

function accountWish(body: Json): NewSmsAccount {
  const wish: NewSmsAccount = {};
  const texts = ['authToken', 'friendlyName', 'number', 'smsUrl'] as const;
  for (const key of texts) if (typeof body[key] === 'string') wish[key] = body[key];
  if (typeof body.accountSid === 'string') wish.id = body.accountSid;
  if (typeof body.throughput === 'number' && body.throughput >= 0) wish.throughput = body.throughput;
  if (body.status === 'active' || body.status === 'suspended') wish.status = body.status;
  return wish;
}

function bodyOf(request: Request): Json {
  const body: unknown = request.body;
  return typeof body === 'object' && body !== null && !Array.isArray(body) ? (body as Json) : {};
}
