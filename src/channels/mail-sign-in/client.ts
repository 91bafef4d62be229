import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { MailProvider } from '../../domain/mail-providers';
import { createExchange, type HttpAnswer } from '../exchange';

/** What opens a mailbox in place of its password. */
export type MailTokens = {
  accessToken: string;
  /** Undefined: the one before stays. */
  refreshToken: string | undefined;
  expiresInMs: number;
};

/** Why a provider gives no tokens: the sign-in is over, or Parley itself is refused, or nobody answers. */
export class SignInError extends Error {
  constructor(
    readonly fault: 'ended' | 'refused' | 'unreachable',
    /** The provider's own words, for people; never logged. */
    readonly detail: string | null = null,
  ) {
    super(fault);
  }
}

/** OAuth 2 with one provider after the other: authorization code with PKCE (RFC 6749, RFC 7636). */
export interface MailSignInClient {
  /** Where the user's browser is sent. `hint`: the address that the provider may fill in. */
  authorizeUrl(
    provider: MailProvider,
    request: { state: string; verifier: string; redirectUri: string; hint: string | null },
  ): string;
  /** `address`: whose mailbox it is; null: the provider does not say. @throws SignInError */
  redeem(
    provider: MailProvider,
    answer: { code: string; verifier: string; redirectUri: string },
  ): Promise<MailTokens & { address: string | null }>;
  /** @throws SignInError */
  refresh(provider: MailProvider, refreshToken: string): Promise<MailTokens>;
  /** Takes a sign-in back (RFC 7009). @returns false: the provider cannot be told, or does not answer */
  revoke(provider: MailProvider, refreshToken: string): Promise<boolean>;
}

const maxAnswerBytes = 256 * 1024;
/** It is forgotten here in any case. */
const revokeWithinMs = 5_000;
/** Where the provider does not say it. */
const usualSeconds = 3600;

/** For these only the user can do something. */
const ended = ['invalid_grant', 'interaction_required', 'login_required', 'consent_required'];

const tokenAnswer = z.object({
  access_token: z.string().min(1).max(16_384),
  refresh_token: z.string().min(1).max(16_384).optional(),
  expires_in: z.coerce.number().positive().optional(),
  id_token: z.string().optional(),
});
const errorAnswer = z.object({ error: z.string(), error_description: z.string().optional() });
const idFacts = z.object({
  aud: z.union([z.string(), z.array(z.string())]),
  email: z.string().optional(),
  preferred_username: z.string().optional(),
});

export function createMailSignInClient({ timeoutMs = 10_000 } = {}): MailSignInClient {
  const exchange = createExchange();

  async function post(
    url: string,
    { clientId, clientSecret }: MailProvider,
    fields: Record<string, string>,
    withinMs = timeoutMs,
  ): Promise<HttpAnswer> {
    const body = new URLSearchParams({
      ...fields,
      client_id: clientId,
      ...(clientSecret !== null && { client_secret: clientSecret }),
    });
    return exchange({
      method: 'POST',
      url: new URL(url),
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
      body: Buffer.from(body.toString()),
      timeoutMs: withinMs,
      maxAnswerBytes,
    }).catch(() => {
      throw new SignInError('unreachable');
    });
  }

  const ask = async (provider: MailProvider, fields: Record<string, string>) =>
    tokensOf(await post(provider.tokenUrl, provider, fields));

  return {
    authorizeUrl(provider, { state, verifier, redirectUri, hint }) {
      const url = new URL(provider.authorizeUrl);
      const asked = {
        response_type: 'code',
        client_id: provider.clientId,
        redirect_uri: redirectUri,
        scope: provider.scopes,
        state,
        code_challenge: createHash('sha256').update(verifier).digest('base64url'),
        code_challenge_method: 'S256',
        ...(hint !== null && { login_hint: hint }),
        ...provider.asking,
      };
      for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value);
      return url.href;
    },

    async redeem(provider, { code, verifier, redirectUri }) {
      const { id_token: idToken, ...tokens } = await ask(provider, {
        grant_type: 'authorization_code',
        code,
        code_verifier: verifier,
        redirect_uri: redirectUri,
      });
      return { ...mailTokens(tokens), address: addressIn(idToken, provider) };
    },

    async refresh(provider, refreshToken) {
      return mailTokens(await ask(provider, { grant_type: 'refresh_token', refresh_token: refreshToken }));
    },

    async revoke(provider, refreshToken) {
      if (provider.revokeUrl === null) return false;
      const fields = { token: refreshToken, token_type_hint: 'refresh_token' };
      try {
        const { status, body } = await post(provider.revokeUrl, provider, fields, revokeWithinMs);
        // Google says so of one that is over already
        const refusal = errorAnswer.safeParse(jsonOf(body.toString('utf8')));
        return status === 200 || refusal.data?.error === 'invalid_token';
      } catch (error) {
        if (!(error instanceof SignInError)) throw error;
        return false;
      }
    },
  };
}

const mailTokens = (answer: z.infer<typeof tokenAnswer>): MailTokens => ({
  accessToken: answer.access_token,
  refreshToken: answer.refresh_token,
  expiresInMs: (answer.expires_in ?? usualSeconds) * 1000,
});

function tokensOf({ status, body }: HttpAnswer): z.infer<typeof tokenAnswer> {
  const json = jsonOf(body.toString('utf8'));
  if (status === 200) {
    const tokens = tokenAnswer.safeParse(json);
    if (tokens.success) return tokens.data;
    throw new SignInError('refused');
  }
  const refusal = errorAnswer.safeParse(json);
  if (status >= 500 || status === 429 || !refusal.success) throw new SignInError('unreachable');
  const { error, error_description: words } = refusal.data;
  const detail = (words ?? error).replace(/[\u0000-\u001f\u007f]+/g, ' ').slice(0, 300);
  throw new SignInError(ended.includes(error) ? 'ended' : 'refused', detail);
}

/** It came from the provider itself over TLS, which vouches for it (OpenID Connect Core, 3.1.3.7). */
function addressIn(idToken: string | undefined, { id, clientId }: MailProvider): string | null {
  const payload = idToken?.split('.')[1];
  if (payload === undefined) return null;
  const facts = idFacts.safeParse(jsonOf(Buffer.from(payload, 'base64url').toString('utf8')));
  if (!facts.success || ![facts.data.aud].flat().includes(clientId)) return null;
  const { email, preferred_username: name } = facts.data;
  // at Microsoft the user may write anything into the one, and signs in to the mailbox with the other
  const address = id === 'microsoft' ? (name ?? email) : (email ?? name);
  return address !== undefined && /^[^\s@\u0000-\u001f]{1,64}@[^\s@\u0000-\u001f]{1,189}$/.test(address)
    ? address.toLowerCase()
    : null;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
