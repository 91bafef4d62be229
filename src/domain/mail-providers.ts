import { mailProviderId, type MailboxType, type MailSecurity } from '../contracts/mailboxes';

export const mailProviderIds = mailProviderId.options;
export type MailProviderId = (typeof mailProviderIds)[number];

export type MailHost = { host: string; port: number; security: MailSecurity };

/** Where users sign in to their mailbox (OAuth 2) in place of giving its password. */
export type MailProvider = {
  id: MailProviderId;
  name: string;
  clientId: string;
  clientSecret: string | null;
  authorizeUrl: string;
  tokenUrl: string;
  /** Where a sign-in is taken back (RFC 7009); null: only the user can, at the provider. */
  revokeUrl: string | null;
  /** Separated by spaces. */
  scopes: string;
  /** What else this one wants to be asked with, so that the sign-in outlasts the hour. */
  asking: Record<string, string>;
  incoming: Record<MailboxType, MailHost | null>;
  outgoing: MailHost | null;
};

type Known = {
  prefix: string;
  asking: Record<string, string>;
  defaults: Partial<
    Record<'NAME' | 'AUTHORIZE_URL' | 'TOKEN_URL' | 'REVOKE_URL' | 'SCOPES' | 'IMAP' | 'POP' | 'SMTP', string>
  >;
};

const known: Record<MailProviderId, Known> = {
  google: {
    prefix: 'PARLEY_GOOGLE',
    asking: { access_type: 'offline', prompt: 'consent' },
    defaults: {
      NAME: 'Google',
      AUTHORIZE_URL: 'https://accounts.google.com/o/oauth2/v2/auth',
      TOKEN_URL: 'https://oauth2.googleapis.com/token',
      REVOKE_URL: 'https://oauth2.googleapis.com/revoke',
      SCOPES: 'https://mail.google.com/ openid email',
      IMAP: 'imap.gmail.com',
      POP: 'pop.gmail.com',
      SMTP: 'smtp.gmail.com',
    },
  },
  microsoft: {
    prefix: 'PARLEY_MICROSOFT',
    asking: { prompt: 'select_account' },
    defaults: {
      NAME: 'Microsoft',
      AUTHORIZE_URL: 'https://login.microsoftonline.com/common/oauth2/v2.0/authorize',
      TOKEN_URL: 'https://login.microsoftonline.com/common/oauth2/v2.0/token',
      SCOPES: `${['IMAP.AccessAsUser.All', 'POP.AccessAsUser.All', 'SMTP.Send']
        .map((scope) => `https://outlook.office.com/${scope}`)
        .join(' ')} offline_access openid email profile`,
      IMAP: 'outlook.office365.com',
      POP: 'outlook.office365.com',
      SMTP: 'smtp.office365.com',
    },
  },
  own: {
    prefix: 'PARLEY_OAUTH',
    asking: {},
    defaults: { SCOPES: 'openid email offline_access' },
  },
};

/**
 * Those that the environment names a client id of. `allow`: hosts (`host` or `host:port`) that may be called over http.
 *
 * `faults`: what is missing or wrong, in words.
 */
export function readMailProviders(
  environment: Record<string, string | undefined>,
  allow: readonly string[],
): { providers: MailProvider[]; faults: string[] } {
  const faults: string[] = [];
  const providers = mailProviderIds.flatMap((id) => {
    const { prefix, asking, defaults } = known[id];
    const set = (key: string): string | undefined => environment[`${prefix}_${key}`]?.trim() || undefined;
    const clientId = set('CLIENT_ID');
    if (clientId === undefined) return [];

    function url(key: 'AUTHORIZE_URL' | 'TOKEN_URL' | 'REVOKE_URL'): string {
      const text = set(key) ?? defaults[key] ?? '';
      const parsed = URL.canParse(text) ? new URL(text) : undefined;
      const plain =
        parsed?.protocol === 'http:' && [parsed.host, parsed.hostname].some((one) => allow.includes(one));
      if (parsed?.protocol !== 'https:' && !plain)
        faults.push(
          `${prefix}_${key}: an address that begins with https://, or one of a host in PARLEY_MAIL_ALLOW`,
        );
      return text;
    }

    function host(key: 'IMAP' | 'POP' | 'SMTP', usualPort: number): MailHost | null {
      const text = (set(key) ?? defaults[key])?.toLowerCase();
      if (text === undefined || text === 'none') return null;
      const [, name, port] = /^([a-z0-9][a-z0-9.-]*)(?::(\d{1,5}))?$/.exec(text) ?? [];
      if (name === undefined)
        faults.push(`${prefix}_${key}: a host, such as mail.example.com or mail.example.com:1143`);
      return { host: name ?? '', port: Number(port ?? usualPort), security: 'tls' };
    }

    const authorizeUrl = url('AUTHORIZE_URL');
    const revokes = ![undefined, 'none'].includes(set('REVOKE_URL') ?? defaults.REVOKE_URL);
    const incoming = { imap: host('IMAP', 993), pop: host('POP', 995) };
    if (!incoming.imap && !incoming.pop) faults.push(`${prefix}_IMAP: is needed, or ${prefix}_POP`);
    return [
      {
        id,
        name: set('NAME') ?? defaults.NAME ?? (URL.canParse(authorizeUrl) ? new URL(authorizeUrl).host : id),
        clientId,
        clientSecret: set('CLIENT_SECRET') ?? null,
        authorizeUrl,
        tokenUrl: url('TOKEN_URL'),
        revokeUrl: revokes ? url('REVOKE_URL') : null,
        scopes: set('SCOPES') ?? defaults.SCOPES ?? '',
        asking,
        incoming,
        outgoing: host('SMTP', 587),
      },
    ];
  });
  return { providers, faults };
}
