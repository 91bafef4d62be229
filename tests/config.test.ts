import { readConfig } from '../src/config';

const needed = {
  DATABASE_URL: 'postgresql://parley@localhost/parley',
  PARLEY_SECRET_KEY: Buffer.alloc(32, 1).toString('base64'),
  PARLEY_PUBLIC_URL: 'https://parley.example',
};

it('R-ELIG: a mail server that is left empty is none', () => {
  expect(readConfig({ ...needed, SMTP_URL: '' }).mail.smtpUrl).toBeUndefined();
  expect(readConfig({ ...needed, SMTP_URL: 'smtp://mail.example' }).mail.smtpUrl).toBe('smtp://mail.example');
});

describe('providers that users may sign in with to their mailbox', () => {
  const providers = (more: Record<string, string>) => readConfig({ ...needed, ...more }).mailProviders;

  it('R-BOX-2: none unless set up; of the known ones a client is enough', () => {
    expect(providers({ PARLEY_GOOGLE_CLIENT_ID: '' })).toEqual([]);
    const known = providers({
      PARLEY_GOOGLE_CLIENT_ID: 'g',
      PARLEY_GOOGLE_CLIENT_SECRET: 's',
      PARLEY_MICROSOFT_CLIENT_ID: 'm',
      PARLEY_MICROSOFT_POP: 'none',
      PARLEY_MICROSOFT_SMTP: 'smtp.acme.example:2587',
    });
    expect(known).toMatchObject([
      {
        ...{ id: 'google', name: 'Google', clientId: 'g', clientSecret: 's' },
        tokenUrl: 'https://oauth2.googleapis.com/token',
        revokeUrl: 'https://oauth2.googleapis.com/revoke',
        incoming: { imap: { host: 'imap.gmail.com', port: 993, security: 'tls' }, pop: { port: 995 } },
        outgoing: { host: 'smtp.gmail.com', port: 587 },
      },
      {
        ...{ id: 'microsoft', clientSecret: null, revokeUrl: null },
        outgoing: { host: 'smtp.acme.example', port: 2587 },
        incoming: { imap: { host: 'outlook.office365.com' }, pop: null },
      },
    ]);
  });

  it('of one’s own what is missing is named; tokens go over https, or to a host that is allowed', () => {
    expect(() =>
      providers({ PARLEY_OAUTH_CLIENT_ID: 'p', PARLEY_OAUTH_TOKEN_URL: 'http://a.example/t' }),
    ).toThrow(/PARLEY_OAUTH_AUTHORIZE_URL: .*\n.*PARLEY_OAUTH_IMAP: is needed.*\n.*PARLEY_OAUTH_TOKEN_URL: /);
    const own = {
      PARLEY_OAUTH_CLIENT_ID: 'p',
      PARLEY_OAUTH_AUTHORIZE_URL: 'https://login.acme.example/auth',
      PARLEY_OAUTH_TOKEN_URL: 'http://idp:8080/token',
      PARLEY_OAUTH_IMAP: 'mail.acme.example:1143',
      PARLEY_MAIL_ALLOW: 'idp:8080',
    };
    expect(() => providers({ ...own, PARLEY_OAUTH_REVOKE_URL: 'http://a.example/r' })).toThrow(
      /PARLEY_OAUTH_REVOKE_URL: /,
    );
    expect(providers(own)).toMatchObject([
      {
        id: 'own',
        name: 'login.acme.example',
        incoming: { imap: { port: 1143 }, pop: null },
        ...{ outgoing: null, revokeUrl: null },
      },
    ]);
  });
});
