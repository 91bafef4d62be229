import { acceptHeldMail, discardHeldMail, listHeldMails, takeBackHeldMail } from '../../data/mail/held-mails';
import type { AppDeps } from '../deps';
import type { Handlers } from '../handlers';

export function heldMailHandlers({ hashKey }: AppDeps) {
  return {
    'GET /api/v1/held-mails': ({ actor, query, db }) => listHeldMails(db, actor, query),

    'POST /api/v1/held-mails/{heldMailId}/accept': ({ actor, params, body, db }) =>
      acceptHeldMail(db, { actor, hashKey }, params.heldMailId, body),

    'POST /api/v1/held-mails/{heldMailId}/discard': ({ actor, params, db }) =>
      discardHeldMail(db, actor, params.heldMailId),

    'POST /api/v1/held-mails/{heldMailId}/take-back': ({ actor, params, db }) =>
      takeBackHeldMail(db, actor, params.heldMailId),
  } satisfies Partial<Handlers>;
}
