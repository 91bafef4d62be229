import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { MailProvider } from '../../src/domain/mail-providers';

const client = { id: 'parley', secret: 'a secret' };

type Code = { account: string; challenge: string; redirectUri: string };
type Grant = { account: string; refreshToken: string; accessTokens: Set<string> };

export type OAuthServer = {
  url: string;
  /** Who is signed in at the provider; null: they say no. */
  account: string | null;
  /** In place of an answer of the token endpoint. */
  trouble: { status: number; body: string } | null;
  /** What a token answer has beside the tokens, in place of the id token. */
  saying: Record<string, unknown> | null;
  /** So many calls of the token endpoint, by what they wanted. */
  calls: Record<'authorization_code' | 'refresh_token', number>;
  /** How many grants stand. */
  readonly grants: number;
  /** Where mail servers ask whose an access token is (RFC 7662). */
  introspectionUrl: string;
  provider(more?: Partial<MailProvider>): MailProvider;
  /** What the user's browser does at the provider: @returns where it is sent back to. */
  visit(authorizeUrl: string): Promise<URL>;
  /** The user takes back what they allowed; without `account` all of them. */
  revoke(account?: string): void;
  /** Access tokens that were given are taken no more. */
  expire(): void;
  close(): Promise<void>;
};

/**
 * An OAuth 2 provider: authorization code with PKCE, refresh tokens of which each is good for one use (a second use ends the grant), introspection.
 */
export async function startOAuthServer(): Promise<OAuthServer> {
  const codes = new Map<string, Code>();
  const grants = new Map<string, Grant>();
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const self: OAuthServer = {
    ...{ url, account: null, trouble: null, saying: null },
    calls: { authorization_code: 0, refresh_token: 0 },
    get grants() {
      return grants.size;
    },
    introspectionUrl: `${url}/introspect`,
    provider: (more = {}) => ({
      ...{ id: 'own', name: 'Acme', clientId: client.id, clientSecret: client.secret },
      ...{ authorizeUrl: `${url}/authorize`, tokenUrl: `${url}/token`, revokeUrl: `${url}/revoke` },
      scopes: 'openid email mail',
      ...{ asking: {}, incoming: { imap: null, pop: null }, outgoing: null },
      ...more,
    }),
    async visit(authorizeUrl) {
      const { headers } = await fetch(authorizeUrl, { redirect: 'manual' });
      return new URL(headers.get('location')!);
    },
    revoke(account) {
      for (const [id, grant] of grants)
        if (account === undefined || grant.account === account) grants.delete(id);
    },
    expire: () => grants.forEach(({ accessTokens }) => accessTokens.clear()),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return self;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url!, url);
    if (pathname === '/authorize') return authorize(searchParams, response);
    const body = new URLSearchParams(await textOf(request));
    if (pathname === '/token') self.calls[body.get('grant_type') as keyof typeof self.calls] += 1;
    if (self.trouble && pathname !== '/introspect')
      return void response.writeHead(self.trouble.status).end(self.trouble.body);
    const asked = pathname === '/token' ? token : pathname === '/revoke' ? revoke : introspect;
    const { status = 200, ...facts } = asked(body);
    // a connection that is kept may end just as the mail server uses it again
    const headers = { 'content-type': 'application/json', connection: 'close' };
    response.writeHead(status as number, headers).end(JSON.stringify(facts));
  }

  function authorize(asked: URLSearchParams, response: ServerResponse): void {
    const back = new URL(asked.get('redirect_uri')!);
    back.searchParams.set('state', asked.get('state')!);
    const complete = asked.get('client_id') === client.id && asked.get('code_challenge_method') === 'S256';
    if (self.account === null || !complete) back.searchParams.set('error', 'access_denied');
    else {
      const code = randomBytes(12).toString('hex');
      codes.set(code, {
        account: self.account,
        challenge: asked.get('code_challenge')!,
        redirectUri: asked.get('redirect_uri')!,
      });
      back.searchParams.set('code', code);
    }
    response.writeHead(302, { location: back.href }).end();
  }

  /** RFC 7009. */
  function revoke(body: URLSearchParams): Record<string, unknown> {
    if (!isClient(body)) return { status: 401, error: 'invalid_client' };
    const [id = ''] = body.get('token')!.split('.');
    if (grants.get(id)?.refreshToken === body.get('token')) grants.delete(id);
    return {};
  }

  function token(body: URLSearchParams): Record<string, unknown> {
    if (!isClient(body)) return { status: 401, error: 'invalid_client' };
    return body.get('grant_type') === 'refresh_token' ? refresh(body.get('refresh_token')!) : redeem(body);
  }

  function redeem(body: URLSearchParams): Record<string, unknown> {
    const code = codes.get(body.get('code')!);
    codes.delete(body.get('code')!);
    const challenge = createHash('sha256').update(body.get('code_verifier')!).digest('base64url');
    if (!code || challenge !== code.challenge || body.get('redirect_uri') !== code.redirectUri)
      return { status: 400, error: 'invalid_grant', error_description: 'The code is not good.' };
    const grant = { account: code.account, refreshToken: '', accessTokens: new Set<string>() };
    const id = randomBytes(6).toString('hex');
    grants.set(id, grant);
    const facts = { aud: client.id, email: code.account };
    const idToken = ['{}', JSON.stringify(facts), ''].map((part) => Buffer.from(part).toString('base64url'));
    return { ...tokensOf(id, grant), ...(self.saying ?? { id_token: idToken.join('.') }) };
  }

  function refresh(refreshToken: string): Record<string, unknown> {
    const [id = ''] = refreshToken.split('.');
    const grant = grants.get(id);
    if (grant?.refreshToken === refreshToken) return tokensOf(id, grant);
    // two who use the same one: nobody knows which of them stole it
    grants.delete(id);
    return { status: 400, error: 'invalid_grant', error_description: 'The grant was taken back.' };
  }

  function tokensOf(id: string, grant: Grant): Record<string, unknown> {
    const accessToken = randomBytes(300).toString('hex');
    grant.accessTokens.add(accessToken);
    grant.refreshToken = `${id}.${randomBytes(12).toString('hex')}`;
    return { access_token: accessToken, refresh_token: grant.refreshToken, expires_in: 3600 };
  }

  function introspect(body: URLSearchParams): Record<string, unknown> {
    const grant = [...grants.values()].find(({ accessTokens }) => accessTokens.has(body.get('token')!));
    return grant ? { active: true, username: grant.account } : { active: false };
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

const isClient = (body: URLSearchParams): boolean =>
  body.get('client_id') === client.id && body.get('client_secret') === client.secret;
