import { endpointsToMail, noteEndpointMailed, type FailingEndpoint } from './data/failing-endpoints';
import type { Database } from './data/database';
import type { Logger } from './logger';
import type { Mail, Mailer } from './mailer';

/**
 * R-LOG-5: mails the Administrators about a webhook endpoint that fails for long, once, and once more when it is stopped; what the mail
 * server does not take is tried again at the next sweep.
 */
export async function mailFailingEndpoints(facts: {
  db: Database;
  mailer: Mailer;
  logger: Logger;
  publicUrl: string;
}): Promise<void> {
  const { db, mailer, logger, publicUrl } = facts;
  for (const endpoint of await endpointsToMail(db)) {
    try {
      await mailer.send(failingEndpointMail(publicUrl, endpoint));
    } catch (error) {
      const { organizationId, id } = endpoint;
      const { code } = error as { code?: string };
      logger.warn(
        { organizationId, endpointId: id, code },
        'the mail about a failing endpoint was not taken',
      );
      continue;
    }
    await noteEndpointMailed(db, endpoint);
  }
}

function failingEndpointMail(publicUrl: string, endpoint: FailingEndpoint): Mail {
  const { id, name, url, organization, administrators, disabled, toldAt } = endpoint;
  return {
    to: administrators.join(', '),
    subject: disabled
      ? `Parley: the webhook endpoint ${name} of ${organization} is stopped`
      : `Parley: events do not get through to ${name} of ${organization}`,
    messageId: `webhook-${id}-${toldAt.getTime()}`,
    text: [
      'Hello,',
      '',
      disabled
        ? `${name} (${url}) took no event for seven days. Parley has stopped asking it.`
        : `Events for ${name} (${url}) have not been taken for more than an hour. Parley goes on trying.`,
      'Nothing is lost so far: what it has not got is kept, and follows in order.',
      '',
      disabled ? 'Why, and where to resume it:' : 'Why:',
      `${publicUrl}/settings/webhooks`,
    ].join('\n'),
  };
}
