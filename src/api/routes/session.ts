import type { Request, Response } from 'express';
import type { Me } from '../../contracts/session';
import { fetchAtSignIn } from '../../data/mailboxes/mailboxes';
import { changeMe, findActingUser, loadMe } from '../../data/organization/session';
import { signIn } from '../../data/organization/sign-in';
import {
  createPasswordReset,
  findTokenHolder,
  setPasswordByToken,
} from '../../data/organization/user-tokens';
import { DomainError } from '../../domain/errors';
import type { AppDeps } from '../deps';
import type { Handlers, UserActor } from '../handlers';
import { passwordResetMail } from '../mails';
import { createSignInLimit } from '../rate-limit';
import { beginSession, endSession } from '../sessions';

type Ids = { organizationId: string; userId: string };

export function sessionHandlers({ config, db, mailer, logger, signInsPerIp }: AppDeps) {
  const limit = createSignInLimit(signInsPerIp);

  async function me(req: Request, ids: Ids): Promise<Me> {
    return loadMe(db, ids, {
      dayMs: config.dayMs,
      temporalUiUrl: config.temporal.uiUrl ?? null,
      csrfToken: req.session.csrfToken ?? '',
    });
  }

  async function enter(req: Request, ids: Ids): Promise<Me> {
    const user = await findActingUser(db, ids);
    if (!user) throw new DomainError('unauthenticated', 'Sign in first.');
    await beginSession(req, { ...user, organizationId: ids.organizationId });
    return me(req, ids);
  }

  async function limited<T>(req: Request, res: Response, work: () => Promise<T>): Promise<T> {
    await limit(req, res);
    return work();
  }

  return {
    'POST /api/v1/session': ({ body, req, res }) =>
      limited(req, res, async () => {
        const ids = await signIn(db, body);
        const answer = await enter(req, ids);
        await fetchAtSignIn(db, ids);
        return answer;
      }),

    'DELETE /api/v1/session': ({ req }) => endSession(req),

    'GET /api/v1/me': ({ actor, req }) => me(req, idsOf(actor)),

    'PATCH /api/v1/me': async ({ actor, body, req }) => {
      await changeMe(db, idsOf(actor), body);
      return me(req, idsOf(actor));
    },

    'POST /api/v1/password-resets': ({ body, req, res }) =>
      limited(req, res, async () => {
        mailer.assertConfigured();
        // not awaited: the time of the answer must not tell whether the address is known
        void sendReset(body.email).catch((error: unknown) => {
          logger.error({ error: { name: (error as Error).name } }, 'password reset mail failed');
        });
      }),

    'GET /api/v1/tokens/{token}': ({ params, req, res }) =>
      limited(req, res, () => findTokenHolder(db, params.token)),

    'POST /api/v1/tokens/{token}': ({ params, body, req, res }) =>
      limited(req, res, async () => enter(req, await setPasswordByToken(db, params.token, body.password))),
  } satisfies Partial<Handlers>;

  async function sendReset(email: string): Promise<void> {
    const reset = await createPasswordReset(db, email);
    if (reset) await mailer.send(passwordResetMail(config.publicUrl, { ...reset, email }));
  }
}

const idsOf = (actor: UserActor): Ids => ({ organizationId: actor.organizationId, userId: actor.user.id });
