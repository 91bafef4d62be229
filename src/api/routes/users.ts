import { createApiKey, listApiKeys, revokeApiKey } from '../../data/organization/api-keys';
import {
  changeUser,
  deactivateUser,
  getUser,
  inviteUser,
  listUsers,
  renewInvitation,
} from '../../data/organization/users';
import { DomainError } from '../../domain/errors';
import type { AppDeps } from '../deps';
import type { Handlers } from '../handlers';
import { invitationMail } from '../mails';

export function userHandlers({ config, mailer }: AppDeps) {
  async function sendInvitation(
    user: { email: string; firstName: string },
    token: string,
    invitedBy: string | null,
  ): Promise<void> {
    const { email, firstName } = user;
    try {
      await mailer.send(invitationMail(config.publicUrl, { email, firstName, token, invitedBy }));
    } catch {
      throw new DomainError(
        'provider_unavailable',
        'The user was added, but the mail server did not take the invitation. Send it again from the list of users.',
      );
    }
  }

  return {
    'GET /api/v1/users': async ({ actor, db }) => ({ items: await listUsers(db, actor.organizationId) }),

    'POST /api/v1/users': {
      run: async ({ actor, body, db }) => {
        mailer.assertConfigured();
        const { id, token } = await inviteUser(db, actor, body);
        await sendInvitation(body, token, actor.user?.name ?? null);
        return getUser(db, actor.organizationId, id);
      },
      replay: ({ actor, db }, { resourceId }) => getUser(db, actor.organizationId, resourceId),
    },

    'PATCH /api/v1/users/{userId}': ({ actor, params, body, db }) =>
      changeUser(db, actor, params.userId, body),

    'POST /api/v1/users/{userId}/invitation': async ({ actor, params, db }) => {
      mailer.assertConfigured();
      const { user, token } = await renewInvitation(db, actor, params.userId);
      await sendInvitation(user, token, actor.user?.name ?? null);
    },

    'POST /api/v1/users/{userId}/deactivate': ({ actor, params, body, db }) =>
      deactivateUser(db, actor, { ...params, ...body, dayMs: config.dayMs }),

    'GET /api/v1/api-keys': async ({ actor, db }) => ({ items: await listApiKeys(db, actor) }),
    'POST /api/v1/api-keys': ({ actor, body, db }) => createApiKey(db, actor, body),
    'DELETE /api/v1/api-keys/{apiKeyId}': ({ actor, params, db }) => revokeApiKey(db, actor, params.apiKeyId),
  } satisfies Partial<Handlers>;
}
