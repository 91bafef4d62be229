const prefix = '/webhooks/sms/';

export type SmsWebhookAddress =
  { accountId: string; kind: 'inbound' } | { accountId: string; kind: 'status'; messageId: string };

/** Where the provider posts to, below our public address. The status's holds our message id: so an unknown send finds its end. */
export const smsWebhookPath = {
  inbound: (accountId: string): string => `${prefix}${accountId}/inbound`,
  status: (accountId: string, messageId: string): string => `${prefix}${accountId}/status/${messageId}`,
};

/** The path of a request, without its query; undefined when it is none of these. */
export function readSmsWebhookPath(path: string): SmsWebhookAddress | undefined {
  if (!path.startsWith(prefix)) return undefined;
  const [accountId = '', kind, messageId, ...rest] = path.slice(prefix.length).split('/');
  if (rest.length > 0) return undefined;
  if (kind === 'inbound' && messageId === undefined) return { accountId, kind };
  if (kind === 'status' && messageId !== undefined) return { accountId, kind, messageId };
  return undefined;
}
