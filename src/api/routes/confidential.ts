import { makeMessagePrivate, setMailPrivate } from '../../data/mail/confidential';
import { listPrivateMails } from '../../data/mail/private-mails';
import { resolveReference } from '../../data/visibility';
import type { Handlers } from '../handlers';

export const confidentialHandlers = {
  'PUT /api/v1/mails/{mailId}/private': async ({ actor, params, body, db }) => {
    await setMailPrivate(db, actor, params.mailId, body.private);
    return { id: params.mailId, private: body.private };
  },

  'PUT /api/v1/messages/{messageId}/private': async ({ actor, params, db }) => {
    const { mailId } = await makeMessagePrivate(db, actor, params.messageId);
    return { id: mailId, private: true };
  },

  'GET /api/v1/people/{personId}/private-mails': async ({ actor, params, query, db }) =>
    listPrivateMails(db, actor, await resolveReference(db, actor, 'person', params.personId), query),
} satisfies Partial<Handlers>;
