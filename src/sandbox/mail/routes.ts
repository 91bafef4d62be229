import express, { type Request, type Response, type Router } from 'express';
import { ControlError } from '../control-error';
import { filesOf, headerOf } from '../mime';
import type { Mail, MailAccount } from '../model';
import { addressesIn, answerTo, type KnownMail, type MailWish } from './compose';
import { inbox, isBehaviour } from './mailboxes';
import type { PostOffice } from './post-office';

type Json = Record<string, unknown>;

/** `/sandbox/mails` and `/sandbox/mailboxes`. */
export function mailRoutes(router: Router, office: PostOffice): void {
  router.use('/mails', mailsRouter(office));
  router.use('/mailboxes', mailboxesRouter(office));
}

function mailsRouter(office: PostOffice): Router {
  const router = express.Router();
  const { mails, outbox } = office;

  function find(id: unknown): Mail {
    const mail = mails.find(String(id));
    if (!mail) throw new ControlError(404, 'There is no mail with this id.');
    return mail;
  }
  const known = async (id: string): Promise<KnownMail> => {
    const mail = find(id);
    return { mail, raw: await mails.raw(mail.id) };
  };
  const answered = async (id: string | undefined): Promise<KnownMail | string | undefined> => {
    if (!id?.startsWith('<')) return id === undefined ? undefined : known(id);
    const mail = mails.findByMessageId(id);
    return mail ? known(mail.id) : id;
  };

  router.get('/', (request, response) => {
    const to = text(request.query.to)?.toLowerCase();
    const found = mails
      .all()
      .filter((mail) => !to || mail.to.some((address) => address.toLowerCase() === to));
    const some = found.reverse().slice(0, limitOf(request));
    response.json({ data: some.map((mail) => mailView(mail, office)) });
  });
  router.post('/', async (request, response) => {
    const body = bodyOf(request);
    const wish: MailWish = {
      ...{ from: text(body.from), to: texts(body.to), cc: texts(body.cc), bcc: texts(body.bcc) },
      ...{ subject: text(body.subject), text: text(body.text), html: text(body.html) },
      ...{ attachments: filesIn(body.attachments), headers: headersIn(body.headers) },
      inReplyTo: await answered(text(body.inReplyTo)),
      forwards: text(body.forwards) === undefined ? undefined : await known(String(body.forwards)),
      quote: body.quote !== false,
      date: dateIn(body.date),
    };
    response.status(201).json(mailView(await office.send(wish), office));
  });
  router.post('/retry', (_request, response) => {
    outbox.retryNow();
    response.status(202).json({ success: true });
  });
  router.get('/:id', async (request, response) => {
    const { mail, raw } = await known(request.params.id);
    response.json({ ...mailView(mail, office), answerTo: addressesIn(answerTo(raw)) });
  });
  router.get('/:id/raw', async (request, response) => {
    const { raw } = await known(request.params.id);
    response.type('text/plain').send(raw);
  });
  /** For the sandboxed frame: nothing in it runs, and nothing but pictures is fetched. */
  router.get('/:id/html', async (request, response) => {
    const { mail, raw } = await known(request.params.id);
    response.set(
      'Content-Security-Policy',
      "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data: http: https:",
    );
    const look = '<base target="_blank"><style>body{font:15px/1.5 system-ui,sans-serif;margin:18px}</style>';
    response.type('html').send(look + withPictures(mail.html, raw));
  });
  router.get('/:id/attachments/:index', async (request, response) => {
    const { raw } = await known(request.params.id);
    const file = filesOf(raw)[Number(request.params.index)];
    if (!file) throw new ControlError(404, 'The mail has no such attachment.');
    sendFile(response, file);
  });
  /** The button of mail programs (RFC 8058). */
  router.post('/:id/unsubscribe', async (request, response) => {
    const { headers } = find(request.params.id);
    const url = /<(https?:[^<>]+)>/.exec(headerOf(headers, 'list-unsubscribe'))?.[1];
    const field = headerOf(headers, 'list-unsubscribe-post');
    if (url === undefined || field === '')
      throw new ControlError(409, 'This mail has no one-click unsubscribing.');
    const answer = await fetch(url, { method: 'POST', body: new URLSearchParams(field) });
    if (!answer.ok) throw new ControlError(502, `The sender answered with ${answer.status}.`);
    response.json({ status: answer.status });
  });
  router.delete('/', (_request, response) => {
    const ids = mails.all().map(({ id }) => id);
    office.forget(ids);
    response.json({ forgotten: ids.length });
  });
  router.delete('/:id', (request, response) => {
    office.forget([find(request.params.id).id]);
    response.json({ forgotten: 1 });
  });
  return router;
}

