import type { CustomerRequestKind } from '../../contracts/credits';
import {
  customerRequestFailed,
  customerRequestReached,
  openCustomerRequest,
} from '../../data/credits/customer-requests';
import { listAudit } from '../../data/organization/audit-read';
import { changeLowBalance, listCreditEntries, readPlan } from '../../data/credits/plan';
import type { Database } from '../../data/database';
import { DomainError } from '../../domain/errors';
import type { AppDeps } from '../deps';
import type { Handlers, UserActor } from '../handlers';
import { customerRequestMail } from '../mails';

export function creditHandlers({ config, mailer }: AppDeps) {
  return {
    'GET /api/v1/plan': ({ actor, db }) => readPlan(db, actor),

    'PATCH /api/v1/plan': async ({ actor, body, db }) => {
      await changeLowBalance(db, actor, body.lowBalance);
      return readPlan(db, actor);
    },

    'GET /api/v1/credits/entries': ({ actor, query, db }) => listCreditEntries(db, actor, query),

    'GET /api/v1/audit-entries': ({ actor, query, db }) => listAudit(db, actor, query),

    'POST /api/v1/customer-requests': ({ actor, body, db }) => request(db, actor, body.kind),
  } satisfies Partial<Handlers>;

  async function request(db: Database, actor: UserActor, kind: CustomerRequestKind) {
    mailer.assertConfigured();
    const open = await openCustomerRequest(db, actor, kind);
    const to = open.customerSuccessEmail ?? config.customerSuccessEmail;
    if (to === undefined) {
      await customerRequestFailed(db, actor, open.id);
      throw new DomainError(
        'channel_not_configured',
        'No address of Customer Success is configured. Ask whoever runs Parley for you directly.',
      );
    }
    try {
      await mailer.send(customerRequestMail({ ...open, to, kind, by: actor.user.name }));
    } catch {
      await customerRequestFailed(db, actor, open.id);
      throw new DomainError(
        'provider_unavailable',
        'The mail server did not take the request. Try again in a moment.',
      );
    }
    return customerRequestReached(db, actor, open.id);
  }
}
