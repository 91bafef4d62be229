import { componentsOf, templates } from './templates';
import type { DemoFile } from './files';

/** What the sandbox's phones are to show of the history. */
export type PhoneHistory = {
  phones: { number: string; name: string; onWhatsApp: boolean }[];
  messages: PastMessage[];
};

export type PastMessage = {
  number: string;
  id: string;
  direction: 'received' | 'sent';
  at: Date;
  content: object;
  callbackData?: string;
  replyTo?: string;
  sentAt?: Date;
  deliveredAt?: Date;
  readAt?: Date;
  failedAt?: Date;
  error?: { code: number; detail: string };
  category?: string;
  reactionOfPhone?: string;
  file?: DemoFile;
};

export type SandboxAccount = { phoneNumberId: string; wabaId: string; token: string; appSecret: string };

/** The company's number in the sandbox, named after it, with its templates. */
export async function prepareSandbox(url: string, companyName: string): Promise<SandboxAccount> {
  const { data } = await call<{ data: (SandboxAccount & { preset?: string })[] }>(url, 'GET', '/accounts');
  const account = data.find(({ preset }) => preset === 'demonstration');
  if (!account) throw new Error('The sandbox has no account for the demonstration data.');
  await call(url, 'PATCH', `/accounts/${account.phoneNumberId}`, { verifiedName: companyName });
  const { wabaId } = account;
  for (const template of templates) {
    const { name, language, category, status, rejectedReason } = template;
    await call(url, 'POST', '/templates', {
      wabaId,
      name,
      language,
      category,
      status,
      rejectedReason: rejectedReason ?? 'NONE',
      components: componentsOf(template),
    });
  }
  return account;
}

export type SandboxSms = { accountSid: string; authToken: string; number: string };

/** The company's SMS account in the sandbox, named after it. */
export async function prepareSms(url: string, companyName: string): Promise<SandboxSms> {
  const { data } = await call<{ data: (SandboxSms & { preset?: string })[] }>(url, 'GET', '/sms/accounts');
  const account = data.find(({ preset }) => preset === 'demonstration');
  if (!account) throw new Error('The sandbox has no SMS account for the demonstration data.');
  return call(url, 'PATCH', `/sms/accounts/${account.accountSid}`, { friendlyName: companyName });
}

/** Shows the history on the phones, in place of whatever an attempt that broke off left there. */
export async function fillPhones(url: string, phoneNumberId: string, history: PhoneHistory): Promise<void> {
  await call(url, 'POST', '/reset', {});
  await call(
    url,
    'POST',
    '/phones',
    history.phones.map(({ number, name, onWhatsApp }) => ({ number, name, onWhatsApp })),
  );
  await call(url, 'POST', `/accounts/${phoneNumberId}/history`, {
    messages: history.messages.map(({ file, ...message }) => ({
      ...message,
      ...(file && {
        file: { base64: file.bytes.toString('base64'), mimeType: file.mimeType, filename: file.filename },
      }),
    })),
  });
}

/** A mail of the past, in the mailboxes of whoever wrote and got it. */
export type PastMail = {
  from: string;
  to: string[];
  subject: string;
  text: string;
  date: Date;
  /** The one before it. */
  answersLast?: boolean;
};

/** The users' own mailboxes, outside of Parley, as they are when somebody connects theirs. */
export async function fillMailboxes(
  url: string,
  owners: { address: string; name: string }[],
  mails: PastMail[],
): Promise<void> {
  for (const { address, name } of owners) await call(url, 'PUT', `/mailboxes/${address}`, { name });
  let last: string | undefined;
  for (const { answersLast, ...mail } of mails) {
    const inReplyTo = answersLast ? last : undefined;
    last = (await call<{ id: string }>(url, 'POST', '/mails', { ...mail, inReplyTo })).id;
  }
}

async function call<Answer>(url: string, method: string, path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(`${url}/sandbox${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(30_000),
  });
  if (!response.ok)
    throw new Error(`The sandbox answered ${response.status} to ${method} ${path}: ${await response.text()}`);
  return (await response.json()) as Answer;
}