function mailboxesRouter(office: PostOffice): Router {
  const router = express.Router();
  const { mailboxes, mails } = office;

  router.get('/', (request, response) => {
    const data = mailboxes.all().map((account) => accountView(account, office));
    data.sort((a, b) => (b.lastMailAt ?? 0) - (a.lastMailAt ?? 0));
    response.json({ data: data.slice(0, limitOf(request)) });
  });
  router.put('/:address', (request, response) => {
    const { name, behaviour } = bodyOf(request);
    if (!/^[^@\s]+@[^@\s]+$/.test(request.params.address))
      throw new ControlError(400, `${request.params.address} is not an e-mail address.`);
    if (behaviour !== undefined && behaviour !== null && !isBehaviour(behaviour))
      throw new ControlError(400, 'behaviour is bounce, delay, refuse, busy, outofoffice or null.');
    const account = mailboxes.change(request.params.address, { name: text(name), behaviour });
    response.json(accountView(account, office));
  });
  /** Newest first, without the words: those are read one by one. */
  router.get('/:address/mails', (request, response) => {
    const folder = text(request.query.folder) ?? inbox;
    const entries = mailboxes.entries(request.params.address, folder).toReversed();
    const data = entries.flatMap(({ id, mailId, flags }) => {
      const mail = mails.find(mailId);
      if (!mail) return [];
      const { text: words, html: _, headers: __, ...view } = mailView(mail, office);
      return [
        {
          ...{ ...view, entryId: id, seen: flags.includes('\\Seen') },
          ...{ headerTo: headerOf(mail.headers, 'to'), snippet: words.slice(0, 200) },
        },
      ];
    });
    response.json({ data });
  });
  /** The mail was opened. */
  router.post('/:address/read', (request, response) => {
    const { mailId } = bodyOf(request);
    const account = mailboxes.open(request.params.address);
    for (const { name } of account.folders)
      for (const entry of mailboxes.entries(account.id, name))
        if (entry.mailId === mailId && !entry.flags.includes('\\Seen'))
          mailboxes.flag(entry, [...entry.flags, '\\Seen']);
    response.json({ success: true });
  });
  return router;
}

function mailView(mail: Mail, { outbox }: PostOffice) {
  const deliveries = outbox.deliveriesOf(mail.id).map(({ to, state, attempts, reason, nextAttemptAt }) => ({
    ...{ to, state, attempts, reason },
    nextAttemptAt: nextAttemptAt === undefined ? undefined : new Date(nextAttemptAt).toISOString(),
  }));
  return { ...mail, at: new Date(mail.at).toISOString(), deliveries };
}

function accountView({ id, name, behaviour, folders }: MailAccount, { mailboxes }: PostOffice) {
  const all = folders.map((folder) => ({ name: folder.name, entries: mailboxes.entries(id, folder.name) }));
  return {
    address: id,
    name,
    behaviour: behaviour ?? mailboxes.behaviourOf(id) ?? null,
    folders: all.map(({ name: folder, entries }) => ({
      name: folder,
      mails: entries.length,
      unread: entries.filter(({ flags }) => !flags.includes('\\Seen')).length,
    })),
    lastMailAt: all.reduce<number | null>(
      (last, { entries }) => Math.max(last ?? 0, entries.at(-1)?.at ?? 0),
      null,
    ),
  };
}

/** Pictures that the mail brings along stand in it as data. */
function withPictures(html: string, raw: Buffer): string {
  if (!html.includes('cid:')) return html;
  const files = filesOf(raw);
  return html.replace(/cid:([^"'\s)>]+)/g, (reference, contentId: string) => {
    const file = files.find((candidate) => candidate.contentId === decodeURIComponent(contentId));
    return file ? `data:${file.mimeType};base64,${file.bytes.toString('base64')}` : reference;
  });
}

function sendFile(response: Response, file: { filename: string; mimeType: string; bytes: Buffer }): void {
  response.set({
    'Content-Type': file.mimeType,
    'X-Content-Type-Options': 'nosniff',
    'Content-Security-Policy': 'sandbox',
    'Content-Disposition': `attachment; filename*=UTF-8''${encodeURIComponent(file.filename)}`,
  });
  response.send(file.bytes);
}

function filesIn(value: unknown): MailWish['attachments'] {
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) throw new ControlError(400, 'attachments is a list.');
  return (value as Json[]).map(({ filename, mimeType, base64 }) => {
    if (typeof filename !== 'string' || typeof base64 !== 'string')
      throw new ControlError(400, 'An attachment needs filename and base64.');
    return {
      ...{ filename, mimeType: text(mimeType) ?? 'application/octet-stream' },
      bytes: Buffer.from(base64, 'base64'),
    };
  });
}

function dateIn(value: unknown): Date | undefined {
  if (value === undefined) return undefined;
  const date = new Date(text(value) ?? Number.NaN);
  if (Number.isNaN(date.getTime())) throw new ControlError(400, 'date is no point in time.');
  return date;
}

function headersIn(value: unknown): Record<string, string> | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.fromEntries(Object.entries(value).map(([name, content]) => [name, String(content)]));
}

function bodyOf(request: Request): Json {
  const body: unknown = request.body;
  return typeof body === 'object' && body !== null && !Array.isArray(body) ? (body as Json) : {};
}

const limitOf = ({ query }: Request): number => Number(query.limit ?? Number.POSITIVE_INFINITY);

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** One address, or a list of them. */
function texts(value: unknown): string[] | undefined {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.map(String) : undefined;
}
